"""What must hold in one view of the database, inside a service and from effect to cause across services.

A cause is committed before its effect, so in one view every effect has its cause: nothing is in flight that way round.
"""
# ruff: noqa: S608  statements made of our own words only

from dataclasses import dataclass

from launcher.verify.verdict import Kind


@dataclass(frozen=True)
class Rule:
    """Every row of `breaches` (its first column names it) breaks the rule."""

    service: str
    place: str
    kind: Kind
    breaches: str
    sentence: str


@dataclass(frozen=True)
class Waiting:
    """What time or a person will carry on: no defect, and not in flight."""

    name: str
    number: str


COUNTED = {
    "scheduler": ("completion", "callback", "permit"),
    "survey": ("completion", "permit", "contact_attempt", "response"),
    "tagging": ("response", "item"),
    "followup": ("item", "case_file", "promise"),
    "reporting": ("completion", "response"),
}

_SURVEY_PART = "EXISTS (SELECT FROM scheduler.part AS p WHERE p.callback_id = b.callback_id AND p.purpose = 'survey')"

RULES: tuple[Rule, ...] = (
    Rule("scheduler", "completion", Kind.twice,
         "SELECT min(completion_ref) FROM scheduler.completion GROUP BY source, service_id HAVING count(*) > 1",
         "has more than one ledger row"),
    Rule("scheduler", "completion", Kind.lost,
         "SELECT c.completion_ref FROM scheduler.completion AS c WHERE c.verdict = 'selected' AND NOT EXISTS "
         f"(SELECT FROM scheduler.callback AS b WHERE b.completion_ref = c.completion_ref AND {_SURVEY_PART})",
         "is selected and has no callback"),
    Rule("scheduler", "completion", Kind.lost,
         "SELECT completion_ref FROM scheduler.completion WHERE verdict <> 'selected' AND explanation IS NULL",
         "is not selected and has no explanation"),
    Rule("scheduler", "completion", Kind.twice,
         f"SELECT b.completion_ref FROM scheduler.callback AS b WHERE {_SURVEY_PART} "
         "GROUP BY b.completion_ref HAVING count(*) > 1",
         "has more than one survey callback"),
    Rule("scheduler", "callback", Kind.wrong,
         "SELECT b.callback_id FROM scheduler.callback AS b JOIN scheduler.completion AS c USING (completion_ref) "
         f"WHERE b.in_design AND c.verdict <> 'selected' AND {_SURVEY_PART}",
         "is a survey callback of a completion that was not drawn"),
    Rule("scheduler", "callback", Kind.lost,
         "SELECT b.callback_id FROM scheduler.callback AS b WHERE b.closed_at IS NULL AND b.closes_at IS NULL "
         "AND NOT EXISTS (SELECT FROM scheduler.permit AS p "
         "WHERE p.callback_id = b.callback_id AND p.state <> 'ended')",
         "is open, and nothing will ever close it"),
    Rule("scheduler", "permit", Kind.wrong,
         "SELECT p.callback_id || '/' || p.permit_no FROM scheduler.permit AS p JOIN scheduler.callback AS b "
         "USING (callback_id) WHERE b.closed_at IS NOT NULL AND p.state = 'pending'",
         "waits for its release under a closed callback"),
    Rule("scheduler", "permit", Kind.lost,
         "SELECT callback_id || '/' || permit_no FROM scheduler.permit "
         "WHERE state = 'ended' AND released_at IS NOT NULL AND attempt_id IS NULL",
         "was released and ended without an attempt"),
    Rule("survey", "permit", Kind.wrong,
         "SELECT s.callback_id || '/' || s.permit_no FROM survey.permit AS s LEFT JOIN scheduler.permit AS p "
         "ON (p.callback_id, p.permit_no) = (s.callback_id, s.permit_no) WHERE p.released_at IS NULL",
         "was never released by scheduler"),
    Rule("survey", "contact_attempt", Kind.wrong,
         "SELECT a.attempt_id FROM survey.contact_attempt AS a LEFT JOIN survey.permit AS p "
         "USING (callback_id, permit_no) WHERE p.callback_id IS NULL",
         "is an attempt without a permit"),
    Rule("survey", "contact_attempt", Kind.twice,
         "SELECT callback_id || '/' || permit_no FROM survey.contact_attempt "
         "GROUP BY callback_id, permit_no HAVING count(*) > 1",
         "ended more than once"),
    Rule("survey", "permit", Kind.lost,
         "SELECT p.callback_id || '/' || p.permit_no FROM survey.permit AS p LEFT JOIN survey.contact_attempt AS a "
         "USING (callback_id, permit_no) WHERE p.state = 'closed' AND a.attempt_id IS NULL",
         "is closed without an attempt"),
    Rule("survey", "permit", Kind.wrong,
         "SELECT p.callback_id || '/' || p.permit_no FROM survey.permit AS p JOIN survey.contact_attempt AS a "
         "USING (callback_id, permit_no) WHERE p.state <> 'closed'",
         "has its attempt and is not closed"),
    Rule("survey", "response", Kind.wrong,
         "SELECT r.response_id FROM survey.response AS r LEFT JOIN survey.interview AS i USING (callback_id) "
         "LEFT JOIN survey.permit AS p ON (p.callback_id, p.permit_no) = (i.callback_id, i.permit_no) "
         "WHERE r.revision > 0 AND p.callback_id IS NULL AND i.permit_no IS DISTINCT FROM 0",
         "is a response without a contact"),
    Rule("tagging", "response", Kind.wrong,
         "SELECT t.response_id FROM tagging.response AS t LEFT JOIN survey.response AS s USING (response_id) "
         "WHERE t.revision > 0 AND (s.response_id IS NULL OR s.revision < t.revision)",
         "is tagged in a revision that survey never recorded"),
    Rule("tagging", "item", Kind.wrong,
         "SELECT i.item_id FROM tagging.item AS i LEFT JOIN tagging.response AS r USING (response_id) "
         "WHERE r.response_id IS NULL",
         "is an item without a response"),
    Rule("followup", "case_file", Kind.wrong,
         "SELECT c.case_id FROM followup.case_file AS c LEFT JOIN followup.item AS i USING (item_id) "
         "LEFT JOIN tagging.item AS t USING (item_id) WHERE i.item_id IS NULL OR t.item_id IS NULL",
         "is a case without a flag"),
    Rule("followup", "case_file", Kind.twice,
         "SELECT item_id FROM followup.case_file GROUP BY item_id HAVING count(*) > 1",
         "has more than one case"),
    Rule("followup", "item", Kind.lost,
         "SELECT i.item_id FROM followup.item AS i LEFT JOIN followup.case_file AS c USING (item_id) "
         "LEFT JOIN followup.response AS r ON r.response_id = i.response_id WHERE c.case_id IS NULL "
         "AND i.kind = 'problem' AND i.about IS NULL AND i.severity <> 'remark' AND i.state <> 'withdrawn' "
         "AND r.voided_at IS NULL",
         "is a problem without a case"),
    Rule("followup", "case_history", Kind.wrong,
         "SELECT c.case_id FROM followup.case_file AS c LEFT JOIN followup.case_history AS h USING (case_id) "
         "GROUP BY c.case_id HAVING count(h.sequence) <> coalesce(max(h.sequence), 0) OR count(h.sequence) = 0",
         "has gaps in its history"),
    Rule("followup", "promise", Kind.wrong,
         "SELECT p.promise_id FROM followup.promise AS p LEFT JOIN survey.promise AS s USING (promise_id) "
         "LEFT JOIN followup.item AS i ON i.item_id = p.item_id WHERE s.promise_id IS NULL AND i.item_id IS NULL",
         "is a promise that nobody made"),
    Rule("reporting", "followup_case", Kind.wrong,
         "SELECT r.case_id FROM reporting.followup_case AS r LEFT JOIN followup.case_file AS c USING (case_id) "
         "WHERE c.case_id IS NULL",
         "is a case that followup does not have"),
)  # fmt: skip

# in each schema of a service: what was set aside is really there
SET_ASIDE = (
    (Kind.lost, "dead_letter", "SELECT i.event_id FROM {0}.inbox AS i WHERE i.outcome = 'dead' AND NOT EXISTS "
     "(SELECT FROM {0}.dead_letter AS d WHERE d.event_id = i.event_id AND d.state = 'dead')",
     "is dead in the inbox and has no letter"),
    (Kind.wrong, "dead_letter", "SELECT d.letter_id FROM {0}.dead_letter AS d JOIN {0}.inbox AS i USING (event_id) "
     "WHERE d.state = 'dead' AND i.outcome <> 'dead'",
     "is the letter of an event that is not dead"),
    (Kind.lost, "parked", "SELECT i.event_id FROM {0}.inbox AS i WHERE i.outcome = 'parked' AND NOT EXISTS "
     "(SELECT FROM {0}.parked AS p WHERE p.event_id = i.event_id)",
     "is parked in the inbox and lies nowhere"),
    (Kind.wrong, "parked", "SELECT p.event_id FROM {0}.parked AS p JOIN {0}.inbox AS i USING (event_id) "
     "WHERE i.outcome <> 'parked'",
     "lies parked and is not so in the inbox"),
)  # fmt: skip

WAITING = {
    "scheduler": (
        Waiting("open callbacks", "SELECT count(*) FROM scheduler.callback WHERE closed_at IS NULL"),
        Waiting("permits not yet due", "SELECT count(*) FROM scheduler.permit WHERE state = 'pending'"),
        Waiting("released permits", "SELECT count(*) FROM scheduler.permit WHERE state = 'released'"),
    ),
    "survey": (Waiting("permits in hand", "SELECT count(*) FROM survey.permit WHERE state <> 'closed'"),),
    "followup": (
        Waiting("open cases", "SELECT count(*) FROM followup.case_file WHERE state <> 'closed'"),
        Waiting("open promises", "SELECT count(*) FROM followup.promise WHERE state = 'open'"),
    ),
}

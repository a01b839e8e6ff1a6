"""Each kind of damage in the rows turns the ledger red, at its own line."""

from dataclasses import dataclass

import pytest

from chassis.settings import Settings
from chassis.testing.infra import Infra
from launcher.verify import verify
from tests.integration.launcher.verify.world import as_owner, copied, red


@dataclass(frozen=True)
class Damage:
    """`lines`: exactly the lines that must be red, with what they count."""

    name: str
    script: str
    lines: dict[str, dict[str, int]]


DAMAGES = (
    Damage(
        "an inbox row deleted",
        "DELETE FROM tagging.inbox WHERE event_id = "
        "(SELECT event_id FROM tagging.inbox WHERE topic = 'response-voided' OR topic = 'service-accepted' LIMIT 1)",
        {"hop service-accepted": {"lost": 1}},
    ),
    Damage(
        "a sent outbox row deleted",
        "DELETE FROM survey.outbox WHERE event_id = "
        "(SELECT event_id FROM survey.outbox WHERE topic = 'attempt-closed' LIMIT 1)",
        {"hop attempt-closed": {"wrong": 1}},
    ),
    Damage(
        "the body of a sent outbox row changed",
        "UPDATE survey.outbox SET payload = payload || ' ' WHERE event_id = "
        "(SELECT event_id FROM survey.outbox WHERE topic = 'attempt-closed' LIMIT 1)",
        {"hop attempt-closed": {"wrong": 1}},
    ),
    Damage(
        "a case without a cause",
        "INSERT INTO followup.case_file SELECT (jsonb_populate_record(c, "
        """'{"case_id": "AC-X", "item_id": "no-item"}')).* FROM followup.case_file AS c LIMIT 1;"""
        "INSERT INTO followup.case_history SELECT (jsonb_populate_record(h, "
        """'{"case_id": "AC-X", "sequence": 1}')).* FROM followup.case_history AS h WHERE sequence = 1 LIMIT 1""",
        {"stage case-changed": {"lost": 1}, "inside followup": {"wrong": 1}},
    ),
    Damage(
        "a problem without its case, as if the case had never been opened",
        "DELETE FROM followup.case_history; DELETE FROM followup.case_file",
        {"stage case-changed": {"wrong": 1}, "inside followup": {"lost": 1}, "inside reporting": {"wrong": 1}},
    ),
    Damage(
        "a completion that was never told",
        "INSERT INTO scheduler.completion SELECT (jsonb_populate_record(c, "
        """'{"completion_ref": "never-told", "service_id": "S-X"}')).* """
        "FROM scheduler.completion AS c WHERE verdict = 'selected' LIMIT 1",
        {"stage service-accepted": {"lost": 1}, "inside scheduler": {"lost": 1}},
    ),
    Damage(
        "a handled response that left nothing at followup",
        "DELETE FROM followup.response WHERE response_id = (SELECT min(response_id) FROM followup.response)",
        {"stage response-recorded": {"lost": 1}},
    ),
    Damage(
        "an older revision stored at tagging's reader",
        "UPDATE followup.item SET item_revision = 0 WHERE kind = 'problem'",
        {"stage low-score-flagged": {"wrong": 1}},
    ),
    Damage(
        "a closed permit whose attempt is gone",
        "DELETE FROM survey.contact_attempt WHERE attempt_id = (SELECT min(attempt_id) FROM survey.contact_attempt)",
        {"stage attempt-closed": {"wrong": 1}, "inside survey": {"lost": 1}},
    ),
    Damage(
        "a permit that scheduler never released",
        "UPDATE scheduler.permit SET released_at = NULL "
        "WHERE callback_id = (SELECT min(callback_id) FROM survey.permit) AND permit_no = 1",
        {"stage callback-due": {"wrong": 1}, "inside survey": {"wrong": 1}},
    ),
    Damage(
        "one attempt twice",
        "ALTER TABLE survey.contact_attempt DROP CONSTRAINT contact_attempt_pkey; "
        "ALTER TABLE survey.contact_attempt DROP CONSTRAINT contact_attempt_callback_id_permit_no_key; "
        "INSERT INTO survey.contact_attempt SELECT * FROM survey.contact_attempt LIMIT 1",
        {"inside survey": {"twice": 1}},
    ),
    Damage(
        "a dead letter thrown away",
        "DELETE FROM scheduler.dead_letter",
        {"inside scheduler": {"lost": 1}},
    ),
    Damage(
        "a row of the read model changed",
        "UPDATE reporting.contact_attempt SET disposition = 'refusal' "
        "WHERE attempt_id = (SELECT min(attempt_id) FROM reporting.contact_attempt)",
        {"read model reporting": {"wrong": 1}},
    ),
    Damage(
        "answers of the read model exchanged",
        "UPDATE reporting.response AS r SET answers_sealed = "
        "(SELECT answers_sealed FROM reporting.response AS o WHERE o.response_id <> r.response_id) "
        "WHERE response_id = (SELECT min(response_id) FROM reporting.response)",
        {"read model reporting": {"wrong": 1}},
    ),
    Damage(
        "a row of the read model deleted",
        "DELETE FROM reporting.callback WHERE callback_id = (SELECT min(callback_id) FROM reporting.callback)",
        {"stage callback-closed": {"lost": 1}, "read model reporting": {"lost": 1}},
    ),
)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.name)
async def test_damaged_rows_are_found_and_nothing_else_is_blamed(infra: Infra, told: Settings, damage: Damage) -> None:
    settings = await copied(infra, told)
    await as_owner(settings, damage.script)
    verdict = await verify(settings)
    assert red(verdict) == damage.lines, verdict.defects
    assert len(verdict.defects) == sum(sum(counts.values()) for counts in damage.lines.values())

"""Which rows a told event stands for, and which rows it must leave at each consumer.

Every statement gives (subject, revision); a revision of NULL stands for any.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.ids import named_id
from launcher.verify.records import Subject


@dataclass(frozen=True)
class Left:
    """Rows that a consumer keeps. `complete`: every handled event has one. `caused`: every one has its event."""

    rows: str
    complete: bool = True
    caused: bool = True


@dataclass(frozen=True)
class Trail:
    """`told`: by producer, the rows of which each was told, and without which nothing is told.

    `once`: one event for each subject and revision.
    """

    subject: Subject
    told: Mapping[str, str] = field(default_factory=dict)
    left: Mapping[str, Left] = field(default_factory=dict)
    once: bool = True


def _named(*names: str, revision: str | None = None) -> Subject:
    """The fields of the body joined by slashes."""

    def name(body: Mapping[str, Any]) -> str:
        return "/".join(str(body[one]) for one in names)

    return Subject(name, _number(revision)) if revision else Subject(name)


def _number(name: str) -> Callable[[Mapping[str, Any]], int]:
    return lambda body: int(body[name])


def _document(body: Mapping[str, Any]) -> str:
    """(source, service_id) hashed: a CRM may put anything into its ids."""
    return named_id(str(body.get("source") or "crm"), str(body["service_id"]))


def _suppressed(body: Mapping[str, Any]) -> str | None:
    index = body.get("phone_index") or body.get("email_index")
    return f"{index}/{body['scope']}" if index else None


def _story(kind: str) -> str:
    """What scheduler heard of others, in its newest revision."""
    return f"SELECT subject, max(revision) AS revision FROM scheduler.story WHERE kind = '{kind}' GROUP BY subject"  # noqa: S608


def _once(column: str, table: str, where: str = "true") -> str:
    return f"SELECT {column} AS subject, 0 AS revision FROM {table} WHERE {where}"  # noqa: S608


def _revised(column: str, table: str, revision: str = "revision", where: str = "true") -> str:
    return f"SELECT {column} AS subject, {revision} AS revision FROM {table} WHERE {where}"  # noqa: S608


def _kinds(kinds: str, table: str) -> str:
    return _revised("item_id", table, "item_revision", f"kind IN ({kinds})")


def _items(kinds: str) -> Trail:
    return Trail(
        _named("item_id", revision="item_revision"),
        told={"tagging": _kinds(kinds, "tagging.item")},
        left={"followup": Left(_kinds(kinds, "followup.item"))},
    )


_PERMIT = "callback_id || '/' || permit_no"
# length(text) counts characters, as named_id does
_DOCUMENT = (
    "encode(substring(sha256(convert_to(length(source) || ':' || source || length(service_id) || ':' || service_id,"
    " 'UTF8')) FROM 1 FOR 16), 'hex')"
)

TRAILS: Mapping[str, Trail] = {
    "service-completed": Trail(
        Subject(_document),
        left={"scheduler": Left(_once(_DOCUMENT, "scheduler.completion"), caused=False)},
        once=False,
    ),
    "service-accepted": Trail(
        _named("completion_ref"),
        told={"scheduler": _once("completion_ref", "scheduler.completion")},
        left={name: Left(_once("completion_ref", f"{name}.completion")) for name in ("survey", "tagging", "reporting")},
    ),
    "sampling-period-opened": Trail(
        _named("period"),
        told={"scheduler": _once("period", "scheduler.period")},
        left={"reporting": Left(_once("period", "reporting.sampling_period", "opened_at IS NOT NULL"))},
        once=False,  # later rate versions are told by the same event
    ),
    "sampling-period-closed": Trail(
        _named("period"),
        told={"scheduler": _once("period", "scheduler.period", "closed_at IS NOT NULL")},
        left={"reporting": Left(_once("period", "reporting.sampling_period", "closed_at IS NOT NULL"))},
    ),
    "callback-due": Trail(
        _named("callback_id", "permit_no"),
        told={"scheduler": _once(_PERMIT, "scheduler.permit", "released_at IS NOT NULL")},
        left={"survey": Left(_once(_PERMIT, "survey.permit"))},
    ),
    "callback-cancelled": Trail(
        _named("callback_id", "permit_no"),
        told={"scheduler": _once(_PERMIT, "scheduler.permit", "cancelled IS NOT NULL AND released_at IS NOT NULL")},
        left={"survey": Left(_once(_PERMIT, "survey.withdrawal"))},
    ),
    "callback-closed": Trail(
        _named("callback_id"),
        told={"scheduler": _once("callback_id", "scheduler.callback", "closed_at IS NOT NULL")},
        left={
            "survey": Left(_once("callback_id", "survey.callback_end")),
            "followup": Left(
                "SELECT DISTINCT callback_id AS subject, 0 AS revision FROM followup.callback_end", complete=False
            ),
            "reporting": Left(_once("callback_id", "reporting.callback")),
        },
    ),
    "contact-suppressed": Trail(
        Subject(_suppressed, _number("sequence")),
        left={"survey": Left(_revised("contact_index || '/' || scope", "survey.suppression", "nullif(sequence, 0)"))},
        once=False,  # every customer of the number hears it
    ),
    "attempt-closed": Trail(
        _named("attempt_id"),
        told={"survey": _once("attempt_id", "survey.contact_attempt")},
        left={
            "scheduler": Left(_once("attempt_id", "scheduler.permit", "attempt_id IS NOT NULL")),
            "followup": Left(_once("attempt_id", "followup.contact_attempt"), complete=False),
            "reporting": Left(_once("attempt_id", "reporting.contact_attempt")),
        },
    ),
    "response-recorded": Trail(
        _named("response_id", revision="revision"),
        told={"survey": _revised("response_id", "survey.response", where="revision > 0")},
        left={
            "scheduler": Left(_story("response")),
            # a voided response takes no later revision
            "tagging": Left(
                _revised("response_id", "tagging.response", "CASE WHEN voided_at IS NULL THEN revision END")
            ),
            "followup": Left(_revised("response_id", "followup.response", "nullif(revision, 0)")),
            "reporting": Left(_revised("response_id", "reporting.response")),
        },
    ),
    "response-voided": Trail(
        _named("response_id"),
        told={"survey": _once("response_id", "survey.response", "voided_at IS NOT NULL")},
        left={
            "tagging": Left(_once("response_id", "tagging.response", "voided_at IS NOT NULL")),
            "followup": Left(_once("response_id", "followup.response", "voided_at IS NOT NULL")),
            "reporting": Left(_once("response_id", "reporting.voided_response")),
        },
        once=False,
    ),
    "promise-made": Trail(
        _named("promise_id"),
        told={"survey": _once("promise_id", "survey.promise")},
        # followup promises by itself where no agent spoke
        left={"followup": Left(_once("promise_id", "followup.promise"), caused=False)},
    ),
    "response-tagged": Trail(
        _named("response_id", revision="tagging_revision"),
        told={"tagging": _revised("response_id", "tagging.response", "tagging_revision", "tagging_revision > 0")},
        left={
            "scheduler": Left(_story("tagged")),
            "reporting": Left(_revised("response_id", "reporting.response_tags", "tagging_revision")),
        },
    ),
    "customer-tagged": Trail(
        _named("customer_ref", revision="revision"),
        told={"tagging": _revised("customer_ref", "tagging.customer", where="revision > 0")},
        left={
            "survey": Left(_revised("customer_ref", "survey.customer_tags")),
            "reporting": Left(_revised("customer_ref", "reporting.customer_tags")),
        },
    ),
    "low-score-flagged": _items("'problem'"),
    "suggestion-routed": _items("'suggestion', 'new_demand'"),
    "praise-routed": _items("'praise'"),
    "case-changed": Trail(
        _named("case_id", revision="revision"),
        told={"followup": _revised("case_id", "followup.case_file")},
        left={
            "scheduler": Left(_story("case")),
            "reporting": Left(_revised("case_id", "reporting.followup_case")),
        },
    ),
    "promise-changed": Trail(
        _named("promise_id", revision="revision"),
        told={"followup": _revised("promise_id", "followup.promise")},
        left={
            "scheduler": Left(_story("promise"), caused=False),  # made and changed are told in one story
            "reporting": Left(_revised("promise_id", "reporting.promise")),
        },
    ),
    "improvement-changed": Trail(
        _named("improvement_id", revision="revision"),
        told={"followup": _revised("improvement_id", "followup.improvement")},
        left={"reporting": Left(_revised("improvement_id", "reporting.improvement"))},
    ),
    "callback-requested": Trail(
        _named("request_id", revision="revision"),
        told={
            "followup": _revised("request_id", "followup.progress_request"),
            "survey": _revised("request_id", "survey.verification_request"),
            "reporting": _revised("request_id", "reporting.verification_request"),
        },
        left={"scheduler": Left(_revised("request_id", "scheduler.request"))},
    ),
    "report-published": Trail(  # each revision stays, so each is a subject of its own
        _named("period", "revision"), told={"reporting": _once("period || '/' || revision", "reporting.report")}
    ),
    "customer-erased": Trail(
        _named("customer_ref"),
        left={name: Left(_once("customer_ref", f"{name}.erased_customer")) for name in ("survey", "reporting")},
        once=False,
    ),
}

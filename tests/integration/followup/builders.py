"""What survey, tagging and scheduler would tell of one customer."""

from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.testing.harness import ServiceUnderTest
from contracts.answers import Answer, AnswerSheet, AnswerTexts
from contracts.context import Handler, ServiceContext
from contracts.events.followup import CallbackRequested
from contracts.events.scheduler import CallbackClosed
from contracts.events.survey import AttemptClosed, PromiseMade, ResponseRecorded, ResponseVoided
from contracts.events.tagging import LowScoreFlagged, PraiseRouted, SuggestionRouted
from contracts.vocabulary import AnswerState, Dimension, QuestionKind, Scenario, Score

AT = datetime(2026, 11, 18, 2, 12, tzinfo=UTC)
MONTH = "2026-11"
REF = "customer-1"
TEXT = "报修后第三天才有人打电话，上门又没带配件。师傅本人态度挺好的。"
PROBLEM = [{"question_id": "why", "start": 0, "end": 21}]


def names(ref: str = REF) -> dict[str, str]:
    return {"customer_ref": ref, "completion_ref": f"completion-of-{ref}"}


async def a_response(
    service: ServiceUnderTest, score: int = 2, text: str = TEXT, *, ref: str = REF, **given: Any
) -> ResponseRecorded:
    keys = await service.runtime.vault.keyring(text=[ref], facts=[MONTH])
    overall = Answer(
        question_id="overall", kind=QuestionKind.RATING, state=AnswerState.ANSWERED,
        dimension=Dimension.OVERALL, score=Score(score), alerts=True,
    )  # fmt: skip
    context = ServiceContext(
        scenario=Scenario.AFTER_SALE, completed_at=AT - timedelta(days=1), service_type="洗衣机维修",
        product="XQB80", handler=Handler(team="家电维修二组", name="工程师乙"),
    )  # fmt: skip
    document: dict[str, Any] = {
        **names(ref), "response_id": f"response-of-{ref}", "revision": 1, "status": "complete", "final": True,
        "callback_id": f"callback-of-{ref}", "permit_no": 1, "part_id": "p1", "purpose": "survey", "round": 1,
        "channel": "phone", "channel_reason": "random", "in_design": True, "questionnaire": "after_sale",
        "questionnaire_version": 1, "content_hash": "0", "agent": "lin.xiao",
        "answers": keys.seal_facts(MONTH, ref, "answers", AnswerSheet(answers=(overall,)).model_dump(mode="json")),
        "texts": keys.seal_text(ref, "texts", AnswerTexts(texts={"why": text}).model_dump(mode="json")),
        "context": keys.seal_facts(MONTH, ref, "context", context.model_dump(mode="json")),
        "started_at": AT, "connected_at": AT, "ended_at": AT, "recorded_at": AT,
    }  # fmt: skip
    return ResponseRecorded.model_validate(document | given)


def _routed(ref: str, given: dict[str, Any]) -> dict[str, Any]:
    return {
        **names(ref), "item_id": f"item-of-{ref}", "item_revision": 1, "state": "raised", "kind": "problem",
        "response_id": f"response-of-{ref}", "response_revision": 1, "spans": PROBLEM, "department": "repair",
        "team": "家电维修二组", "codes": ["response_speed"], "severity": "major", "due_policy": "working_days:2",
        "link": "/followup/items/x", "routed_at": AT,
    } | given  # fmt: skip


def a_flag(ref: str = REF, **given: Any) -> LowScoreFlagged:
    return LowScoreFlagged.model_validate(_routed(ref, given))


def a_suggestion(ref: str = REF, **given: Any) -> SuggestionRouted:
    known = {"item_id": f"idea-of-{ref}", "kind": "suggestion", "codes": [], "severity": "remark"}
    return SuggestionRouted.model_validate(_routed(ref, known | given))


def praise(ref: str = REF, **given: Any) -> PraiseRouted:
    spans = [{"question_id": "why", "start": 21, "end": 31}]
    known = {"item_id": f"praise-of-{ref}", "kind": "praise", "codes": [], "severity": "remark", "spans": spans}
    return PraiseRouted.model_validate(_routed(ref, known | given))


async def a_promise(service: ServiceUnderTest, due_at: datetime, *, ref: str = REF, **given: Any) -> PromiseMade:
    keys = await service.runtime.vault.keyring(text=[ref])
    document: dict[str, Any] = {
        **names(ref), "promise_id": f"promise-of-{ref}", "response_id": f"response-of-{ref}",
        "callback_id": f"callback-of-{ref}", "what": keys.seal_text(ref, "promise", "说明漏带原因和改进办法"),
        "department": "repair", "due_at": due_at, "made_at": AT, "by": "lin.xiao",
    }  # fmt: skip
    return PromiseMade.model_validate(document | given)


def a_part(request: CallbackRequested) -> dict[str, Any]:
    return {
        "part_id": request.request_id, "purpose": "progress", "round": 1, "questionnaire": "progress",
        "about": request.about.model_dump(exclude_none=True), "request_id": request.request_id,
    }  # fmt: skip


def an_attempt(at: datetime, *, about: CallbackRequested | None = None, ref: str = REF, **given: Any) -> AttemptClosed:
    """A call that was answered, unless told otherwise."""
    document: dict[str, Any] = {
        **names(ref), "attempt_id": f"attempt-{at.isoformat()}", "callback_id": f"second-callback-of-{ref}",
        "permit_no": 1, "parts": [a_part(about)] if about else [], "channel": "phone", "channel_reason": "policy",
        "purpose": "progress", "round": 1, "disposition": "complete", "started_at": at, "connected_at": at,
        "ended_at": at + timedelta(minutes=3), "agent": "lin.xiao",
    }  # fmt: skip
    return AttemptClosed.model_validate(document | given)


def an_end(request: CallbackRequested, explanation: str, at: datetime, *, ref: str = REF) -> CallbackClosed:
    return CallbackClosed.model_validate({
        **names(ref), "callback_id": f"second-callback-of-{ref}", "explanation": explanation,
        "parts": [a_part(request)], "permits": 3, "closed_at": at,
    })  # fmt: skip


def voiding(ref: str = REF) -> ResponseVoided:
    return ResponseVoided.model_validate(
        {**names(ref), "response_id": f"response-of-{ref}", "reason": "duplicate", "by": "qin", "voided_at": AT}
    )

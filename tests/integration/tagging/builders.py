"""Responses as survey would tell them, sealed by the real vault."""

from datetime import UTC, datetime
from typing import Any

from chassis.testing.harness import ServiceUnderTest
from contracts.answers import Answer, AnswerSheet, AnswerTexts
from contracts.context import Handler, ServiceContext
from contracts.events.survey import ResponseRecorded
from contracts.vocabulary import AnswerState, Dimension, QuestionKind, Scenario, Score

AT = datetime(2026, 10, 15, 2, 20, tzinfo=UTC)
MONTH = "2026-10"
REF = "customer-1"


def overall(score: int) -> Answer:
    return Answer(
        question_id="overall",
        kind=QuestionKind.RATING,
        state=AnswerState.ANSWERED,
        dimension=Dimension.OVERALL,
        score=Score(score),
        alerts=True,
    )


async def a_response(
    service: ServiceUnderTest, score: int, text: str = "", *, revision: int = 1, ref: str = REF, **given: Any
) -> ResponseRecorded:
    """A finished survey by e-mail with one rating and one open answer."""
    keys = await service.runtime.vault.keyring(text=[ref], facts=[MONTH])
    context = ServiceContext(
        scenario=Scenario.AFTER_SALE, completed_at=AT, service_type="热水器维修", handler=Handler(team="华东维修一组")
    )
    sheet, texts = AnswerSheet(answers=(overall(score),)), AnswerTexts(texts={"why": text} if text else {})
    document: dict[str, Any] = {
        "customer_ref": ref, "completion_ref": f"completion-of-{ref}", "response_id": f"response-of-{ref}",
        "revision": revision, "status": "complete", "final": True, "callback_id": f"callback-of-{ref}", "permit_no": 1,
        "part_id": "p1", "purpose": "survey", "round": 1, "channel": "email", "channel_reason": "random",
        "in_design": True, "questionnaire": "after_sale", "questionnaire_version": 1, "content_hash": "0",
        "answers": keys.seal_facts(MONTH, ref, "answers", sheet.model_dump(mode="json")),
        "texts": keys.seal_text(ref, "texts", texts.model_dump(mode="json")),
        "context": keys.seal_facts(MONTH, ref, "context", context.model_dump(mode="json")),
        "started_at": AT, "ended_at": AT, "recorded_at": AT,
    }  # fmt: skip
    return ResponseRecorded.model_validate(document | given)

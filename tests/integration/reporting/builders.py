"""Events of a small invented month, sealed with the real vault."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.testing.harness import ServiceUnderTest
from chassis.vault import Keyring
from contracts.answers import Answer, AnswerSheet
from contracts.context import Handler, ServiceContext
from contracts.envelope import Event
from contracts.events.followup import CaseChanged
from contracts.events.parts import About, CallbackPart
from contracts.events.scheduler import CallbackClosed, CellCount, SamplingPeriodClosed, ServiceAccepted
from contracts.events.survey import AttemptClosed, QualityFlag, ResponseRecorded, ResponseVoided
from contracts.events.tagging import ResponseTagged, Tag, TagSheet
from contracts.vocabulary import (
    AnswerState,
    Cell,
    Channel,
    ChannelReason,
    Dimension,
    Disposition,
    Explanation,
    Purpose,
    QuestionKind,
    ResponseStatus,
    Scenario,
    Score,
    Solved,
    Verdict,
)

PERIOD = "2026-10"
NOW = datetime(2026, 11, 5, 2, tzinfo=UTC)
DAY = datetime(2026, 10, 12, 3, tzinfo=UTC)


async def month_keys(service: ServiceUnderTest) -> Keyring:
    return await service.runtime.vault.keyring(facts=[PERIOD])


@dataclass(frozen=True)
class Story:
    """One completion and everything told about it."""

    number: int
    keys: Keyring
    stratum: str = "after_sale/other"

    @property
    def refs(self) -> dict[str, Any]:
        return {"customer_ref": f"customer-{self.number}", "completion_ref": f"completion-{self.number}"}

    @property
    def response_id(self) -> str:
        return f"response-{self.number}"

    def _facts(self, field: str, value: Any) -> Any:
        return self.keys.seal_facts(PERIOD, self.refs["customer_ref"], field, value)

    def _context(self) -> Any:
        context = ServiceContext(
            scenario=Scenario.AFTER_SALE, service_type="热水器维修", completed_at=DAY, handler=Handler(team="安装一组")
        )
        return self._facts("context", context.model_dump(mode="json"))

    def accepted(self, verdict: Verdict = Verdict.SELECTED, *, cell: Cell = Cell.FIRST) -> ServiceAccepted:
        return ServiceAccepted(
            **self.refs,
            source="crm",
            service_id=f"S-{self.number:05}",
            verdict=verdict,
            reason="draw",
            scenario=Scenario.COMPLAINT if self.stratum == "complaint" else Scenario.AFTER_SALE,
            period=PERIOD,
            stratum=self.stratum,
            rate_version=1,
            cell=cell,
            inclusion_probability=0.2,
            policy_version="1",
            accepted_at=DAY,
            completed_at=DAY,
            context=self._context(),
        )

    def answered(
        self,
        score: int | None,
        *,
        revision: int = 1,
        nps: int | None = None,
        solved: Solved | None = None,
        in_design: bool = True,
        response_id: str | None = None,
        purpose: Purpose = Purpose.SURVEY,
        about: About | None = None,
        flags: Sequence[str] = (),
        status: ResponseStatus = ResponseStatus.COMPLETE,
    ) -> ResponseRecorded:
        return ResponseRecorded(
            **self.refs,
            response_id=response_id or self.response_id,
            revision=revision,
            status=status,
            final=True,
            callback_id=f"callback-{self.number}",
            permit_no=1,
            part_id="p1",
            purpose=purpose,
            round=1,
            channel=Channel.EMAIL,
            channel_reason=ChannelReason.POLICY,
            about=about,
            in_design=in_design,
            questionnaire="after_sale",
            questionnaire_version=1,
            content_hash="0" * 64,
            answers=self._facts("answers", _sheet(score, nps, solved).model_dump(mode="json")),
            flags=tuple(QualityFlag(code=flag, evidence="measured") for flag in flags),
            started_at=DAY + timedelta(days=1),
            ended_at=DAY + timedelta(days=1, minutes=3, seconds=self.number),
            recorded_at=DAY + timedelta(days=1, minutes=3),
            context=self._context(),
        )

    def tagged(self, *codes: str) -> ResponseTagged:
        sheet = TagSheet(tags=tuple(Tag(code=c, kind="problem", provenance="rule", version="1") for c in codes))
        return ResponseTagged(
            **self.refs,
            response_id=self.response_id,
            revision=1,
            tagging_revision=1,
            tags=self._facts("tags", sheet.model_dump(mode="json")),
            items=(),
            lexicon_version="1",
            tagged_at=DAY + timedelta(days=1, minutes=4),
        )

    def voided(self, response_id: str | None = None) -> ResponseVoided:
        return ResponseVoided(
            **self.refs,
            response_id=response_id or self.response_id,
            reason="duplicate",
            by="supervisor",
            voided_at=DAY + timedelta(days=2),
        )

    def part(self) -> CallbackPart:
        return CallbackPart(part_id="p1", purpose=Purpose.SURVEY, round=1, questionnaire="after_sale")

    def attempted(self, disposition: Disposition) -> AttemptClosed:
        return AttemptClosed(
            **self.refs,
            attempt_id=f"attempt-{self.number}",
            callback_id=f"callback-{self.number}",
            permit_no=1,
            parts=(self.part(),),
            channel=Channel.EMAIL,
            channel_reason=ChannelReason.POLICY,
            purpose=Purpose.SURVEY,
            round=1,
            disposition=disposition,
            ended_at=DAY + timedelta(days=1),
        )

    def closed(self, explanation: Explanation) -> CallbackClosed:
        return CallbackClosed(
            **self.refs,
            callback_id=f"callback-{self.number}",
            explanation=explanation,
            parts=(self.part(),),
            permits=1,
            closed_at=DAY + timedelta(days=3),
        )

    def case(self, state: str, revision: int = 1) -> CaseChanged:
        return CaseChanged(
            **self.refs,
            case_id=f"case-{self.number}",
            revision=revision,
            item_id="item",
            response_id=self.response_id,
            state=state,
            department="repair",
            owner=None,
            severity="major",
            opened_at=DAY + timedelta(days=1),
            due_at=DAY + timedelta(days=3),
            changed_at=DAY + timedelta(days=1),
        )


def _sheet(score: int | None, nps: int | None, solved: Solved | None) -> AnswerSheet:
    answers = []
    for dimension in (Dimension.OVERALL, Dimension.ATTITUDE) if score else ():
        answers.append(_answer(dimension.value, QuestionKind.RATING, dimension=dimension, score=Score(score)))
    if nps is not None:
        answers.append(_answer("nps", QuestionKind.NPS, likelihood=nps))
    if solved is not None:
        answers.append(_answer("solved", QuestionKind.SOLVED, solved=solved))
    return AnswerSheet(answers=tuple(answers))


def _answer(question: str, kind: QuestionKind, **value: Any) -> Answer:
    return Answer(question_id=question, kind=kind, state=AnswerState.ANSWERED, **value)


def a_month(keys: Keyring, *, seed: int = 7) -> list[Event]:
    """400 ordinary services, one in five drawn, half of these answer well; 30 complaints, all drawn, answered badly."""
    chance = random.Random(seed)
    events: list[Event] = []
    for number in range(400):
        story = Story(number, keys)
        drawn = number % 5 == 0
        cell = Cell.REPEAT if number % 4 == 0 else Cell.FIRST
        events.append(story.accepted(Verdict.SELECTED if drawn else Verdict.NOT_DRAWN, cell=cell))
        if drawn:
            events += _callback(story, chance, answers=number % 10 == 0, scores=(4, 5, 5, 5, 3))
    for number in range(400, 430):
        story = Story(number, keys, stratum="complaint")
        events.append(story.accepted())
        events += _callback(story, chance, answers=number % 6 != 0, scores=(1, 2, 2, 3, 4))
    return events


def _callback(story: Story, chance: random.Random, *, answers: bool, scores: Sequence[int]) -> list[Event]:
    if not answers:
        return [story.attempted(Disposition.NO_ANSWER), story.closed(Explanation.EXHAUSTED)]
    score = chance.choice(scores)
    solved = Solved.YES if score > 2 else chance.choice([Solved.NO, Solved.UNSURE])
    recorded = story.answered(score, nps=min(10, score * 2), solved=solved)
    tagged = story.tagged(*(["attitude"] if score <= 2 else []))
    cases: list[Event] = [story.case("open"), story.case("working", revision=2)] if score <= 2 else []
    return [story.attempted(Disposition.DELIVERED), recorded, tagged, story.closed(Explanation.COMPLETE), *cases]


def closing() -> SamplingPeriodClosed:
    return SamplingPeriodClosed(
        period=PERIOD,
        secret="00",
        cells=(
            CellCount(stratum="after_sale/other", rate_version=1, cell=Cell.FIRST, accepted=300, selected=60),
            CellCount(stratum="after_sale/other", rate_version=1, cell=Cell.REPEAT, accepted=100, selected=20),
            CellCount(stratum="complaint", rate_version=1, cell=Cell.FIRST, accepted=30, selected=30),
        ),
        out_of_frame=2,
        ledger_digest="0" * 64,
        closed_at=datetime(2026, 11, 30, 16, tzinfo=UTC),
    )

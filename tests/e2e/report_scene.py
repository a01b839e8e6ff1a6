"""Two invented months of a service desk, rich enough for every page of the report."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from chassis.testing.harness import ServiceUnderTest
from chassis.vault import Keyring
from contracts.answers import Answer, AnswerSheet, AnswerTexts
from contracts.context import Handler, Purchase, ServiceContext
from contracts.envelope import Event
from contracts.events.followup import ImprovementChanged
from contracts.events.parts import Span
from contracts.events.survey import QualityFlag, ResponseRecorded
from contracts.events.tagging import Tag, TagSheet
from contracts.vocabulary import (
    AnswerState,
    Channel,
    ChannelReason,
    Dimension,
    Disposition,
    Explanation,
    QuestionKind,
    Scenario,
    Score,
    Solved,
    Verdict,
)
from tests.integration.reporting.builders import Story

NOW = datetime(2026, 11, 5, 2, tzinfo=UTC)
MONTHS = ("2026-09", "2026-10")
_SHARES = {"after_sale/洗衣机维修": 0.5, "after_sale/空调维修": 0.3, "complaint": 0.2}
_PROBLEMS = ("response_speed", "process", "competence", "attitude")
_SAID = {
    "response_speed": ("报修后", "第三天才有人打电话", "约时间，上门又没带配件，前后请了两次假。"),
    "process": ("打了四次热线，", "每次都说转技术部", "。我姓陈，单号 20261009 都报过。"),
    "competence": ("师傅人不错，", "修了两次都没修好", "，最后自己查的说明书。"),
    "attitude": ("问他为什么晚到，", "他说爱等不等", "，让我打 13800002046 投诉。"),
}
"""Invented words: before the evidence, the evidence, after it."""
_AGENTS = ("xuhang", "songyan", "hejing")
SERVICES = 420


@dataclass(frozen=True)
class Told(Story):
    """One service of a month, with everything that a context may hold."""

    month: str = "2026-10"
    day: int = 12
    channel: Channel = Channel.PHONE

    @property
    def at(self) -> datetime:
        return datetime(int(self.month[:4]), int(self.month[5:]), self.day, 3, tzinfo=UTC)

    def _facts(self, field: str, value: Any) -> Any:
        return self.keys.seal_facts(self.month, self.refs["customer_ref"], field, value)

    def _context(self) -> Any:
        bought = tuple(Purchase(product="洗衣机", at="2025-06-03", amount=3000) for _ in range(self.number % 4))
        context = ServiceContext(
            scenario=self.scenario, service_type="洗衣机维修", completed_at=self.at,
            product=("洗衣机", "空调", "冰箱")[self.number % 3], region=("杭州", "苏州")[self.number % 2],
            handler=Handler(team=("家电维修一组", "家电维修二组")[self.number % 2]), purchases=bought,
        )  # fmt: skip
        return self._facts("context", context.model_dump(mode="json"))

    @property
    def scenario(self) -> Scenario:
        return Scenario.COMPLAINT if self.stratum == "complaint" else Scenario.AFTER_SALE

    def service(self, verdict: Verdict) -> Event:
        told = self.accepted(verdict)
        return told.model_copy(update={
            "period": self.month, "accepted_at": self.at + timedelta(hours=1), "completed_at": self.at,
            "scenario": self.scenario, "inclusion_probability": 1.0 if self.stratum == "complaint" else 0.2,
        })  # fmt: skip

    def response(self, sheet: AnswerSheet, *, flags: Sequence[str] = (), named: Sequence[str] = ()) -> ResponseRecorded:
        begun = self.at + timedelta(days=1)
        told = self.answered(5, flags=())
        return told.model_copy(update={
            "answers": self._facts("answers", sheet.model_dump(mode="json")), "context": self._context(),
            "channel": self.channel,
            "channel_reason": ChannelReason.RANDOM if self.number % 3 == 0 else ChannelReason.POLICY,
            "texts": self._texts(named),
            "agent": _AGENTS[self.number % 3] if self.channel is Channel.PHONE else None,
            "flags": tuple(QualityFlag(code=flag, evidence="measured") for flag in flags),
            "started_at": begun, "ended_at": begun + timedelta(minutes=4, seconds=self.number % 60),
            "recorded_at": begun + timedelta(minutes=6),
        })  # fmt: skip

    def _texts(self, named: Sequence[str]) -> Any:
        if not named:
            return None
        ref = self.refs["customer_ref"]
        texts = AnswerTexts(texts={"reason": "".join(_SAID[named[0]])})
        return self.keys.seal_text(ref, "texts", texts.model_dump(mode="json"))

    def attempt(self, disposition: Disposition) -> Event:
        begun = self.at + timedelta(days=1)
        reached = disposition is Disposition.COMPLETE
        phone = self.channel is Channel.PHONE
        return self.attempted(disposition).model_copy(update={
            "channel": self.channel, "agent": _AGENTS[self.number % 3] if phone else None,
            "started_at": begun, "connected_at": begun + timedelta(seconds=20) if reached and phone else None,
            "ended_at": begun + timedelta(minutes=4, seconds=self.number % 60),
        })  # fmt: skip


def events_of(month: str, keys: Keyring) -> list[Event]:
    """Always the same ones. One in five ordinary services is drawn, every complaint; two in three answer."""
    chance = random.Random(month)
    events: list[Event] = []
    for number in range(SERVICES):
        stratum = chance.choices(list(_SHARES), list(_SHARES.values()))[0]
        story = Told(
            number + int(month[5:]) * 1000, keys, stratum, month=month, day=1 + number % 28,
            channel=Channel.PHONE if number % 5 < 3 else Channel.EMAIL,
        )  # fmt: skip
        drawn = stratum == "complaint" or chance.random() < 0.4
        events.append(story.service(Verdict.SELECTED if drawn else Verdict.NOT_DRAWN))
        if drawn:
            events += _callback(story, chance)
    return events


def _callback(story: Told, chance: random.Random) -> list[Event]:
    if chance.random() > 0.7:
        return [story.attempt(Disposition.NO_ANSWER), story.closed(Explanation.EXHAUSTED)]
    usual = 2.6 if story.stratum == "complaint" else 4.5
    scores = {d: _score(chance, usual - (0.7 if d is Dimension.RESPONSE_SPEED else 0)) for d in Dimension}
    overall = scores[Dimension.OVERALL] = round(
        (scores[Dimension.RESPONSE_SPEED] * 2 + scores[Dimension.ATTITUDE] + scores[Dimension.COMPETENCE]) / 4
    )
    answers = [_rating(dimension, score) for dimension, score in scores.items()]
    answers.append(_answer("nps", QuestionKind.NPS, likelihood=min(10, max(0, overall * 2 + chance.randint(-1, 1)))))
    answers.append(_answer("solved", QuestionKind.SOLVED, solved=Solved.YES if overall > 2 else Solved.NO))
    flags = ("too_fast",) if chance.random() < 0.08 else ()
    named = [code for code in _PROBLEMS if overall < 4 and chance.random() < 0.4]
    told: list[Event] = [
        story.attempt(Disposition.COMPLETE),
        story.response(AnswerSheet(answers=tuple(answers)), flags=flags, named=named),
        story.tagged().model_copy(update={"tags": _tags(story, named)}), story.closed(Explanation.COMPLETE),
    ]  # fmt: skip
    return [*told, story.case("open"), story.case("working", revision=2)] if overall <= 2 else told


def _tags(story: Told, named: Sequence[str]) -> Any:
    tags = [Tag(code=c, kind="problem", provenance="rule", version="12", spans=_spans(c, named)) for c in named]
    sheet = TagSheet(tags=tuple(tags))
    return story._facts("tags", sheet.model_dump(mode="json"))


def _spans(code: str, named: Sequence[str]) -> tuple[Span, ...]:
    """The words are about the first problem that was named."""
    before, evidence, _after = _SAID[code]
    start = len(before)
    return (Span(question_id="reason", start=start, end=start + len(evidence)),) if code == named[0] else ()


def _score(chance: random.Random, usual: float) -> int:
    return min(5, max(1, round(chance.gauss(usual, 0.8))))


def _rating(dimension: Dimension, score: int) -> Answer:
    return _answer(dimension.value, QuestionKind.RATING, dimension=dimension, score=Score(score))


def _answer(question: str, kind: QuestionKind, **value: Any) -> Answer:
    return Answer(question_id=question, kind=kind, state=AnswerState.ANSWERED, **value)


def a_measure() -> ImprovementChanged:
    return ImprovementChanged(
        improvement_id="im-1", revision=1, period="2026-10", row="problem/process",
        measure="派工时必须勾选配件清单",
        department="repair", owner="repair.lead", due_on=date(2026, 11, 2), state="working", changed_at=NOW,
    )  # fmt: skip


async def tell_everything(reporting: ServiceUnderTest) -> None:
    customers = [f"customer-{number + int(month[5:]) * 1000}" for month in MONTHS for number in range(SERVICES)]
    keys = await reporting.runtime.vault.keyring(facts=list(MONTHS), text=customers)
    for month in MONTHS:
        events = events_of(month, keys)
        for start in range(0, len(events), 500):
            await reporting.receive(*events[start : start + 500])
    await reporting.receive(a_measure())

"""Invented months of answers as the topics tell them: sealed with the real vault, nobody real, the same every run."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.vault import Keyring
from contracts.answers import Answer, AnswerSheet
from contracts.context import Handler, ServiceContext
from contracts.envelope import Event
from contracts.events.parts import CallbackPart
from contracts.events.scheduler import CallbackClosed, CellCount, SamplingPeriodClosed, ServiceAccepted
from contracts.events.survey import AttemptClosed, ResponseRecorded
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

EVENTS = 5
"""For each completion: accepted, called, answered, tagged, closed."""
_SCENARIOS = (Scenario.AFTER_SALE, Scenario.INSTALLATION, Scenario.CONSULTATION, Scenario.CARE)
_TYPES = ("热水器维修", "灶具维修", "净水器安装")
_CHANNELS = (Channel.PHONE, Channel.PHONE, Channel.SMS, Channel.EMAIL)
_PROBLEMS = ("attitude", "response_speed", "competence", "process")
_PART = CallbackPart(part_id="p1", purpose=Purpose.SURVEY, round=1, questionnaire="after_sale")


@dataclass(frozen=True)
class InventedMonth:
    """One sampling period, of which every service is drawn and answered. `period` such as 2026-09."""

    period: str
    keys: Keyring

    def events(self, numbers: range) -> Iterator[Event]:
        for number in numbers:
            yield from self._story(number)

    def closing(self, count: int) -> SamplingPeriodClosed:
        """N of every stratum when `count` services were completed; twice as many as were drawn."""
        counts: dict[str, int] = {}
        for number in range(count):
            counts[_stratum(number)] = counts.get(_stratum(number), 0) + 1
        cells = tuple(
            CellCount(stratum=name, rate_version=1, cell=Cell.FIRST, accepted=2 * size, selected=size)
            for name, size in sorted(counts.items())
        )
        return SamplingPeriodClosed(
            period=self.period,
            secret="00",  # noqa: S106 - of a draw that took everybody
            cells=cells,
            out_of_frame=0,
            ledger_digest="0" * 64,
            closed_at=self._day(28) + timedelta(days=35),
        )

    def _day(self, number: int) -> datetime:
        """One of the first 28 days, which every month has."""
        year, month = map(int, self.period.split("-"))
        return datetime(year, month, 1 + number % 28, 3, tzinfo=UTC) + timedelta(seconds=number % 20_000)

    def _story(self, number: int) -> Sequence[Event]:
        chance, at = random.Random(number), self._day(number)
        refs: dict[str, Any] = {
            "customer_ref": f"{self.period}-customer-{number}", "completion_ref": f"{self.period}-completion-{number}",
        }  # fmt: skip
        contact: dict[str, Any] = {
            "channel": _CHANNELS[number % len(_CHANNELS)],
            "channel_reason": ChannelReason.RANDOM if number % 3 else ChannelReason.POLICY,
            "callback_id": f"{self.period}-callback-{number}", "permit_no": 1, "purpose": Purpose.SURVEY, "round": 1,
            "agent": f"agent-{number % 40}", "started_at": at + timedelta(hours=20),
            "connected_at": at + timedelta(hours=20, seconds=20), "ended_at": at + timedelta(hours=20, minutes=3),
        }  # fmt: skip
        stated = ServiceContext(
            scenario=_SCENARIOS[number % 4], service_type=_TYPES[number % 3], completed_at=at,
            region=f"区域{number % 6}", product=f"JSQ{number % 8}", handler=Handler(team=f"安装{number % 12}组"),
        )  # fmt: skip
        context = self._sealed(refs, "context", stated.model_dump(mode="json", exclude_none=True))
        low = chance.random() < 0.2
        return (
            ServiceAccepted(
                **refs, source="bench", service_id=f"S-{self.period}-{number}", verdict=Verdict.SELECTED, reason="draw",
                scenario=_SCENARIOS[number % 4], period=self.period, stratum=_stratum(number), rate_version=1,
                cell=Cell.FIRST, inclusion_probability=0.5, policy_version="1", accepted_at=at, completed_at=at,
                context=context,
            ),
            AttemptClosed(
                **refs, **contact, attempt_id=f"{self.period}-attempt-{number}", parts=(_PART,),
                disposition=Disposition.COMPLETE,
            ),
            ResponseRecorded(
                **refs, **contact, response_id=f"{self.period}-response-{number}", revision=1,
                status=ResponseStatus.COMPLETE, final=True, part_id="p1", in_design=True, questionnaire="after_sale",
                questionnaire_version=1, content_hash="0" * 64, answers=self._answers(refs, chance, low=low),
                recorded_at=contact["ended_at"] + timedelta(minutes=1), context=context,
            ),
            ResponseTagged(
                **refs, response_id=f"{self.period}-response-{number}", revision=1, tagging_revision=1,
                tags=self._tags(refs, number, low=low), items=(), lexicon_version="1",
                tagged_at=contact["ended_at"] + timedelta(minutes=2),
            ),
            CallbackClosed(
                **refs, callback_id=contact["callback_id"], explanation=Explanation.COMPLETE, parts=(_PART,), permits=1,
                closed_at=contact["ended_at"] + timedelta(minutes=3),
            ),
        )  # fmt: skip

    def _answers(self, refs: dict[str, Any], chance: random.Random, *, low: bool) -> Any:
        scores = (1, 2) if low else (3, 4, 5, 5)
        answers = [
            _answer(one.value, QuestionKind.RATING, dimension=one, score=Score(chance.choice(scores)))
            for one in Dimension
        ]
        answers.append(_answer("nps", QuestionKind.NPS, likelihood=chance.randint(0, 6) if low else 9))
        answers.append(_answer("solved", QuestionKind.SOLVED, solved=Solved.NO if low else Solved.YES))
        sheet = AnswerSheet(answers=tuple(answers))
        return self._sealed(refs, "answers", sheet.model_dump(mode="json", exclude_none=True))

    def _tags(self, refs: dict[str, Any], number: int, *, low: bool) -> Any:
        codes = (_PROBLEMS[number % len(_PROBLEMS)],) if low else ()
        tags = tuple(Tag(code=code, kind="problem", provenance="rule", version="1") for code in codes)
        return self._sealed(refs, "tags", TagSheet(tags=tags).model_dump(mode="json", exclude_none=True))

    def _sealed(self, refs: dict[str, Any], field: str, value: Any) -> Any:
        return self.keys.seal_facts(self.period, refs["customer_ref"], field, value)


def _stratum(number: int) -> str:
    return f"{_SCENARIOS[number % 4]}/{_TYPES[number % 3]}"


def _answer(question: str, kind: QuestionKind, **value: Any) -> Answer:
    return Answer(question_id=question, kind=kind, state=AnswerState.ANSWERED, **value)

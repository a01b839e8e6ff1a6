"""What a rating call stores and tells, with an exchange that only notes what is asked of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from chassis.testing.harness import ServiceUnderTest
from contracts.answers import AnswerSheet
from contracts.events.survey import AttemptClosed, PromiseMade, ResponseRecorded
from contracts.vocabulary import Digit, Dimension, Disposition, NotAttempted, ResponseStatus
from services.survey.ivr import beginning, ending, events, storing
from services.survey.ivr.desk import Desk
from services.survey.ivr.exchange import NoSuchChannel
from services.survey.ivr.live import LiveCall
from services.survey.ivr.recorder import Recorder
from services.survey.ivr.settings import Telephony
from services.survey.ivr.sounds import Sounds
from services.survey.ivr.state import Phase
from services.survey.recording import interview_of
from services.survey.store import rating_calls
from services.survey.store.permits import permit_of
from tests.integration.survey.builders import HOUR, MONTH, NOW, REF, a_permit, suppressed
from tests.unit.survey.nothing_recorded import NothingRecorded

TUNES = "/sounds/tunes/"


@dataclass
class NotedExchange(NothingRecorded):
    """Every sound is over as soon as it begins; `at_tune` runs at the moment at which a tune is asked for."""

    at_tune: Callable[[], Awaitable[None]] | None = None
    asked: list[str] = field(default_factory=list)
    gone: bool = False
    call: LiveCall | None = None

    async def originate(self, channel: str, endpoint: str, *, caller: str, seconds: int) -> None:
        self.asked.append(f"ring {endpoint}")

    async def answer(self, channel: str) -> None:
        self.asked.append("answer")

    async def play(self, channel: str, playback: str, sound: str) -> None:
        if self.gone:
            raise NoSuchChannel(channel)
        self.asked.append(f"play {sound}")
        if self.at_tune is not None and sound.startswith(TUNES):
            await self.at_tune()
        assert self.call is not None
        self.call.played(playback, heard=True)

    async def stop(self, playback: str) -> None: ...

    async def ringing(self, channel: str) -> None: ...

    async def quiet(self, channel: str) -> None: ...

    async def bridge(self, bridge: str, channels: Sequence[str]) -> None: ...

    async def unbridge(self, bridge: str) -> None: ...

    async def hang_up(self, channel: str) -> None:
        assert self.call is not None
        self.call.tell(events.HungUp(16))

    async def channels(self) -> dict[str, str]:
        return {}

    @property
    def tunes(self) -> list[str]:
        return [asked.removeprefix(f"play {TUNES}") for asked in self.asked if asked.startswith(f"play {TUNES}")]


def quick(**given: Any) -> Telephony:
    return Telephony(
        url="http://127.0.0.1:1", password="unused", sounds=Path("/sounds"), silence_seconds=5, correction_seconds=0.05,
        **given,
    )  # fmt: skip


@asynccontextmanager
async def a_call(survey: ServiceUnderTest, exchange: NotedExchange, **permit: Any) -> AsyncIterator[LiveCall]:
    """A customer has taken the call; it is over at the end."""
    await survey.receive(await a_permit(survey, channel="ivr", **permit))
    runtime = survey.runtime
    async with runtime.reading() as connection:
        [waiting] = await rating_calls.waiting(connection, NOW, 10)
    taken = await beginning.take(runtime, waiting, exchange="test")
    assert taken is not None
    async with runtime.reading() as connection:
        call = await rating_calls.call_of(connection, taken.key)
        interview = await interview_of(connection, runtime.vault, taken.key[0])
    assert call is not None
    assert interview is not None
    desk = Desk(runtime, exchange, quick(), Sounds(Path("/sounds")), Recorder(runtime, exchange, "test"))
    live = LiveCall(desk, call, interview, "general")
    exchange.call = live
    live.tell(events.Answered())
    running = asyncio.create_task(live.run())
    yield live
    async with asyncio.timeout(30):
        await running
    assert live.state.phase is Phase.OVER


def press(call: LiveCall, key: str) -> None:
    call.tell(events.Key(Digit(key)))


async def test_the_rating_is_stored_and_told_before_the_tune_is_asked_for(survey: ServiceUnderTest) -> None:
    seen: list[tuple[ResponseStatus, bool]] = []

    async def look() -> None:
        seen.extend((one.status, one.final) for one in await survey.sent(ResponseRecorded))

    exchange = NotedExchange(at_tune=look)
    async with a_call(survey, exchange) as call:
        press(call, "1")
    assert seen == [(ResponseStatus.PARTIAL, True)]
    assert exchange.tunes == ["morning_bells"]
    [told], [end] = await survey.sent(ResponseRecorded), await survey.sent(AttemptClosed)
    keys = await survey.runtime.vault.keyring(facts=[MONTH])
    sheet = AnswerSheet.model_validate(keys.open(REF, "answers", told.answers))
    assert (sheet.score(Dimension.OVERALL), told.channel, told.permit_no) == (5, "ivr", 1)
    assert (end.disposition, end.tune, end.transferred) == (Disposition.PARTIAL, "morning_bells", False)
    [row] = await survey.query("SELECT sealed FROM key_press")
    assert keys.open(REF, "key_press", row["sealed"]) == {
        "digit": "1", "part_id": "p1", "question_id": "overall", "questionnaire": "after_sale", "version": 2,
    }  # fmt: skip


async def test_an_answer_that_cannot_be_committed_ends_neutrally_and_brings_a_new_permit(
    survey: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing, "COMMIT_SECONDS", 0.4)
    exchange = NotedExchange()
    async with a_call(survey, exchange) as call:
        await _until(lambda: call.state.connected)
        async with survey.runtime.transaction(customers=[REF]):
            press(call, "1")
            await _until(lambda: not call.state.stored)
    assert exchange.tunes == []
    [end] = await survey.sent(AttemptClosed)
    assert (end.disposition, end.not_attempted) == (Disposition.NOT_ATTEMPTED, NotAttempted.LATE)
    assert await survey.sent(ResponseRecorded) == []


async def test_a_low_score_without_anybody_to_talk_to_is_promised_a_call(survey: ServiceUnderTest) -> None:
    exchange = NotedExchange()
    async with a_call(survey, exchange) as call:
        press(call, "4")
    assert exchange.tunes == ["slow_chords"]
    [promise] = await survey.sent(PromiseMade)
    assert promise.due_at > NOW
    [row] = await survey.query("SELECT after_tune FROM rating_call")
    assert row["after_tune"] == "promised"


async def test_a_channel_that_is_gone_ends_the_call_once(survey: ServiceUnderTest) -> None:
    exchange = NotedExchange(gone=True)
    async with a_call(survey, exchange) as call:
        call.tell(events.HungUp(16))
    await ending.finish(survey.runtime, call.call, events.Finish(connected=True, cause=16, stored=True, after=None))
    assert [end.disposition for end in await survey.sent(AttemptClosed)] == [Disposition.BREAK_OFF]


async def test_a_call_whose_end_nobody_told_is_ended_by_time_with_its_answers(survey: ServiceUnderTest) -> None:
    exchange = NotedExchange()

    async def die() -> None:
        raise KeyError("the worker dies")

    exchange.at_tune = die
    with pytest.raises(KeyError):
        async with a_call(survey, exchange) as call:
            press(call, "5")
    assert await survey.sent(AttemptClosed) == []
    await survey.run_until(NOW + HOUR)
    [end] = await survey.sent(AttemptClosed)
    assert (end.disposition, end.tune) == (Disposition.PARTIAL, "slow_chords")
    [row] = await survey.query("SELECT tune_end, after_tune FROM rating_call")
    assert tuple(row.values()) == ("lost", "hung_up")


async def test_a_permit_is_taken_once_and_never_against_a_suppression(survey: ServiceUnderTest) -> None:
    permit = await a_permit(survey, channel="ivr")
    await survey.receive(permit)
    async with survey.runtime.reading() as connection:
        found = await permit_of(connection, "cb-1", 1)
    assert found is not None
    assert await beginning.take(survey.runtime, found, exchange="one") is not None
    assert await beginning.take(survey.runtime, found, exchange="two") is None
    other = await a_permit(survey, callback="cb-2", channel="ivr")
    await survey.receive(other)
    await survey.receive(suppressed(other))
    async with survey.runtime.reading() as connection:
        assert await rating_calls.waiting(connection, NOW, 10) == []


@pytest.mark.parametrize("hours", [-2, 7])
async def test_a_permit_waits_for_its_hours(survey: ServiceUnderTest, hours: int) -> None:
    await survey.receive(await a_permit(survey, channel="ivr"))
    async with survey.runtime.reading() as connection:
        assert await rating_calls.waiting(connection, NOW + hours * HOUR, 10) == []


async def test_a_questionnaire_without_a_menu_is_given_back(survey: ServiceUnderTest) -> None:
    part = {"part_id": "p1", "purpose": "verification", "round": 1, "questionnaire": "verification"}
    await survey.receive(await a_permit(survey, channel="ivr", parts=[part]))
    async with survey.runtime.reading() as connection:
        [waiting] = await rating_calls.waiting(connection, NOW, 10)
    assert await beginning.take(survey.runtime, waiting, exchange="test") is None
    assert [end.not_attempted for end in await survey.sent(AttemptClosed)] == [NotAttempted.UNCLAIMED]


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - a state machine has no event for it
            await asyncio.sleep(0.01)

"""The worker between an exchange and the flow, both played here: who is told what, and what ends a call."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any

import pytest

from chassis.settings import SettingsError
from contracts.vocabulary import Scenario
from services.survey import forms
from services.survey.interview import Given, Interview
from services.survey.ivr import ending, events, keeping, settings, storing
from services.survey.ivr.desk import Desk
from services.survey.ivr.exchange import ExchangeError, NoSuchChannel
from services.survey.ivr.live import LiveCall
from services.survey.ivr.settings import Telephony
from services.survey.ivr.sounds import Sounds
from services.survey.ivr.worker import TakenOver, Worker
from services.survey.metrics import RATING_CALLS_UP
from services.survey.store.rating_calls import RatingCall
from tests.unit.survey.calls_by_keypad import AT, an_interview
from tests.unit.survey.nothing_recorded import NothingRecorded

CHANNEL = "c1"
TUNES = "/sounds/tunes/"


@dataclass
class PlayedExchange(NothingRecorded):
    """Sounds end at once; an agent's telephone does what `agents` says: answers, or is a cause."""

    told: asyncio.Queue[dict[str, Any] | None] = field(default_factory=asyncio.Queue)
    asked: list[str] = field(default_factory=list)
    agents: dict[str, bool] = field(default_factory=dict)
    unplayable: str = ""

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        while (event := await self.told.get()) is not None:
            yield event

    def tell(self, kind: str, channel: str = CHANNEL, **given: Any) -> None:
        self.told.put_nowait({"type": kind, "channel": {"id": channel}, **given})

    async def originate(self, channel: str, endpoint: str, *, caller: str, seconds: int) -> None:
        self.asked.append(f"ring {endpoint}")
        if endpoint not in self.agents:
            raise ExchangeError("no such endpoint")
        if self.agents[endpoint]:
            self.tell("StasisStart", channel)
        else:
            self.tell("ChannelDestroyed", channel, cause=17)

    async def answer(self, channel: str) -> None:
        self.asked.append(f"answer {channel}")

    async def play(self, channel: str, playback: str, sound: str) -> None:
        self.asked.append(f"play {sound}")
        state = "failed" if self.unplayable and self.unplayable in sound else "done"
        playing = {"id": playback, "target_uri": f"channel:{channel}", "state": state}
        self.told.put_nowait({"type": "PlaybackFinished", "playback": playing})

    async def stop(self, playback: str) -> None:
        self.asked.append("stop")

    async def ringing(self, channel: str) -> None:
        self.asked.append("ringing")

    async def quiet(self, channel: str) -> None:
        self.asked.append("quiet")

    async def bridge(self, bridge: str, channels: Sequence[str]) -> None:
        self.asked.append(f"bridge {' '.join(channels)}")

    async def unbridge(self, bridge: str) -> None:
        self.asked.append("unbridge")

    async def hang_up(self, channel: str) -> None:
        self.asked.append(f"hang up {channel}")
        self.tell("ChannelDestroyed", channel, cause=16)

    async def channels(self) -> dict[str, str]:
        return {}

    @property
    def tunes(self) -> list[str]:
        return [asked.removeprefix(f"play {TUNES}") for asked in self.asked if asked.startswith(f"play {TUNES}")]


@dataclass
class Stored:
    """What would be in the database."""

    interview: Interview = field(default_factory=an_interview)
    presses: list[str] = field(default_factory=list)
    tune_end: list[str] = field(default_factory=list)
    tunes: list[str] = field(default_factory=list)
    promises: int = 0
    finished: list[events.Finish] = field(default_factory=list)
    fails: bool = False


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> Stored:
    here = Stored()

    async def answered(*_: object) -> Interview:
        return here.interview

    async def keep_press(_: object, __: object, press: events.KeepPress, ___: object) -> None:
        here.presses.append(press.digit.value)

    async def record(_: object, __: object, asked: events.Record, ___: object) -> Interview:
        if here.fails:
            raise ConnectionResetError("the database is away")
        given = Given(asked.pressed.value)
        here.interview = forms.taken(here.interview, asked.place.part_id, asked.place.question_id, given, AT)
        return here.interview

    async def begin_tune(_: object, __: object, tune: str, ___: object) -> bool:
        here.tunes.append(tune)
        return True

    async def end_tune(_: object, __: object, how: events.TuneEnd) -> None:
        here.tune_end.append(how.value)

    async def promise_call(*_: object) -> None:
        here.promises += 1

    async def note_agent(*_: object) -> None: ...

    async def finish(_: object, __: object, told: events.Finish) -> None:
        here.finished.append(told)

    for one in (answered, keep_press, record, begin_tune, end_tune, promise_call, note_agent):
        monkeypatch.setattr(keeping, one.__name__, one)
    monkeypatch.setattr(ending, "finish", finish)
    monkeypatch.setattr(storing, "PAUSES", (0.01,))
    return here


class _Always(Desk):
    """People are at work."""

    def people_work(self, now: object) -> bool:
        return True


class _NoRuntime:
    async def now(self) -> object:
        return AT


@dataclass
class NotedRecorder:
    """Keeps what had been asked of the exchange when a recording was begun."""

    exchange: PlayedExchange | None = None
    begun: list[list[str]] = field(default_factory=list)

    async def begin(self, key: object, customer_ref: str, channel: str) -> None:
        assert self.exchange is not None
        assert (key, customer_ref, channel) == (("cb-1", 1), "c-1", CHANNEL)
        self.begun.append(list(self.exchange.asked))


def a_worker(
    exchange: PlayedExchange, stored: Stored, *, recorder: NotedRecorder | None = None, **given: Any
) -> Worker:
    """One call is up in it; it dials nothing."""
    telephony = Telephony(
        url="http://127.0.0.1:1", password="unused", sounds=Path("/sounds"), correction_seconds=0.02,
        pause_seconds=0.02, silence_seconds=0.02, transfer_seconds=5, agent_hours=(time(0), time(23, 59)),
        **({"agents": {"general": ("busy", "free")}} | given),
    )  # fmt: skip
    runtime, sounds = _NoRuntime(), Sounds(Path("/sounds"))
    desk = _Always(runtime, exchange, telephony, sounds, recorder or NotedRecorder())  # type: ignore[arg-type]
    worker = Worker(desk)
    call = RatingCall(
        callback_id="cb-1", permit_no=1, customer_ref="c-1", channel_id=CHANNEL, language="zh-CN", dialled_at=AT,
        answered_at=None, ended_at=None, tune=None, tune_pilot=None, tune_begun_at=None, tune_end=None, after_tune=None,
        agent_answered_at=None, presses=0,
    )  # fmt: skip
    worker._calls[CHANNEL] = LiveCall(worker._desk, call, stored.interview, "general")
    return worker


async def played(worker: Worker, exchange: PlayedExchange, *keys: str) -> None:
    """The customer takes the call, presses, and stays until the exchange ends it."""
    live = worker._calls[CHANNEL]

    async def listening() -> None:
        async with worker._tasks:
            async for event in exchange.events():
                worker._take(event)

    listener = asyncio.create_task(listening())
    exchange.tell("StasisStart")
    for key in keys:
        exchange.tell("ChannelDtmfReceived", digit=key)
    async with asyncio.timeout(20):
        await worker._run(live)
    exchange.told.put_nowait(None)
    await listener
    assert worker._calls == {}


async def test_a_rating_is_stored_and_its_tune_is_played_once(stored: Stored) -> None:
    exchange = PlayedExchange()
    await played(a_worker(exchange, stored), exchange, "5", "1")
    assert (stored.presses, exchange.tunes, stored.tune_end) == (["5", "1"], ["morning_bells"], ["heard"])
    assert [told.after for told in stored.finished] == [events.After.THANKED]
    assert exchange.asked[-1] == f"hang up {CHANNEL}"


async def test_a_recording_is_begun_when_the_notice_was_heard_and_before_the_question(stored: Stored) -> None:
    exchange = PlayedExchange()
    recorder = NotedRecorder(exchange)
    worker = a_worker(exchange, stored, recorder=recorder, record=("after_sale",))
    notice = f"play {worker._desk.sounds.of_house(events.Line.NOTICE, 'zh-CN')}"
    await played(worker, exchange)
    [asked_before] = recorder.begun
    assert asked_before[-1] == notice
    assert len(asked_before) == 2, "the opening and the notice"


@pytest.mark.parametrize("record", [(), ("complaint",)])
async def test_a_call_of_another_scenario_has_neither_notice_nor_recording(stored: Stored, record: Any) -> None:
    exchange, recorder = PlayedExchange(), NotedRecorder()
    worker = a_worker(exchange, stored, recorder=recorder, record=record)
    notice = f"play {worker._desk.sounds.of_house(events.Line.NOTICE, 'zh-CN')}"
    await played(worker, exchange)
    assert (recorder.begun, notice in exchange.asked) == ([], False)


@pytest.mark.parametrize(
    ("told", "recorded"),
    [("", set()), ("*", set(Scenario)), ("complaint, after_sale", {Scenario.COMPLAINT, Scenario.AFTER_SALE})],
)
def test_the_switch_names_scenarios(told: str, recorded: set[Scenario], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{settings.PREFIX}RECORD", told)
    assert {one for one in Scenario if settings.read().records(one)} == recorded


def test_a_scenario_that_does_not_exist_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{settings.PREFIX}RECORD", "complaints")
    with pytest.raises(SettingsError, match="RECORD"):
        settings.read()


async def test_a_notice_that_cannot_be_played_leaves_the_call_unrecorded(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.survey.ivr.worker.HUNG_UP_SECONDS", 0.01)
    exchange, recorder = PlayedExchange(), NotedRecorder()
    worker = a_worker(exchange, stored, recorder=recorder, record=("*",))
    exchange.unplayable = worker._desk.sounds.of_house(events.Line.NOTICE, "zh-CN")
    await played(worker, exchange)
    assert recorder.begun == []
    assert len(stored.finished) == 1


def _up() -> dict[str, float]:
    """Calls that are up, by their state."""
    [found] = RATING_CALLS_UP.collect()
    return {sample.labels["state"]: sample.value for sample in found.samples}


async def test_a_busy_agent_leads_to_the_next_one_and_both_are_bridged(stored: Stored) -> None:
    exchange = PlayedExchange(agents={"busy": False, "free": True})
    worker = a_worker(exchange, stored)
    talk = asyncio.create_task(played(worker, exchange, "5"))
    async with asyncio.timeout(20):
        while not any(asked.startswith("bridge") for asked in exchange.asked):  # noqa: ASYNC110 - a fake has no event
            await asyncio.sleep(0.01)
    assert exchange.asked[-3:] == ["ring free", "quiet", f"bridge {CHANNEL} {CHANNEL}-agent-1"]
    assert _up()["talking"] == 1
    assert sum(_up().values()) == 1
    exchange.tell("ChannelDestroyed", f"{CHANNEL}-agent-1", cause=16)
    await talk
    assert sum(_up().values()) == 0
    assert (exchange.tunes, stored.promises) == (["slow_chords"], 0)
    assert [told.after for told in stored.finished] == [events.After.TRANSFERRED]
    assert "unbridge" in exchange.asked


async def test_when_every_agent_is_busy_or_away_a_call_is_promised(stored: Stored) -> None:
    exchange = PlayedExchange(agents={"busy": False})
    await played(a_worker(exchange, stored), exchange, "4")
    assert stored.promises == 1
    assert [told.after for told in stored.finished] == [events.After.PROMISED]


async def test_a_sound_that_cannot_be_played_is_never_told_as_heard(stored: Stored) -> None:
    exchange = PlayedExchange(unplayable="tunes/")
    await played(a_worker(exchange, stored), exchange, "1")
    assert stored.tune_end == ["failed"]


async def test_a_sound_that_ends_with_its_call_is_no_fault_of_the_exchange(stored: Stored) -> None:
    class HangsUpInTheTune(PlayedExchange):
        async def play(self, channel: str, playback: str, sound: str) -> None:
            await super().play(channel, playback, sound)
            if sound.startswith(TUNES):
                self.tell("StasisEnd", channel)

    exchange = HangsUpInTheTune(unplayable="tunes/")
    await played(a_worker(exchange, stored), exchange, "1")
    assert (stored.tune_end, [told.after for told in stored.finished]) == (["hung_up"], [events.After.HUNG_UP])


async def test_a_database_that_is_away_ends_the_call_neutrally(stored: Stored) -> None:
    stored.fails = True
    exchange = PlayedExchange()
    await played(a_worker(exchange, stored), exchange, "1")
    assert (exchange.tunes, [told.stored for told in stored.finished]) == ([], [False])


async def test_silence_ends_the_call_after_three_prompts(stored: Stored) -> None:
    exchange = PlayedExchange()
    await played(a_worker(exchange, stored), exchange)
    said = [asked for asked in exchange.asked if asked.startswith("play")]
    assert len(said) == 3 + 2 + 2 + 1  # opening, disclosure, question; twice again and question; neutral


async def test_a_channel_that_is_gone_ends_its_call(stored: Stored) -> None:
    class Gone(PlayedExchange):
        async def play(self, channel: str, playback: str, sound: str) -> None:
            raise NoSuchChannel(channel)

    exchange = Gone()
    await played(a_worker(exchange, stored), exchange)
    assert [told.connected for told in stored.finished] == [True]


async def test_an_end_that_cannot_be_stored_at_once_is_tried_again(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    async def finish(*_: object) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise ConnectionResetError("the database is away")

    monkeypatch.setattr(ending, "finish", finish)
    exchange = PlayedExchange()
    await played(a_worker(exchange, stored), exchange, "1")
    assert len(tries) == 2


async def test_another_client_of_the_same_name_stops_the_worker(stored: Stored) -> None:
    with pytest.raises(TakenOver):
        a_worker(PlayedExchange(), stored)._take({"type": "ApplicationReplaced"})

"""What an exchange recorded: fetched, sealed, deleted there, heard for a reason, gone when its time is over."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest, running
from chassis.testing.infra import Infra
from contracts.events.scheduler import CustomerErased
from contracts.vocabulary import CustomerRef
from services.survey.app import SERVICE
from services.survey.ivr import recorder
from services.survey.ivr.exchange import ExchangeError
from services.survey.ivr.recorder import TRIES, Recorder, name_of
from tests.integration.survey.builders import NOW, REF
from tests.integration.survey.calls import a_call_waits, an_agent

KEY = ("cb-1", 1)
NAME = name_of(KEY)
SOUND = bytes(range(256)) * 50
PAGE = "/survey/recordings/cb-1/1"


@dataclass
class Tape:
    """The recordings of an exchange. `live`: still going on; `stored`: files; `refuses`: what it does not do."""

    live: set[str] = field(default_factory=set)
    stored: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    refuses: str = ""

    async def listen_in(self, channel: str, listener: str) -> None:
        self._ask(f"listen in on {channel}")

    async def record(self, channel: str, name: str, *, seconds: int) -> None:
        self._ask("record")
        self.live.add(name)

    async def is_recording(self, name: str) -> bool:
        return name in self.live

    async def end_recording(self, name: str) -> None:
        self._ask("end")
        self.live.discard(name)

    async def recorded(self, name: str) -> bytes | None:
        self._ask("fetch")
        return self.stored.get(name)

    async def delete_recording(self, name: str) -> None:
        self._ask("delete")
        self.stored.pop(name, None)

    async def hang_up(self, channel: str) -> None:
        assert channel == f"{NAME}-listens"

    def over(self, sound: bytes = SOUND) -> None:
        self.live.discard(NAME)
        if sound:
            self.stored[NAME] = sound

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.refuses and what.startswith(self.refuses):
            raise ExchangeError("it answered 500")


@pytest.fixture
async def survey(infra: Infra, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ServiceUnderTest]:
    monkeypatch.setattr(recorder, "EVERY_SECONDS", 0.01)
    async with running(SERVICE, infra, now=NOW) as service:
        yield service


@asynccontextmanager
async def at_work(survey: ServiceUnderTest, tape: Tape) -> AsyncIterator[Recorder]:
    one = Recorder(survey.runtime, tape, "test")  # type: ignore[arg-type]
    task = asyncio.create_task(one.run())
    try:
        yield one
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def begun(survey: ServiceUnderTest, one: Recorder) -> None:
    """A contact is made, its notice was heard."""
    await a_call_waits(survey)
    await (await an_agent(survey)).steps("claim", "dial")
    await one.begin(KEY, REF, "c1")
    await one.record(f"{NAME}-listens")


async def until(survey: ServiceUnderTest, state: str | None, *, at_exchange: bool = False) -> None:
    """Until its row says so; None: until there is no row."""
    wanted = [] if state is None else [(state, at_exchange)]
    async with asyncio.timeout(30):
        while True:
            rows = await survey.query("SELECT state, at_exchange FROM call_recording")
            if [tuple(row.values()) for row in rows] == wanted:
                return
            await asyncio.sleep(0.02)


async def kept(survey: ServiceUnderTest) -> None:
    tape = Tape()
    async with at_work(survey, tape) as one:
        await begun(survey, one)
        tape.over()
        await until(survey, "kept")
    assert tape.stored == {}


async def test_a_sound_is_fetched_when_it_is_over_sealed_and_then_deleted_at_the_exchange(
    survey: ServiceUnderTest,
) -> None:
    tape = Tape()
    async with at_work(survey, tape) as one:
        await begun(survey, one)
        await asyncio.sleep(0.1)
        await until(survey, "begun", at_exchange=True)
        assert tape.asked == ["listen in on c1", "record"]
        tape.over()
        one.look()
        await until(survey, "kept")
    assert tape.asked[2:] == ["fetch", "delete"]
    [row] = await survey.query("SELECT sealed, seconds, keep_until FROM call_recording")
    assert base64.b64encode(SOUND).decode() not in row["sealed"]
    assert (row["seconds"], row["keep_until"]) == (len(SOUND) / 8000, NOW + timedelta(days=90))
    keys = await survey.runtime.vault.keyring(text=[REF])
    assert base64.b64decode(str(keys.open(REF, "recorded_sound", row["sealed"]))) == SOUND


async def test_the_next_worker_fetches_what_the_last_one_left(survey: ServiceUnderTest) -> None:
    tape = Tape()
    async with at_work(survey, tape) as one:
        await begun(survey, one)
    tape.over()
    async with at_work(survey, tape):
        await until(survey, "kept")
    assert tape.stored == {}


async def test_a_recording_that_never_began_is_lost_and_asked_for_no_more(survey: ServiceUnderTest) -> None:
    tape = Tape(refuses="listen in")
    async with at_work(survey, tape) as one:
        await a_call_waits(survey)
        await (await an_agent(survey)).steps("claim", "dial")
        await one.begin(KEY, REF, "c1")
        await until(survey, "lost")
        asked = len(tape.asked)
        one.look()
        await asyncio.sleep(0.1)
    assert len(tape.asked) == asked


async def test_a_contact_is_recorded_once(survey: ServiceUnderTest) -> None:
    tape = Tape()
    async with at_work(survey, tape) as one:
        await begun(survey, one)
        await one.begin(KEY, REF, "c1")
    assert tape.asked.count("listen in on c1") == 1


@pytest.mark.parametrize(("refused", "state"), [("delete", "kept"), ("fetch", "lost")])
async def test_an_exchange_that_does_not_hand_out_or_delete_is_asked_a_few_times_only(
    survey: ServiceUnderTest, refused: str, state: str
) -> None:
    tape = Tape(refuses=refused)
    async with at_work(survey, tape) as one:
        await begun(survey, one)
        tape.over()
        await until(survey, state)
        await asyncio.sleep(0.1)
    assert tape.asked.count(refused) == TRIES


async def test_a_sound_is_heard_for_a_reason_that_is_audited_each_time(survey: ServiceUnderTest) -> None:
    supervisor = await survey.client(Role.SUPERVISOR, login="supervisor-c")
    await kept(survey)
    shown = (await supervisor.get("/survey/recordings")).text
    assert "交换机录音 0:02" in shown
    assert "<audio" not in (await supervisor.get(PAGE)).text
    assert (await supervisor.get(f"{PAGE}?reason=好奇")).status_code == 422
    assert f'src="{PAGE}/sound?reason=' in (await supervisor.get(f"{PAGE}?reason=质检抽查")).text
    assert await _heard(survey) == []
    assert (await supervisor.get(f"{PAGE}/sound")).status_code == 422
    for times in (1, 2):
        answer = await supervisor.get(f"{PAGE}/sound?reason=质检抽查")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/wav")
        assert (answer.content[:4], answer.content[8:16], SOUND in answer.content) == (b"RIFF", b"WAVEfmt ", True)
        assert answer.headers["cache-control"] == "no-store"
        assert await _heard(survey) == ["质检抽查"] * times
    for role in (Role.AGENT, Role.ANALYST):
        other = await survey.client(role, login=f"a-{role.value}")
        assert (await other.get(f"{PAGE}/sound?reason=质检抽查")).status_code == 403
    assert (await supervisor.post(f"{PAGE}/destroy")).status_code == 303
    assert (await supervisor.get(f"{PAGE}/sound?reason=质检抽查")).status_code == 404
    assert [row["sealed"] for row in await survey.query("SELECT sealed FROM call_recording")] == [None]


async def _heard(survey: ServiceUnderTest) -> list[str]:
    rows = await survey.query("SELECT action, reason, subject FROM staff.audit_page(NULL, 50, NULL)")
    assert {row["subject"] for row in rows if row["action"] == "recording-heard"} <= {"contact:cb-1/1"}
    return [row["reason"] for row in rows if row["action"] == "recording-heard"]


async def test_a_sound_goes_when_its_time_is_over(survey: ServiceUnderTest) -> None:
    await kept(survey)
    await survey.run_until(NOW + timedelta(days=89))
    await until(survey, "kept")
    await survey.run_until(NOW + timedelta(days=90, minutes=2))
    await until(survey, None)


async def test_the_sound_of_an_erased_customer_is_gone_also_when_the_call_lasts(survey: ServiceUnderTest) -> None:
    tape = Tape()
    async with at_work(survey, tape) as one:
        await begun(survey, one)
        await survey.receive(CustomerErased(customer_ref=CustomerRef(REF), erased_at=NOW))
        await until(survey, "erased")
    assert tape.live == set()
    assert tape.asked[-2:] == ["end", "delete"]
    assert "fetch" not in tape.asked

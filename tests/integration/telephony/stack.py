"""One exchange, one survey service, one worker, one telephone; every sentence is a tone of its own, tunes are real."""

import asyncio
import math
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import time
from itertools import chain, pairwise
from operator import mul
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from chassis import clock
from chassis.testing.harness import ServiceUnderTest, running
from chassis.testing.infra import Infra
from launcher.audio.render import render
from launcher.telephony import exchange, found
from launcher.telephony.exchange import LocalExchange
from launcher.telephony.rtp import FRAME, LINEAR, Call, strength
from launcher.telephony.telephone import Behaviour, Telephone
from services.survey.app import SERVICE
from services.survey.audio import compose, wav
from services.survey.catalogue import newest
from services.survey.ivr.events import Line
from services.survey.ivr.menu import HOUSE_LINES
from services.survey.ivr.settings import Telephony
from services.survey.ivr.sounds import prompt_file
from services.survey.ivr.spoken import FALLBACK
from services.survey.ivr.telephony import serve
from services.survey.renderings.ivr import ivr_plan
from tests.integration.survey.builders import NOW, a_permit

LANGUAGE = "zh-CN"
APP = "aftercall-test"


def program() -> found.Program:
    if os.environ.get(found.REQUIRED) != "required":
        pytest.skip(f"NOT TESTED: calls on a real exchange; {found.REQUIRED}=required runs them")
    return found.find()


def tones() -> dict[str, tuple[str, float]]:
    """File and frequency of each sentence, by the name of the line or the question."""
    plan = ivr_plan(newest("after_sale"), LANGUAGE)
    words = {**plan.lines, **{prompt.question_id: prompt.say for prompt in plan.prompts}}
    words |= {line.value: said[LANGUAGE] for line, said in HOUSE_LINES.items()}
    files = {name: prompt_file(said, LANGUAGE) for name, said in words.items()} | {FALLBACK: FALLBACK}
    return {name: (file, 700.0 + 130.0 * number) for number, (name, file) in enumerate(files.items())}


@dataclass
class Stack:
    survey: ServiceUnderTest
    exchange: LocalExchange
    telephone: Telephone
    settings: Telephony
    tones: dict[str, float]
    tunes: dict[str, list[float]]
    worker: asyncio.Task[None] | None = None
    due: dict[str, str] = field(default_factory=dict)

    def work(self, settings: Telephony | None = None) -> asyncio.Task[None]:
        self.worker = asyncio.create_task(serve(self.survey.runtime, settings or self.settings))
        return self.worker

    async def stop_work(self) -> None:
        if self.worker is not None:
            self.worker.cancel()
            await asyncio.gather(self.worker, return_exceptions=True)

    async def connected(self, *, within: float = 30.0) -> None:
        """Until a worker listens to the exchange."""
        login = (self.settings.user, self.settings.password)
        async with asyncio.timeout(within), httpx.AsyncClient(auth=login, trust_env=False) as client:
            while True:
                there = (await client.get(f"{self.exchange.url}/ari/applications")).json()
                if any(one["name"] == self.settings.app for one in there):
                    return
                await asyncio.sleep(0.05)

    async def permit(self, name: str, does: Behaviour | int | None, *, channel: str = "ivr", **given: Any) -> str:
        """A permit for a call to a customer who does this; the number."""
        number = f"+861380013{len(self.due):04d}"
        self.due[name] = number
        self.telephone.numbers[number] = does
        await self.survey.receive(
            await a_permit(
                self.survey, callback=name, ref=f"customer-{name}", channel=channel, phone=number, email=None, **given
            )
        )
        return number

    def call(self, name: str) -> Call:
        [call] = self.telephone.calls[self.due[name]]
        return call

    async def closed(self, *names: str, within: float = 150.0) -> None:
        """Until the permits have their end."""
        async with asyncio.timeout(within):
            while True:
                rows = await self.survey.query(
                    "SELECT count(*) AS n FROM contact_attempt WHERE callback_id = ANY ($1)", list(names)
                )
                if rows[0]["n"] == len(names):
                    return
                await asyncio.sleep(0.1)

    async def row(self, name: str) -> dict[str, Any]:
        [row] = await self.survey.query("SELECT * FROM rating_call WHERE callback_id = $1", name)
        return dict(row)

    def tunes_heard(self, call: Call) -> list[str]:
        """Tunes that are in what this caller heard."""
        for anywhere in (False, True):
            found = [name for name, clip in self.tunes.items() if likeness(call, clip, anywhere=anywhere) > 0.8]
            if found:
                return found
        return []

    def heard(self, call: Call, name: str) -> bool:
        """Whether this sentence is in what the caller heard."""
        row = 0
        for _, payload in sorted(call.heard.frames.items()):
            row = row + 1 if strength([LINEAR[code] for code in payload], self.tones[name]) > 0.7 else 0
            if row >= 5:
                return True
        return False


PAUSE = 2000
"""Samples between two sounds; an exchange in haste leaves smaller gaps inside one."""


def likeness(call: Call, clip: Sequence[float], *, anywhere: bool) -> float:
    """The best normalised correlation of 0.3 s of the clip with what was heard.

    A sound begins with the first packet after a pause in the time stamps, or a little later: an exchange puts it into
    packets wherever it begins. `anywhere`: every place of all that was heard is tried, which takes long. Looked for
    with a short piece, then measured around the best places.
    """
    begin = 50 * FRAME
    wanted, piece = list(clip[begin : begin + 15 * FRAME]), list(clip[begin : begin + 2 * FRAME])
    best = 0.0
    for line in [list(chain.from_iterable(sounds(call)))] if anywhere else sounds(call):
        last = len(line) - len(wanted)
        places = range(0, last, 2) if anywhere else range(begin - 2 * FRAME, min(begin + 2 * FRAME, last))
        found = sorted(places, key=lambda at: _alike(line, at, piece))[-8:]
        near = {at + shift for at in found for shift in (-1, 0, 1) if at + shift >= 0}
        best = max([best, *(_alike(line, at, wanted) for at in near)])
    return best


def sounds(call: Call) -> list[list[float]]:
    """What was heard, in pieces without a pause."""
    found: list[list[float]] = []
    last = -PAUSE * 2
    for stamp, payload in sorted(call.heard.frames.items()):
        if stamp - last > PAUSE:
            found.append([])
        found[-1] += [LINEAR[code] for code in payload]
        last = stamp
    return found


def tune_came_at(call: Call) -> float:
    """When the first packet of the tune came in (`time.time`): while a rating can be corrected nothing is played."""
    stamps = sorted(call.heard.frames)
    begin = next(after for before, after in pairwise(stamps) if after - before > 8000)  # 1 s; correction takes 2 s
    return call.heard.arrivals[begin]


def _alike(line: Sequence[float], at: int, wanted: Sequence[float]) -> float:
    part = line[at : at + len(wanted)]
    power = sum(map(mul, part, part))
    if power < len(wanted) * 1e-4:
        return 0.0
    return abs(sum(map(mul, part, wanted))) / math.sqrt(power * sum(map(mul, wanted, wanted)))


@asynccontextmanager
async def a_stack(infra: Infra, folder: Path) -> AsyncIterator[Stack]:
    asterisk = program()
    sounds = folder / "sounds"
    for name, (file, frequency) in tones().items():
        # whoever does something in the notice has time for it
        wav.write(sounds / f"{file}.wav", compose.beep(frequency, 2.0 if name == Line.NOTICE else 0.4))
    render(sounds, said={})
    clips = {name: wav.read(sounds / f"tunes/{name}.wav") for name in compose.names()}
    telephone = Telephone()
    await telephone.open()
    there = await exchange.start(asterisk, folder / "exchange", app=APP, sounds=sounds)
    try:
        async with running(SERVICE, infra, now=NOW) as survey:
            await _let_time_run(survey)
            settings = _settings(there, sounds, telephone.port)
            stack = Stack(survey, there, telephone, settings, {n: f for n, (_, f) in tones().items()}, clips)
            try:
                yield stack
            finally:
                await stack.stop_work()
    finally:
        await telephone.close()
        await there.stop()


async def _let_time_run(survey: ServiceUnderTest) -> None:
    owner = await asyncpg.connect(survey.settings.database_url)
    try:
        await clock.set_mode(owner, "running", NOW)
    finally:
        await owner.close()


def _settings(there: LocalExchange, sounds: Path, port: int) -> Telephony:
    def at(number: str) -> str:
        return f"PJSIP/trunk/sip:{number}@127.0.0.1:{port}"

    return Telephony(
        url=there.url, user=exchange.USER, password=there.password, app=APP, sounds=sounds, endpoint=at("{number}"),
        ring_seconds=8, agents={"general": (at("agent-busy"), at("agent")), "senior": (at("agent-busy"),)},
        agent_hours=(time(0), time(23, 59, 59)), agent_holidays=True, silence_seconds=1.0, pause_seconds=1.0,
        correction_seconds=2.0, transfer_seconds=10.0,
    )  # fmt: skip

"""`aftercall demo --phone`: customers rate by the keys of their telephones, on a real exchange by SIP and RTP.

What they pressed is looked for in the report, with the tune that they heard.
"""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import httpx

from chassis.access.roles import Role
from chassis.access.token import issue_token
from chassis.runtime import Runtime
from chassis.stepping import Stepper
from launcher.audio.render import render
from launcher.demo import crm
from launcher.demo.population import WEST
from launcher.environment import told
from launcher.stack import Stack, start_stack
from launcher.telephony import exchange, found
from launcher.telephony.rtp import Call
from launcher.telephony.telephone import Behaviour, Telephone
from launcher.terminal import complain, say
from services.reporting.calendar import period_of
from services.reporting.reports import open_report
from services.survey.ivr.tunes import catalogue
from services.survey.renderings.ivr import Band
from services.survey.store import rating_calls

POLICIES = Path(__file__).parent / "phone_policies"
BEGIN = datetime(2026, 10, 13, 10, 0, tzinfo=timezone(timedelta(hours=8)))  # a Tuesday
PERIOD = "2026-10"
APP = "aftercall-demo"
LISTENS_SECONDS = 3.0
CALL_SECONDS = 180.0
FRAME_SECONDS = 0.02
DAYS = timedelta(days=2)
_AGENT = "agent"


@dataclass(frozen=True)
class Rater:
    """Invented. `band`: of the score in the report; `tunes`: of the tunes that such a score ends with."""

    number: str
    key: str
    score: int
    band: str
    tunes: Band


RATERS = (
    Rater("+8613800138071", "1", 5, "high", Band.CHEERFUL),
    Rater("+8613800138072", "5", 1, "low", Band.SOOTHING),
)


@dataclass(frozen=True)
class Line:
    """What became of one call. `tune`: as the report has it."""

    rater: Rater
    seconds: float
    tune: str | None

    @property
    def holds(self) -> bool:
        return self.tune is not None


async def phone(*, headless: bool, port: int, data: Path | None = None) -> int:
    """The exit code: 0 when every rating is in the report with its tune. Without `headless` it serves on."""
    try:
        program = found.find()
    except found.NoExchange as error:
        complain(str(error))
        return 1
    with tempfile.TemporaryDirectory(prefix="aftercall-phone-") as made:
        async with _scene(program, Path(made), data or Path(made) / "data", port=port) as (stack, telephone):
            say("电话交换机已启动，两位虚构的客户将接到按键回访。")
            await _send(stack)
            await _call_all(stack)
            lines = await _found(stack, telephone)
            for line in lines:
                _show(line)
            if not headless:
                say(f"网页 {stack.addresses.web}/reporting/music?period={PERIOD}    Ctrl-C 结束。")
                await stack.wait()
            return 0 if all(line.holds for line in lines) and not telephone.failures else 1


@asynccontextmanager
async def _scene(
    program: found.Program, directory: Path, data: Path, *, port: int
) -> AsyncIterator[tuple[Stack, Telephone]]:
    """Exchange, telephones and the whole product."""
    async with AsyncExitStack() as exits:
        telephone = Telephone()
        telephone.numbers |= {_AGENT: _helps, **{rater.number: _rates(rater.key) for rater in RATERS}}
        await telephone.open()
        exits.push_async_callback(telephone.close)
        sounds = directory / "sounds"
        await asyncio.to_thread(render, sounds)
        there = await exchange.start(program, directory / "exchange", app=APP, sounds=sounds)
        exits.push_async_callback(there.stop)
        exits.enter_context(told(**_settings(there, sounds, telephone.port)))
        stack = await start_stack(data, port=port, clock="stepped", clock_start=BEGIN, short_lived=True)
        exits.push_async_callback(stack.stop)
        yield stack, telephone


def _settings(there: exchange.LocalExchange, sounds: Path, port: int) -> Mapping[str, str]:
    return {
        **there.environment(app=APP, sounds=sounds),
        "AFTERCALL_SURVEY_ARI_ENDPOINT": f"PJSIP/trunk/sip:{{number}}@127.0.0.1:{port}",
        "AFTERCALL_SURVEY_ARI_AGENTS": json.dumps({"*": [f"PJSIP/trunk/sip:{_AGENT}@127.0.0.1:{port}"]}),
        "AFTERCALL_SURVEY_ARI_AGENT_HOURS": "00:00-23:59",
        "AFTERCALL_SURVEY_ARI_AGENT_HOLIDAYS": "true",
        "AFTERCALL_SCHEDULER_POLICIES": str(POLICIES),
    }


def _rates(key: str) -> Behaviour:
    """A customer who listens for a while, presses a key, and stays on the line until the other side hangs up."""

    async def does(call: Call) -> None:
        await asyncio.sleep(LISTENS_SECONDS)
        call.press(key)
        await call.ended(within=CALL_SECONDS)

    return does


async def _helps(call: Call) -> None:
    """A person of the service desk."""
    call.hum(440.0)
    await asyncio.sleep(LISTENS_SECONDS)
    call.hang_up()


def _completion(number: int, rater: Rater) -> dict[str, Any]:
    return {
        "source": WEST, "service_id": f"S-PHONE-{number}", "scenario": "after_sale", "service_type": "热水器维修",
        "completed_at": (BEGIN - timedelta(minutes=10)).isoformat(),
        "handled_at": (BEGIN - timedelta(minutes=20)).isoformat(),
        "customer": {"customer_id": f"C-PHONE-{number}", "name": f"客户{number}", "phone": rater.number},
    }  # fmt: skip


async def _send(stack: Stack) -> None:
    owner = await asyncpg.connect(stack.settings.database_url)
    try:
        token = await issue_token(owner, Role.CRM, WEST, None, label="demo")
    finally:
        await owner.close()
    login = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=stack.addresses.web, headers=login, timeout=60) as client:
        works = [_completion(number, rater) for number, rater in enumerate(RATERS, 1)]
        (await client.post(crm.DOOR, json=works)).raise_for_status()


async def _call_all(stack: Stack) -> None:
    """The business clock moves to the next due time only while nobody is called."""
    stepper, survey = Stepper(stack.hosted.hosts), stack.hosted.runtimes["survey"]
    limit = BEGIN + DAYS
    while await _ended(survey) < len(RATERS) and await stepper.now() < limit:
        await stepper.idle()
        async with asyncio.timeout(CALL_SECONDS):
            while await _busy(survey):  # noqa: ASYNC110 - the exchange goes at its own speed
                await asyncio.sleep(0.2)
        if await _ended(survey) < len(RATERS):
            await stepper.step(until=limit)
    await stepper.idle()


async def _busy(survey: Runtime) -> bool:
    """Somebody rings, talks, or is to be rung now."""
    now = await survey.now()
    async with survey.reading() as connection:
        return bool(await rating_calls.open_at(connection, APP) or await rating_calls.waiting(connection, now, 1))


async def _ended(survey: Runtime) -> int:
    async with survey.reading() as connection:
        return int(await connection.fetchval("SELECT count(*) FROM rating_call WHERE ended_at IS NOT NULL"))


async def _found(stack: Stack, telephone: Telephone) -> Sequence[Line]:
    """Every rater's tune as the report's chapter on music has it, in the band of what was pressed."""
    reporting = stack.hosted.runtimes["reporting"]
    report = await open_report(reporting, period_of(PERIOD, ZoneInfo(reporting.settings.operator_zone)))
    of_band = {tune.id: tune.band for tune in catalogue()}
    lines = []
    for rater in RATERS:
        rows = [row for row in report.content.music.tunes if of_band[row.tune] == rater.tunes and row.plays == 1]
        seconds = sum(call.heard.count * FRAME_SECONDS for call in telephone.calls.get(rater.number, []))
        tune = rows[0].tune if len(rows) == 1 and rows[0].band == rater.band else None
        lines.append(Line(rater, seconds, tune))
    return lines


def _show(line: Line) -> None:
    mark = "✓" if line.holds else "✗"
    say(
        f"{mark} {line.rater.number} 按 {line.rater.key}（{line.rater.score} 分），听了 {line.seconds:.0f} 秒；"
        f"报表里的乐曲：{line.tune or '没有找到'}"
    )

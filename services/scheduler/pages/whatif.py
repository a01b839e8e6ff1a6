"""What would have been, had another policy held: a span of the ledger replayed, nothing of it touched."""

import asyncio
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated

from fastapi import Query, Request, Response

from chassis.access.roles import Role
from chassis.runtime import Runtime
from chassis.web.i18n import gettext as _
from chassis.web.pages import render, runtime_of
from chassis.web.router import GuardedRouter, roles
from contracts.vocabulary import Channel, Scenario
from services.scheduler.configured import configured_rules
from services.scheduler.handlers.replaying import NothingToReplay, TooMuchToReplay, past_of
from services.scheduler.pages import words
from services.scheduler.pages.simulated import month_before, shown
from services.scheduler.simulate.comparison import SCORE_SD, Comparison, compare
from services.scheduler.simulate.levers import Contradictory, Levers, varied
from services.scheduler.simulate.regimes import Proposed

LONGEST = timedelta(days=62)
MOST = 10_000
"""More services are for the command, which has a process of its own."""
_one_at_a_time = asyncio.Semaphore(1)
_Text = Annotated[str, Query(max_length=32)]

router = GuardedRouter()


@dataclass
class Asked:
    """The form as it was filled in, and what is wrong with it by field."""

    first: str
    last: str
    scenario: str = ""
    ratio: str = ""
    deadline_hours: str = ""
    channel: str = ""
    agents: str = ""
    seed: str = "1"
    errors: dict[str, str] = field(default_factory=dict)

    def day(self, name: str, text: str) -> date:
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.errors[name] = _("{text} 不是日期，请写成 2026-10-01", text=text)
            return date.min

    def decimal(self, name: str, text: str, *, most: int) -> Decimal | None:
        """None when it was left empty."""
        if not text.strip():
            return None
        try:
            value = Decimal(text.strip())
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite() or not 0 < value <= most:
            self.errors[name] = _("请填大于 0、不超过 {most} 的数", most=most)
            return None
        return value

    def levers(self) -> Levers:
        hours, agents = self.decimal("deadline_hours", self.deadline_hours, most=720), self.percent("agents")
        return Levers(
            scenario=Scenario(self.scenario) if self.scenario in set(Scenario) else None,
            ratio=self.percent_ratio(),
            deadline_hours=None if hours is None else float(hours),
            first_channel=Channel(self.channel) if self.channel in ("phone", "email") else None,
            agents=None if agents is None else float(agents),
        )

    def percent(self, name: str) -> Decimal | None:
        value = self.decimal(name, self.agents, most=1000)
        return None if value is None else value / 100

    def percent_ratio(self) -> Decimal | None:
        value = self.decimal("ratio", self.ratio, most=100)
        return None if value is None else value / 100


@router.get("/whatif", access=roles(Role.SUPERVISOR, Role.ADMIN, Role.ANALYST))
async def whatif(
    request: Request, first: _Text = "", last: _Text = "", scenario: _Text = "", ratio: _Text = "",
    deadline_hours: _Text = "", channel: _Text = "", agents: _Text = "", seed: _Text = "1",
) -> Response:  # fmt: skip
    """Without a span the form alone; with one the comparison. One replay at a time in a process."""
    runtime = runtime_of(request)
    now, zone = await runtime.now(), configured_rules().operator_zone
    begins, ends = month_before(now, zone)
    asked = Asked(
        first or begins.isoformat(), last or ends.isoformat(), scenario, ratio, deadline_hours, channel, agents, seed
    )
    found = await _found(runtime, asked) if first and last else None
    return render(
        request, "whatif.html", now=now, asked=asked, comparison=found, status_code=422 if asked.errors else 200,
        scenario_options=[(one.value, words.scenario(one)) for one in Scenario],
        **(shown(found, zone) if found else {}),
    )  # fmt: skip


async def _found(runtime: Runtime, asked: Asked) -> Comparison | None:
    first, last = asked.day("first", asked.first), asked.day("last", asked.last)
    levers = asked.levers()
    seed = asked.decimal("seed", asked.seed, most=2**31)
    if not asked.errors and not first <= last <= first + LONGEST:
        asked.errors["last"] = _("最后一天不早于第一天，最多 {n} 天", n=LONGEST.days)
    if asked.errors:
        return None
    async with _one_at_a_time:
        try:
            past = await past_of(runtime, first, last, most=MOST)
            proposed = Proposed(varied(past.rules, levers), past.as_it_was.named)
        except NothingToReplay:
            asked.errors["first"] = _("这段时间没有完成的服务")
        except TooMuchToReplay:
            asked.errors["last"] = _("超过 {n} 次服务：请缩短时间，或用命令 aftercall simulate", n=MOST)
        except Contradictory as error:
            asked.errors[error.field] = _("方案自相矛盾：{why}", why=error.reason)
        else:
            return await asyncio.to_thread(
                compare, past.history, past.as_it_was, proposed, seed=int(seed or 1), score_sd=SCORE_SD
            )
    return None

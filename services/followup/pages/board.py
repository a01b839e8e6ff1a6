"""The department's board: what is overdue, what is due today, what is mine."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import asyncpg
from fastapi import Depends, Request, Response

from chassis.access.person import Person
from chassis.access.roles import Role
from chassis.runtime import Runtime
from chassis.vault import scope_of
from chassis.web.i18n import N_
from chassis.web.i18n import gettext as _
from chassis.web.navigation import OpenWork
from chassis.web.pages import render, runtime_of, signed_in
from chassis.web.router import GuardedRouter, roles
from contracts.answers import AnswerSheet
from services.followup.chain import Link
from services.followup.due import Urgency, workdays
from services.followup.pages.shown import Shown, overall, shown
from services.followup.recovery import Share, recovered, share
from services.followup.rights import READERS, WORKERS, visible_department
from services.followup.sealing import open_text
from services.followup.store import board
from services.followup.words import DEPARTMENTS, STATES, problem_types, word

router = GuardedRouter()
Me = Annotated[Person, Depends(signed_in)]

GROUPS = (
    (Urgency.OVERDUE, N_("逾期"), "alert"),
    (Urgency.TODAY, N_("今天到期"), "clock"),
    (Urgency.SOON, N_("两个工作日内"), "clock"),
    (Urgency.LATER, N_("以后"), "clock"),
)
ACTIONS = {
    "open": N_("新建"),
    "assign": N_("分派"),
    "start": N_("开始处理"),
    "note": N_("写了进展"),
    "solve": N_("登记原因与措施"),
    "contact": N_("已联系客户"),
    "close": N_("结案"),
    "reopen": N_("重新打开"),
    "correct": N_("因更正结案"),
    "move": N_("改派部门或类型"),
    "promise": N_("有承诺"),
    "remind": N_("到期提醒"),
    "escalate": N_("升级"),
    "merge": N_("合并"),
    "split": N_("拆分"),
}
MOST = 300
_WORDS: dict[str, Any] = {"DEPARTMENTS": DEPARTMENTS, "types": problem_types, "states": STATES, "word": word}


@dataclass(frozen=True)
class Figures:
    """This month so far."""

    month: board.Month
    recovery: Share | None


@router.get("/board", access=roles(*READERS))
async def show_board(
    request: Request, person: Me, mine: bool = False, department: str | None = None, done: bool = False
) -> Response:
    runtime = runtime_of(request)
    now, days = await runtime.now(), workdays(runtime.settings)
    own = visible_department(person, department or None)
    async with runtime.reading() as connection:
        read = board.recently_closed if done else board.listed
        found = await read(connection, department=own, limit=MOST)
        facts = await _facts(connection, own, now, days.zone)
    rows = await shown(runtime, person, found, days, now)
    listed = [row for row in rows if row.mine] if mine else rows
    return render(
        request,
        "board.html",
        now=now,
        rows=rows,
        groups=_groups(listed),
        listed=listed,
        done=done,
        mine=mine,
        department=own,
        departments=DEPARTMENTS if person.role is not Role.DEPARTMENT else {},
        figures=await _figures(runtime, own, _month_start(now, days.zone)),
        may_work=person.role in WORKERS,
        may_take=person.role is Role.DEPARTMENT,
        **facts,
        **_WORDS,
    )


async def open_work(runtime: Runtime, person: Person) -> Sequence[OpenWork]:
    """Own open work on the landing page."""
    if person.role not in WORKERS:
        return ()
    now, days = await runtime.now(), workdays(runtime.settings)
    own = visible_department(person)
    async with runtime.reading() as connection:
        cases = await board.listed(connection, department=own, limit=1000)
    urgencies = [days.urgency(case.due_at, now) for case in cases]
    mine = [case for case in cases if case.owner == person.login]
    return (
        OpenWork(N_("逾期的案件"), urgencies.count(Urgency.OVERDUE), "/followup/board", urgent=True),
        OpenWork(N_("今天到期的案件"), urgencies.count(Urgency.TODAY), "/followup/board"),
        OpenWork(N_("我的案件"), len(mine), "/followup/board?mine=1"),
    )


async def _facts(
    connection: asyncpg.Connection, department: str | None, now: datetime, zone: ZoneInfo
) -> dict[str, Any]:
    """What the tiles and the list of changes show."""
    tonight = _midnight(now, zone, following=True)
    changes = await board.changes(connection, department=department, since=_midnight(now, zone))
    return {
        "promises_due": await board.promises_due(connection, department=department, until=tonight),
        "waiting": await board.awaiting_callback(connection, department=department),
        "changes": [(link.at, link.case_id, _said(link)) for link in changes],
    }


def _groups(rows: Sequence[Shown]) -> list[tuple[str, str, list[Shown]]]:
    groups = [(_(title), icon, [row for row in rows if row.due.urgency is kind]) for kind, title, icon in GROUPS]
    return [group for group in groups if group[2]]


def _said(link: Link) -> str:
    words = word(ACTIONS, link.action)
    return words if link.actor == "aftercall" else f"{words} · {link.actor_name}"


async def _figures(runtime: Runtime, department: str | None, since: datetime) -> Figures:
    async with runtime.reading() as connection:
        month = await board.month(connection, department=department, since=since)
        sealed = await board.pairs(connection, department=department, since=since)
    keys = await runtime.vault.keyring(facts={scope_of(one) for _ref, a, b in sealed for one in (a, b)})
    pairs = []
    for ref, before, after in sealed:
        scores = [_overall(open_text(keys, ref, "answers", one)) for one in (before, after)]
        if scores[0] is not None and scores[1] is not None and scores[0] <= 2:
            pairs.append((scores[0], scores[1]))
    hits = sum(recovered(before, after) for before, after in pairs)
    return Figures(month, share(hits, len(pairs)) if pairs else None)


def _overall(answers: object | None) -> int | None:
    return overall(AnswerSheet.model_validate(answers)) if answers is not None else None


def _midnight(now: datetime, zone: ZoneInfo, *, following: bool = False) -> datetime:
    day = now.astimezone(zone).date()
    return datetime.combine(day, time.max if following else time.min, zone)


def _month_start(now: datetime, zone: ZoneInfo) -> datetime:
    return datetime.combine(now.astimezone(zone).date().replace(day=1), time.min, zone)

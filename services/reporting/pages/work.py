"""What the counts of the work around the answers open: lists of calls, of steps and of cases."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import polars as pl
from fastapi import Query, Request, Response

from chassis.web.filters import tight
from chassis.web.i18n import gettext as _
from chassis.web.pages import render, runtime_of
from chassis.web.paging import pages_of
from chassis.web.router import GuardedRouter
from services.reporting import words
from services.reporting.calls import SELECTIONS, TALKED
from services.reporting.composing.efficiency import STEPS
from services.reporting.composing.music import scored
from services.reporting.composing.problems import case_parts
from services.reporting.documents import cells
from services.reporting.documents.blocks import Cell, Column, Link, Number, Table
from services.reporting.documents.units import Unit
from services.reporting.doors import READERS, PageQuery, ReportKey, Word, one_of
from services.reporting.figures import BANDS
from services.reporting.months import LIMITS
from services.reporting.pages.charts import TOOLS
from services.reporting.pages.opening import asked_period
from services.reporting.reports import span_of, work_of

PAGE = 50
_HOUR, _MINUTE = 3600.0, 60e6  # seconds; microseconds

router = GuardedRouter()


@router.get("/calls", access=READERS)
async def calls(
    request: Request,
    selection: Annotated[str, Query(max_length=40)] = "by_agents",
    agent: Word = None,
    tune: Word = None,
    band: Word = None,
    period: ReportKey = None,
    page: PageQuery = 1,
) -> Response:
    runtime = runtime_of(request)
    asked, _others = await asked_period(request, period)
    chosen = one_of("selection", selection, SELECTIONS)
    found = (await work_of(runtime, asked)).calls.filter(SELECTIONS[chosen])
    if agent:
        found = found.filter(pl.col("agent") == agent)
    if tune:
        found = found.filter(pl.col("tune") == tune)
    if band:
        found = scored(await span_of(runtime, asked), found).filter(BANDS[one_of("band", band, BANDS)])
    told = {"selection": chosen, "agent": agent, "tune": tune, "band": band}
    said = [_(words.CALLS[chosen]), agent, tune, _(words.BANDS[band]) if band else None]
    rows = found.sort("ended_at", "attempt_id", descending=[True, False]).with_columns(minutes=TALKED / _MINUTE)
    return await _listed(request, "calls", asked.key, told, said, _calls(rows, page), found.height, page)


@router.get("/steps", access=READERS)
async def steps(
    request: Request,
    step: Annotated[str, Query(max_length=40)] = STEPS[0],
    within: bool = False,
    period: ReportKey = None,
    page: PageQuery = 1,
) -> Response:
    """`within`: only those that kept the limit. The slowest first."""
    asked, _others = await asked_period(request, period)
    chosen, limit = one_of("step", step, STEPS), LIMITS.step(step, asked.first)
    found = (await work_of(runtime_of(request), asked)).steps.filter(pl.col("step") == chosen)
    if within and limit is not None:
        found = found.filter(pl.col("seconds") <= limit)
    said = [_(words.STEPS[chosen]), _("按时") if within else None]
    told = {"step": chosen, "within": "true" if within else None}
    rows = found.sort("seconds", "service_id", descending=[True, False])
    return await _listed(request, "steps", asked.key, told, said, _steps(rows, limit, page), found.height, page)


@router.get("/followups", access=READERS)
async def followups(
    request: Request,
    department: Word = None,
    part: Annotated[str, Query(max_length=40)] = "opened",
    period: ReportKey = None,
    page: PageQuery = 1,
) -> Response:
    """The cases of the period's services, the one that is due first on top."""
    asked, _others = await asked_period(request, period)
    work = await work_of(runtime_of(request), asked)
    parts = case_parts(work.now)
    found = work.cases.filter(parts[one_of("part", part, parts)])
    if department:
        found = found.filter(pl.col("department") == department)
    said = [_("案件"), words.department_word(department) if department else None, _(words.CASE_PARTS[part])]
    told = {"department": department, "part": part}
    rows = found.sort("due_at", "case_id").with_columns(overdue=parts["overdue"])
    return await _listed(request, "followups", asked.key, told, said, _cases(rows, page), found.height, page)


async def _listed(
    request: Request,
    path: str,
    period: str,
    told: dict[str, str | None],
    said: Iterable[str | None],
    table: Table,
    total: int,
    page: int,
) -> Response:
    query = {name: value for name, value in told.items() if value}
    return render(
        request,
        "work.html",
        now=await runtime_of(request).now(),
        period=period,
        address=f"/reporting/{path}?{urlencode({'period': period, **query})}&page=",
        said=[one for one in said if one],
        table=table,
        total=total,
        page=page,
        pages=pages_of(total, PAGE),
        tools=TOOLS,
        words=words,
    )


def _calls(found: pl.DataFrame, page: int) -> Table:
    columns = (
        Column(_("服务")), Column(_("客服")), Column(_("渠道", n=1)), Column(_("结果")), Column(_("挂机")),
        Column(_("时长（分钟）"), right=True), Column(_("记录")), Column(_("曲目")),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for row in _part(found, page):
        minutes = None if row["minutes"] is None else Number(row["minutes"], Unit.WEIGHT)
        record = _("没有完成") if row["wrapup_missing"] else _told(row["recorded_at"])
        rows.append(
            (cells.service(row["source"], row["service_id"]), row["agent"], words.word(words.CHANNELS, row["channel"]),
             words.word(words.DISPOSITIONS, row["disposition"]), _told(row["ended_at"]), minutes, record, row["tune"])
        )  # fmt: skip
    return Table("calls", "", columns, tuple(rows))


def _steps(found: pl.DataFrame, limit: float | None, page: int) -> Table:
    columns = (
        Column(_("服务")), Column(_("用时（小时）"), right=True), Column(_("约定时限（小时）"), right=True),
        Column(_("按时")),
    )  # fmt: skip
    bound = None if limit is None else Number(limit / _HOUR, Unit.WEIGHT)
    rows = tuple(
        (
            cells.service(row["source"], row["service_id"]), Number(row["seconds"] / _HOUR, Unit.WEIGHT), bound,
            None if limit is None else (_("是") if row["seconds"] <= limit else _("否")),
        )
        for row in _part(found, page)
    )  # fmt: skip
    return Table("steps", "", columns, rows)


def _cases(found: pl.DataFrame, page: int) -> Table:
    columns = (
        Column(_("案件")), Column(_("部门")), Column(_("状态")), Column(_("到期")), Column(_("服务")),
    )  # fmt: skip
    rows = tuple(
        (
            Link(row["case_id"][:12], f"/followup/cases/{quote(row['case_id'], safe='')}"),
            words.department_word(row["department"]),
            words.word(words.CASE_STATES, row["state"]) + (_("（逾期）") if row["overdue"] else ""),
            _told(row["due_at"]), cells.service(row["source"], row["service_id"]),
        )
        for row in _part(found, page)
    )  # fmt: skip
    return Table("followups", "", columns, rows)


def _part(found: pl.DataFrame, page: int) -> Iterable[dict[str, Any]]:
    return found.slice((page - 1) * PAGE, PAGE).iter_rows(named=True)


def _told(at: datetime | None) -> str | None:
    return None if at is None else tight(at)

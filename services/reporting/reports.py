"""Reports of any period, live from the read model or as they were published."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from weakref import WeakKeyDictionary

import asyncpg
import polars as pl

from chassis.runtime import Runtime
from chassis.vault import scope_of
from services.reporting.calendar import ReportPeriod
from services.reporting.composing.content import content_of
from services.reporting.composing.trends import SHOWN
from services.reporting.ledger import together
from services.reporting.model import Content, Header, PeriodKind, Report
from services.reporting.months import LIMITS, is_large, open_month
from services.reporting.sections import Measure
from services.reporting.shelf import Shelf
from services.reporting.span import Month, Span, Work, inside
from services.reporting.store import month as month_store
from services.reporting.store import reports as store
from services.reporting.store import work as work_store

KEPT = 8  # computed reports in memory
FIELD = "report"


@dataclass(frozen=True)
class _Computed:
    """What the content tells held `at` that instant. `large`: a month of it is."""

    stamp: object
    content: Content
    at: datetime
    large: bool


_shelves: WeakKeyDictionary[Runtime, Shelf[_Computed]] = WeakKeyDictionary()


async def open_report(runtime: Runtime, period: ReportPeriod, *, current: bool = False) -> Report:
    """The report from the read model, revision 0. Computed anew when something has changed.

    That of a large month may be a little older unless it must be `current`: `computed_at` tells.
    """
    now = await runtime.now()
    opened = [await open_month(runtime, month, current=current) for month in period.months]
    async with runtime.reading() as connection:
        marks = await store.stamp(connection)
    hour = _hour(now)
    stamp = (tuple(one.changes for one in opened), marks, hour)

    async def anew(_held: _Computed | None) -> tuple[object, _Computed]:
        span, work = await _read(runtime, period, [one.month for one in opened], hour)
        content = await asyncio.to_thread(content_of, span, work, LIMITS)
        return stamp, _Computed(stamp, content, now, any(is_large(one) for one in opened))

    shelf = _shelves.setdefault(runtime, Shelf(KEPT, lambda computed: computed.large))
    found = await shelf.get(period.key, stamp, anew, current=current)
    as_of = min([now if found.stamp == stamp else found.at, *[one.at for one in opened if one.behind]])
    return report_of(period, found.content, revision=0, now=as_of)


async def published(runtime: Runtime, key: str, revision: int | None = None) -> Report | None:
    """A stored revision, the newest when none is named; None: there is none."""
    async with runtime.reading() as connection:
        found = await store.published(connection, key, revision)
    if found is None:
        return None
    header, sealed = found
    keys = await runtime.vault.keyring(facts=[scope_of(sealed)])
    return Report(header=header, content=Content.model_validate(keys.open(key, FIELD, sealed)))


async def report_at(runtime: Runtime, period: ReportPeriod, revision: int | None) -> Report | None:
    """0: the figures of this moment; else a stored revision as in `published`."""
    return await open_report(runtime, period) if revision == 0 else await published(runtime, period.key, revision)


async def sealed(runtime: Runtime, period: ReportPeriod, content: Content) -> str:
    """Under the facts key of the first month, which is kept: small cells and single answers do not lie open."""
    month = period.months[0]
    keys = await runtime.vault.keyring(facts=[month])
    return keys.seal_facts(month, period.key, FIELD, content.model_dump(mode="json"))


def report_of(period: ReportPeriod, content: Content, *, revision: int, now: datetime) -> Report:
    header = Header(
        kind=period.kind,
        key=period.key,
        starts=period.starts,
        ends=period.ends,
        provisional=content.summary.provisional,
        minimum_n=content.summary.minimum_n,
        revision=revision,
        computed_at=now,
        digest=content.digest(),
    )
    return Report(header=header, content=content)


async def span_of(runtime: Runtime, period: ReportPeriod, *, current: bool = False) -> Span:
    """What the report of the period reads, for lists behind its numbers. `current`: as in `open_report`."""
    months = [(await open_month(runtime, month, current=current)).month for month in period.months]
    async with runtime.reading() as connection:
        return await _span(connection, period, months)


async def work_of(runtime: Runtime, period: ReportPeriod) -> Work:
    """What happened around the answers of the period, for lists behind its counts; overdue as in the report."""
    async with runtime.reading() as connection:
        return await _work(connection, period, _hour(await runtime.now()))


async def _read(runtime: Runtime, period: ReportPeriod, months: Sequence[Month], now: datetime) -> tuple[Span, Work]:
    async with runtime.reading() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        return await _span(connection, period, months), await _work(connection, period, now)


def _hour(now: datetime) -> datetime:
    """What is overdue is told by the hour."""
    return now.replace(minute=0, second=0, microsecond=0)


async def _span(connection: asyncpg.Connection, period: ReportPeriod, months: Sequence[Month]) -> Span:
    if period.kind is PeriodKind.MONTH:
        (month,) = months
        return Span(period, (month,), month.ledger, month.frame, month.explanations)
    bounds = (period.starts, period.ends)
    parts = [await month_store.part_ledger(connection, month.period, *bounds) for month in months]
    ends = [await month_store.explanations(connection, month.period, *bounds) for month in months]
    explanations = {end: sum(one.get(end, 0) for one in ends) for one in ends for end in one}
    frame = pl.concat([month.frame for month in months]).filter(inside(period)).sort("response_id")
    return Span(period, tuple(months), together(parts), frame, explanations)


async def _work(connection: asyncpg.Connection, period: ReportPeriod, now: datetime) -> Work:
    bounds = (period.starts, period.ends)
    measures = await work_store.measures(connection, sorted({period.key, *period.months}))
    return Work(
        cases=await work_store.cases(connection, *bounds),
        calls=await work_store.calls(connection, *bounds),
        steps=await work_store.steps(connection, *bounds),
        measures=_measures(measures, now),
        now=now,
        earlier=await store.earlier_points(connection, period.kind, period.key, SHOWN - 1),
        baseline=await store.first_duration(connection, period.key) if period.kind is PeriodKind.MONTH else None,
    )


def _measures(rows: Iterable[dict[str, object]], now: datetime) -> list[Measure]:
    day = now.date()
    found = [Measure.model_validate({**row, "overdue": False}) for row in rows]
    return [one.model_copy(update={"overdue": one.state in ("open", "working") and one.due_on < day}) for one in found]

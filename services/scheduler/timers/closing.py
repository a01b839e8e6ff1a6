"""Timers of ends: callbacks of which nothing more is heard, and sampling periods."""

from collections import Counter
from dataclasses import asdict
from datetime import datetime, timedelta

import asyncpg
import structlog

from chassis.clock import business_now
from chassis.runtime import Runtime
from chassis.transaction import Transaction
from contracts.events.scheduler import CellCount, SamplingPeriodClosed, StratumShortfall
from contracts.vocabulary import Cell
from services.scheduler import sampling
from services.scheduler.course import Course
from services.scheduler.handlers.following import follow
from services.scheduler.handlers.in_force import rules_in_force
from services.scheduler.handlers.periods import tell
from services.scheduler.sampling import LedgerEntry, ledger_digest
from services.scheduler.shortfall import shortfalls
from services.scheduler.store import callbacks, periods

BATCH = 1000
log = structlog.get_logger(__name__)


async def close_callbacks(runtime: Runtime) -> int:
    """Gives its explanation to each callback whose closing timer rang."""
    async with runtime.reading() as connection:
        due = await callbacks.due_to_close(connection, await business_now(connection), BATCH)
    if not due:
        return 0
    refs = {customer_ref for _, customer_ref in due}
    async with runtime.transaction(customers=refs, skip_locked=True) as tx:
        rules = await rules_in_force(tx)
        still = {callback_id for callback_id, _ in await callbacks.due_to_close(tx.connection, tx.now, BATCH)}
        known = await callbacks.load(tx.connection, still)
        mine = [c for c in known.values() if c.customer_ref in tx.customers and c.is_open]
        course = Course(rules, tx.now)
        await follow(tx, rules, [(callback, course.at_closing_time(callback)) for callback in mine])
    return len(mine)


async def next_callback_closing(connection: asyncpg.Connection) -> datetime | None:
    return await callbacks.next_closing(connection)


async def close_periods(runtime: Runtime) -> int:
    """Tells counts, secret and the digest of the ledger; from now on anyone can recompute the draw."""
    async with runtime.reading() as connection:
        due = await periods.due_closings(connection, await business_now(connection))
    for period in due:
        async with runtime.transaction() as tx:
            await _close_period(tx, period)
    return len(due)


async def next_period_closing(connection: asyncpg.Connection) -> datetime | None:
    return await periods.next_closing(connection)


async def _close_period(tx: Transaction, period: str) -> None:
    secret = await periods.close(tx.connection, period, tx.now)
    if secret is None:
        return
    frame = await periods.frame(tx.connection, period)
    rules = await rules_in_force(tx)
    last = sampling.month_ends(period, rules.operator_zone) - timedelta(microseconds=1)
    missed = shortfalls(frame, rules.policies_at(last))
    await tell(
        tx,
        SamplingPeriodClosed(
            period=period,
            secret=secret.hex(),
            cells=_cells(frame),
            out_of_frame=await periods.out_of_frame(tx.connection, period),
            ledger_digest=ledger_digest(frame),
            closed_at=tx.now,
            shortfalls=tuple(StratumShortfall(**asdict(short)) for short in missed),
        ),
    )
    for short in missed:
        log.warning("shortfall", period=period, **asdict(short))


def _cells(frame: list[LedgerEntry]) -> tuple[CellCount, ...]:
    accepted = Counter((e.stratum, e.rate_version, e.cell) for e in frame)
    selected = Counter((e.stratum, e.rate_version, e.cell) for e in frame if e.selected)
    return tuple(
        CellCount(
            stratum=stratum,
            rate_version=version,
            cell=Cell(cell),
            accepted=count,
            selected=selected[stratum, version, cell],
        )
        for (stratum, version, cell), count in sorted(accepted.items())
    )

"""The gauges of one service, measured every few seconds.

What lies in the database every process of a service tells alike: over processes take the maximum, never the sum.
"""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import asyncpg
import structlog

from chassis import metrics, relay
from chassis.bus import Subscriber
from chassis.clock import business_now
from chassis.consumer import Consumer
from chassis.metrics import Board, Figures
from chassis.progress import Progress
from chassis.runtime import Runtime

EVERY_SECONDS = 10.0
PATIENCE_SECONDS = 10.0
STALE_SECONDS = 60.0

_SET_ASIDE = """
SELECT 'dead' AS what, topic, count(*) AS n FROM dead_letter WHERE state = 'dead' GROUP BY topic
UNION ALL SELECT 'parked', topic, count(*) FROM parked GROUP BY topic
UNION ALL SELECT 'outbox dead', '', count(*) FROM outbox_dead
UNION ALL SELECT 'outbox waiting', '', count(*) FROM outbox_waiting
"""

log = structlog.get_logger(__name__)


class Measuring:
    """Keeps the gauges fresh for whoever scrapes them, and knows whether records get on."""

    def __init__(self, runtime: Runtime, consumer: Consumer, subscriber: Subscriber) -> None:
        self._runtime = runtime
        self._consumer = consumer
        self._subscriber = subscriber
        self._boards = {place: Board() for place in ("process", "database", "broker")}
        self._told = {place: time.monotonic() for place in ("database", "broker")}
        self._progress = Progress()

    async def run(self) -> None:
        while True:
            await self._process()
            for place, measure in (("database", self.database), ("broker", self.broker)):
                try:
                    await measure()
                except Exception as error:
                    log.warning("figures are stale", service=self._runtime.name, of=place, error=type(error).__name__)
            await asyncio.sleep(EVERY_SECONDS)

    def clear(self) -> None:
        for board in self._boards.values():
            board.clear()

    def stuck(self) -> list[str]:
        """Reasons why receiving makes no progress, from what was measured last."""
        now = time.monotonic()
        silent, waiting = now - self._told["broker"], self._progress.stuck_for(now)
        found = [f"the broker has not answered for {silent:.0f} s"] if silent > STALE_SECONDS else []
        if waiting > STALE_SECONDS:
            found.append(f"records wait, and none was settled for {waiting:.0f} s")
        return found

    async def database(self) -> Mapping[str, Any]:
        """What waits or lies aside in the database, and the service's own figures. Returns what `/ops` shows."""
        name = self._runtime.name
        async with asyncio.timeout(PATIENCE_SECONDS), self._runtime.reading() as connection:
            rows, age = await relay.pending(connection)
            aside = await connection.fetch(_SET_ASIDE)
            overdue = await self._overdue(connection)
            own = await self._own(connection)
        counts: dict[str, dict[tuple[str, ...], float]] = {}
        for row in aside:
            labels = (name, row["topic"]) if row["topic"] else (name,)
            counts.setdefault(row["what"], {})[labels] = row["n"]
        dead, parked = counts.get("dead", {}), counts.get("parked", {})
        self._show(
            "database",
            {
                metrics.OUTBOX_AGE: {(name,): age},
                metrics.OUTBOX_ROWS: {(name,): rows},
                metrics.OUTBOX_DEAD: counts["outbox dead"],
                metrics.OUTBOX_WAITING: counts["outbox waiting"],
                metrics.DEAD_LETTERS: dead,
                metrics.PARKED: parked,
                metrics.OVERDUE: overdue,
                **own,
            },
        )
        return {"outbox": rows, "outbox_age": age, "dead_letters": _sum(dead), "parked": _sum(parked)}

    async def broker(self) -> Mapping[str, Any]:
        """What waits at the broker for this process."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            by_topic = await self._subscriber.lag_by_topic()
        lag = sum(by_topic.values())
        self._progress.note(lag=lag, settled=self._consumer.settled, now=time.monotonic())
        name = self._runtime.name
        self._show("broker", {metrics.LAG: {(name, topic): float(n) for topic, n in by_topic.items()}})
        return {"lag": lag}

    async def _process(self) -> None:
        name = self._runtime.name
        in_use = self._runtime.pool_figures()
        ready = not await self._runtime.ready()
        halted = self._subscriber.halted is not None
        own: Figures = {metrics.READY: {(name,): float(ready)}, metrics.HALTED: {(name,): float(halted)}}
        self._boards["process"].show({**in_use, **own})

    async def _overdue(self, connection: asyncpg.Connection) -> dict[tuple[str, ...], float]:
        now = await business_now(connection)
        found: dict[tuple[str, ...], float] = {}
        for loop in self._runtime.service.loops:
            if loop.next_due is not None:
                due = await loop.next_due(connection)
                found[self._runtime.name, loop.name] = max(0.0, (now - due).total_seconds()) if due else 0.0
        return found

    async def _own(self, connection: asyncpg.Connection) -> Figures:
        figures = self._runtime.service.figures
        return {} if figures is None else await figures(connection, await business_now(connection))

    def _show(self, place: str, figures: Figures) -> None:
        self._boards[place].show({**figures, metrics.MEASURED: {(self._runtime.name, place): time.time()}})
        self._told[place] = time.monotonic()


def _sum(counts: Mapping[tuple[str, ...], float]) -> int:
    return int(sum(counts.values()))

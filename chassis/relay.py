"""From the outbox to Kafka: everything committed is sent, in the order of transactions, at least once.

One owner per service holds an advisory lock. It reads rows older than every running transaction, sends all, waits for
all acknowledgements, then moves the cursor by compare-and-set. A crash in between sends again, with the same ids.
"""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import asyncpg
import structlog
from aiokafka.errors import KafkaError

from chassis import metrics
from chassis.errors import is_transient
from chassis.kafka_topics import MAXIMUM_RECORD_BYTES
from chassis.locks import lock_key
from chassis.outbox import unpack
from chassis.parcels import Outgoing
from chassis.producing import TOO_LARGE, RenewableProducer
from chassis.runtime import Runtime

BATCH = 2000
POLL_SECONDS = 0.1
SOON_SECONDS = 0.002
SOON_AT_MOST_SECONDS = 0.016
OWNER_POLL_SECONDS = 2.0
SIGN_OF_LIFE_SECONDS = 4.0
FROZEN = "15s"
"""An owner that gives no sign of life for so long loses its session, and with it the outbox: its process hangs."""
# No move of the cursor waits for the disk: after a crash of the server that forgot it, rows are sent again.
_OWN = f"SET idle_session_timeout = '{FROZEN}'; SET synchronous_commit = off"
_DISOWN = "RESET idle_session_timeout; RESET synchronous_commit"

# A sequence alone would skip rows of transactions that commit late: only rows below every running transaction are read.
# Ordered by the column, a number; `xid` alone would be the text that is given out, where 1000 comes before 999.
_NEXT = """
SELECT xid::text AS xid, position, event_id, topic, key, headers, payload,
    key IN (SELECT key FROM outbox_dead) AS is_held_back
FROM outbox WHERE (xid, position) > ($1::text::xid8, $2) AND xid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY outbox.xid, position LIMIT $3
"""
# The last row alone tells it, from the end of the index.
_SOME_WAIT = """
SELECT (xid, position) > ($1::text::xid8, $2) FROM outbox ORDER BY outbox.xid DESC, position DESC LIMIT 1
"""
_CURSOR = "SELECT xid::text AS xid, position FROM outbox_cursor"
_MOVE = """
UPDATE outbox_cursor SET xid = $3::text::xid8, position = $4, owner = $5, moved_at = clock_timestamp()
WHERE xid = $1::text::xid8 AND position = $2
"""
_BURY = """
INSERT INTO outbox_dead (event_id, topic, key, headers, payload, reason) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING
"""
_WAIT = """
INSERT INTO outbox_waiting (xid, position, event_id, topic, key, headers, payload)
VALUES ($1::text::xid8, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
"""
_PENDING = """
SELECT extract(epoch FROM clock_timestamp() - min(o.written_at))::float8 AS age, count(*) AS rows
FROM outbox AS o, outbox_cursor AS c WHERE (o.xid, o.position) > (c.xid, c.position)
"""

log = structlog.get_logger(__name__)
T = TypeVar("T")


class CursorMoved(Exception):
    """Another owner moved the cursor: this one has lost its lock without noticing."""


@dataclass(frozen=True)
class Place:
    xid: str
    position: int


class Relay:
    """`written`: the end that each (topic, partition) has reached by this relay's hand.

    `drained`: the number of `tellings` of the runtime after which a pass found nothing more to send.
    """

    def __init__(self, runtime: Runtime, producer: RenewableProducer, *, owner: str) -> None:
        self._runtime = runtime
        self._producer = producer
        self._owner = owner
        self.written: dict[tuple[str, int], int] = {}
        self.drained = -1
        self._lull = POLL_SECONDS

    async def run(self) -> None:
        """Relays until cancelled; asks again and again for its turn while another process owns the outbox."""
        wait = 0.1
        while True:
            try:
                async with self._runtime.reading() as connection:
                    await self._own(connection)
                wait = 0.1
            except CursorMoved:
                log.warning("relay lost its outbox", service=self._runtime.name)
            except Exception as error:
                # Whatever it was, the rows are still there: the relay must outlive it, and readiness tells their age.
                log.warning("relay waits", service=self._runtime.name, error=type(error).__name__)
                if not is_transient(error):
                    log.exception("relay failed", service=self._runtime.name)
                    wait = 5.0
                if isinstance(error, KafkaError):
                    await self._renew()
            await asyncio.sleep(wait)
            wait = min(wait * 2, 5.0)

    async def _renew(self) -> None:
        try:
            await self._producer.renew()
        except (KafkaError, OSError) as error:
            log.warning("no producer yet", service=self._runtime.name, error=type(error).__name__)

    async def _own(self, connection: asyncpg.Connection) -> None:
        lock = lock_key(self._runtime.name, "relay", "outbox")
        if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", lock):
            await asyncio.sleep(OWNER_POLL_SECONDS)
            return
        try:
            await connection.execute(_OWN)
            row = await connection.fetchrow(_CURSOR)
            cursor = Place(row["xid"], row["position"])
            while True:
                cursor = await self._pass(connection, cursor)
        finally:
            await self._give_back(connection, lock)

    @staticmethod
    async def _give_back(connection: asyncpg.Connection, lock: int) -> None:
        """The lock goes with its connection when it cannot be given back alone."""
        if connection.is_closed():
            return
        try:
            await connection.execute(_DISOWN)
            await connection.execute("SELECT pg_advisory_unlock($1)", lock)
        except BaseException:
            connection.terminate()
            raise

    async def _pass(self, connection: asyncpg.Connection, cursor: Place) -> Place:
        self._runtime.committed.clear()
        tellings = self._runtime.tellings
        rows = await connection.fetch(_NEXT, cursor.xid, cursor.position, BATCH)
        if not rows:
            self.drained = tellings
            await self._sleep(some_wait=bool(await connection.fetchval(_SOME_WAIT, cursor.xid, cursor.position)))
            return cursor
        begun = time.monotonic()
        sent = await self._alive(connection, self._send(rows))
        after = Place(rows[-1]["xid"], rows[-1]["position"])
        await self._settle(connection, rows, sent, cursor, after)
        metrics.RELAY_PASSES.labels(self._runtime.name).observe(time.monotonic() - begun)
        return after

    async def _sleep(self, *, some_wait: bool) -> None:
        """Until something was committed here, or somebody else's commit may be there. `some_wait`: committed rows lie
        above a transaction that is running elsewhere; nobody tells of its end."""
        soon = min(self._lull * 2, SOON_AT_MOST_SECONDS) if self._lull < POLL_SECONDS else SOON_SECONDS
        self._lull = soon if some_wait else POLL_SECONDS
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._lull):
                await self._runtime.committed.wait()

    @staticmethod
    async def _alive(connection: asyncpg.Connection, work: Coroutine[Any, Any, T]) -> T:
        """The result of `work`, with a sign of life to the database now and then while the broker lets wait."""
        task = asyncio.create_task(work)
        try:
            while not (await asyncio.wait([task], timeout=SIGN_OF_LIFE_SECONDS))[0]:
                await connection.execute("SELECT 1")
            return task.result()
        finally:
            task.cancel()

    async def _send(self, rows: Sequence[asyncpg.Record]) -> dict[int, str | None]:
        """Outcome by position: None for acknowledged, else why not. Keys of refused rows hold back their later rows."""
        outcome: dict[int, str | None] = {}
        held = {row["key"] for row in rows if row["is_held_back"]}
        able: list[asyncpg.Record] = []
        for row in rows:
            if row["key"] in held:
                outcome[row["position"]] = "waits behind a refused row"
            elif len(row["payload"]) > MAXIMUM_RECORD_BYTES:
                held.add(row["key"])
                outcome[row["position"]] = "refused: larger than any topic takes"
            else:
                able.append(row)
        records = [Outgoing(r["topic"], r["key"].encode(), r["payload"], unpack(r["headers"])) for r in able]
        for row, result in zip(able, await self._producer.send_all(records), strict=True):
            if isinstance(result, TOO_LARGE):
                outcome[row["position"]] = f"refused: {type(result).__name__}"
            elif isinstance(result, asyncio.CancelledError):
                raise ConnectionResetError("the producer gave up a record") from result
            elif isinstance(result, BaseException):
                raise result
            else:
                outcome[row["position"]] = None
                place = (result.topic, result.partition)
                self.written[place] = max(self.written.get(place, 0), result.offset + 1)
        return outcome

    async def _settle(
        self,
        connection: asyncpg.Connection,
        rows: Sequence[asyncpg.Record],
        outcome: dict[int, str | None],
        before: Place,
        after: Place,
    ) -> None:
        bad = [row for row in rows if outcome[row["position"]] is not None]
        if bad:
            async with connection.transaction():
                for row in bad:
                    await self._keep(connection, row, outcome[row["position"]] or "")
                await self._move(connection, before, after)
        else:
            await self._move(connection, before, after)
        for topic, count in Counter(row["topic"] for row in rows if outcome[row["position"]] is None).items():
            metrics.RELAYED.labels(self._runtime.name, topic).inc(count)

    async def _move(self, connection: asyncpg.Connection, before: Place, after: Place) -> None:
        moved = await connection.execute(_MOVE, before.xid, before.position, after.xid, after.position, self._owner)
        if moved != "UPDATE 1":
            raise CursorMoved

    async def _keep(self, connection: asyncpg.Connection, row: asyncpg.Record, reason: str) -> None:
        record = (row["event_id"], row["topic"], row["key"], row["headers"], row["payload"])
        if reason.startswith("refused"):
            metrics.REFUSED.labels(self._runtime.name, row["topic"]).inc()
            log.error("broker refused a row", service=self._runtime.name, topic=row["topic"], reason=reason)
            await connection.execute(_BURY, *record, reason)
        else:
            await connection.execute(_WAIT, row["xid"], row["position"], *record)


async def pending(connection: asyncpg.Connection) -> tuple[int, float]:
    """Rows not yet relayed and the age of the oldest in seconds (0 when there is none)."""
    row = await connection.fetchrow(_PENDING)
    return int(row["rows"]), float(row["age"] or 0.0)

"""The same work on `pgqueuer`, a job queue on PostgreSQL: deferred jobs, each with one row and one outbox row."""

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from typing import Any

import asyncpg

from launcher.bench.servers import Bed

ENTRYPOINT = "callback"
BATCH = 1000
ENQUEUED_AT_ONCE = 10_000
POOL = 10
PATIENCE = 900.0
_TABLES = """
CREATE TABLE IF NOT EXISTS public.rival_callback (id bigint PRIMARY KEY, released_at timestamptz);
CREATE TABLE IF NOT EXISTS public.rival_outbox (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, payload bytea NOT NULL
)
"""
PAYLOAD = b"x" * 1500
"""As long as a `callback-due`."""


@dataclass(frozen=True)
class Rival:
    pending: int
    count: int
    seconds: float

    @property
    def rate(self) -> float:
        return self.count / self.seconds


def installed() -> bool:
    """It is for developers: the product does not need it."""
    return find_spec("pgqueuer") is not None


class Queue:
    """One installation; filled up from round to round."""

    def __init__(self, bed: Bed) -> None:
        self._bed = bed
        self._filled = 0
        self._pending = 0

    async def released(self, pending: int, count: int) -> Rival:
        """`count` jobs are due now, of `pending`; each updates its row and writes an outbox row in one transaction."""
        from pgqueuer import PgQueuer

        pool = await asyncpg.create_pool(self._bed.settings.database_url, min_size=POOL, max_size=POOL)
        try:
            queue = PgQueuer.from_asyncpg_pool(pool)
            await self._fill(queue, pool, pending, count)
            seen, finished = 0, asyncio.Event()

            @queue.entrypoint(ENTRYPOINT)
            async def release(job: Any) -> None:
                nonlocal seen
                number = int(job.payload)
                async with pool.acquire() as connection, connection.transaction():
                    await connection.execute(
                        "UPDATE public.rival_callback SET released_at = now() WHERE id = $1", number
                    )
                    await connection.execute("INSERT INTO public.rival_outbox (payload) VALUES ($1)", PAYLOAD)
                seen += 1
                if seen == count:
                    finished.set()

            begun = time.monotonic()
            worker = asyncio.create_task(queue.run(batch_size=BATCH, dequeue_timeout=timedelta(seconds=1)))
            async with asyncio.timeout(PATIENCE):
                await finished.wait()
            seconds = time.monotonic() - begun
            queue.shutdown.set()
            await worker
        finally:
            await pool.close()
        self._pending -= count
        return Rival(pending, count, seconds)

    async def _fill(self, queue: Any, pool: asyncpg.Pool, pending: int, count: int) -> None:
        queries = queue.qm.queries
        if not self._filled:
            await queries.install()
            await pool.execute(_TABLES)
        wanted = max(pending - self._pending, count)
        begins, self._filled = self._filled, self._filled + wanted
        await pool.execute(
            "INSERT INTO public.rival_callback SELECT n FROM generate_series($1::bigint, $2::bigint) AS n",
            begins, self._filled - 1,
        )  # fmt: skip
        for first in range(0, wanted, ENQUEUED_AT_ONCE):
            numbers = range(first, min(first + ENQUEUED_AT_ONCE, wanted))
            await queries.enqueue(
                [ENTRYPOINT] * len(numbers), [str(begins + n).encode() for n in numbers], [0] * len(numbers),
                [timedelta(0) if n < count else timedelta(days=1 + n % 7) for n in numbers],
            )  # fmt: skip
        self._pending += wanted
        await pool.execute("VACUUM ANALYZE")

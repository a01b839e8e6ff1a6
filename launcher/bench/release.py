"""Claim and release of due callbacks beside few pending ones and beside many: rules, rows, outbox, committed."""

import asyncio
import time
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median, quantiles

import asyncpg

from chassis.clock import business_now, set_mode
from chassis.loops import LoopRunner
from chassis.runtime import Loop, Runtime, open_runtime
from launcher.bench.hops import publish
from launcher.bench.servers import NOW, Bed
from launcher.bench.stage import BenchError, Stages
from launcher.bench.usage import Usage, mark, processor_seconds, since

STEP = 100_000
HEAD_START = timedelta(seconds=2)
"""From the start of the clock until the first callback falls due."""
SETTLED_WITHIN = 60.0
QUIET_SECONDS = 3
IDLE_SHARE = 0.03
"""Of a processor: a server that uses less has nothing left to write."""

# What makes a copy of a completion, its callback, part and permit another one, by column. $1 tells the rounds apart.
_OTHER: Mapping[str, Mapping[str, str]] = {
    "completion": {
        "completion_ref": "$1 || n", "service_id": "$1 || n", "customer_ref": "$1 || n",
        "phone_index": "md5($1 || n)", "email_index": "NULL",
    },
    "callback": {"callback_id": "$1 || n", "completion_ref": "$1 || n", "customer_ref": "$1 || n"},
    "part": {"callback_id": "$1 || n", "part_id": "$1 || n"},
    "permit": {
        "callback_id": "$1 || n", "customer_ref": "$1 || n", "due_at": "due", "urgency": "due",
        "notice_from": "due", "notice_about": "$1 || n",
        "subjects": "ARRAY['phone:' || md5($1 || n), 'customer:' || $1 || n]",
        # what its release will tell names the copy
        "notice": """jsonb_set(one.notice::jsonb || jsonb_build_object('callback_id', $1 || n, 'customer_ref', $1 || n,
            'completion_ref', $1 || n, 'service_id', $1 || n, 'phone_index', md5($1 || n)),
            '{parts,0,part_id}', to_jsonb($1 || n))::text""",
    },
}  # fmt: skip
# The first $4 fall due from $5 on, $6 apart; the others in the week after.
_COPY = """INSERT INTO scheduler.{table} ({columns})
    SELECT {values} FROM public.bench_{table} AS one, generate_series($2::int, $3::int) AS n,
        LATERAL (SELECT CASE WHEN n <= $4::int THEN $5::timestamptz + $6::interval * n
            ELSE $5::timestamptz + interval '1 hour' + interval '1 minute' * (n % 10000) END AS due) AS time
    WHERE $1::text IS NOT NULL"""
_COLUMNS = """SELECT column_name FROM information_schema.columns
    WHERE table_schema = 'scheduler' AND table_name = $1 ORDER BY ordinal_position"""
_NO_OTHERS = """UPDATE scheduler.permit SET state = 'ended'
    WHERE state = 'pending' AND due_at < $2 AND callback_id NOT LIKE $1"""
_RELEASED = "SELECT due_at, released_at FROM scheduler.permit WHERE callback_id LIKE $1 AND released_at IS NOT NULL"
_KEY = {"completion": "completion_ref", "callback": "callback_id", "part": "callback_id", "permit": "callback_id"}


@dataclass(frozen=True)
class Released:
    """`count` of `pending` callbacks were due at once; `usage` from the first pass to the last commit."""

    pending: int
    count: int
    usage: Usage

    @property
    def rate(self) -> float:
        return self.count / self.usage.seconds


@dataclass(frozen=True)
class Lateness:
    """Seconds from a callback's due time to the commit that released it, while `rate` a second fell due."""

    pending: int
    rate: int
    count: int
    median: float
    p99: float


class Releases:
    """Fills scheduler with pending callbacks, copies of one that came in the usual way, and lets them go."""

    def __init__(self, stages: Stages) -> None:
        self._stages, self._bed = stages, stages.bed
        self._round = 0

    async def prepare(self, number: int) -> None:
        """One document comes in; what scheduler made of it is the pattern of all copies."""
        await publish(self._bed, range(number, number + 1))
        await self._stages.hop("scheduler", "service-completed")
        owner = self._bed.owner
        ref, callback = await owner.fetchrow(
            """
            SELECT completion_ref, callback_id FROM scheduler.completion JOIN scheduler.callback USING (completion_ref)
            WHERE service_id = $1
            """,
            f"S-{number}",
        )
        for table, key in _KEY.items():
            one = (ref if key == "completion_ref" else callback).replace("'", "")
            await owner.execute(
                f"CREATE TABLE public.bench_{table} AS SELECT * FROM scheduler.{table} WHERE {key} = '{one}'"  # noqa: S608
            )
        await owner.execute("UPDATE scheduler.permit SET state = 'ended' WHERE callback_id = $1", callback)

    async def released(self, pending: int, count: int) -> Released:
        """`count` are due now, of `pending`."""
        await self._fill(pending, count, NOW - timedelta(seconds=1), timedelta(0))
        runtime = await self._scheduler()
        try:
            begin = await mark(self._bed)
            while await _release(runtime).step(runtime):
                pass
            usage = since(begin, await mark(self._bed))
        finally:
            await runtime.close()
        done = len(await self._let_go(count))
        return Released(pending, done, usage)

    async def lateness(self, pending: int, rate: int, seconds: float) -> Lateness:
        """The loop as the service runs it, on a clock that goes, while `rate` callbacks a second fall due."""
        count = int(rate * seconds)
        await self._fill(pending, count, NOW + HEAD_START, timedelta(seconds=1 / rate))
        # what other parts left pending would fall due meanwhile and be counted instead
        await self._bed.owner.execute(_NO_OTHERS, f"b{self._round}-%", NOW + HEAD_START + timedelta(minutes=30))
        runtime = await self._scheduler()
        watch = _Watch(self._bed, _release(runtime), count)
        try:
            await set_mode(self._bed.owner, "running", NOW)
            await watch.until(runtime, patience=seconds * 3 + 60)
        finally:
            await set_mode(self._bed.owner, "stepped", NOW)
            await runtime.close()
        rows = await self._let_go(count)
        late = [(watch.committed_after(row["released_at"]) - row["due_at"]).total_seconds() for row in rows]
        return Lateness(pending, rate, len(late), median(late), quantiles(late, n=100)[98])

    async def _let_go(self, count: int) -> list[asyncpg.Record]:
        """The released permits of this round. A pass settles permits by putting them off too: that is no release."""
        rows: list[asyncpg.Record] = await self._bed.owner.fetch(_RELEASED, f"b{self._round}-%")
        if len(rows) != count:
            raise BenchError(f"of {count} due callbacks {len(rows)} were released")
        return rows

    async def _fill(self, pending: int, count: int, begins: datetime, apart: timedelta) -> None:
        owner = self._bed.owner
        there = await owner.fetchval("SELECT count(*) FROM scheduler.permit WHERE state = 'pending'")
        self._round += 1
        wanted = max(pending - there, count)
        for first in range(1, wanted + 1, STEP):
            for table in _OTHER:
                last = min(first + STEP - 1, wanted)
                copy = await self._copying(table)
                await owner.execute(copy, f"b{self._round}-", first, last, count, begins, apart)
        for table in _OTHER:
            await owner.execute(f"VACUUM ANALYZE scheduler.{table}")
        await self._settle()

    async def _settle(self) -> None:
        """Until the server has written down what the filling left behind (checkpoint, vacuum), or a minute is over:
        nobody plans a million callbacks in the minute before they are due."""
        deadline, quiet = time.monotonic() + SETTLED_WITHIN, 0
        while quiet < QUIET_SECONDS and time.monotonic() < deadline:
            before = processor_seconds(self._bed.postgres.pid)
            await asyncio.sleep(1)
            busy = processor_seconds(self._bed.postgres.pid) - before
            quiet = quiet + 1 if busy < IDLE_SHARE else 0

    async def _copying(self, table: str) -> str:
        names = [row["column_name"] for row in await self._bed.owner.fetch(_COLUMNS, table)]
        values = [_OTHER[table].get(name, f"one.{name}") for name in names]
        return _COPY.format(table=table, columns=", ".join(names), values=", ".join(values))

    async def _scheduler(self) -> Runtime:
        return await open_runtime(self._bed.service("scheduler"), self._bed.settings)


class _Watch:
    """Runs the release loop; notes when each pass had committed. Passes come one after another: a permit is of the
    first one that committed after the instant of its release."""

    def __init__(self, bed: Bed, loop: Loop, count: int) -> None:
        self._committed: list[datetime] = []
        self._bed, self._loop = bed, loop
        self._done, self._count = 0, count
        self._all = asyncio.Event()

    async def until(self, runtime: Runtime, *, patience: float) -> None:
        running = asyncio.create_task(LoopRunner(runtime, replace(self._loop, step=self._step)).run())
        try:
            async with asyncio.timeout(patience):
                await self._all.wait()
        finally:
            running.cancel()

    async def _step(self, runtime: Runtime) -> int:
        done = await self._loop.step(runtime)
        if done:
            self._committed.append(await business_now(self._bed.owner))
            self._done += done
            if self._done >= self._count:
                self._all.set()
        return done

    def committed_after(self, released_at: datetime) -> datetime:
        return self._committed[bisect_left(self._committed, released_at)]


def _release(runtime: Runtime) -> Loop:
    return next(loop for loop in runtime.service.loops if loop.name == "release")

"""How long a customer waits for a page, beside the same form on a bare FastAPI route in the same run."""

import asyncio
import os
import re
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from chassis.runtime import open_runtime
from launcher.bench.browser import Browser
from launcher.bench.form_load import Customer, Times, customers_for, measured, prove
from launcher.bench.hops import answered, publish
from launcher.bench.servers import NOW, Bed
from launcher.bench.stage import BenchError, Stages
from launcher.bench.usage import mark, processor_seconds, since
from services.survey.links import LIFE, code_of, hash_of
from services.survey.store import links, permits

START_SECONDS = 180.0
BAR = 0.1
_PLACE = re.compile(rb"at (http://127\.0\.0\.1:\d+)")
_OPEN = """SELECT service_id, callback_id, permit_no FROM survey.permit JOIN survey.callback USING (callback_id)
    WHERE service_id = ANY ($1) ORDER BY service_id"""


@dataclass(frozen=True)
class Pages:
    """`every` request, questions `shown`, answers `taken`; `bare`: every request to the form that does nothing.

    `python_ms`, `bare_ms`: processor time of the serving process for one request; `postgres_ms`: of the server;
    `load_ms`: of the customers themselves, who take from the same cores.
    """

    rate: float
    requests: int
    every: Times
    shown: Times
    taken: Times
    bare: Times
    python_ms: float
    postgres_ms: float
    bare_ms: float
    load_ms: float


@dataclass(frozen=True)
class Served:
    base: str
    pid: int


async def pages(stages: Stages, numbers: range, rate: float, seconds: float) -> Pages:
    """One customer for each number; survey runs alone in its process, as `aftercall run` does it."""
    bed, known = stages.bed, await _with_links(stages, numbers)
    async with served(bed, "-m", "launcher", "run", "survey", "--port", "0") as web:
        customers = [Customer(code, last_four, Browser(web.base)) for code, last_four in known]
        await prove(customers)
        await customers[0].show()  # a template is compiled when it is first asked for
        begin, before = await mark(bed), processor_seconds(web.pid)
        found = await measured(customers, rate, seconds)
        python, used = processor_seconds(web.pid) - before, since(begin, await mark(bed))
    form = bed.directory / "form.html"
    form.write_text(next(customer.page for customer in customers if customer.page))
    await answered(bed, numbers)  # so that nobody is waited for any more
    await stages.work("survey")
    async with served(bed, "-m", "launcher.bench.bare", str(form)) as web:
        customers = [Customer(code, last_four, Browser(web.base)) for code, last_four in known]
        before = processor_seconds(web.pid)
        bare = await measured(customers, rate, seconds)
        alone = processor_seconds(web.pid) - before
    every = found.shown + found.taken
    return Pages(
        rate, len(every), Times.of(every), Times.of(found.shown), Times.of(found.taken),
        Times.of(bare.shown + bare.taken), python / len(every) * 1000, used.postgres / len(every) * 1000,
        alone / len(bare.shown + bare.taken) * 1000, used.python / len(every) * 1000,
    )  # fmt: skip


def needed(rate: float, seconds: float) -> int:
    """Numbers of customers that `pages` wants."""
    return customers_for(rate, seconds)


async def _with_links(stages: Stages, numbers: range) -> list[tuple[str, str]]:
    """Codes, and what the telephone numbers end with. They came in the usual way; only the message is left out."""
    await publish(stages.bed, numbers)
    await stages.hop("scheduler", "service-completed")
    await stages.work("scheduler", "release")
    for topic in ("service-accepted", "callback-due"):
        await stages.hop("survey", topic)
    rows = await stages.bed.owner.fetch(_OPEN, [f"S-{number}" for number in numbers])
    if len(rows) != len(numbers):
        raise BenchError(f"{len(rows)} of {len(numbers)} customers may be contacted")
    key = stages.bed.settings.secrets.link_key
    runtime = await open_runtime(stages.bed.service("survey"), stages.bed.settings)
    try:
        async with runtime.transaction() as tx:
            for permit in await permits.permits_of(tx.connection, [(r["callback_id"], r["permit_no"]) for r in rows]):
                code = code_of(key, permit.callback.callback_id, permit.permit_no)
                await links.prepare(tx.connection, permit, hash_of(code), NOW + LIFE)
    finally:
        await runtime.close()
    return [
        (code_of(key, row["callback_id"], row["permit_no"]), row["service_id"].removeprefix("S-").zfill(4)[-4:])
        for row in rows
    ]


@asynccontextmanager
async def served(bed: Bed, *words: str) -> AsyncIterator[Served]:
    """A process with pages; it ends with the block."""
    environment = {
        **os.environ, "AFTERCALL_KAFKA": bed.settings.kafka, "AFTERCALL_DATABASE_URL": bed.settings.database_url,
        "AFTERCALL_SECRETS_FILE": str(bed.settings.secrets_file),
    }  # fmt: skip
    log = (bed.directory / "web.log").open("ab")
    process = await asyncio.create_subprocess_exec(
        sys.executable, *words, stdin=PIPE, stdout=PIPE, stderr=log, env=environment
    )
    log.close()
    try:
        async with asyncio.timeout(START_SECONDS):
            base = await _place(process)
        yield Served(base, process.pid)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _place(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None  # noqa: S101 - asked for above
    while line := await process.stdout.readline():
        if found := _PLACE.search(line):
            return found[1].decode()
    raise BenchError("the process whose pages were to be measured did not start")


def bars(found: Pages | None) -> list[tuple[str, str, bool]]:
    if found is None:
        return []
    told = f"{found.every.p95 * 1000:.0f} ms"
    return [(f"the customer's pages at {found.rate:.0f} requests/s, p95 < 100 ms", told, found.every.p95 < BAR)]


def lines(found: Pages | None) -> list[tuple[str, str]]:
    if found is None:
        return []
    named: Sequence[tuple[str, Times]] = (
        ("question shown", found.shown),
        ("answer taken", found.taken),
        ("the same form on a bare FastAPI route", found.bare),
    )
    cost = f"{found.python_ms:.1f} ms, PostgreSQL {found.postgres_ms:.1f} ms; bare {found.bare_ms:.1f} ms"
    cost += f"; the customers themselves {found.load_ms:.1f} ms"
    return [
        *[
            (f"{name} at {found.rate:.0f} requests/s", f"p50 {t.median * 1000:.1f} ms, p95 {t.p95 * 1000:.1f} ms")
            for name, t in named
        ],
        ("processor time of one such request", cost),
    ]

"""One process of the journey: services at work, and where survey is, the customers who answer.

It ends when its standard input does.
"""

import asyncio
import contextlib
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack

import uvloop

from chassis.host import Host
from chassis.runtime import Runtime, open_runtime
from chassis.settings import load_settings
from launcher.bench.load import SOURCE, answers
from launcher.catalog import load_services
from launcher.collecting import loaded_for_good
from launcher.logs import log_to
from services.survey import batch

MOST = 1000
LULL = 0.05

# Through the open permits, not through all that the source ever told: it is asked all the time.
_OPEN = """WITH open AS MATERIALIZED (SELECT callback_id FROM permit WHERE state = 'open' LIMIT $2)
    SELECT DISTINCT service_id FROM open JOIN callback USING (callback_id) WHERE source = $1"""


async def work(names: Sequence[str]) -> None:
    settings = load_settings()
    log_to(None)
    runtimes: list[Runtime] = []
    tasks: list[asyncio.Task[None]] = []
    async with AsyncExitStack() as exits:
        for service in load_services():
            if service.name not in names:
                continue
            runtime = await open_runtime(service, settings)
            exits.push_async_callback(runtime.close)
            await exits.enter_async_context(Host(runtime))
            runtimes.append(runtime)
            if service.name == "survey":
                tasks.append(asyncio.create_task(_answer(runtime)))
                exits.callback(tasks[-1].cancel)
        while any([await runtime.ready() for runtime in runtimes]):  # noqa: ASYNC110 - it is asked, not told
            await asyncio.sleep(0.2)
        exits.enter_context(loaded_for_good())
        print("ready", flush=True)
        tasks.append(asyncio.create_task(ended()))
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()


async def ended() -> None:
    """Until nobody holds the other end of standard input."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()


async def _answer(runtime: Runtime) -> None:
    """Whoever may be asked has answered: all permits that are open, as one batch."""
    while True:
        async with runtime.reading() as connection:
            rows = await connection.fetch(_OPEN, SOURCE, MOST)
        if rows:
            now = await runtime.now()
            await batch.record(runtime, [answers(row["service_id"], now) for row in rows])
        if len(rows) < MOST:
            await asyncio.sleep(LULL)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(work(sys.argv[1:]))

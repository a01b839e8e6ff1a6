"""The example service as a process that kills itself at a named point; run by the crash tests.

Arguments: a JSON object with the settings, the crash point (or "none"), how often to pass it first, and a report file
to which a line is added for each fetched batch and for the crash.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from chassis import bus, consumer, relay, transaction
from chassis.host import Host
from chassis.runtime import open_runtime
from chassis.settings import Secrets, load_settings
from tests.integration.chassis.delivery.example import EXAMPLE

POINTS: dict[str, tuple[type, str]] = {
    "after fetch": (consumer.Consumer, "handle"),
    "before commit": (transaction.Transaction, "flush"),
    "after commit, before the offset": (bus.Subscriber, "_commit"),
    "relay after send, before its cursor": (relay.Relay, "_settle"),
}
AFTERWARDS = {"before commit"}


def plant(point: str, passes: int, report: Path) -> None:
    """Kill this process when the point is passed for the `passes`-th time with something to lose."""
    owner, name = POINTS[point]
    original: Callable[..., Awaitable[Any]] = getattr(owner, name)
    left = passes

    async def deadly(self: Any, *arguments: Any, **named: Any) -> Any:
        nonlocal left
        busy = bool(self._rows) if isinstance(self, transaction.Transaction) else True
        if point in AFTERWARDS:
            result = await original(self, *arguments, **named)
        left -= busy
        if busy and left < 0:
            with report.open("a") as file:
                file.write("crash\n")
            os.kill(os.getpid(), signal.SIGKILL)
        return result if point in AFTERWARDS else await original(self, *arguments, **named)

    setattr(owner, name, deadly)


def count_fetched(report: Path) -> None:
    original = consumer.Consumer.handle

    async def counted(self: consumer.Consumer, records: Any) -> None:
        with report.open("a") as file:
            file.write(f"fetched {len(records)}\n")
        await original(self, records)

    consumer.Consumer.handle = counted  # type: ignore[method-assign]


async def main(told: dict[str, Any]) -> None:
    report = Path(told["report"])
    if told["point"] != "none":
        plant(told["point"], told["passes"], report)
    count_fetched(report)
    settings = load_settings(**told["settings"], secrets=Secrets.read(Path(told["secrets"])))
    runtime = await open_runtime(EXAMPLE, settings)
    async with Host(runtime):
        await asyncio.sleep(300)


if __name__ == "__main__":
    bus.BATCH_RECORDS = relay.BATCH = 200
    asyncio.run(main(json.loads(sys.argv[1])))

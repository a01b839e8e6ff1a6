"""A service with a defect planted in its delivery, so that the suite is seen to turn red. Run like `launcher run`."""

import asyncio
import os
import sys
from collections.abc import Sequence
from typing import Any

import asyncpg
from faststream.kafka import KafkaMessage

from chassis import bus, inbox, relay
from chassis.consumer import Halted
from chassis.records import Inbound

WINDOW_SECONDS = 2.0
"""A defect that loses something only within microseconds would need a thousand kills to be seen."""


def inbox_off() -> None:
    """Every record counts as seen for the first time."""

    async def claim(_connection: asyncpg.Connection, inbound: Sequence[Inbound]) -> set[Any]:
        return {one.event_id for one in inbound}

    inbox.claim = claim


def offsets_first() -> None:
    """Offsets are committed before the records are settled: at most once."""

    async def receive(self: Any, message: KafkaMessage) -> None:
        try:
            await self._commit(message.raw_message)
            await asyncio.sleep(WINDOW_SECONDS)
            await self._consumer.handle(message.raw_message)
        except Halted as halted:
            self._halt(str(halted))

    bus.Subscriber._receive = receive  # type: ignore[method-assign]


def cursor_first() -> None:
    """The relay forgets rows before the broker has them."""
    settle, send = relay.Relay._settle, relay.Relay._send

    async def sends(self: Any, rows: Any) -> Any:
        self._untold = rows
        return {row["position"]: None for row in rows}

    async def settles(self: Any, connection: Any, rows: Any, outcome: Any, before: Any, after: Any) -> None:
        await settle(self, connection, rows, outcome, before, after)
        await asyncio.sleep(WINDOW_SECONDS)
        await send(self, self._untold)

    relay.Relay._send = sends  # type: ignore[method-assign]
    relay.Relay._settle = settles  # type: ignore[method-assign]


DEFECTS = {"inbox-off": inbox_off, "offsets-first": offsets_first, "cursor-first": cursor_first}

if __name__ == "__main__":
    DEFECTS[os.environ["AFTERCALL_FAULTS_DEFECT"]]()
    from launcher.main import run

    sys.argv.insert(1, "run")
    run()

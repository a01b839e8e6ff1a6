"""A service's topics played through its own handlers once more, into tables that vanish with their session."""

from collections.abc import Sequence
from typing import Any

import asyncpg

from chassis.clock import business_now
from chassis.records import Inbound
from chassis.runtime import Received, Service
from chassis.settings import Settings
from chassis.transaction import Transaction
from chassis.vault import Vault
from contracts.topics import read_by

_TABLES = """
SELECT relname FROM pg_class
WHERE relnamespace = $1::text::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition AND relname <> ALL ($2)
"""
DELIVERY = (
    "outbox", "outbox_cursor", "outbox_dead", "outbox_waiting", "inbox", "attempt", "progress", "dead_letter", "parked",
    "schema_version",
)  # fmt: skip
"""Tables of the chassis in every service's schema: a replay is no delivery."""


class Shadow:
    """Empty copies of a service's tables on one connection; its handlers write to them and nowhere else.

    The connection must belong to a role that may not write to the service's own tables.
    """

    def __init__(self, service: Service, connection: asyncpg.Connection, settings: Settings) -> None:
        self._service = service
        self._connection = connection
        self._settings = settings

    async def make(self) -> None:
        """Temporary tables stand before the real ones in the search path."""
        schema = self._service.name
        for row in await self._connection.fetch(_TABLES, schema, list(DELIVERY)):
            name = row["relname"]
            await self._connection.execute(f'DROP TABLE IF EXISTS pg_temp."{name}"')
            await self._connection.execute(f'CREATE TEMP TABLE "{name}" (LIKE {schema}."{name}" INCLUDING ALL)')
        await self._connection.execute(f"SET search_path = pg_temp, {schema}")

    @property
    def topics(self) -> list[str]:
        """In the order of the data."""
        return [topic.name for topic in read_by(self._service.name) if self._service.subscription(topic.name)]

    async def play(self, topic: str, inbound: Sequence[Inbound]) -> None:
        """One batch of one topic in its order; faulty records are passed over. What handlers tell is not told."""
        subscription = self._service.subscription(topic)
        good = [one for one in inbound if one.event is not None]
        if subscription is None or not good:
            return
        vault: Any = Vault(self._connection, self._settings)
        async with self._connection.transaction():
            tx = Transaction(
                self._connection,
                service=self._service.name,
                now=await business_now(self._connection),
                customers=frozenset(one.key for one in good),
                vault=vault,
                settings=self._settings,
            )
            await subscription.handle(tx, [Received(one.event, one.event_id, one.time, one.key) for one in good])

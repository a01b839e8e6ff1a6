"""One transaction: locks first, then business rows, then the outbox, committed together or not at all."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import asyncpg
from prometheus_client import Counter

from chassis import locks, metrics, outbox
from chassis.clock import business_now
from chassis.outbox import OutboxRow
from chassis.settings import Settings
from chassis.vault import Vault
from contracts.envelope import Event


class Transaction:
    """What a handler, a timer or a page may use while it holds its locks.

    `now` is the business instant of the whole transaction; `customers` are the refs whose locks are held.
    """

    def __init__(
        self,
        connection: asyncpg.Connection,
        *,
        service: str,
        now: datetime,
        customers: frozenset[str],
        vault: Vault,
        settings: Settings,
    ) -> None:
        self.connection = connection
        self.settings = settings
        self.now = now
        self.customers = customers
        self.vault = vault
        self.tells = False
        """Whether something was written to the outbox."""
        self._service = service
        self._rows: list[OutboxRow] = []
        self._counts: list[tuple[Counter, float]] = []
        self._lateness: dict[str, list[float]] = {}

    async def hold(self, contacts: Iterable[str]) -> None:
        """Locks of contacts that were only found out under the locks of their customers; before anything is written."""
        await locks.take(self.connection, self._service, customers=(), contacts=contacts)

    def emit(self, event: Event, *, cause: UUID | None = None) -> UUID:
        """Tell an event when this transaction commits. Events of one transaction keep their order."""
        row = outbox.row_of(event, service=self._service, now=self.now, cause=cause)
        self._rows.append(row)
        return row.event_id

    async def emit_from(self, model: type[Event], query: str, *arguments: object) -> int:
        """Tell one event of this model for each row of `query`, which gives `key`, `correlation` and `payload` (the
        event as JSON text), without passing them through this process; returns how many."""
        await self.flush()
        self.tells = True
        return await outbox.write_from(self.connection, model, query, arguments, service=self._service, now=self.now)

    def emit_row(self, row: OutboxRow) -> None:
        """For records that are no events of ours (dead letters)."""
        self._rows.append(row)

    def count(self, counter: Counter, amount: float = 1) -> None:
        """Counted once this transaction has committed: what was rolled back did not happen."""
        self._counts.append((counter, amount))

    def took(self, timer: str, due: Iterable[datetime]) -> None:
        """Due things that this transaction deals with: how late each is, by the business clock, is told at its commit.

        `timer` is the name of the loop.
        """
        seconds = [max(0.0, (self.now - instant).total_seconds()) for instant in due]
        self._lateness.setdefault(timer, []).extend(seconds)

    def tell_counts(self) -> None:
        """For whoever has committed it."""
        for counter, amount in self._counts:
            counter.inc(amount)
        for timer, late in self._lateness.items():
            lateness = metrics.LATENESS.labels(self._service, timer)
            for seconds in late:
                lateness.observe(seconds)

    async def flush(self) -> None:
        rows, self._rows = self._rows, []
        self.tells = self.tells or bool(rows)
        await outbox.write(self.connection, rows)


@asynccontextmanager
async def transaction(
    pool: asyncpg.Pool,
    *,
    service: str,
    vault: Vault,
    settings: Settings,
    customers: Iterable[str] = (),
    contacts: Iterable[str] = (),
    skip_locked: bool = False,
) -> AsyncIterator[Transaction]:
    """BEGIN, locks, the caller's work, outbox, COMMIT.

    With `skip_locked` customers held by others are left out of `Transaction.customers` instead of being waited for.
    """
    refs: Sequence[str] = list(customers)
    async with pool.acquire() as connection, connection.transaction():
        if skip_locked:
            held = await locks.try_take(connection, service, refs)
            await locks.take(connection, service, customers=(), contacts=contacts)
        else:
            await locks.take(connection, service, customers=refs, contacts=contacts)
            held = frozenset(refs)
        now = await business_now(connection)
        tx = Transaction(connection, service=service, now=now, customers=held, vault=vault, settings=settings)
        yield tx
        await tx.flush()
    tx.tell_counts()

"""Lock first: the advisory locks that make the order of transactions the order per customer.

A transaction takes all its locks before any statement that writes, so before it has a transaction id. Only so is the
order of transaction ids, in which the relay reads, the order of effects on one customer.
"""

import hashlib
from collections.abc import Iterable, Sequence

import asyncpg

_TAKE = "SELECT FROM unnest($1::bigint[]) AS k WHERE pg_advisory_xact_lock(k) IS NULL"  # no rows, but all locks
_TRY = "SELECT k FROM unnest($1::bigint[]) AS k WHERE pg_try_advisory_xact_lock(k)"

LOCKS_EACH = 3
"""A customer, and the number and address under which contact may be refused or counted."""
AT_ONCE = 10
"""So many transactions of all processes may hold the locks of whole batches at the same time."""
_ROOM = """SELECT current_setting('max_locks_per_transaction')::int
    * (current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int)"""


def lock_key(service: str, kind: str, name: str) -> int:
    """64-bit key of a lock; the service is part of it, because advisory locks are shared by the whole database."""
    digest = hashlib.blake2b(f"{service}/{kind}/{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


async def take(
    connection: asyncpg.Connection,
    service: str,
    *,
    customers: Iterable[str],
    contacts: Iterable[str],
) -> None:
    """Wait for the locks of all customers, then of all contacts, each set in ascending order (so nobody deadlocks)."""
    for kind, names in (("customer", customers), ("contact", contacts)):
        keys = sorted({lock_key(service, kind, name) for name in names})
        if keys:
            await connection.execute(_TAKE, keys)


async def try_take(connection: asyncpg.Connection, service: str, customers: Sequence[str]) -> frozenset[str]:
    """The customers whose lock was free; they are locked now."""
    by_key = {lock_key(service, "customer", name): name for name in customers}
    rows = await connection.fetch(_TRY, sorted(by_key))
    return frozenset(by_key[row["k"]] for row in rows)


async def most_at_once(connection: asyncpg.Connection) -> int:
    """So many things one transaction may lock, each with what is reached under it, beside others of all services."""
    return max(1, await room(connection) // (LOCKS_EACH * AT_ONCE))


async def room(connection: asyncpg.Connection) -> int:
    """How many locks all transactions of the server may hold together, at least."""
    count: int = await connection.fetchval(_ROOM)
    return count

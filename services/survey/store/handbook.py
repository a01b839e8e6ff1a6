"""The handbook: versions of entries, and what calls used of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from services.survey.handbook import Entry, Kind, Outcome

_COLUMNS = """entry_id, version, kind, title, body, scenarios, products, levels, valid_from, valid_until, withdrawn,
    written_by, written_at"""
_USES_OF = timedelta(days=30)


@dataclass(frozen=True)
class Use:
    callback_id: str
    entry_id: str
    version: int
    kind: Kind
    title: str
    body: str
    outcome: Outcome
    agent: str
    used_at: datetime


async def entries(connection: asyncpg.Connection, kind: Kind, now: datetime) -> list[Entry]:
    """The newest version of every entry, with how often calls used the entry lately."""
    rows = await connection.fetch(
        f"""SELECT {_COLUMNS}, coalesce(used.uses, 0) AS uses
            FROM (SELECT DISTINCT ON (entry_id) * FROM handbook WHERE kind = $1 ORDER BY entry_id, version DESC) newest
            LEFT JOIN (SELECT entry_id, count(*) AS uses FROM handbook_use WHERE used_at > $2 GROUP BY entry_id) used
              USING (entry_id)
            ORDER BY withdrawn, title""",  # noqa: S608  own columns
        kind,
        now - _USES_OF,
    )
    return [_entry(row) for row in rows]


async def versions(connection: asyncpg.Connection, entry_id: str) -> list[Entry]:
    """Newest first; none when nobody wrote such an entry."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS}, 0 AS uses FROM handbook WHERE entry_id = $1 ORDER BY version DESC",  # noqa: S608
        entry_id,
    )
    return [_entry(row) for row in rows]


async def insert(connection: asyncpg.Connection, entry: Entry) -> bool:
    """False when this version exists: somebody else wrote it meanwhile."""
    found = await connection.fetchval(
        f"""INSERT INTO handbook ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            ON CONFLICT DO NOTHING RETURNING true""",  # noqa: S608  own columns
        *[getattr(entry, name.strip()) for name in _COLUMNS.split(",")],
    )
    return found is not None


async def use(connection: asyncpg.Connection, entry: Entry, *, callback_id: str, customer_ref: str,
              outcome: Outcome, agent: str, now: datetime) -> None:  # fmt: skip
    """Once per call and entry; a later outcome replaces an earlier one."""
    await connection.execute(
        """INSERT INTO handbook_use (callback_id, entry_id, version, customer_ref, outcome, agent, used_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7)
           ON CONFLICT (callback_id, entry_id) DO UPDATE
           SET version = excluded.version, outcome = excluded.outcome, agent = excluded.agent,
               used_at = excluded.used_at""",
        callback_id,
        entry.entry_id,
        entry.version,
        customer_ref,
        outcome,
        agent,
        now,
    )


async def uses_of(connection: asyncpg.Connection, callback_ids: Sequence[str]) -> list[Use]:
    """Oldest first."""
    rows = await connection.fetch(
        """SELECT callback_id, entry_id, version, kind, title, body, outcome, agent, used_at
           FROM handbook_use JOIN handbook USING (entry_id, version)
           WHERE callback_id = ANY ($1) ORDER BY used_at, entry_id""",
        callback_ids,
    )
    return [Use(**(dict(row) | {"kind": Kind(row["kind"]), "outcome": Outcome(row["outcome"])})) for row in rows]


def _entry(row: asyncpg.Record) -> Entry:
    texts = {name: tuple(row[name]) for name in ("scenarios", "products", "levels")}
    return Entry(**(dict(row) | texts | {"kind": Kind(row["kind"])}))

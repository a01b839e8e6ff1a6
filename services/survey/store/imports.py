"""Imported tables and their rows, sealed while they wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import asyncpg

KEPT = timedelta(days=30)  # rows that nobody committed and the verdicts of those that were


class RowVerdict(StrEnum):
    """Before the commit what is to be expected, after it what became of the row."""

    READY = "ready"
    RECORDED = "recorded"
    OUTSIDE = "outside"
    """Not drawn: recorded outside the design."""
    DUPLICATE = "duplicate"
    """The service has a record: recorded and voided, or the other one is."""
    REPEATED = "repeated"
    """These very answers are recorded."""
    BUSY = "busy"
    """A call or message is on its way: it comes first, choose the row again later."""
    REFUSED = "refused"


CHOOSABLE = (RowVerdict.READY, RowVerdict.OUTSIDE, RowVerdict.DUPLICATE, RowVerdict.BUSY)


@dataclass(frozen=True)
class Import:
    import_id: str
    digest: str
    source: str
    questionnaire: str
    version: int
    file_name: str
    rows: int
    staged: bool
    uploaded_by: str
    uploaded_at: datetime


@dataclass(frozen=True)
class Uploaded:
    """A file that is to become a batch."""

    import_id: str
    digest: str
    source: str
    questionnaire: str
    version: int
    file_name: str
    rows: int
    uploaded_by: str


@dataclass(frozen=True)
class Staged:
    number: int
    service_id: str | None
    customer_ref: str | None
    verdict: RowVerdict
    fault_field: str | None = None
    fault_rule: str | None = None
    sealed: str | None = None


@dataclass(frozen=True)
class Waiting:
    """A chosen row."""

    import_id: str
    number: int
    service_id: str
    customer_ref: str
    sealed: str


@dataclass(frozen=True)
class Settled:
    import_id: str
    number: int
    verdict: RowVerdict
    fault_field: str | None = None
    fault_rule: str | None = None
    response_id: str | None = None


@dataclass(frozen=True)
class Shown:
    number: int
    service_id: str | None
    state: str
    verdict: RowVerdict
    fault_field: str | None
    fault_rule: str | None
    response_id: str | None


@dataclass(frozen=True)
class Count:
    state: str
    verdict: RowVerdict
    rows: int


_IMPORT = "import_id, digest, source, questionnaire, version, file_name, rows, staged, uploaded_by, uploaded_at"


async def insert(connection: asyncpg.Connection, new: Uploaded) -> Import:
    """The batch of this file, which may be known already."""
    row = await connection.fetchrow(
        f"""INSERT INTO import_batch (import_id, digest, source, questionnaire, version, file_name, rows, uploaded_by)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (import_id) DO UPDATE SET rows = import_batch.rows RETURNING {_IMPORT}""",  # noqa: S608
        new.import_id, new.digest, new.source, new.questionnaire, new.version, new.file_name, new.rows, new.uploaded_by,
    )  # fmt: skip
    return Import(**dict(row))


async def stage(connection: asyncpg.Connection, import_id: str, rows: Sequence[Staged]) -> None:
    """A row that is known stays as it is."""
    await connection.execute(
        """INSERT INTO import_row (import_id, number, service_id, customer_ref, verdict, fault_field, fault_rule,
               sealed)
           SELECT $1, * FROM unnest($2::integer[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
               $8::text[])
           ON CONFLICT DO NOTHING""",
        import_id,
        *[
            [getattr(row, name) for row in rows]
            for name in ("number", "service_id", "customer_ref", "verdict", "fault_field", "fault_rule", "sealed")
        ],
    )


async def finish_staging(connection: asyncpg.Connection, import_id: str) -> None:
    await connection.execute("UPDATE import_batch SET staged = true WHERE import_id = $1", import_id)


async def choose(connection: asyncpg.Connection, import_id: str, numbers: Sequence[int] | None) -> int:
    """Rows that can be recorded wait for the loop from now on; None: all of them. Returns how many."""
    rows = await connection.fetch(
        """UPDATE import_row SET state = 'chosen'
           WHERE import_id = $1 AND state = 'staged' AND verdict = ANY ($2)
             AND ($3::integer[] IS NULL OR number = ANY ($3)) RETURNING number""",
        import_id,
        list(CHOOSABLE),
        numbers,
    )
    return len(rows)


async def chosen(connection: asyncpg.Connection, limit: int) -> list[Waiting]:
    """Of one batch, in the order of its table."""
    rows = await connection.fetch(
        """SELECT import_id, number, service_id, customer_ref, sealed FROM import_row
           WHERE state = 'chosen' AND import_id = (SELECT import_id FROM import_row WHERE state = 'chosen'
                                                   ORDER BY import_id LIMIT 1)
           ORDER BY number LIMIT $1""",
        limit,
    )
    return [Waiting(**dict(row)) for row in rows]


async def still_chosen(connection: asyncpg.Connection, import_id: str, numbers: Sequence[int]) -> set[int]:
    rows = await connection.fetch(
        "SELECT number FROM import_row WHERE import_id = $1 AND number = ANY ($2) AND state = 'chosen'",
        import_id,
        numbers,
    )
    return {row["number"] for row in rows}


async def settle(connection: asyncpg.Connection, settled: Sequence[Settled]) -> None:
    """What waits for a call to end can be chosen again; of all others the answers go."""
    await connection.execute(
        """UPDATE import_row
           SET state = CASE WHEN done.verdict = 'busy' THEN 'staged' ELSE 'settled' END, verdict = done.verdict,
               fault_field = done.fault_field, fault_rule = done.fault_rule, response_id = done.response_id,
               sealed = CASE WHEN done.verdict = 'busy' THEN import_row.sealed END
           FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::text[])
             AS done (import_id, number, verdict, fault_field, fault_rule, response_id)
           WHERE (import_row.import_id, import_row.number) = (done.import_id, done.number)""",
        *[
            [getattr(row, name) for row in settled]
            for name in ("import_id", "number", "verdict", "fault_field", "fault_rule", "response_id")
        ],
    )


async def one(connection: asyncpg.Connection, import_id: str) -> Import | None:
    row = await connection.fetchrow(f"SELECT {_IMPORT} FROM import_batch WHERE import_id = $1", import_id)  # noqa: S608
    return None if row is None else Import(**dict(row))


async def newest(connection: asyncpg.Connection, limit: int) -> list[Import]:
    rows = await connection.fetch(
        f"SELECT {_IMPORT} FROM import_batch ORDER BY uploaded_at DESC LIMIT $1",  # noqa: S608  own columns
        limit,
    )
    return [Import(**dict(row)) for row in rows]


async def counts(connection: asyncpg.Connection, import_id: str) -> list[Count]:
    rows = await connection.fetch(
        """SELECT state, verdict, count(*) AS rows FROM import_row WHERE import_id = $1
           GROUP BY state, verdict ORDER BY state, verdict""",
        import_id,
    )
    return [Count(row["state"], RowVerdict(row["verdict"]), row["rows"]) for row in rows]


async def rows(
    connection: asyncpg.Connection, import_id: str, *, verdict: RowVerdict | None, limit: int, offset: int
) -> list[Shown]:
    found = await connection.fetch(
        """SELECT number, service_id, state, verdict, fault_field, fault_rule, response_id FROM import_row
           WHERE import_id = $1 AND ($2::text IS NULL OR verdict = $2) ORDER BY number LIMIT $3 OFFSET $4""",
        import_id,
        verdict,
        limit,
        offset,
    )
    return [Shown(**{**dict(row), "verdict": RowVerdict(row["verdict"])}) for row in found]


async def drop_old(connection: asyncpg.Connection, limit: int) -> int:
    """Batches that were uploaded too long ago go with their rows; by the machine's clock."""
    dropped = await connection.fetch(
        """DELETE FROM import_batch WHERE import_id IN (
               SELECT import_id FROM import_batch WHERE uploaded_at < clock_timestamp() - $1::interval
               ORDER BY uploaded_at LIMIT $2)
           RETURNING import_id""",
        KEPT,
        limit,
    )
    return len(dropped)

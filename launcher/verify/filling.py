"""What the topics say of a row of the read model, written where the row says something else."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

AT_ONCE = 500
Row = Mapping[str, Any]


@dataclass(frozen=True)
class _Made:
    """`was`: the row as it was compared, None: there was none. `says`: the row as the topics make it."""

    was: Row | None
    says: Row


class Filling:
    """Writes in short transactions, so that the projection goes on meanwhile. A row that it has changed since the
    comparison is left to it and counted in `moved`.

    The connection must belong to the role of the service.
    """

    def __init__(self, connection: asyncpg.Connection, schema: str) -> None:
        self._connection = connection
        self._schema = schema
        self._waiting: list[_Made] = []
        self.filled: Counter[str] = Counter()
        """Rows by table."""
        self.moved = 0

    async def add(self, table: str, key: Sequence[str], ignored: Sequence[str], was: Row | None, says: Row) -> None:
        self._waiting.append(_Made(was, says))
        if len(self._waiting) >= AT_ONCE:
            await self.write(table, key, ignored)

    async def write(self, table: str, key: Sequence[str], ignored: Sequence[str]) -> None:
        """Everything that was added, all of one table."""
        made, self._waiting = self._waiting, []
        if not made:
            return
        async with self._connection.transaction():
            # what depends on how records were batched begins anew
            fresh = [{**dict.fromkeys(ignored, 0), **one.says} for one in made if one.was is None]
            done = await self._insert(table, fresh)
            done += await self._update(table, key, ignored, [one for one in made if one.was is not None])
        self.filled[table] += done
        self.moved += len(made) - done

    async def show(self) -> None:
        """Pages and reports are made anew."""
        await self._connection.execute(f"UPDATE {self._schema}.month_change SET changes = changes + 1")  # noqa: S608

    async def _insert(self, table: str, rows: Sequence[Row]) -> int:
        place = f'{self._schema}."{table}"'
        done = await self._connection.execute(
            f"INSERT INTO {place} SELECT (jsonb_populate_record(NULL::{place}, told)).* "  # noqa: S608  our own names
            "FROM unnest($1::jsonb[]) AS told ON CONFLICT DO NOTHING",
            rows,
        )
        return int(done.split()[-1])

    async def _update(self, table: str, key: Sequence[str], ignored: Sequence[str], made: Sequence[_Made]) -> int:
        columns = [name for name in (made[0].says if made else ()) if name not in key]
        if not columns:
            return 0
        place = f'{self._schema}."{table}"'
        sets = ", ".join(f'"{name}" = says."{name}"' for name in columns)
        same = " AND ".join(f'held."{name}" = says."{name}"' for name in key)
        done = await self._connection.execute(
            f"UPDATE {place} AS held SET {sets} "  # noqa: S608  our own names
            "FROM unnest($1::jsonb[], $2::jsonb[]) AS told (was, row), "
            f"LATERAL jsonb_populate_record(NULL::{place}, told.row) AS says "
            f"WHERE {same} AND to_jsonb(held) - $3::text[] = told.was",
            [one.was for one in made],
            [one.says for one in made],
            list(ignored),
        )
        return int(done.split()[-1])

"""The read model equals a rebuild from the topics: table by table, row by row, over opened facts."""

import hashlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg

from chassis.records import Inbound, RawRecord, judge
from chassis.runtime import Service
from chassis.vault import UnknownSeal, Vault, scope_of
from launcher.verify.auditor import Auditor
from launcher.verify.filling import Filling
from launcher.verify.records import read
from launcher.verify.replay import Shadow
from launcher.verify.sheet import remembered_since
from launcher.verify.verdict import NAMED, Check, Defect, Kind
from launcher.verify.watermark import Watermark

PAGE = 1000
Row = Mapping[str, Any]
Key = tuple[str, ...]
Rows = AsyncIterator[tuple[Key, Row]]


@dataclass(frozen=True)
class Table:
    """`key`: the business key. `ignored`: columns that depend on how records were batched. `sealed`: column → field."""

    name: str
    key: tuple[str, ...]
    ignored: tuple[str, ...] = ()
    sealed: Mapping[str, str] = field(default_factory=dict)


READ_MODEL: tuple[Table, ...] = (
    Table("completion", ("completion_ref",), sealed={"context_sealed": "context"}),
    Table("sampling_period", ("period",)),
    Table("stratum_rate", ("period", "stratum", "rate_version")),
    Table("closed_cell", ("period", "stratum", "rate_version", "cell")),
    Table("response", ("response_id",), sealed={"answers_sealed": "answers"}),
    Table("verbatim", ("response_id",)),
    Table("voided_response", ("response_id",)),
    Table("response_tags", ("response_id",), sealed={"tags_sealed": "tags"}),
    Table("customer_tags", ("customer_ref",), sealed={"tags_sealed": "customer_tags"}),
    Table("contact_attempt", ("attempt_id",)),
    Table("callback", ("callback_id",)),
    Table("followup_case", ("case_id",)),
    Table("case_step", ("case_id", "state")),
    Table("promise", ("promise_id",)),
    Table("improvement", ("improvement_id",)),
    Table("erased_customer", ("customer_ref",)),
    Table("month_change", ("period",), ignored=("changes",)),
)
OWN = ("report", "report_seen", "report_due", "verification_request")
"""What reporting did itself: no topic explains it, a rebuild does not make it."""
_DONE = "SELECT event_id, outcome FROM {service}.inbox WHERE event_id = ANY ($1::uuid[])"


@dataclass
class Digest:
    """SHA-256 over the opened rows of one table in the order of its key: as it is, and as the topics rebuild it."""

    table: str
    rows: int = 0
    live: Any = field(default_factory=hashlib.sha256)
    rebuilt: Any = field(default_factory=hashlib.sha256)

    @property
    def equal(self) -> bool:
        return bool(self.live.digest() == self.rebuilt.digest())


async def check_read_model(auditor: Auditor, mark: Watermark, service: Service) -> Check:
    """Both sides hold what the service had handled at the auditor's view of the database, and nothing else."""
    await rebuild(auditor, mark, service)
    check = Check(f"read model {service.name}")
    comparison = _Comparison(auditor, service.name, check)
    for table in READ_MODEL:
        await comparison.run(table)
    return check


async def compare_digests(auditor: Auditor, mark: Watermark, service: Service) -> tuple[Check, list[Digest]]:
    """The same check, with a digest of each table on both sides; every sealed value is opened for it."""
    await rebuild(auditor, mark, service)
    check, digests = Check(f"read model {service.name}"), []
    comparison = _Comparison(auditor, service.name, check)
    for table in READ_MODEL:
        digests.append(Digest(table.name))
        await comparison.run(table, digests[-1])
    return check, digests


async def rebuild(auditor: Auditor, mark: Watermark, service: Service) -> None:
    """Plays every topic into the auditor's temporary tables."""
    shadow = Shadow(service, auditor.scratch, auditor.settings)
    await shadow.make()
    oldest = await remembered_since(auditor.snapshot)
    for topic in shadow.topics:
        span = mark.topics[topic]
        async for batch in read(auditor.consumer, topic, span.firsts, span.ends):
            await shadow.play(topic, await _handled(auditor.snapshot, service, batch, oldest))


async def _handled(
    view: asyncpg.Connection, service: Service, batch: Sequence[RawRecord], oldest: UUID
) -> list[Inbound]:
    inbound = [judge(record) for record in batch]
    rows = await view.fetch(_DONE.format(service=service.name), [one.event_id for one in inbound])
    outcome = {row["event_id"]: row["outcome"] for row in rows}
    return [
        one for one in inbound
        if outcome.get(one.event_id, "done" if one.event_id < oldest else "unread") == "done"
    ]  # fmt: skip


async def fill(auditor: Auditor, mark: Watermark, service: Service, filling: Filling) -> None:
    """Writes what the topics say where the read model says something else or nothing; takes no row away."""
    await rebuild(auditor, mark, service)
    comparison = _Comparison(auditor, service.name, Check(f"read model {service.name}"), filling)
    for table in READ_MODEL:
        await comparison.run(table)
        await filling.write(table.name, table.key, table.ignored)
    await filling.show()


class _Comparison:
    def __init__(self, auditor: Auditor, schema: str, check: Check, filling: Filling | None = None) -> None:
        self._auditor = auditor
        self._filling = filling
        self._schema = schema
        self._check = check
        vault: Any = auditor.scratch
        self._vault = Vault(vault, auditor.settings)

    async def run(self, table: Table, digest: Digest | None = None) -> None:
        """A merge of both sides in the order of the business key."""
        async with self._auditor.scratch.transaction():
            real = _rows(self._auditor.snapshot, table, self._schema)
            rebuilt = _rows(self._auditor.scratch, table, "pg_temp")
            async for key, mine, theirs in _merged(real, rebuilt):
                self._check.looked_at += 1
                if digest is not None:
                    await self._add(digest, table, mine, theirs)
                if not theirs:
                    self._found(Kind.wrong, table, key, "no event explains it")
                elif not mine:
                    self._found(Kind.lost, table, key, "the rebuild has it, the read model does not")
                    await self._fill(table, None, theirs[0])
                elif len(mine) > 1:
                    self._found(Kind.twice, table, key, f"is there {len(mine)} times")
                elif mine[0] != theirs[0] and (columns := await self._differing(table, mine[0], theirs[0])):
                    self._found(Kind.wrong, table, key, f"differs from the rebuild in {', '.join(columns)}")
                    await self._fill(table, mine[0], theirs[0])

    async def _add(self, digest: Digest, table: Table, mine: Sequence[Row], theirs: Sequence[Row]) -> None:
        digest.rows += len(mine)
        for sums, rows in ((digest.live, mine), (digest.rebuilt, theirs)):
            for row in rows:
                opened = await self._opened(table, row)
                sums.update(json.dumps(opened, sort_keys=True, ensure_ascii=False, default=str).encode() + b"\n")

    async def _fill(self, table: Table, was: Row | None, says: Row) -> None:
        if self._filling is not None:
            await self._filling.add(table.name, table.key, table.ignored, was, says)

    def _found(self, kind: Kind, table: Table, key: Key, sentence: str) -> None:
        known = len(self._check.defects)
        named = [Defect(kind, self._schema, table.name, "/".join(key), sentence)] if known < NAMED else []
        self._check.found(kind, 1, named)

    async def _differing(self, table: Table, mine: Row, theirs: Row) -> list[str]:
        """Columns that say different things; what is sealed is compared as it opens."""
        left, right = await self._opened(table, mine), await self._opened(table, theirs)
        return sorted(name for name in left if left[name] != right[name])

    async def _opened(self, table: Table, row: Row) -> Row:
        opened = dict(row)
        for column, facts in table.sealed.items():
            sealed = row[column]
            try:
                keys = await self._vault.keyring(facts=[scope_of(sealed)])
                value = keys.open(await self._customer(row), facts, sealed)
            except UnknownSeal:
                value = ("does not open", sealed)
            opened[column] = json.dumps(value, sort_keys=True, default=str)
        return opened

    async def _customer(self, row: Row) -> str:
        if "customer_ref" in row:
            return str(row["customer_ref"])
        statement = f"SELECT customer_ref FROM {self._schema}.completion WHERE completion_ref = $1"  # noqa: S608
        return str(await self._auditor.snapshot.fetchval(statement, row["completion_ref"]))


async def _rows(connection: asyncpg.Connection, table: Table, schema: str) -> Rows:
    keys = [f'r."{name}"::text COLLATE "C"' for name in table.key]
    statement = (
        f"SELECT ARRAY[{', '.join(keys)}] AS key, to_jsonb(r) - $1::text[] AS row "  # noqa: S608  our own names
        f'FROM {schema}."{table.name}" AS r ORDER BY {", ".join(keys)}'
    )
    async for row in connection.cursor(statement, list(table.ignored), prefetch=PAGE):
        yield tuple(row["key"]), row["row"]


async def _merged(real: Rows, rebuilt: Rows) -> AsyncIterator[tuple[Key, list[Row], list[Row]]]:
    """Both sides by key."""
    left, right = await anext(real, None), await anext(rebuilt, None)
    while left or right:
        key = min(side[0] for side in (left, right) if side)
        mine: list[Row] = []
        theirs: list[Row] = []
        while left and left[0] == key:
            mine.append(left[1])
            left = await anext(real, None)
        while right and right[0] == key:
            theirs.append(right[1])
            right = await anext(rebuilt, None)
        yield key, mine, theirs

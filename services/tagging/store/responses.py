"""Responses with their tags and items, and what is known of their services."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from chassis.rows import as_json, columns, insert, loaded, replacing
from contracts.events.scheduler import ServiceAccepted
from contracts.events.survey import ResponseVoided
from services.tagging.revisions import ItemRow


@dataclass(frozen=True)
class ResponseRow:
    response_id: str
    customer_ref: str
    completion_ref: str
    revision: int
    tagging_revision: int
    purpose: str
    round: int
    recorded_at: datetime
    answers: str
    texts: str | None
    tags: str
    lexicon_version: str
    tagged_at: datetime


@dataclass(frozen=True)
class Known:
    """What is stored of a response; revision 0: only its voiding."""

    revision: int
    tagging_revision: int
    voided: bool
    judgement: str | None = None
    """A person's, sealed."""
    lexicon_version: str | None = None
    texts: str | None = None


_ITEM = columns(ItemRow)
_PUT_ITEMS = insert(ItemRow, "item") + replacing(ItemRow, "item_id")
_PUT_RESPONSES = (
    insert(ResponseRow, "response")
    + replacing(ResponseRow, "response_id")
    + " WHERE excluded.revision > response.revision"
)


@dataclass(frozen=True)
class ResponsePage:
    response_id: str
    customer_ref: str
    service_id: str | None
    scenario: str | None
    purpose: str
    revision: int
    recorded_at: datetime
    answers: str
    texts: str | None
    tags: str
    lexicon_version: str
    voided_at: datetime | None
    completion_ref: str
    tagging_revision: int
    judged_by: str | None
    judged_at: datetime | None


_PAGE = """
    SELECT response_id, response.customer_ref, service_id, scenario, purpose, revision, recorded_at, answers, texts,
           tags, response.lexicon_version, voided_at, response.completion_ref, tagging_revision, judged_by, judged_at
    FROM response LEFT JOIN completion USING (completion_ref) LEFT JOIN judgement USING (response_id)
"""


async def known(connection: asyncpg.Connection, response_ids: Sequence[str]) -> dict[str, Known]:
    rows = await connection.fetch(
        """
        SELECT response_id, revision, tagging_revision, voided_at, ruling, response.lexicon_version, texts
        FROM response LEFT JOIN judgement USING (response_id) WHERE response_id = ANY ($1::text[])
        """,
        list(response_ids),
    )
    return {
        r["response_id"]: Known(
            r["revision"],
            r["tagging_revision"],
            r["voided_at"] is not None,
            r["ruling"],
            r["lexicon_version"],
            r["texts"],
        )
        for r in rows
    }


async def put_responses(connection: asyncpg.Connection, rows: Sequence[ResponseRow]) -> None:
    """The higher revision holds."""
    await connection.execute(_PUT_RESPONSES, as_json(rows))


async def retag(
    connection: asyncpg.Connection, response_id: str, *, tagging_revision: int, tags: str, now: datetime
) -> None:
    """The tags as a person corrected them; the response keeps its revision."""
    await connection.execute(
        "UPDATE response SET tagging_revision = $2, tags = $3, tagged_at = $4 WHERE response_id = $1",
        response_id, tagging_revision, tags, now,
    )  # fmt: skip


async def void(connection: asyncpg.Connection, events: Sequence[ResponseVoided]) -> list[str]:
    """Marks the responses, known or not; returns those that were not marked before."""
    rows = await connection.fetch(
        """
        INSERT INTO response (response_id, customer_ref, completion_ref, voided_at)
        SELECT DISTINCT ON (response_id) * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])
            AS voided (response_id, customer_ref, completion_ref, voided_at)
        ON CONFLICT (response_id) DO UPDATE SET voided_at = excluded.voided_at WHERE response.voided_at IS NULL
        RETURNING response_id
        """,
        *_columns([(e.response_id, e.customer_ref, e.completion_ref, e.voided_at) for e in events], width=4),
    )
    return [row["response_id"] for row in rows]


async def items_of(connection: asyncpg.Connection, response_ids: Sequence[str]) -> dict[str, list[ItemRow]]:
    """All items by response, withdrawn ones too."""
    rows = await connection.fetch(
        f"SELECT {_ITEM} FROM item WHERE response_id = ANY ($1::text[]) ORDER BY kind, department, item_id",  # noqa: S608
        list(response_ids),
    )
    found: dict[str, list[ItemRow]] = {}
    for row in loaded(ItemRow, rows):
        found.setdefault(row.response_id, []).append(row)
    return found


async def put_items(connection: asyncpg.Connection, items: Sequence[ItemRow]) -> None:
    await connection.execute(_PUT_ITEMS, as_json(items))


async def put_completions(connection: asyncpg.Connection, events: Sequence[ServiceAccepted]) -> None:
    await connection.execute(
        """
        INSERT INTO completion (completion_ref, customer_ref, source, service_id, scenario, completed_at, context)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::text[])
        ON CONFLICT (completion_ref) DO NOTHING
        """,
        *_columns(
            [
                (e.completion_ref, e.customer_ref, e.source, e.service_id, e.scenario, e.completed_at, e.context)
                for e in events
            ],
            width=7,
        ),
    )


async def forget_texts(connection: asyncpg.Connection, customer_refs: Sequence[str]) -> None:
    """The keys are gone; what they sealed need not stay."""
    await connection.execute("UPDATE response SET texts = NULL WHERE customer_ref = ANY ($1::text[])", customer_refs)


async def recent(connection: asyncpg.Connection, limit: int) -> list[ResponsePage]:
    """Newest first."""
    rows = await connection.fetch(
        f"{_PAGE} WHERE revision > 0 ORDER BY recorded_at DESC, response_id LIMIT $1",
        limit,
    )
    return [ResponsePage(**row) for row in rows]


async def response_page(connection: asyncpg.Connection, response_id: str) -> ResponsePage | None:
    row = await connection.fetchrow(f"{_PAGE} WHERE response_id = $1 AND revision > 0", response_id)
    return ResponsePage(**row) if row else None


def _columns(rows: Sequence[tuple[Any, ...]], *, width: int) -> list[list[Any]]:
    """Rows turned into one array per column."""
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]

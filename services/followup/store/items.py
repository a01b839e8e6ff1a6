"""Responses and the items that were found in them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import asyncpg

from chassis.rows import as_json, columns, insert, loaded, replacing
from contracts.events.survey import ResponseVoided
from contracts.vocabulary import ItemKind
from services.followup.responses import Item, Response

_ITEM = columns(Item)
_RESPONSE = columns(Response)
_PUT_ITEMS = (
    insert(Item, "item")
    + replacing(Item, "item_id")
    + " WHERE excluded.item_revision > item.item_revision RETURNING item_id"
)
_PUT_RESPONSES = (
    insert(Response, "response")
    + replacing(Response, "response_id")
    + " WHERE excluded.revision > response.revision RETURNING response_id"
)


async def put_items(connection: asyncpg.Connection, items: Sequence[Item]) -> set[str]:
    """The higher revision holds; returns the ids that are new or changed."""
    newest = {item.item_id: item for item in sorted(items, key=lambda item: item.item_revision)}
    rows = await connection.fetch(_PUT_ITEMS, as_json(newest.values()))
    return {row["item_id"] for row in rows}


async def put_responses(connection: asyncpg.Connection, responses: Sequence[Response]) -> set[str]:
    newest = {one.response_id: one for one in sorted(responses, key=lambda one: one.revision)}
    rows = await connection.fetch(_PUT_RESPONSES, as_json(newest.values()))
    return {row["response_id"] for row in rows}


async def void_responses(connection: asyncpg.Connection, events: Sequence[ResponseVoided]) -> None:
    """Marks them, known or not."""
    await connection.execute(
        """
        INSERT INTO response (response_id, customer_ref, completion_ref, voided_at)
        SELECT DISTINCT ON (response_id) response_id, customer_ref, completion_ref, voided_at
        FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])
            AS voided (response_id, customer_ref, completion_ref, voided_at)
        ON CONFLICT (response_id) DO UPDATE SET voided_at = coalesce(response.voided_at, excluded.voided_at)
        """,
        [e.response_id for e in events],
        [e.customer_ref for e in events],
        [e.completion_ref for e in events],
        [e.voided_at for e in events],
    )


async def voided(connection: asyncpg.Connection, response_ids: Iterable[str]) -> set[str]:
    if not (wanted := list(response_ids)):
        return set()
    rows = await connection.fetch(
        "SELECT response_id FROM response WHERE response_id = ANY ($1::text[]) AND voided_at IS NOT NULL", wanted
    )
    return {row["response_id"] for row in rows}


async def responses(connection: asyncpg.Connection, response_ids: Iterable[str]) -> dict[str, Response]:
    """Those whose content is known; voided ones too."""
    if not (wanted := list(response_ids)):
        return {}
    rows = await connection.fetch(
        f"SELECT {_RESPONSE} FROM response WHERE response_id = ANY ($1::text[]) AND revision > 0",  # noqa: S608
        wanted,
    )
    return {one.response_id: one for one in loaded(Response, rows)}


async def later_responses(connection: asyncpg.Connection, case_id: str, response_id: str) -> list[Response]:
    """Progress answers about the case and verification answers about its response, oldest first."""
    rows = await connection.fetch(
        f"""
        SELECT {_RESPONSE} FROM response
        WHERE revision > 0 AND voided_at IS NULL
          AND (about ->> 'case_id' = $1 OR (about ->> 'response_id' = $2 AND purpose = 'verification'))
        ORDER BY recorded_at
        """,  # noqa: S608
        case_id,
        response_id,
    )
    return loaded(Response, rows)


async def items(connection: asyncpg.Connection, item_ids: Iterable[str]) -> dict[str, Item]:
    rows = await connection.fetch(
        f"SELECT {_ITEM} FROM item WHERE item_id = ANY ($1::text[])",  # noqa: S608
        list(item_ids),
    )
    return {item.item_id: item for item in loaded(Item, rows)}


async def items_of_responses(connection: asyncpg.Connection, response_ids: Iterable[str], kind: ItemKind) -> list[Item]:
    if not (wanted := list(response_ids)):
        return []
    rows = await connection.fetch(
        f"SELECT {_ITEM} FROM item WHERE response_id = ANY ($1::text[]) AND kind = $2 ORDER BY item_id",  # noqa: S608
        wanted,
        kind,
    )
    return loaded(Item, rows)


async def library(
    connection: asyncpg.Connection,
    kinds: Sequence[ItemKind],
    *,
    department: str | None,
    before: datetime | None = None,
    limit: int = 100,
) -> list[Item]:
    """Newest first; of one department, or of all."""
    rows = await connection.fetch(
        f"""
        SELECT {_ITEM} FROM item
        WHERE kind = ANY ($1::text[]) AND state <> 'withdrawn' AND ($2::text IS NULL OR department = $2)
          AND ($3::timestamptz IS NULL OR routed_at < $3)
        ORDER BY routed_at DESC, item_id LIMIT $4
        """,  # noqa: S608
        list(kinds),
        department,
        before,
        limit,
    )
    return loaded(Item, rows)


async def forget_texts(connection: asyncpg.Connection, customer_refs: Sequence[str]) -> None:
    """The keys are gone; what they sealed need not stay."""
    await connection.execute("UPDATE response SET texts = NULL WHERE customer_ref = ANY ($1::text[])", customer_refs)

"""Open answers as they came, sealed under the customer's key, and the tags whose evidence lies in them."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from contracts.events.survey import ResponseRecorded
from services.reporting.store.columns import columns


@dataclass(frozen=True)
class Sealed:
    """The words of one response, and its tags where it has been tagged."""

    response_id: str
    customer_ref: str
    texts_sealed: str
    tags_sealed: str | None
    tagged_revision: int | None
    revision: int


async def record_texts(connection: asyncpg.Connection, events: Sequence[ResponseRecorded]) -> None:
    """The highest revision holds; one without words takes away what the last one said."""
    await connection.execute(
        """
        INSERT INTO verbatim AS known (response_id, revision, completion_ref, customer_ref, texts_sealed)
        SELECT told.response_id, told.revision, told.completion_ref, told.customer_ref, told.texts
        FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::text[])
            AS told (response_id, revision, completion_ref, customer_ref, texts)
        ON CONFLICT (response_id) DO UPDATE SET revision = excluded.revision, texts_sealed = excluded.texts_sealed
            WHERE excluded.revision > known.revision
        """,
        *columns(events, "response_id revision completion_ref customer_ref texts"),
    )


async def texts_of(connection: asyncpg.Connection, response_ids: Sequence[str]) -> list[Sealed]:
    """Of the asked responses those with words, in the order of their ids."""
    rows = await connection.fetch(
        """
        SELECT verbatim.response_id, verbatim.customer_ref, verbatim.texts_sealed, verbatim.revision,
            response_tags.tags_sealed, response_tags.revision AS tagged_revision
        FROM verbatim LEFT JOIN response_tags ON response_tags.response_id = verbatim.response_id
        WHERE verbatim.response_id = ANY ($1::text[]) AND verbatim.texts_sealed IS NOT NULL
        ORDER BY verbatim.response_id
        """,
        list(response_ids),
    )
    return [Sealed(**row) for row in rows]

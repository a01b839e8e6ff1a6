"""Callbacks of named services, and by which contact each may be answered now."""

from collections.abc import Iterable, Sequence

import asyncpg

from services.survey.gathered import Opening
from services.survey.store.rows import PERMIT_COLUMNS, PERMIT_TABLES, permit_from

ServiceKey = tuple[str, str]
"""Source and service id."""


async def customers_of(connection: asyncpg.Connection, services: Iterable[ServiceKey]) -> set[str]:
    """Customers of those services that have a callback."""
    rows = await connection.fetch(
        """SELECT customer_ref FROM callback
           JOIN unnest($1::text[], $2::text[]) AS wanted (source, service_id) USING (source, service_id)""",
        *_columns(services),
    )
    return {row["customer_ref"] for row in rows}


async def openings(connection: asyncpg.Connection, services: Iterable[ServiceKey]) -> list[Opening]:
    """Every permit of the callbacks of these services, by callback and number."""
    rows = await connection.fetch(
        f"""SELECT {PERMIT_COLUMNS}, callback_end.callback_id IS NOT NULL AS is_over,
              link.code_hash IS NOT NULL AS has_link
            FROM {PERMIT_TABLES}
            JOIN unnest($1::text[], $2::text[]) AS wanted (source, service_id) USING (source, service_id)
            LEFT JOIN callback_end USING (callback_id)
            LEFT JOIN link ON (link.callback_id, link.permit_no) = (permit.callback_id, permit.permit_no)
              AND link.state = 'live'
            ORDER BY permit.callback_id, permit.permit_no""",  # noqa: S608  own columns
        *_columns(services),
    )
    return [Opening(permit_from(row), is_over=row["is_over"], has_link=row["has_link"]) for row in rows]


async def busy(connection: asyncpg.Connection, services: Iterable[ServiceKey]) -> set[ServiceKey]:
    """Those of these services to whose customer a call or a message is on its way."""
    rows = await connection.fetch(
        """SELECT DISTINCT source, service_id FROM callback
           JOIN unnest($1::text[], $2::text[]) AS wanted (source, service_id) USING (source, service_id)
           JOIN permit USING (callback_id) WHERE permit.state IN ('dialled', 'sending')""",
        *_columns(services),
    )
    return {(row["source"], row["service_id"]) for row in rows}


def _columns(services: Iterable[ServiceKey]) -> tuple[Sequence[str], Sequence[str]]:
    wanted = sorted(set(services))
    return [source for source, _ in wanted], [service_id for _, service_id in wanted]

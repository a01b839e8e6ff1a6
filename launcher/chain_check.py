"""The histories of all cases, checked link by link as the auditor sees them."""

from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import groupby
from pathlib import Path

import asyncpg

from chassis.database import connect
from chassis.migrations.rights import AUDITOR
from chassis.rows import columns, loaded
from launcher.addresses import settings_of
from launcher.faults import StartError
from launcher.terminal import complain, say
from services.followup.chain import Changed, End, Link, first_changed

CONNECT_SECONDS = 10
BATCH = 500
"""Cases read at once: a history has a few dozen rows."""
_ENDS = "SELECT case_id, revision, state, chain_head FROM case_file ORDER BY length(case_id), case_id"


async def verify_chain(data: Path | None) -> bool:
    """Prints the first changed row of each history that does not hold; True when all do."""
    settings = settings_of(data)
    patient = {"transaction_timeout": "0", "idle_in_transaction_session_timeout": "0"}
    try:
        connection = await connect(settings, role=AUDITOR, schema="followup", seconds=CONNECT_SECONDS, **patient)
    except (OSError, TimeoutError, asyncpg.CannotConnectNowError) as error:
        raise StartError("The database does not answer: start it, then verify the chain again.") from error
    try:
        return await check(connection)
    finally:
        await connection.close()


async def check(connection: asyncpg.Connection) -> bool:
    """One view of the database from the first to the last case."""
    cases, rows, changed = 0, 0, 0
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        async for ends in _ends(connection):
            links = await _links(connection, ends)
            cases, rows = cases + len(ends), rows + len(links)
            for one in _changed(ends, links):
                changed += 1
                complain(f"{one.case_id} row {one.sequence} {one.how}")
    say(f"{cases} cases, {rows} rows, {changed} histories changed")
    return changed == 0


async def _ends(connection: asyncpg.Connection) -> AsyncIterator[list[End]]:
    cursor = await connection.cursor(_ENDS)
    while records := await cursor.fetch(BATCH):
        yield loaded(End, records)


async def _links(connection: asyncpg.Connection, ends: Sequence[End]) -> list[Link]:
    records = await connection.fetch(
        f"SELECT {columns(Link)} FROM case_history WHERE case_id = ANY ($1::text[]) ORDER BY case_id, sequence",  # noqa: S608
        [end.case_id for end in ends],
    )
    return loaded(Link, records)


def _changed(ends: Sequence[End], links: Sequence[Link]) -> Iterator[Changed]:
    histories = {case_id: list(rows) for case_id, rows in groupby(links, key=lambda link: link.case_id)}
    for end in ends:
        found = first_changed(histories.get(end.case_id, []), end)
        if found is not None:
            yield found

"""Revisions of a schema, carried out by alembic."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import asyncpg
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import RevisionStep, StampStep
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from chassis.migrations import HERE, VERSION_TABLE, Schema
from chassis.settings import SettingsError


async def upgrade(connect: Callable[[], Awaitable[asyncpg.Connection]], schemas: Sequence[Schema]) -> None:
    """Each schema in a transaction of its own. Raises `SettingsError` for one that a newer program has made."""
    engine: AsyncEngine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    try:
        for schema in schemas:
            async with engine.begin() as connection:
                await connection.run_sync(_upgrade_schema, schema)
    finally:
        await engine.dispose()


def _upgrade_schema(connection: Connection, schema: Schema) -> None:
    scripts = ScriptDirectory(HERE, version_locations=list(schema.locations))

    def to_heads(revision: Any, _context: object) -> list[StampStep | RevisionStep]:
        return list(scripts._upgrade_revs("heads", revision))  # what alembic's own upgrade command calls

    # pg_temp last: a function that keeps this path can not be led to a temporary table
    connection.exec_driver_sql(f'SET LOCAL search_path = "{schema.name}", pg_temp')
    with EnvironmentContext(Config(), scripts, fn=to_heads, destination_rev="heads") as environment:
        environment.configure(connection=connection, version_table=VERSION_TABLE, version_table_schema=schema.name)
        try:
            environment.run_migrations()
        except CommandError as error:
            raise SettingsError(
                f"Schema {schema.name} was made by another version of this program ({error}): "
                "use that version or a new database."
            ) from error

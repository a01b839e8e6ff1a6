"""Schemas, roles and rights of the database, brought to the newest revision in one call.

Whoever only declares a schema does without alembic, which is a third of the start of a process.
A revision is a plain `.sql` file beside a Python file of six lines that names it and calls `run_sql(__file__)`.
Scripts name no schema: the search path is the schema that is being migrated, so one script serves several schemas.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import asyncpg

from chassis.migrations.rights import Rights
from chassis.settings import Settings

HERE = Path(__file__).parent
DELIVERY = HERE / "delivery"
VERSION_TABLE = "schema_version"
_LOCK = 0x6166746572  # one migration at a time in a database


@dataclass(frozen=True)
class Schema:
    """A schema and the folders of its revisions, which are applied together.

    A schema of a service has a role of its own, `aftercall_<name>`. Of other schemas this role may execute the
    functions in `executes` (`"vault.text_keys"`) and those that a script grants to all services.
    A shared schema has no role.
    """

    name: str
    locations: tuple[Path, ...]
    executes: tuple[str, ...] = ()
    shared: bool = False


def service_schema(name: str, migrations: Path, executes: Sequence[str] = (), *, tables: Sequence[Path] = ()) -> Schema:
    """The schema of a service: its own tables beside those of delivery and of other shared machinery (`tables`)."""
    return Schema(name, (DELIVERY, *tables, migrations), tuple(executes))


def shared_schemas() -> tuple[Schema, ...]:
    """Every folder here but delivery is a schema that all services share."""
    folders = sorted(path for path in HERE.iterdir() if path.is_dir() and path.name not in ("delivery", "__pycache__"))
    return tuple(Schema(folder.name, (folder,), shared=True) for folder in folders)


async def migrate(settings: Settings, schemas: Sequence[Schema]) -> None:
    """Brings roles, schemas, tables and rights to what `schemas` and the shared schemas ask for.

    Runs as the owner in `database_url`. May run any number of times, also in several processes at once: they queue.
    Raises `SettingsError` when the database was made by a newer program.
    """
    from chassis.migrations.revisions import upgrade

    services = [schema for schema in schemas if not schema.shared]
    everything = [*shared_schemas(), *services]
    async with _owner(settings) as owner:
        rights = Rights(owner, settings.secrets)
        await rights.make_roles([schema.name for schema in services])
        for schema in everything:
            await rights.make_schema(schema.name, shared=schema.shared)
        await upgrade(partial(_connect, settings), everything)
        for schema in everything:
            await rights.protect_version_table(schema.name, VERSION_TABLE)
        for schema in services:
            await rights.allow_exactly(schema.name, schema.executes)


def run_sql(revision_file: str) -> None:
    """Runs the `.sql` file of the same name, any number of statements, in the transaction of the migration."""
    from alembic import op

    script = Path(revision_file).with_suffix(".sql").read_text(encoding="utf-8")
    adapted = op.get_bind().connection.dbapi_connection
    assert adapted is not None, "a migration runs on an open connection"  # noqa: S101
    adapted.run_async(lambda raw: raw.execute(script))


@asynccontextmanager
async def _owner(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    connection = await _connect(settings)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        yield connection
    finally:
        await connection.close()


async def _connect(settings: Settings) -> asyncpg.Connection:
    # a migration may take longer than any transaction of the services
    patient = {"transaction_timeout": "0", "idle_in_transaction_session_timeout": "0"}
    return await asyncpg.connect(settings.database_url, server_settings=patient)

import asyncio
from pathlib import Path

import asyncpg
import pytest

from chassis.database import open_pool
from chassis.migrations import DELIVERY, Schema, migrate
from chassis.settings import Settings, SettingsError
from chassis.testing.two_services import ALPHA, BETA, Database

REVISION = """
from chassis.migrations import run_sql
revision, down_revision, branch_labels, depends_on = "{name}", {before}, None, ("delivery_0001",)
def upgrade() -> None:
    run_sql(__file__)
"""


def a_revision(folder: Path, name: str, sql: str, *, before: str | None = None) -> Path:
    (folder / f"{name}.py").write_text(REVISION.format(name=name, before=repr(before)))
    (folder / f"{name}.sql").write_text(sql)
    return folder


async def test_again_and_at_once_changes_nothing(database: Database, owner: asyncpg.Connection) -> None:
    before = await owner.fetch(
        "SELECT oid, relname, relacl::text FROM pg_class WHERE relkind IN ('r', 'p') ORDER BY oid"
    )
    await asyncio.gather(migrate(database.settings, [ALPHA, BETA]), migrate(database.settings, [ALPHA, BETA]))
    after = await owner.fetch(
        "SELECT oid, relname, relacl::text FROM pg_class WHERE relkind IN ('r', 'p') ORDER BY oid"
    )
    assert before == after


async def test_a_service_adds_its_own_tables_and_later_revisions(two_services: Settings, tmp_path: Path) -> None:
    gamma = Schema("gamma", (DELIVERY, a_revision(tmp_path, "first", "CREATE TABLE ticket (id int); SELECT 1;")))
    await migrate(two_services, [gamma])
    later = "ALTER TABLE ticket ADD note text; REVOKE UPDATE ON ticket FROM aftercall_gamma;"
    a_revision(tmp_path, "second", later, before="first")
    for _ in range(2):
        await migrate(two_services, [gamma])
    pool = await open_pool(two_services, schema="gamma")
    try:
        await pool.execute("INSERT INTO ticket (id, note) VALUES (1, 'x')")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute("UPDATE ticket SET note = 'y'")
    finally:
        await pool.close()


async def test_a_script_that_fails_leaves_nothing(
    two_services: Settings, owner: asyncpg.Connection, tmp_path: Path
) -> None:
    broken = a_revision(tmp_path, "broken", "CREATE TABLE half (id int); SELECT no_such_function();")
    with pytest.raises(asyncpg.UndefinedFunctionError):
        await migrate(two_services, [Schema("delta", (DELIVERY, broken))])
    assert await owner.fetchval("SELECT to_regclass('delta.half')") is None
    await migrate(two_services, [Schema("delta", (DELIVERY,))])


async def test_a_database_of_a_newer_program_is_refused_with_a_sentence(
    two_services: Settings, owner: asyncpg.Connection
) -> None:
    await migrate(two_services, [Schema("delta", (DELIVERY,))])
    await owner.execute("UPDATE delta.schema_version SET version_num = 'from_the_future'")
    with pytest.raises(SettingsError, match="Schema delta was made by another version"):
        await migrate(two_services, [Schema("delta", (DELIVERY,))])
    await owner.execute("UPDATE delta.schema_version SET version_num = 'delivery_0001'")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM beta.outbox",
        "INSERT INTO beta.outbox_cursor DEFAULT VALUES",
        "SELECT beta.add_outbox_partition()",
        "SELECT * FROM vault.key",
        "SELECT * FROM vault.customer",
        "SELECT * FROM clock.mode",
        "SELECT vault.keys_of('contact', ARRAY['x'], ARRAY[''::bytea])",
        "SELECT clock.set_mode('stepped', now())",
        "UPDATE schema_version SET version_num = 'other'",
        "CREATE TABLE mine (id int)",
        "CREATE TABLE public.mine (id int)",
        "CREATE TEMP TABLE mine (id int)",
        "DROP TABLE outbox_dead",
        "SET ROLE aftercall_beta",
    ],
)
async def test_a_service_may_do_nothing_outside_its_own_rows(database: Database, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await database.alpha.execute(statement)


async def test_a_wrong_password_and_a_stranger_are_refused(database: Database) -> None:
    for role in ("aftercall_alpha", "aftercall_services"):
        with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
            await asyncpg.connect(database.settings.database_url, user=role, password="guessed")


async def test_rights_that_are_no_longer_declared_are_taken_back(database: Database) -> None:
    call = "SELECT vault.text_keys(ARRAY['x'], ARRAY['w'::bytea])"
    await database.beta.execute(call)
    await migrate(database.settings, [Schema("beta", (DELIVERY,), ("vault.facts_keys",))])
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await database.beta.execute(call)
    await migrate(database.settings, [BETA])
    await database.beta.execute(call)


async def test_the_auditor_reads_everything_and_writes_nothing(database: Database) -> None:
    auditor = await open_pool(database.settings, schema="alpha", role="aftercall_auditor")
    try:
        for table in ("alpha.outbox", "beta.inbox", "vault.customer", "clock.mode", "staff.audit"):
            await auditor.fetch(f"SELECT * FROM {table} LIMIT 1")  # noqa: S608  fixed words
        await auditor.execute("SELECT vault.facts_keys(ARRAY['1999-01'], ARRAY['w'::bytea])")
        for refused in ("SELECT vault.text_keys(ARRAY['x'], ARRAY['w'::bytea])", "DELETE FROM alpha.outbox"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await auditor.execute(refused)
    finally:
        await auditor.close()


async def test_a_jsonb_value_comes_back_as_it_went(database: Database) -> None:
    value = {"text": "热水器", "list": [1, None]}
    assert await database.alpha.fetchval("SELECT $1::jsonb", value) == value

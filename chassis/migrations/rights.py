"""Who may do what in the database: a role per service with rights on its own schema, and nothing else.

Rights on tables come as default privileges before a schema's first table, so that a script may take some away again
(an insert-only table) without the next run giving them back.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence

import asyncpg

from chassis.database import role_of
from chassis.settings import Secrets

GROUP = "aftercall_services"
AUDITOR = "aftercall_auditor"
_ITERATIONS = 4096  # PostgreSQL's own default


class Rights:
    """The statements of the owner, who may be a superuser or a plain role with CREATEROLE that owns the database."""

    def __init__(self, owner: asyncpg.Connection, secrets: Secrets) -> None:
        self._owner = owner
        self._secrets = secrets

    async def make_roles(self, services: Sequence[str]) -> None:
        """Roles exist, with today's passwords; PUBLIC may do nothing in this database."""
        await self._make_role(GROUP)
        await self._make_role(AUDITOR)
        if AUDITOR in self._secrets.database_passwords:
            await self._let_login(AUDITOR)
        for service in services:
            await self._make_role(role_of(service))
            await self._let_login(role_of(service))
            await self._run("GRANT %I TO %I", GROUP, role_of(service))
        database = await self._owner.fetchval("SELECT current_database()")
        await self._run("REVOKE ALL ON DATABASE %I FROM PUBLIC", database)
        await self._run("GRANT CONNECT ON DATABASE %I TO %I, %I", database, GROUP, AUDITOR)
        # what it compares it lays out in tables that end with its session
        await self._run("GRANT TEMPORARY ON DATABASE %I TO %I", database, AUDITOR)
        await self._run("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        await self._run("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")

    async def make_schema(self, name: str, *, shared: bool) -> None:
        """The schema exists; what is made in it from now on belongs to its service and can be read by the auditor."""
        await self._run("CREATE SCHEMA IF NOT EXISTS %I", name)
        await self._run("GRANT USAGE ON SCHEMA %I TO %I", name, AUDITOR)
        await self._run("ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT SELECT ON TABLES TO %I", name, AUDITOR)
        if shared:
            return
        role = role_of(name)
        await self._run("GRANT USAGE ON SCHEMA %I TO %I", name, role)
        defaults = "ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT "
        await self._run(defaults + "SELECT, INSERT, UPDATE, DELETE ON TABLES TO %I", name, role)
        await self._run(defaults + "USAGE ON SEQUENCES TO %I", name, role)
        await self._run(defaults + "EXECUTE ON FUNCTIONS TO %I", name, role)

    async def protect_version_table(self, schema: str, table: str) -> None:
        await self._run("REVOKE ALL ON %I.%I FROM PUBLIC", schema, table)
        if await self._exists(role_of(schema)):
            await self._run("REVOKE INSERT, UPDATE, DELETE ON %I.%I FROM %I", schema, table, role_of(schema))

    async def allow_exactly(self, service: str, functions: Sequence[str]) -> None:
        """The role of the service may execute `functions` ("schema.name") of other schemas; others are taken back."""
        role = role_of(service)
        async with self._owner.transaction():
            for function in await self._executable_elsewhere(role, service):
                await self._run(f"REVOKE EXECUTE ON FUNCTION {function} FROM %I", role)
            for function in functions:
                schema, name = function.split(".")
                await self._run("GRANT USAGE ON SCHEMA %I TO %I", schema, role)
                await self._run("GRANT EXECUTE ON FUNCTION %I.%I TO %I", schema, name, role)

    async def _executable_elsewhere(self, role: str, service: str) -> list[str]:
        rows = await self._owner.fetch(
            """
            SELECT granted.oid::regprocedure::text AS signature
            FROM pg_proc AS granted
            JOIN pg_namespace AS space ON space.oid = granted.pronamespace
            CROSS JOIN LATERAL aclexplode(granted.proacl) AS entry
            WHERE entry.grantee = $1::text::regrole AND space.nspname <> $2
            """,
            role,
            service,
        )
        return [row["signature"] for row in rows]

    async def _make_role(self, role: str) -> None:
        if not await self._exists(role):
            await self._run("CREATE ROLE %I NOLOGIN", role)

    async def _exists(self, role: str) -> bool:
        return bool(await self._owner.fetchval("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", role))

    async def _let_login(self, role: str) -> None:
        verifier = scram_verifier(self._secrets.password_of(role))
        statement = await self._owner.fetchval(
            "SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', $1::text, $2::text)", role, verifier
        )
        await self._owner.execute(statement)

    async def _run(self, template: str, *names: str) -> None:
        """Runs a statement that takes no parameters, with `names` quoted as identifiers in place of each %I."""
        slots = ", ".join(f"${number}::text" for number in range(2, len(names) + 2))
        quoted = f"SELECT format($1::text{', ' + slots if slots else ''})"
        await self._owner.execute(await self._owner.fetchval(quoted, template, *names))


def scram_verifier(password: str) -> str:
    """What PostgreSQL stores for SCRAM-SHA-256 (RFC 5803). Sent for the password, it keeps it out of the logs."""
    salt = os.urandom(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    parts = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${_ITERATIONS}:{parts[0]}${parts[1]}:{parts[2]}"

from collections.abc import AsyncIterator
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import asyncpg
import httpx
import pytest
import pytest_asyncio

from chassis.access import accounts, audit
from chassis.access.roles import Role
from chassis.access.secret import digest
from chassis.access.sessions import Refused, SignedIn, Throttled, person_of_session, sign_in, sign_out
from chassis.access.token import TokenRefused, issue_token, person_of_token
from chassis.testing.two_services import Database
from chassis.testing.visitors import BROWSER
from chassis.web.app import create_app
from chassis.web.gate import SESSION_COOKIE

PASSWORD = "a long enough password"


@pytest_asyncio.fixture
async def connection(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """As a service's own role: what it may do with accounts goes through functions only."""
    async with database.alpha.acquire() as connection:
        yield connection


async def an_account(connection: asyncpg.Connection, **given: object) -> str:
    login = f"user-{uuid4().hex[:8]}"
    asked = {"login": login, "name": "许航", "role": Role.AGENT, "password": PASSWORD, **given}
    await accounts.create_account(connection, **asked)  # type: ignore[arg-type]
    return login


async def signed_in(connection: asyncpg.Connection, login: str) -> str:
    outcome = await sign_in(connection, login, PASSWORD, address=f"t-{uuid4()}")
    assert isinstance(outcome, SignedIn)
    return outcome.secret


async def test_signing_in_gives_the_person_and_signing_out_ends_it(connection: asyncpg.Connection) -> None:
    login = await an_account(connection, role=Role.DEPARTMENT, department="甲部", skills=["VIP"])
    secret = await signed_in(connection, login.upper())
    person = await person_of_session(connection, secret)
    assert person is not None
    assert (person.login, person.role, person.department, person.skills) == (login, Role.DEPARTMENT, "甲部", ("VIP",))
    await sign_out(connection, secret)
    assert await person_of_session(connection, secret) is None


async def test_wrong_password_unknown_login_and_disabled_account_look_the_same(connection: asyncpg.Connection) -> None:
    login, gone = await an_account(connection), await an_account(connection)
    by_login = {account.login: account for account in await accounts.list_accounts(connection)}
    await accounts.set_disabled(connection, by_login[gone].id, disabled=True)
    outcomes = [
        await sign_in(connection, login, "not the password", address="a"),
        await sign_in(connection, "nobody-here", PASSWORD, address="b"),
        await sign_in(connection, gone, PASSWORD, address="c"),
    ]
    assert outcomes == [Refused(), Refused(), Refused()]


async def test_guessing_is_slowed_by_login_even_from_many_addresses(connection: asyncpg.Connection) -> None:
    login = await an_account(connection)
    guesses = [await sign_in(connection, login, "guess", address=f"10.0.0.{n}") for n in range(12)]
    assert [type(guess) for guess in guesses] == [Refused] * 10 + [Throttled] * 2
    right = await sign_in(connection, login, PASSWORD, address="10.0.1.1")
    assert isinstance(right, Throttled)
    assert timedelta(0) < right.retry_after <= timedelta(minutes=15)


async def test_guessing_many_logins_from_one_address_is_slowed(connection: asyncpg.Connection) -> None:
    await connection.executemany(
        "SELECT staff.begin_sign_in($1, $2, 'one-address')", [(f"x{n}", digest(f"x{n}")) for n in range(60)]
    )
    assert isinstance(await sign_in(connection, "another", "guess", address="one-address"), Throttled)


async def test_a_session_ends_when_idle_too_old_or_disabled(
    connection: asyncpg.Connection, owner: asyncpg.Connection
) -> None:
    login = await an_account(connection)
    idle, old, disabled = [await signed_in(connection, login) for _ in range(3)]
    age = "UPDATE staff.session SET {} = clock_timestamp() - $2::interval WHERE token_hash = $1"
    await owner.execute(age.format("seen_at"), digest(idle), timedelta(hours=2, seconds=1))
    await owner.execute(age.format("opened_at"), digest(old), timedelta(hours=12, seconds=1))
    assert await person_of_session(connection, idle) is None
    assert await person_of_session(connection, old) is None
    person = await person_of_session(connection, disabled)
    assert person is not None
    await accounts.set_disabled(connection, person.id, disabled=True)
    assert await person_of_session(connection, disabled) is None


async def test_use_keeps_a_session_alive(connection: asyncpg.Connection, owner: asyncpg.Connection) -> None:
    secret = await signed_in(connection, await an_account(connection))
    seen = "SELECT clock_timestamp() - seen_at < interval '1 minute' FROM staff.session WHERE token_hash = $1"
    await owner.execute(
        "UPDATE staff.session SET seen_at = seen_at - interval '1 hour' WHERE token_hash = $1", digest(secret)
    )
    assert await person_of_session(connection, secret) is not None
    assert await owner.fetchval(seen, digest(secret))


async def test_a_new_password_ends_the_sessions(connection: asyncpg.Connection) -> None:
    login = await an_account(connection)
    secret = await signed_in(connection, login)
    person = await person_of_session(connection, secret)
    assert person is not None
    await accounts.set_password(connection, person.id, "another long password")
    assert await person_of_session(connection, secret) is None
    assert isinstance(await sign_in(connection, login, "another long password", address="d"), SignedIn)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"password": "short"}, "password"),
        ({"name": " "}, "name"),
        ({"role": Role.DEPARTMENT}, "department"),
        ({"login": ""}, "login"),
    ],
)
async def test_an_account_that_breaks_a_rule_is_refused(
    connection: asyncpg.Connection, given: dict[str, object], field: str
) -> None:
    with pytest.raises(accounts.AccountRefused) as refused:
        await an_account(connection, **given)
    assert refused.value.field == field


async def test_a_login_is_taken_once_in_any_case(connection: asyncpg.Connection) -> None:
    login = await an_account(connection)
    with pytest.raises(accounts.AccountRefused, match="taken"):
        await an_account(connection, login=login.upper())


async def test_a_token_is_bound_and_stored_only_as_a_hash(
    connection: asyncpg.Connection, owner: asyncpg.Connection
) -> None:
    secret = await issue_token(connection, Role.CRM, source="crm-east")
    crm = await person_of_token(connection, secret)
    assert crm is not None
    assert (crm.role, crm.source, crm.by_token) == (Role.CRM, "crm-east", True)
    assert await owner.fetchval("SELECT count(*) FROM staff.token WHERE token::text LIKE '%' || $1 || '%'", secret) == 0
    assert await person_of_token(connection, secret + "x") is None
    for role in (Role.CRM, Role.DEPARTMENT):
        with pytest.raises(TokenRefused):
            await issue_token(connection, role)


async def test_the_audit_trail_only_grows(connection: asyncpg.Connection, owner: asyncpg.Connection) -> None:
    login = await an_account(connection)
    person = await person_of_session(connection, await signed_in(connection, login))
    assert person is not None
    subject = f"case:{uuid4()}"
    await audit.record(connection, person, action="revealed", subject=subject, reason="回电", detail={"seconds": 60})
    latest = (await audit.page_of_audit(connection, before=None, limit=1))[0]
    assert (latest.subject, latest.actor, latest.reason) == (subject, "许航", "回电")
    for change in ("UPDATE staff.audit SET reason = ''", "DELETE FROM staff.audit", "TRUNCATE staff.audit"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="insert-only"):
            await owner.execute(change)


@pytest.mark.parametrize("table", ["account", "session", "token", "sign_in_attempt", "audit"])
async def test_a_service_reaches_no_table_of_staff(connection: asyncpg.Connection, table: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.fetch(f"SELECT count(*) FROM staff.{table}")  # noqa: S608 - fixed names


@pytest.mark.parametrize(
    ("table", "readable"), [("account", False), ("token", False), ("session", False), ("audit", True)]
)
async def test_the_auditor_reads_the_trail_and_no_hash(owner: asyncpg.Connection, table: str, readable: bool) -> None:
    asked = "SELECT has_table_privilege('aftercall_auditor', $1, 'SELECT')"
    assert await owner.fetchval(asked, f"staff.{table}") is readable


async def test_the_whole_way_in_and_out_in_a_browser(database: Database) -> None:
    async with database.alpha.acquire() as connection:
        login = await an_account(connection, role=Role.ADMIN, name="何清")
        token = await issue_token(connection, Role.ADMIN)
    app = create_app([], {"alpha": SimpleNamespace(pool=database.alpha)}, database.settings)  # type: ignore[dict-item]
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=database.settings.web_url, headers=BROWSER) as browser:
        wrong = await browser.post("/login", data={"login": login, "password": "wrong", "after": "/staff/audit"})
        assert (wrong.status_code, "登录名或密码不对" in wrong.text) == (401, True)
        entered = await browser.post("/login", data={"login": login, "password": PASSWORD, "after": "/staff/audit"})
        assert (entered.status_code, entered.headers["location"]) == (303, "/staff/audit")
        cookie = entered.headers["set-cookie"]
        assert "HttpOnly" in cookie and "SameSite=lax" in cookie
        assert "何清" in (await browser.get("/staff/audit")).text
        browser.headers["origin"] = database.settings.web_url
        made = {"login": f"n-{uuid4().hex[:6]}", "name": "林晓", "role": "agent", "password": PASSWORD}
        assert (await browser.post("/staff/accounts", data=made)).status_code == 303
        again = await browser.post("/staff/accounts", data=made)
        assert (again.status_code, "这个登录名已经有人用了" in again.text) == (422, True)
        assert "新建账号" in (await browser.get("/staff/audit")).text
        secret = browser.cookies[SESSION_COOKIE]
        await browser.post("/logout")
        stale = await browser.get("/staff/audit", headers={"cookie": f"{SESSION_COOKIE}={secret}"})
        assert stale.status_code == 303
        machine = await browser.get("/staff/audit", headers={"authorization": f"Bearer {token}"})
        assert machine.status_code == 200


@pytest.mark.parametrize("after", ["//evil.example", "https://evil.example", "/\\evil.example", "evil"])
async def test_signing_in_never_leads_off_the_site(database: Database, after: str) -> None:
    async with database.alpha.acquire() as connection:
        login = await an_account(connection)
    app = create_app([], {"alpha": SimpleNamespace(pool=database.alpha)}, database.settings)  # type: ignore[dict-item]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver") as browser:
        entered = await browser.post("/login", data={"login": login, "password": PASSWORD, "after": after})
    assert entered.headers["location"] == "/"

"""The whole product as `up` serves it, on a stepped clock, with a mailbox beside it; one for all e2e tests."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

import asyncpg
import httpx
import pytest

from chassis.access.accounts import create_account
from chassis.access.roles import Role
from chassis.access.token import issue_token
from chassis.stepping import Stepper
from launcher.demo.mailbox import Letter, Mailbox, open_mailbox
from launcher.environment import told
from launcher.stack import Stack, start_stack
from tests.conftest import server_directory

BEIJING = timezone(timedelta(hours=8))
BEGIN = datetime(2026, 10, 13, 9, 0, tzinfo=BEIJING)  # a Tuesday
PASSWORD = "only for this run of the tests"


@dataclass
class World:
    """The running product and the hands that move its clock."""

    stack: Stack
    stepper: Stepper
    mailbox: Mailbox
    data: Path

    @property
    def web(self) -> str:
        return self.stack.addresses.web

    async def run_until(self, instant: datetime) -> None:
        while await self.stepper.now() < instant:
            await self.stepper.step(until=instant)
        await self.stepper.idle()

    async def letter_for(self, address: str, *, within: timedelta) -> Letter:
        """The next letter to this address; the clock moves until it comes."""
        limit = await self.stepper.now() + within
        while True:
            await self.stepper.idle()
            for letter in self.mailbox.arrived:
                if letter.address == address:
                    self.mailbox.arrived.remove(letter)
                    return letter
            assert await self.stepper.now() < limit, f"no letter for {address} within {within}"
            await self.stepper.step(until=limit)

    async def token(self, role: Role, *, source: str | None = None, department: str | None = None) -> str:
        owner = await asyncpg.connect(self.stack.settings.database_url)
        try:
            return await issue_token(owner, role, source, department, label="e2e")
        finally:
            await owner.close()

    async def machine(self, role: Role, *, source: str | None = None) -> httpx.AsyncClient:
        token = await self.token(role, source=source)
        return httpx.AsyncClient(base_url=self.web, headers={"Authorization": f"Bearer {token}"}, timeout=30)

    async def person(self, login: str, role: Role, *, department: str | None = None) -> httpx.AsyncClient:
        """A signed-in session of a new account (or of the one made before)."""
        owner = await asyncpg.connect(self.stack.settings.database_url)
        try:
            known = await owner.fetchval("SELECT count(*) FROM staff.accounts() WHERE login = $1", login)
            if not known:
                await create_account(
                    owner, login=login, name=login, role=role, password=PASSWORD, department=department
                )
        finally:
            await owner.close()
        client = httpx.AsyncClient(base_url=self.web, headers={"Origin": self.web}, timeout=30)
        answer = await client.post("/login", data={"login": login, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return client


@pytest.fixture(scope="session")
async def world() -> AsyncIterator[World]:
    async with AsyncExitStack() as exits:
        mailbox = await exits.enter_async_context(open_mailbox(lambda: BEGIN, full=()))
        policies = Path(__file__).parent / "policies"
        exits.enter_context(told(AFTERCALL_SMTP_PORT=str(mailbox.port), AFTERCALL_SCHEDULER_POLICIES=str(policies)))
        data = exits.enter_context(server_directory()) / "data"
        stack = await start_stack(data, port=0, clock="stepped", clock_start=BEGIN, short_lived=True)
        exits.push_async_callback(stack.stop)
        yield World(stack, Stepper(stack.hosted.hosts), mailbox, data)

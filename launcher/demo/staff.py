"""The people of the house: their accounts, made for this run with random passwords, and their sessions."""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from chassis.access.accounts import create_account
from chassis.access.roles import Role
from launcher.demo.browser import Browser, Reply
from launcher.demo.words import DEPARTMENTS

AGENTS, SENIORS = 5, 3


@dataclass(frozen=True)
class Account:
    login: str
    name: str
    role: Role
    password: str
    department: str | None = None


def accounts() -> list[Account]:
    """Invented people; a new random password for each of them in every run."""
    found = [_account(f"agent{n}", f"坐席{n:02d}", Role.AGENT) for n in range(1, AGENTS + 1)]
    found += [_account(f"senior{n}", f"资深坐席{n:02d}", Role.SENIOR_AGENT) for n in range(1, SENIORS + 1)]
    found += [_account(code, name, Role.DEPARTMENT, code) for code, name in DEPARTMENTS.items()]
    found += [_account("supervisor", "主管", Role.SUPERVISOR), _account("analyst", "分析员", Role.ANALYST)]
    return found


async def hire(owner: asyncpg.Pool, hired: Sequence[Account]) -> None:
    await asyncio.gather(*(_hire(owner, one) for one in hired))


async def _hire(owner: asyncpg.Pool, one: Account) -> None:
    async with owner.acquire() as connection:
        await create_account(
            connection, login=one.login, name=one.name, role=one.role, password=one.password, department=one.department
        )


class Refused(Exception):
    """The product refused what a person did; `status` and its words."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(f"{status} {words}")
        self.status = status


class Session:
    """A signed-in person in front of the product."""

    def __init__(self, base: str, account: Account) -> None:
        self.account = account
        self._browser = Browser(base, {"Origin": base})

    async def sign_in(self) -> None:
        form = {"login": self.account.login, "password": self.account.password}
        landing = await self._browser.submit("/login", form)
        if not landing.is_success or landing.path.startswith("/login"):
            raise Refused(landing.status, f"login of {self.account.login}")

    async def get(self, path: str, **query: Any) -> Any:
        """Raises `Refused` for anything but success."""
        return _content(await self._browser.get(path, query))

    async def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return _content(await self._browser.send("POST", path, body))

    async def put(self, path: str, body: dict[str, Any]) -> Any:
        return _content(await self._browser.send("PUT", path, body))

    async def leave(self) -> None:
        await self._browser.close()


def _content(reply: Reply) -> Any:
    if not reply.is_success:
        raise Refused(reply.status, reply.text[:300])
    return reply.json()


def _account(login: str, name: str, role: Role, department: str | None = None) -> Account:
    return Account(login, name, role, secrets.token_urlsafe(9), department)

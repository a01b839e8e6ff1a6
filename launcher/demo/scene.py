"""Sets the scene: the whole product on a stepped clock, the people in it, their doors."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
import httpx
from aiokafka import AIOKafkaProducer

from chassis.access.roles import Role
from chassis.access.token import issue_token
from chassis.kafka_login import client_arguments, principal_of
from chassis.settings import Settings
from chassis.stepping import Stepper
from launcher.demo import customers
from launcher.demo.agents import Agent
from launcher.demo.calendar import BEGIN, at
from launcher.demo.crm import Crm
from launcher.demo.customers import Customers
from launcher.demo.departments import DepartmentPerson
from launcher.demo.librarian import Librarian
from launcher.demo.mailbox import Mailbox, open_mailbox
from launcher.demo.memory import Memory
from launcher.demo.people import People
from launcher.demo.population import EAST, WEST, Population
from launcher.demo.staff import Account, Session, accounts, hire
from launcher.demo.telephone import Telephone
from launcher.environment import told
from launcher.stack import Stack, start_stack

POLICIES = Path(__file__).parent / "policies"
_STRIDE = timedelta(days=1)
_LOOK_OUTSIDE = timedelta(days=1)
_LEAVES_EARLY = "product"
"""This department's people are away from the 27th on, so that the board shows cases that grow old."""


@dataclass
class Clock:
    """What the business clock showed when the driver last looked; it moves only by the driver's hand."""

    now: datetime = BEGIN

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True)
class Scene:
    stack: Stack
    stepper: Stepper
    clock: Clock
    people: People
    memory: Memory
    mailbox: Mailbox
    staff: Sequence[Account]
    sessions: dict[str, Session]

    @property
    def doors(self) -> dict[str, httpx.AsyncClient]:
        return dict(self.people.crm.doors)


@asynccontextmanager
async def set_up(month: Population, data: Path, *, port: int) -> AsyncIterator[Scene]:
    """Everything serves and everybody is signed in inside the block."""
    async with AsyncExitStack() as exits:
        clock = Clock()
        full = {w.customer.email for w in month.works if w.habits.mailbox_is_full and w.customer.email}
        mailbox = await exits.enter_async_context(open_mailbox(clock, full))
        exits.enter_context(told(AFTERCALL_SMTP_PORT=str(mailbox.port), AFTERCALL_SCHEDULER_POLICIES=str(POLICIES)))
        stack = await start_stack(data, port=port, clock="stepped", clock_start=BEGIN, short_lived=True)
        exits.push_async_callback(stack.stop)
        staff = accounts()
        doors = await _doors(exits, stack, staff)
        sessions = await _sessions(exits, stack.addresses.web, staff)
        memory = Memory({work.key: work for work in month.works})
        stepper = Stepper(stack.hosted.hosts, stride=_STRIDE, look_outside=_LOOK_OUTSIDE)
        crm = Crm(month.tellings, await _producer(exits, stack.settings), doors, stepper.written)
        people = _people(month, stack, crm, mailbox, memory, sessions)
        yield Scene(stack, stepper, clock, people, memory, mailbox, staff, sessions)


def _people(
    month: Population, stack: Stack, crm: Crm, mailbox: Mailbox, memory: Memory, sessions: dict[str, Session]
) -> People:
    telephone = Telephone(memory)
    promised = frozenset(work.key for work in (*month.planted.kept, *month.planted.broken))
    moved = {work.customer.email: work for work in month.planted.corrections if work.customer.email}
    runtimes = stack.hosted.runtimes
    return People(
        crm=crm,
        customers=Customers(stack.addresses.web, mailbox, memory, customers.by_address(memory.works, moved)),
        agents=[
            Agent(session, telephone, memory, promised)
            for session in sessions.values()
            if session.account.role in (Role.AGENT, Role.SENIOR_AGENT)
        ],
        departments=[
            DepartmentPerson(session, leaves_at=at(27, 0) if login == _LEAVES_EARLY else None)
            for login, session in sessions.items()
            if session.account.role is Role.DEPARTMENT
        ],
        librarian=Librarian(sessions["product"]),
        changes=lambda service: runtimes[service].commits,
    )


async def _doors(exits: AsyncExitStack, stack: Stack, staff: Sequence[Account]) -> dict[str, httpx.AsyncClient]:
    """A client with a token for each CRM; the staff gets its accounts on the way."""
    async with asyncpg.create_pool(stack.settings.database_url, min_size=1, max_size=2) as owner:
        await hire(owner, staff)
        tokens = {source: await issue_token(owner, Role.CRM, source, None, label="demo") for source in (EAST, WEST)}
    doors = {}
    for source, token in tokens.items():
        client = httpx.AsyncClient(
            base_url=stack.addresses.web, headers={"Authorization": f"Bearer {token}"}, timeout=60
        )  # fmt: skip
        doors[source] = await exits.enter_async_context(client)
    return doors


async def _sessions(exits: AsyncExitStack, base: str, staff: Sequence[Account]) -> dict[str, Session]:
    sessions = {}
    for account in staff:
        sessions[account.login] = session = Session(base, account)
        exits.push_async_callback(session.leave)
    await asyncio.gather(*(session.sign_in() for session in sessions.values()))
    return sessions


async def _producer(exits: AsyncExitStack, settings: Settings) -> AIOKafkaProducer:
    producer = AIOKafkaProducer(**client_arguments(settings, principal_of("crm")), linger_ms=5)
    await producer.start()
    exits.push_async_callback(producer.stop)
    return producer

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
import pytest_asyncio

from chassis.clock import business_now, set_mode, step_to
from chassis.testing.two_services import Database

START = datetime(2026, 10, 1, 8, tzinfo=UTC)


@pytest_asyncio.fixture
async def clock_owner(owner: asyncpg.Connection) -> AsyncIterator[asyncpg.Connection]:
    yield owner
    await set_mode(owner, "real")


async def test_a_stepped_clock_stands_until_it_is_stepped_and_never_goes_back(
    clock_owner: asyncpg.Connection, database: Database
) -> None:
    await set_mode(clock_owner, "stepped", START)
    async with database.beta.acquire() as service:
        assert await business_now(service) == START
        assert await step_to(service, START + timedelta(hours=1)) == START + timedelta(hours=1)
        assert await step_to(service, START) == START + timedelta(hours=1)
        assert await business_now(service) == START + timedelta(hours=1)


async def test_a_running_clock_goes_on_at_real_speed_from_where_it_stood(clock_owner: asyncpg.Connection) -> None:
    await set_mode(clock_owner, "stepped", START)
    await set_mode(clock_owner, "running")
    first, second = await business_now(clock_owner), await business_now(clock_owner)
    assert START < first < second < START + timedelta(minutes=1)


async def test_a_real_clock_can_not_be_stepped(clock_owner: asyncpg.Connection) -> None:
    await set_mode(clock_owner, "real")
    machine = await clock_owner.fetchval("SELECT clock_timestamp()")
    assert abs(await business_now(clock_owner) - machine) < timedelta(seconds=5)
    with pytest.raises(asyncpg.ObjectNotInPrerequisiteStateError):
        await step_to(clock_owner, machine + timedelta(days=1))

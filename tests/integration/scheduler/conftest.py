from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from chassis.testing.harness import ServiceUnderTest, running
from chassis.testing.infra import Infra
from services.scheduler.app import SERVICE

# a Wednesday, 10:00 in Shanghai
NOW = datetime(2026, 10, 14, 2, 0, tzinfo=UTC)


@pytest.fixture
async def scheduler(infra: Infra) -> AsyncIterator[ServiceUnderTest]:
    async with running(SERVICE, infra, now=NOW) as service:
        yield service

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from chassis.testing.harness import ServiceUnderTest, running
from chassis.testing.infra import Infra
from services.tagging.app import SERVICE

NOW = datetime(2026, 10, 20, 2, 0, tzinfo=UTC)


@pytest.fixture
async def tagging(infra: Infra) -> AsyncIterator[ServiceUnderTest]:
    async with running(SERVICE, infra, now=NOW) as service:
        yield service

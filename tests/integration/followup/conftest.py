from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from chassis.testing.harness import ServiceUnderTest, running
from chassis.testing.infra import Infra
from services.followup.app import SERVICE

NOW = datetime(2026, 11, 18, 2, 24, tzinfo=UTC)
"""Wednesday, 10:24 in Shanghai."""


@pytest.fixture
async def followup(infra: Infra) -> AsyncIterator[ServiceUnderTest]:
    async with running(SERVICE, infra, now=NOW) as service:
        yield service

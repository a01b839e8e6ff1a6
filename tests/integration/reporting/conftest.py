from collections.abc import AsyncIterator

import pytest

from chassis.testing.harness import ServiceUnderTest, running
from chassis.testing.infra import Infra
from services.reporting.app import SERVICE
from tests.integration.reporting.builders import NOW


@pytest.fixture
async def reporting(infra: Infra) -> AsyncIterator[ServiceUnderTest]:
    async with running(SERVICE, infra, now=NOW) as service:
        yield service

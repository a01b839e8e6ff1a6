from collections.abc import AsyncIterator

import pytest

from chassis.settings import Settings
from chassis.testing.infra import Infra
from tests.integration.launcher.verify.world import a_story, fresh, running


@pytest.fixture(scope="module")
async def told(infra: Infra) -> AsyncIterator[Settings]:
    """A system at rest after a story, its services stopped: to be copied, never changed."""
    settings = await fresh(infra)
    async with running(settings) as world:
        await a_story(world)
    yield settings

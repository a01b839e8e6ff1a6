from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from chassis.testing.infra import Infra
from tests.integration.telephony.stack import Stack, a_stack


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def stack(infra: Infra, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    folder: Path = tmp_path_factory.mktemp("telephony")
    async with a_stack(infra, folder) as standing:
        yield standing

"""What integration tests of several services use."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.outside import Outside


@pytest.fixture
async def outside(tmp_path: Path) -> AsyncIterator[Outside]:
    """A receiving process that takes what it gets."""
    receiver = Outside(tmp_path)
    await receiver.start()
    try:
        yield receiver
    finally:
        receiver.stop()

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings

from chassis.testing.infra import Infra, start_infra

ROLES = tuple(
    f"aftercall_{schema}"
    for schema in ("scheduler", "survey", "tagging", "followup", "reporting", "vault", "staff", "clock", "auditor")
)

# how long an example takes says more of the machine than of the code
settings.register_profile("any_machine", settings.default, deadline=None)
settings.load_profile("any_machine")


@pytest.fixture(scope="session")
def infra() -> Iterator[Infra]:
    """Real PostgreSQL and Kafka; with several test processes each has its own pair."""
    with server_directory() as directory:
        running = start_infra(directory, roles=ROLES)
        yield running
        running.stop()


@contextmanager
def server_directory() -> Iterator[Path]:
    """Not below pytest's own directory: each session closes that one to all but root, and PostgreSQL is not root."""
    directory = Path(tempfile.mkdtemp(prefix="aftercall-test-"))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)

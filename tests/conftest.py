from collections.abc import Iterator

import pytest

from chassis.testing.infra import Infra, start_infra

ROLES = tuple(
    f"aftercall_{schema}"
    for schema in ("scheduler", "survey", "tagging", "followup", "reporting", "vault", "staff", "clock", "auditor")
)


@pytest.fixture(scope="session")
def infra(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Infra]:
    """Real PostgreSQL and Kafka; with several test processes each has its own pair."""
    running = start_infra(tmp_path_factory.mktemp("infra"), roles=ROLES)
    yield running
    running.stop()

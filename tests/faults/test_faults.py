"""The most telling rows of the fault table on one cluster; `aftercall test --faults` runs them all."""

import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.faults.cluster import running_cluster
from tests.faults.rows import IN_EACH_RUN, named
from tests.faults.trial import BAR_SECONDS, Bench, Row, new_bench, run_row

pytestmark = pytest.mark.faults


class Benches:
    """The bench in use; a new one after a row that failed, so that it does not drag others with it."""

    def __init__(self, directory: Path, seed: int) -> None:
        self._directory = directory
        self._seed = seed
        self._exits = AsyncExitStack()
        self._bench: Bench | None = None
        self._number = 0

    async def bench(self) -> Bench:
        if self._bench is None:
            self._number += 1
            cluster = await self._exits.enter_async_context(running_cluster())
            log = self._directory / f"intents-{self._number}.jsonl"
            self._bench = new_bench(cluster, self._seed, log)
            self._exits.push_async_callback(self._bench.stop)
        return self._bench

    async def drop(self) -> None:
        self._bench = None
        await self._exits.aclose()


@pytest.fixture(scope="module")
async def benches(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Benches]:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    made = Benches(tmp_path_factory.mktemp("intents"), seed)
    yield made
    await made.drop()


@pytest.mark.parametrize("row", named(",".join(IN_EACH_RUN)), ids=lambda row: row.name)
async def test_nothing_is_lost_and_nothing_happens_twice(benches: Benches, row: Row) -> None:
    outcome = await run_row(row, await benches.bench())
    if not outcome.is_sound:
        await benches.drop()
    assert (outcome.lost, outcome.twice) == (0, 0), outcome.said
    assert outcome.recovery is not None, f"{outcome.said} (the bar of {BAR_SECONDS:.0f} s is for --faults)"

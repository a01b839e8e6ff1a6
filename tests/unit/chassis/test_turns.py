"""Long work leaves others their turn; what is short is not interrupted."""

import asyncio

import pytest

from chassis import turns
from chassis.turns import in_turns


class Clock:
    """Goes on when it is told to."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(turns, "time", clock)
    return clock


async def worked(clock: Clock, items: int, *, seconds_each: float) -> list[str]:
    """Who had a turn when: `own` for each item, `other` for somebody else's work on the same loop."""
    seen: list[str] = []

    async def other() -> None:
        while True:
            seen.append("other")
            await asyncio.sleep(0)

    beside = asyncio.create_task(other())
    async for _ in in_turns(range(items)):
        seen.append("own")
        clock.now += seconds_each
    beside.cancel()
    return seen


async def test_others_have_a_turn_after_each_five_milliseconds_of_work(clock: Clock) -> None:
    seen = await worked(clock, 10, seconds_each=0.0025)
    assert seen[:6] == ["own", "own", "other", "own", "own", "other"]
    assert seen.count("own") == 10


async def test_short_work_is_done_in_one_go(clock: Clock) -> None:
    assert await worked(clock, 10, seconds_each=0.0001) == ["own"] * 10


async def test_items_come_whole_and_in_their_order(clock: Clock) -> None:
    assert [item async for item in in_turns("abc")] == ["a", "b", "c"]

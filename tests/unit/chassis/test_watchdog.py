"""When receiving counts as hanging."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from chassis.watchdog import Place, Watchdog, unread

PLACE: Place = ("service-accepted", 0)
OTHER: Place = ("service-accepted", 1)


@dataclass
class _Receiving:
    halted: str | None = None
    in_hand: bool = False
    settled: int = 0
    topics: Sequence[str] = ("service-accepted",)
    mine: set[Place] = field(default_factory=lambda: {PLACE})
    settled_here: dict[Place, int] = field(default_factory=dict)

    def assigned(self) -> set[Place]:
        return self.mine


class _Asking(Watchdog):
    """Knows the ends of partitions and what the database remembers."""

    async def _ends(self) -> dict[Place, tuple[int, int]]:
        return {PLACE: (0, 9)}

    async def _remembered(self) -> dict[Place, int]:
        return {PLACE: 4}


class _Watched(Watchdog):
    """Sees what it is told instead of asking database and broker."""

    waiting: dict[Place, int]

    async def _asked(self) -> dict[Place, int]:
        return self.waiting


class _Runtime:
    name = "tagging"


@pytest.fixture
def receiving() -> _Receiving:
    return _Receiving()


def _watchdog(receiving: _Receiving) -> _Watched:
    runtime: Any = _Runtime()
    watched = _Watched(runtime, receiving, receiving, seconds=60)
    watched.waiting = {PLACE: 7}
    return watched


async def _looked(watched: _Watched, times: int = 3) -> bool:
    for _ in range(times):
        await watched.look()
    return watched.stalled_for > 0


async def test_records_that_wait_unmoved_are_a_stall(receiving: _Receiving) -> None:
    watched = _watchdog(receiving)
    assert not await _looked(watched, 2), "the first looks have nothing to compare with"
    assert await _looked(watched, 1)


async def test_nothing_waiting_is_no_stall(receiving: _Receiving) -> None:
    watched = _watchdog(receiving)
    watched.waiting = {}
    assert not await _looked(watched, 3)


async def test_a_batch_settled_ends_the_stall(receiving: _Receiving) -> None:
    watched = _watchdog(receiving)
    assert await _looked(watched)
    receiving.settled += 1
    assert not await _looked(watched, 1)


async def test_an_offset_that_moved_elsewhere_ends_the_stall(receiving: _Receiving) -> None:
    watched = _watchdog(receiving)
    assert await _looked(watched)
    watched.waiting = {PLACE: 8}
    assert not await _looked(watched, 1)


async def test_what_is_halted_or_has_a_batch_in_hand_is_left_alone(receiving: _Receiving) -> None:
    watched = _watchdog(receiving)
    assert await _looked(watched)
    receiving.in_hand = True
    assert not await _looked(watched, 1)
    receiving.in_hand, receiving.halted = False, "the fuse"
    assert not await _looked(watched, 3)


def test_only_own_partitions_count_or_all_when_there_are_none() -> None:
    ends = {PLACE: (0, 9), OTHER: (0, 9)}
    assert unread(ends, {PLACE: 9}, {PLACE}) == {}
    assert unread(ends, {PLACE: 9}, set()) == {OTHER: 0}
    assert unread(ends, {PLACE: 4, OTHER: 9}, {PLACE, OTHER}) == {PLACE: 4}


def test_records_deleted_at_the_broker_do_not_wait() -> None:
    assert unread({PLACE: (9, 9)}, {}, {PLACE}) == {}


async def test_what_was_settled_here_does_not_wait_though_its_offset_was_never_committed(receiving: _Receiving) -> None:
    runtime: Any = _Runtime()
    asking = _Asking(runtime, receiving, receiving, seconds=60)
    assert await asking._asked() == {PLACE: 4}
    receiving.settled_here = {PLACE: 9}
    assert await asking._asked() == {}

"""What is kept, what is shared, and when a reader gets an older one."""

import asyncio

import pytest

from services.reporting import shelf
from services.reporting.shelf import Shelf


class Maker:
    """Makes the text of its stamp; `gate` holds it up."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()

    def of(self, stamp: str) -> shelf.Make[str]:
        async def make(_held: str | None) -> tuple[object, str]:
            await self.gate.wait()
            self.made.append(stamp)
            return stamp, stamp

        return make


def shelf_of(*, large: bool) -> Shelf[str]:
    return Shelf(2, lambda _: large)


async def test_equal_stamps_are_made_once_however_many_ask() -> None:
    kept, maker = shelf_of(large=False), Maker()
    found = await asyncio.gather(*[kept.get("m", "a", maker.of("a"), current=False) for _ in range(5)])
    assert (set(found), maker.made) == ({"a"}, ["a"])


async def test_a_small_one_is_always_as_of_now() -> None:
    kept, maker = shelf_of(large=False), Maker()
    for stamp in "ab":
        assert await kept.get("m", stamp, maker.of(stamp), current=False) == stamp


async def test_readers_of_a_large_one_get_the_last_and_wait_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "REST", 0.0)
    kept, maker = shelf_of(large=True), Maker()
    await kept.get("m", "a", maker.of("a"), current=False)
    maker.gate.clear()
    assert await kept.get("m", "b", maker.of("b"), current=False) == "a"
    assert await kept.get("m", "c", maker.of("c"), current=False) == "a"
    maker.gate.set()
    async with asyncio.timeout(10):
        while await kept.get("m", "b", maker.of("b"), current=False) != "b":  # noqa: ASYNC110 - made beside
            await asyncio.sleep(0)
    assert maker.made == ["a", "b"]


async def test_a_large_one_that_must_be_current_is_waited_for() -> None:
    kept, maker = shelf_of(large=True), Maker()
    await kept.get("m", "a", maker.of("a"), current=False)
    assert await kept.get("m", "b", maker.of("b"), current=True) == "b"


async def test_a_large_one_rests_and_is_not_made_again_at_every_change() -> None:
    kept, maker = shelf_of(large=True), Maker()
    for stamp in "abcd":
        await kept.get("m", stamp, maker.of(stamp), current=False)
    assert maker.made == ["a"]


async def test_one_that_is_too_old_is_not_shown_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "OLDEST", 0.0)
    kept, maker = shelf_of(large=True), Maker()
    await kept.get("m", "a", maker.of("a"), current=False)
    assert await kept.get("m", "b", maker.of("b"), current=False) == "b"


async def test_only_the_newest_are_kept() -> None:
    kept, maker = shelf_of(large=False), Maker()
    for key in ("x", "y", "z", "x"):
        await kept.get(key, key, maker.of(key), current=False)
    assert maker.made == ["x", "y", "z", "x"]

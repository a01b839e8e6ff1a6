"""A task that a driver cancels is no task that somebody stops."""

import asyncio

import pytest

from chassis import keeping
from chassis.cancellation import cancelled_only_when_asked
from chassis.errors import is_transient
from chassis.keeping import KeptTask


async def _a_future_that_its_driver_cancels() -> None:
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(future.cancel)
    await future


async def test_a_cancellation_that_nobody_asked_for_is_a_lost_connection() -> None:
    with pytest.raises(ConnectionResetError) as caught, cancelled_only_when_asked():
        await _a_future_that_its_driver_cancels()
    assert is_transient(caught.value)


async def test_a_cancellation_that_was_asked_for_passes() -> None:
    async def work() -> None:
        with cancelled_only_when_asked():
            await asyncio.sleep(60)

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_timeout_stays_a_timeout() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            with cancelled_only_when_asked():
                await asyncio.sleep(60)


@pytest.mark.parametrize("ends", ["raises", "returns", "is cancelled by a driver"])
async def test_work_that_ends_begins_again_and_is_named(ends: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "FIRST_PAUSE_SECONDS", 0.01)
    begun = asyncio.Queue[int]()
    times = 0

    async def work() -> None:
        nonlocal times
        times += 1
        begun.put_nowait(times)
        if times == 1:
            if ends == "raises":
                raise RuntimeError("planted")
            if ends.startswith("is"):
                await _a_future_that_its_driver_cancels()
            return
        await asyncio.sleep(60)

    kept = KeptTask("example", "relay", work)
    task = asyncio.create_task(kept.run())
    async with asyncio.timeout(10):
        assert [await begun.get(), await begun.get()] == [1, 2]
    assert kept.fault is not None and kept.fault.startswith("relay ended (")
    monkeypatch.setattr(keeping, "TOLD_SECONDS", 0.0)
    assert kept.fault is None
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

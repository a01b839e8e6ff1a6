"""Recordings of calls on a real exchange: after the notice only, sealed, fetched also by the next worker."""

import asyncio
from typing import Any

import pytest_asyncio

from chassis.testing.infra import Infra
from contracts.events.survey import AttemptClosed
from launcher.telephony.rtp import Call
from services.survey import recordings
from tests.integration.telephony.customers import AGENT_HUMS, CUSTOMER_HUMS, Customers
from tests.integration.telephony.killed import kill_at_the_tune
from tests.integration.telephony.stack import Stack
from tests.integration.telephony.tapes import files_at_exchange, records, rows, seconds_of, settled, sound_of


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def recorded(stack: Stack) -> Any:
    """All of these calls at the same time, recorded, to their ends."""
    people = Customers(stack)
    stack.telephone.numbers |= {"agent": people.helps, "agent-busy": 486}

    async def hangs_up_in_the_notice(call: Call) -> None:
        await call.hears(stack.tones["notice"])
        call.hang_up()

    async def rates_in_the_notice(call: Call) -> None:
        await call.hears(stack.tones["notice"])
        call.press("1")
        await call.ended()

    courses = {"taped": people.talks, "untold": hangs_up_in_the_notice, "hasty": rates_in_the_notice}
    await stack.stop_work()
    for name, does in courses.items():
        await stack.permit(name, does)
    records(stack)
    await stack.closed(*courses)
    await settled(stack, "taped")
    assert stack.telephone.failures == []
    return people


async def test_the_notice_is_heard_then_everything_is_recorded_prompts_customer_and_person(
    stack: Stack, recorded: Customers
) -> None:
    assert stack.heard(stack.call("taped"), "notice")
    row = await settled(stack, "taped")
    assert row["state"] == "kept"
    sound = await sound_of(stack, row)
    assert seconds_of(sound, stack.tones["notice"]) == 0, "it began after the notice"
    assert seconds_of(sound, stack.tones["transfer"]) > 0.2
    assert seconds_of(sound, CUSTOMER_HUMS) > 0.2
    assert seconds_of(sound, AGENT_HUMS) > 0.2
    assert abs(row["seconds"] - len(sound) / 8000) < 0.01


async def test_a_recording_is_linked_to_its_attempt_sealed_and_gone_from_the_exchange(
    stack: Stack, recorded: Customers
) -> None:
    [linked] = await stack.survey.query(
        """SELECT disposition, sealed FROM contact_attempt JOIN call_recording USING (callback_id, permit_no)
           WHERE callback_id = 'taped'"""
    )
    assert linked["sealed"].startswith("s1.t.")
    assert [one.callback_id for one in await stack.survey.sent(AttemptClosed) if one.callback_id == "taped"]
    assert await files_at_exchange(stack) == []


async def test_whoever_hangs_up_or_presses_a_key_in_the_notice_is_not_recorded(
    stack: Stack, recorded: Customers
) -> None:
    assert await rows(stack, "untold") == []
    assert await rows(stack, "hasty") == []
    assert stack.tunes_heard(stack.call("hasty")) == ["morning_bells"]


async def test_a_recording_whose_time_is_over_is_gone(stack: Stack, recorded: Customers) -> None:
    name = "taped"
    row = await settled(stack, name)
    runtime = stack.survey.runtime
    async with runtime.transaction(customers=[row["customer_ref"]]) as tx:
        await tx.connection.execute("UPDATE call_recording SET keep_until = $1 WHERE callback_id = $2", tx.now, name)
    assert await recordings.remove_over(runtime) == 1
    assert await rows(stack, name) == []


async def test_without_the_switch_there_is_neither_notice_nor_recording(stack: Stack) -> None:
    await stack.stop_work()
    await stack.permit("untaped", Customers(stack).rates("1"))
    stack.work()
    await stack.closed("untaped")
    assert not stack.heard(stack.call("untaped"), "notice")
    assert await rows(stack, "untaped") == []


async def test_what_a_killed_worker_was_recording_is_fetched_by_the_next_one(stack: Stack, infra: Infra) -> None:
    async def hums(call: Call) -> None:
        await call.hears(stack.tones["overall"])
        call.hum(CUSTOMER_HUMS)
        await asyncio.sleep(0.5)
        call.hum(None)
        call.press("1")
        await call.ended()

    await stack.stop_work()
    await stack.permit("taped-kill", hums)
    await kill_at_the_tune(stack, infra, record=["*"])
    [row] = await rows(stack, "taped-kill")
    assert (row["state"], row["at_exchange"]) == ("begun", True)
    assert not stack.call("taped-kill").over.is_set()
    records(stack)
    await stack.closed("taped-kill")
    row = await settled(stack, "taped-kill")
    assert row["state"] == "kept"
    assert seconds_of(await sound_of(stack, row), CUSTOMER_HUMS) > 0.2
    assert await files_at_exchange(stack) == []

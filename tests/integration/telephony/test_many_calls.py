"""Many calls at once, workers that are killed, and permits that are taken twice, on a real exchange."""

import asyncio
import json
import signal
import sys
from pathlib import Path

from chassis.testing.infra import Infra
from contracts.answers import AnswerSheet
from contracts.events.survey import AttemptClosed, ResponseRecorded
from contracts.vocabulary import Dimension
from services.survey.ivr.telephony import serve
from tests.integration.survey.builders import MONTH
from tests.integration.telephony.customers import Customers
from tests.integration.telephony.stack import Stack

MANY = 30
ROOT = Path(__file__).parents[3]


async def test_thirty_calls_at_once_are_thirty_ratings_thirty_tunes_and_thirty_attempts(stack: Stack) -> None:
    names = [f"many-{number}" for number in range(MANY)]
    people = Customers(stack)
    await stack.stop_work()
    for name in names:
        await stack.permit(name, people.rates("1"))
    stack.work()
    await stack.closed(*names)
    assert stack.telephone.failures == []
    told = [one for one in await stack.survey.sent(ResponseRecorded) if one.callback_id in names]
    ring = await stack.survey.runtime.vault.keyring(facts=[MONTH])
    sheets = [AnswerSheet.model_validate(ring.open(one.customer_ref, "answers", one.answers)) for one in told]
    assert sorted(str(one.callback_id) for one in told) == sorted(names)
    assert {sheet.score(Dimension.OVERALL) for sheet in sheets} == {5}
    ends = [one for one in await stack.survey.sent(AttemptClosed) if one.callback_id in names]
    assert sorted(one.callback_id for one in ends) == sorted(names)
    assert {one.tune for one in ends} == {"morning_bells"}
    rows = [await stack.row(name) for name in names]
    assert {row["tune_end"] for row in rows} == {"heard"}
    assert max(row["answered_at"] for row in rows) < min(row["ended_at"] for row in rows)
    assert {tuple(stack.tunes_heard(stack.call(name))) for name in names} == {("morning_bells",)}
    assert {stack.telephone.invitations[stack.due[name]] for name in names} == {1}


async def test_a_worker_process_killed_between_the_key_and_the_tune_is_followed_by_another(
    stack: Stack, infra: Infra
) -> None:
    await stack.stop_work()
    await stack.permit("kill-9", Customers(stack).rates("1"))
    told = {
        "settings": {"kafka": infra.kafka, "database_url": stack.survey.settings.database_url},
        "secrets": str(infra.secrets),
        "telephony": stack.settings.model_dump(mode="json"),
    }
    program = [sys.executable, "-m", "tests.integration.telephony.worker_program", json.dumps(told)]
    process = await asyncio.create_subprocess_exec(*program, cwd=ROOT)
    try:
        async with asyncio.timeout(90):
            assert await process.wait() == -signal.SIGKILL
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    call = stack.call("kill-9")
    assert not call.over.is_set()
    assert stack.tunes_heard(call) == []
    told_before = [one for one in await stack.survey.sent(ResponseRecorded) if one.callback_id == "kill-9"]
    assert len(told_before) == 1, "the rating was committed before the worker died"
    stack.work()
    await stack.closed("kill-9")
    assert stack.tunes_heard(call) == ["morning_bells"]
    told_after = [one for one in await stack.survey.sent(ResponseRecorded) if one.callback_id == "kill-9"]
    assert told_after == told_before
    assert stack.telephone.invitations[stack.due["kill-9"]] == 1


async def test_two_workers_that_find_the_same_permit_let_it_ring_once(stack: Stack) -> None:
    await stack.stop_work()
    names = [f"both-{number}" for number in range(4)]
    people = Customers(stack)
    for name in names:
        await stack.permit(name, people.rates("1"))
    another = asyncio.create_task(
        serve(stack.survey.runtime, stack.settings.model_copy(update={"app": f"{stack.settings.app}-2"}))
    )
    try:
        stack.work()
        await stack.closed(*names)
    finally:
        another.cancel()
        await asyncio.gather(another, return_exceptions=True)
    assert {stack.telephone.invitations[stack.due[name]] for name in names} == {1}
    ends = [one.callback_id for one in await stack.survey.sent(AttemptClosed) if one.callback_id in names]
    assert sorted(ends) == names

"""Many calls at once, workers that are killed, and permits that are taken twice, on a real exchange."""

import asyncio
from pathlib import Path

from chassis.testing.infra import Infra
from contracts.answers import AnswerSheet
from contracts.events.survey import AttemptClosed, ResponseRecorded
from contracts.vocabulary import Dimension
from services.survey.ivr.telephony import serve
from tests.integration.survey.builders import MONTH
from tests.integration.telephony import sipp
from tests.integration.telephony.customers import Customers
from tests.integration.telephony.killed import kill_at_the_tune
from tests.integration.telephony.stack import Stack

MANY = 30
_TUNES = {"1": ("morning_bells", "heard"), "4": ("slow_chords", "heard"), "5": ("slow_chords", "heard")}
"""By key: which tune is played, and that it came to its end."""


async def test_thirty_calls_at_once_are_thirty_ratings_thirty_tunes_and_thirty_attempts(stack: Stack) -> None:
    names = [f"many-{number}" for number in range(MANY)]
    people = Customers(stack)
    await stack.stop_work()
    # nobody rates before all have heard the question: a slow machine cannot make them one after another
    everyone = asyncio.Barrier(MANY)
    for name in names:
        await stack.permit(name, people.rates("1", together=everyone))
    stack.work(stack.settings.model_copy(update={"silence_seconds": 30.0}))
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


async def test_thirty_callers_of_sipp_at_once_are_thirty_ratings_thirty_tunes_and_thirty_attempts(
    stack: Stack, tmp_path: Path
) -> None:
    sipp.program()
    keys = {f"sipp-{number}": "145"[number % 3] for number in range(MANY)}
    await stack.stop_work()
    # of whoever is to talk to a person none is there: said so, and a call is promised
    stack.telephone.numbers |= {"agent": 486, "agent-busy": 486}
    numbers = {name: await stack.permit(name, 404) for name in keys}
    stack.work(stack.settings.model_copy(update={"calls": 0}))
    await stack.connected()
    await sipp.rate(stack.exchange.sip, [(numbers[name], key) for name, key in keys.items()], tmp_path)
    await stack.closed(*keys)
    ring = await stack.survey.runtime.vault.keyring(facts=[MONTH])
    told = [one for one in await stack.survey.sent(ResponseRecorded) if one.callback_id in keys]
    scores = {
        str(one.callback_id): AnswerSheet.model_validate(ring.open(one.customer_ref, "answers", one.answers)).score(
            Dimension.OVERALL
        )
        for one in told
    }
    assert len(told) == MANY
    assert scores == {name: 6 - int(key) for name, key in keys.items()}
    ends = [one for one in await stack.survey.sent(AttemptClosed) if one.callback_id in keys]
    assert sorted(one.callback_id for one in ends) == sorted(keys)
    played = {name: (row["tune"], row["tune_end"]) for name in keys if (row := await stack.row(name))}
    assert played == {name: _TUNES[key] for name, key in keys.items()}


async def test_a_worker_process_killed_between_the_key_and_the_tune_is_followed_by_another(
    stack: Stack, infra: Infra
) -> None:
    await stack.stop_work()
    await stack.permit("kill-9", Customers(stack).rates("1"))
    await kill_at_the_tune(stack, infra)
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

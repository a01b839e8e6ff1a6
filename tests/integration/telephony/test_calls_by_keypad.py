"""Customers rate on a real exchange by real SIP and RTP. What they heard decides which tune was played."""

import asyncio
from typing import Any

import pytest
import pytest_asyncio

from contracts.answers import AnswerSheet
from contracts.events.survey import AttemptClosed, PromiseMade, ResponseRecorded
from contracts.vocabulary import Dimension, Disposition, NotAttempted, ResponseStatus
from launcher.telephony.rtp import Call
from launcher.telephony.telephone import Behaviour
from services.survey.ivr import keeping, storing
from services.survey.metrics import EXCHANGE_TAKEN
from tests.integration.survey.builders import MONTH
from tests.integration.telephony.customers import Customers
from tests.integration.telephony.stack import Stack, tune_came_at


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def day(stack: Stack) -> Any:
    """All of these calls at the same time, to their ends."""
    people = Customers(stack)
    stack.telephone.numbers |= {"agent": people.helps, "agent-busy": 486}
    courses: dict[str, Behaviour | int | None] = {
        "one": people.rates("1"),
        "two": people.answers("2", "10"),
        "three": people.answers("3", "7#"),
        "four": people.rates("4"),
        "five": people.talks,
        "slip": people.rates("5", "1"),
        "twice": people.rates("1", "1"),
        "wrong": people.presses_again_and_again("9", "*", "#"),
        "silent": people.rates(),
        "again": people.presses_again_and_again("9", "1"),
        "interrupts": people.interrupts,
        "at-once": people.hangs_up_at_once,
        "at-key": people.hangs_up_at_the_key,
        "in-tune": people.hangs_up_in_the_tune,
        "busy": 486,
        "rejects": 603,
        "unknown": 404,
        "switched-off": 502,
        "no-answer": None,
    }
    for name, does in courses.items():
        await stack.permit(name, does, skill="senior" if name == "four" else "general")
    stack.work()
    await stack.closed(*courses)
    assert stack.telephone.failures == []
    return people


async def _answers(stack: Stack, name: str) -> AnswerSheet:
    told = [one for one in await stack.survey.sent(ResponseRecorded) if one.callback_id == name]
    keys = await stack.survey.runtime.vault.keyring(facts=[MONTH])
    return AnswerSheet.model_validate(keys.open(f"customer-{name}", "answers", told[-1].answers))


async def _end(stack: Stack, name: str) -> AttemptClosed:
    [end] = [one for one in await stack.survey.sent(AttemptClosed) if one.callback_id == name]
    return end


async def _keys(stack: Stack, name: str) -> str:
    rows = await stack.survey.query("SELECT sealed FROM key_press WHERE callback_id = $1 ORDER BY number", name)
    ring = await stack.survey.runtime.vault.keyring(facts=[MONTH])
    return "".join(ring.open(f"customer-{name}", "key_press", row["sealed"])["digit"] for row in rows)  # type: ignore[call-overload,index]


@pytest.mark.parametrize(
    ("name", "score", "tune"),
    [
        ("one", 5, "morning_bells"), ("two", 4, None), ("three", 3, None), ("four", 2, "slow_chords"),
        ("five", 1, "slow_chords"), ("slip", 5, "morning_bells"), ("twice", 5, "morning_bells"),
        ("again", 5, "morning_bells"), ("interrupts", 5, "morning_bells"),
    ],
)  # fmt: skip
async def test_the_caller_hears_the_tune_of_the_score_and_no_other(
    stack: Stack, day: Customers, name: str, score: int, tune: str | None
) -> None:
    assert (await _answers(stack, name)).score(Dimension.OVERALL) == score
    assert stack.tunes_heard(stack.call(name)) == ([] if tune is None else [tune])
    assert (await _end(stack, name)).tune == tune
    assert (await stack.row(name))["tune_end"] == (None if tune is None else "heard")


@pytest.mark.parametrize("name", ["one", "four", "five", "slip", "interrupts"])
async def test_the_rating_was_committed_before_the_first_packet_of_the_tune_came(
    stack: Stack, day: Customers, name: str
) -> None:
    """By the clock of this machine: what PostgreSQL says of the transaction, and when the caller's socket was read."""
    rows = await stack.survey.query(
        "SELECT payload, pg_xact_commit_timestamp(xmin) AS at FROM outbox WHERE topic = $1", ResponseRecorded.topic
    )
    [committed] = [
        row["at"] for row in rows if ResponseRecorded.model_validate_json(row["payload"]).callback_id == name
    ]
    assert committed.timestamp() < tune_came_at(stack.call(name))


async def test_the_disclosure_is_heard_before_the_question_and_thanks_after_the_tune(
    stack: Stack, day: Customers
) -> None:
    for line in ("opening", "tune", "overall", "closing"):
        assert stack.heard(stack.call("one"), line), line
    assert not stack.heard(stack.call("one"), "response_speed")


async def test_an_average_score_brings_every_other_question_and_ten_has_two_digits(
    stack: Stack, day: Customers
) -> None:
    for name, likelihood in (("two", 10), ("three", 7)):
        sheet = await _answers(stack, name)
        assert sheet.score(Dimension.RESPONSE_SPEED) == 4
        assert [answer.likelihood for answer in sheet.answers if answer.question_id == "nps"] == [likelihood]
        assert (await _end(stack, name)).disposition is Disposition.COMPLETE
        assert stack.heard(stack.call(name), "closing")
    [told] = [one for one in await stack.survey.sent(ResponseRecorded) if one.callback_id == "two"]
    assert (told.status, told.final, told.channel) == (ResponseStatus.COMPLETE, True, "ivr")


@pytest.mark.parametrize(("name", "keys"), [("wrong", "9*#"), ("silent", "")])
async def test_wrong_keys_and_silence_are_prompted_for_twice_then_the_call_ends_without_a_tune(
    stack: Stack, day: Customers, name: str, keys: str
) -> None:
    call = stack.call(name)
    assert stack.heard(call, "again")
    assert stack.heard(call, "neutral")
    assert stack.tunes_heard(call) == []
    assert await _keys(stack, name) == keys
    assert (await _end(stack, name)).disposition is Disposition.BREAK_OFF
    assert [one for one in await stack.survey.sent(ResponseRecorded) if one.callback_id == name] == []


async def test_every_press_is_kept_and_the_last_one_in_time_counts(stack: Stack, day: Customers) -> None:
    assert await _keys(stack, "slip") == "51"
    assert await _keys(stack, "two") == "221110"
    assert await _keys(stack, "again") == "91"


async def test_a_key_stops_the_prompt(stack: Stack, day: Customers) -> None:
    assert not stack.heard(stack.call("interrupts"), "overall")


async def test_a_low_score_is_soothed_then_talks_to_a_person_in_both_directions(stack: Stack, day: Customers) -> None:
    assert sorted(day.talked) == ["agent", "customer"]
    row, end = await stack.row("five"), await _end(stack, "five")
    assert (row["after_tune"], end.transferred, end.tune) == ("transferred", True, "slow_chords")
    assert row["tune_ended_at"] <= row["agent_called_at"] <= row["agent_answered_at"]
    assert stack.heard(stack.call("five"), "transfer")


async def test_nobody_free_is_said_and_promised(stack: Stack, day: Customers) -> None:
    assert stack.heard(stack.call("four"), "soothing")
    assert (await stack.row("four"))["after_tune"] == "promised"
    [promise] = [one for one in await stack.survey.sent(PromiseMade) if one.callback_id == "four"]
    assert promise.by == "ivr"
    assert not (await _end(stack, "four")).transferred


async def test_hanging_up_before_the_key_is_a_break_off_and_at_the_key_a_rating(stack: Stack, day: Customers) -> None:
    assert (await _end(stack, "at-once")).disposition is Disposition.BREAK_OFF
    assert (await _answers(stack, "at-key")).score(Dimension.OVERALL) == 1
    assert stack.tunes_heard(stack.call("at-key")) == []
    assert (await _end(stack, "at-key")).tune is None


async def test_hanging_up_in_the_tune_leaves_the_rating_and_says_until_when_it_played(
    stack: Stack, day: Customers
) -> None:
    assert (await _answers(stack, "in-tune")).score(Dimension.OVERALL) == 5
    row = await stack.row("in-tune")
    assert (row["tune_end"], row["after_tune"]) == ("hung_up", "hung_up")
    assert row["tune_begun_at"] < row["tune_ended_at"]


@pytest.mark.parametrize(
    ("name", "disposition", "cause"),
    [
        ("busy", Disposition.BUSY, 17), ("rejects", Disposition.NO_ANSWER, 21),
        ("unknown", Disposition.WRONG_NUMBER, 1), ("no-answer", Disposition.NO_ANSWER, 19),
        ("switched-off", Disposition.SWITCHED_OFF, 27),
    ],
)  # fmt: skip
async def test_a_call_that_nobody_takes_ends_by_its_cause(
    stack: Stack, day: Customers, name: str, disposition: Disposition, cause: int
) -> None:
    end = await _end(stack, name)
    assert (end.disposition, end.connected_at) == (disposition, None)
    assert (await stack.row(name))["cause"] == cause
    assert stack.telephone.invitations[stack.due[name]] == 1


async def test_every_permit_rang_once_and_has_one_end(stack: Stack, day: Customers) -> None:
    ends = [one.callback_id for one in await stack.survey.sent(AttemptClosed)]
    assert len(ends) == len(set(ends))
    assert all(count == 1 for number, count in stack.telephone.invitations.items() if number.startswith("+"))


async def test_a_worker_killed_between_the_key_and_the_tune_loses_nothing(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next one finds the channel, plays the tune once and asks nothing again."""
    stuck = asyncio.Event()

    async def dies_here(*_: object) -> bool:
        stuck.set()
        await asyncio.Event().wait()
        return False

    async def rates(call: Call) -> None:
        await call.hears(stack.tones["overall"])
        call.press("1")
        await call.ended()

    await stack.stop_work()
    await stack.permit("killed", rates)
    with monkeypatch.context() as patched:
        patched.setattr(keeping, "begin_tune", dies_here)
        patched.setattr(storing, "KEPT_SECONDS", 60.0)
        stack.work()
        async with asyncio.timeout(60):
            await stuck.wait()
        await stack.stop_work()
    call = stack.call("killed")
    assert stack.tunes_heard(call) == []
    stack.work()
    await stack.closed("killed")
    assert stack.tunes_heard(call) == ["morning_bells"]
    told = [one for one in await stack.survey.sent(ResponseRecorded) if one.callback_id == "killed"]
    ends = [one for one in await stack.survey.sent(AttemptClosed) if one.callback_id == "killed"]
    assert (len(told), [end.tune for end in ends]) == (1, ["morning_bells"])
    assert stack.telephone.invitations[stack.due["killed"]] == 1


async def test_a_worker_killed_before_the_key_asks_again(stack: Stack) -> None:
    asked = asyncio.Event()

    async def rates(call: Call) -> None:
        await call.hears(stack.tones["opening"])
        asked.set()
        await asyncio.sleep(1.5)  # what the dead worker began is still being said
        await call.hears(stack.tones["overall"])
        call.press("1")
        await call.ended()

    await stack.stop_work()
    await stack.permit("killed-early", rates)
    stack.work()
    async with asyncio.timeout(60):
        await asked.wait()
    await stack.stop_work()
    stack.work()
    await stack.closed("killed-early")
    assert stack.tunes_heard(stack.call("killed-early")) == ["morning_bells"]


async def test_nothing_is_played_while_the_answer_waits_and_a_failed_commit_ends_neutrally(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    pressed = asyncio.Event()

    async def rates(call: Call) -> None:
        await call.hears(stack.tones["overall"])
        await asyncio.sleep(0.5)
        pressed.set()
        call.press("1")
        await call.ended()

    monkeypatch.setattr(storing, "COMMIT_SECONDS", 1.5)
    monkeypatch.setattr(storing, "KEPT_SECONDS", 0.5)  # the key waits as well, and a transaction may not wait long
    if stack.worker is None or stack.worker.done():
        stack.work()
    await stack.permit("held", rates)
    async with asyncio.timeout(60):
        await pressed.wait()
    async with stack.survey.runtime.transaction(customers=["customer-held"]):
        await stack.call("held").hears(stack.tones["neutral"])
    await stack.closed("held")
    assert stack.tunes_heard(stack.call("held")) == []
    [end] = [one for one in await stack.survey.sent(AttemptClosed) if one.callback_id == "held"]
    assert (end.disposition, end.not_attempted) == (Disposition.NOT_ATTEMPTED, NotAttempted.LATE)


async def test_whoever_calls_to_rate_is_asked_by_the_number_and_others_are_ended_kindly(stack: Stack) -> None:
    await stack.stop_work()
    number = await stack.permit("calls-in", 404)
    refused = await stack.telephone.dial(stack.exchange.sip, "5800", number=number)
    await refused.hears(stack.tones["fallback"])  # no worker: the exchange speaks itself
    await refused.ended()
    [row] = await stack.survey.query("SELECT state FROM permit WHERE callback_id = 'calls-in'")
    assert row["state"] == "open"
    # this worker places no calls: it only takes those that come in
    stack.work(stack.settings.model_copy(update={"calls": 0}))
    await stack.connected()
    call = await stack.telephone.dial(stack.exchange.sip, "5800", number=number)
    await call.hears(stack.tones["overall"])
    call.press("5")
    call.press("1")
    await call.ended()
    await stack.closed("calls-in")
    assert (await _end(stack, "calls-in")).tune == "morning_bells"
    assert (await stack.row("calls-in"))["tune_end"] == "heard"
    stranger = await stack.telephone.dial(stack.exchange.sip, "5800", number="+8613900139000")
    await stranger.hears(stack.tones["neutral"])
    await stranger.ended()


async def test_a_second_client_of_the_same_name_stops_the_first_with_an_alarm(stack: Stack) -> None:
    await stack.stop_work()
    first = stack.work()
    await stack.connected()
    second = stack.work()
    await _until(lambda: _taken())
    reasons = await stack.survey.runtime.ready()
    assert any("application name" in reason for reason in reasons), reasons
    assert not second.done()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    EXCHANGE_TAKEN.set(0)


async def _until(row: Any, within: float = 30.0) -> None:
    async with asyncio.timeout(within):
        while not await row():  # noqa: ASYNC110 - an outside program is asked
            await asyncio.sleep(0.05)


async def _taken() -> bool:
    return EXCHANGE_TAKEN._value.get() == 1.0

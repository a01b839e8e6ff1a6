"""A tune that a pilot drew, and a person who never takes the telephone, by real SIP and RTP."""

from chassis.access.roles import Role
from contracts.events.survey import AttemptClosed, PromiseMade
from tests.integration.telephony.customers import Customers
from tests.integration.telephony.stack import Stack

PILOTS = "/survey/api/v1/tunes/pilots"
ARMS = ["skipping_stones", "small_brook"]


async def test_the_tune_that_a_pilot_draws_is_the_one_that_is_heard_and_told(stack: Stack) -> None:
    keeper = await stack.survey.client(Role.SUPERVISOR, login="keeper")
    plan = {"name": "two tunes", "band": "cheerful", "arms": ARMS, "share": 1}
    begun = await keeper.post(PILOTS, json=plan)
    assert begun.status_code == 201, begun.text
    pilot, names = begun.json()["pilot_id"], [f"drawn-{number}" for number in range(4)]
    try:
        await stack.stop_work()
        for name in names:
            await stack.permit(name, Customers(stack).rates("1"))
        stack.work()
        await stack.closed(*names)
    finally:
        assert (await keeper.post(f"{PILOTS}/{pilot}/end")).status_code == 204
    ends = {one.callback_id: one for one in await stack.survey.sent(AttemptClosed) if one.callback_id in names}
    for name in names:
        [heard] = stack.tunes_heard(stack.call(name))
        assert heard in ARMS
        assert (ends[name].tune, ends[name].tune_pilot) == (heard, pilot)
        assert (await stack.row(name))["tune_end"] == "heard"


async def test_a_person_who_never_takes_the_telephone_is_promised_instead(stack: Stack) -> None:
    stack.telephone.numbers["agent-away"] = None
    away = stack.settings.endpoint.format(number="agent-away")
    given = stack.settings.model_copy(update={"agents": {"away": (away,)}, "transfer_seconds": 2.0})
    await stack.stop_work()
    await stack.permit("nobody-comes", Customers(stack).rates("5"), skill="away")
    try:
        stack.work(given)
        await stack.closed("nobody-comes")
    finally:
        await stack.stop_work()
    assert stack.telephone.invitations["agent-away"] == 1
    assert stack.heard(stack.call("nobody-comes"), "soothing")
    row = await stack.row("nobody-comes")
    assert (row["after_tune"], row["agent_answered_at"]) == ("promised", None)
    assert row["agent_called_at"] > row["tune_ended_at"]
    [promise] = [one for one in await stack.survey.sent(PromiseMade) if one.callback_id == "nobody-comes"]
    assert promise.by == "ivr"

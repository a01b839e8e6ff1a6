"""Which channel a contact takes, why, and who makes the call."""

from dataclasses import replace

import pytest

from contracts.vocabulary import Channel, ChannelReason, Scenario
from services.scheduler import sampling
from services.scheduler.merging import skill_for
from services.scheduler.permits import first_channel, next_channel
from services.scheduler.pilots import shut_out
from services.scheduler.policy import Pilot, ScenarioPolicy
from services.scheduler.policy_files import load_policies
from tests.unit.scheduler.builders import a_callback, a_permit, some_rules

POLICIES = load_policies()
AFTER_SALE = POLICIES.scenarios[Scenario.AFTER_SALE]
EXPERIMENT = AFTER_SALE.model_copy(update={"random_email_share": 0.25})


def test_the_policys_first_channel_is_taken_and_the_next_where_there_is_no_data_for_it() -> None:
    assert first_channel(AFTER_SALE, a_callback()) == (Channel.PHONE, ChannelReason.POLICY)
    assert first_channel(AFTER_SALE, a_callback(phone_index=None)) == (Channel.EMAIL, ChannelReason.FALLBACK)
    assert first_channel(AFTER_SALE, a_callback(phone_index=None, email_index=None)) is None


def test_a_policy_may_call_by_keypad_whoever_has_a_telephone() -> None:
    given = AFTER_SALE.model_dump() | {"channels": ("ivr", "email")}
    keypad = ScenarioPolicy.model_validate(given)
    assert first_channel(keypad, a_callback()) == (Channel.IVR, ChannelReason.POLICY)
    assert first_channel(keypad, a_callback(phone_index=None)) == (Channel.EMAIL, ChannelReason.FALLBACK)
    rung = a_callback(permits=(a_permit(channel=Channel.IVR),))
    assert next_channel(keypad, rung) is Channel.EMAIL


def test_a_wish_for_a_channel_is_kept_where_it_can_be() -> None:
    assert first_channel(AFTER_SALE, a_callback(channel_wish=Channel.EMAIL)) == (
        Channel.EMAIL,
        ChannelReason.PREFERENCE,
    )
    without = a_callback(channel_wish=Channel.EMAIL, email_index=None)
    assert first_channel(AFTER_SALE, without) == (Channel.PHONE, ChannelReason.POLICY)


def test_the_mode_experiment_draws_its_share_among_those_with_both_ways_and_marks_both_arms() -> None:
    found = [
        first_channel(
            EXPERIMENT, a_callback(), chance=sampling.chance(b"k" * 32, "channel", source="crm", service_id=n)
        )
        for n in map(str, range(10_000))
    ]
    emails = found.count((Channel.EMAIL, ChannelReason.RANDOM))
    assert emails + found.count((Channel.PHONE, ChannelReason.RANDOM)) == 10_000
    assert abs(emails - 2500) < 4 * (10_000 * 0.25 * 0.75) ** 0.5
    one_way = a_callback(email_index=None)
    assert first_channel(EXPERIMENT, one_way, chance=0.0) == (Channel.PHONE, ChannelReason.POLICY)


def test_the_walk_goes_on_to_a_channel_that_was_not_tried_and_ends_after_the_last() -> None:
    called = a_callback(permits=(a_permit(channel=Channel.PHONE),))
    assert next_channel(AFTER_SALE, called) is Channel.EMAIL
    both = replace(called, permits=(*called.permits, a_permit(channel=Channel.EMAIL, permit_no=2)))
    assert next_channel(AFTER_SALE, both) is None
    assert next_channel(AFTER_SALE, replace(called, email_index=None)) is None


@pytest.mark.parametrize(
    ("open_to", "reachable", "out"),
    [
        ((Channel.EMAIL,), {Channel.PHONE}, True),
        ((Channel.EMAIL,), {Channel.PHONE, Channel.EMAIL}, False),
        ((Channel.PHONE, Channel.EMAIL), {Channel.PHONE}, False),
        ((Channel.EMAIL,), set(), False),
    ],
)
def test_a_pilot_shuts_out_whom_it_leaves_no_channel_and_not_who_had_none(
    open_to: tuple[Channel, ...], reachable: set[Channel], out: bool
) -> None:
    trial: ScenarioPolicy = AFTER_SALE.model_copy(update={"channel_pilots": {Channel.PHONE: Pilot(share=0.0)}})
    assert shut_out(trial, open_to, reachable) is out


def test_senior_agents_get_complaints_and_high_value_customers() -> None:
    rules = some_rules()
    assert skill_for(rules, Scenario.COMPLAINT, "general", vip=False) == "senior"
    assert skill_for(rules, Scenario.CARE, "general", vip=True) == "senior"
    assert skill_for(rules, Scenario.CARE, "general", vip=False) == "general"

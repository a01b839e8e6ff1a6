"""Which permits of a pass go, one taking from what the next finds."""

from collections import Counter
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contracts.vocabulary import Channel, SuppressionScope
from services.scheduler.budget import Budgets
from services.scheduler.callback import PermitKind
from services.scheduler.notice import callback_due, made_under, with_notice
from services.scheduler.release import Decision, Due, Ripe, Room, Ruling, decide, unhindered
from tests.unit.scheduler.builders import NOW, a_callback, a_permit, some_rules

HOUR = timedelta(hours=1)
RULES = some_rules(calls=10)
"""Twelve releases an hour: ten calls and the headroom."""


def a_ripe(**fields: Any) -> Ripe:
    return Ripe.of(a_callback(), a_permit())._replace(**fields)


def seen(ripe: Ripe, number: int) -> Due:
    """As a pass sees it first; every fifth without a notice."""
    return Due(
        ripe.callback_id, ripe.permit_no, "customer", ripe.channel, ripe.kind, ripe.skill, NOW, number, ripe.subjects,
        None if number % 5 == 0 else not ripe.counted,
    )  # fmt: skip


def decided(
    *ripe: Ripe, suppressed: dict[str, set[str]] | None = None, budgets: Budgets | None = None, calls: int = 0
) -> list[Decision]:
    """`calls`: of skill general, in this hour so far."""
    room, used = Room(RULES, NOW, Counter({"general": calls})), budgets or Budgets({})
    return [decide(one, now=NOW, suppressed=suppressed or {}, budgets=used, room=room) for one in ripe]


def test_the_first_of_one_persons_callbacks_goes_and_the_second_waits_for_the_budget() -> None:
    first, second = decided(a_ripe(), a_ripe(callback_id="cb-2"))
    assert first.ruling is Ruling.RELEASE
    assert second == Decision(Ruling.BUDGET, NOW + timedelta(days=7))


def test_a_later_permit_of_a_counted_callback_and_a_kept_promise_do_not_ask_the_budget() -> None:
    used = Budgets({a_ripe().person: [NOW - HOUR]})
    rulings = decided(a_ripe(counted=True), a_ripe(passes_budget=True), a_ripe(), budgets=used)
    assert [one.ruling for one in rulings] == [Ruling.RELEASE, Ruling.RELEASE, Ruling.BUDGET]


def test_a_wish_about_everything_ends_and_one_about_calls_asks_for_another_channel() -> None:
    call, mail = a_ripe(), a_ripe(channel=Channel.EMAIL, counted=True)
    by_phone = {call.subjects[0]: {SuppressionScope.PHONE.value}}
    assert [one.ruling for one in decided(call, mail, suppressed=by_phone)] == [
        Ruling.CHANNEL_SUPPRESSED, Ruling.RELEASE,
    ]  # fmt: skip
    of_all = {call.subjects[-1]: {SuppressionScope.ALL.value}}
    assert decided(call, suppressed=of_all)[0].ruling is Ruling.SUPPRESSED


def test_what_is_too_late_or_meets_the_customers_night_does_not_go() -> None:
    late, night = a_ripe(last_start=NOW - HOUR), a_ripe(zone="America/New_York")
    assert [one.ruling for one in decided(late, night)] == [Ruling.LATE, Ruling.OUTSIDE_HOURS]


def test_calls_beyond_what_agents_can_take_wait_for_the_next_hour_and_messages_and_promises_do_not() -> None:
    calls = [a_ripe(subjects=(f"phone:{n}",)) for n in range(14)]
    mail = a_ripe(channel=Channel.EMAIL, subjects=("email:1",))
    agreed = a_ripe(kind=PermitKind.AGREED, subjects=("phone:15",))
    other = a_ripe(skill="senior", subjects=("phone:16",))
    said = decided(*calls, mail, agreed, other)
    assert [one.ruling for one in said] == [Ruling.RELEASE] * 12 + [Ruling.CAPACITY] * 2 + [Ruling.RELEASE] * 3
    assert said[12].until == NOW + HOUR


a_pass = st.lists(
    st.builds(
        a_ripe,
        callback_id=st.uuids().map(str),
        subjects=st.integers(0, 40).map(lambda n: (f"phone:{n}", f"customer:{n}")),
        skill=st.sampled_from(["general", "general", "senior"]),
        kind=st.sampled_from(list(PermitKind)),
        channel=st.sampled_from([Channel.PHONE, Channel.EMAIL]),
        counted=st.booleans(),
        passes_budget=st.booleans(),
    ),
    max_size=120,
)


@given(a_pass)
def test_no_pass_exceeds_the_capacity_of_a_skill_or_the_budget_of_a_person(ripe: list[Ripe]) -> None:
    gone = [one for one, said in zip(ripe, decided(*ripe), strict=True) if said.ruling is Ruling.RELEASE]
    calls = Counter(one.skill for one in gone if one.channel is Channel.PHONE and one.kind is not PermitKind.AGREED)
    assert all(count <= 12 for count in calls.values())
    begun = Counter(one.person for one in gone if not one.counted and not one.passes_budget)
    assert all(count <= 1 for count in begun.values())


@given(a_pass, st.integers(0, 12))
def test_what_goes_at_once_is_what_would_be_decided_one_by_one_and_takes_nothing_from_the_others(
    ripe: list[Ripe], calls: int
) -> None:
    one_by_one = dict(zip(ripe, decided(*ripe, calls=calls), strict=True))
    room = Room(RULES, NOW, Counter({"general": calls}))
    free = {one.callback_id for one in unhindered([seen(one, n) for n, one in enumerate(ripe)], room)}
    alone = {one: decided(one, calls=calls)[0] for one in ripe if one.callback_id in free}
    rest = [one for one in ripe if one.callback_id not in free]
    later = dict(zip(rest, decided(*rest, calls=calls), strict=True))
    assert alone | later == one_by_one


def test_nearly_all_go_at_once_where_persons_differ_and_the_hour_has_room() -> None:
    due = [seen(a_ripe(subjects=(f"phone:{n}", f"customer:{n}")), n) for n in range(1, 5)]
    crowd = [seen(a_ripe(subjects=(f"phone:{n}",)), 1) for n in range(13)]
    assert unhindered(due, Room(RULES, NOW, Counter())) == due
    assert unhindered(due, Room(RULES, NOW, Counter(general=9))) == []
    assert unhindered(crowd, Room(RULES, NOW, Counter())) == []
    assert unhindered([due[0], due[0]._replace(callback_id="cb-2")], Room(RULES, NOW, Counter())) == []
    assert unhindered([due[0]._replace(counts=None)], Room(RULES, NOW, Counter())) == []


@given(st.integers(0, 30 * 60))
def test_a_notice_says_what_is_made_at_any_moment_until_its_end(minutes: int) -> None:
    callback = a_callback(not_after=NOW + timedelta(days=3))
    permit = with_notice(RULES, callback, a_permit(last_start=NOW + timedelta(days=3)))
    assert permit.notice is not None and permit.notice.policy == made_under(RULES)
    at = NOW + timedelta(minutes=minutes)
    due = callback_due(RULES, callback, permit, now=at, contact="s1.c..c", context="s1.f.2026-10.x")
    same = due.model_dump_json(exclude_none=True, exclude={"contact", "context"}) == permit.notice.body
    assert same == (at <= permit.notice.until)

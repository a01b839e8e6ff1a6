from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from math import isclose
from pathlib import Path
from random import Random
from typing import Any

import pytest

from contracts.vocabulary import Channel, Scenario
from services.scheduler.budget import Budgets
from services.scheduler.configured import configured_rules
from services.scheduler.policy import Pilot, SamplingRule
from services.scheduler.policy_files import PACKAGED, PolicyError
from services.scheduler.simulate import figures
from services.scheduler.simulate.agenda import Agenda, Rank
from services.scheduler.simulate.comparison import Comparison, compare
from services.scheduler.simulate.history import History, PlanSeen
from services.scheduler.simulate.intervals import Rates, Responses, overall, width
from services.scheduler.simulate.levers import Contradictory, Levers, varied
from services.scheduler.simulate.outcomes import observe
from services.scheduler.simulate.proposal import proposed_rules
from services.scheduler.simulate.regimes import AsItWas, Proposed
from services.scheduler.simulate.replay import Replayed, replay
from services.scheduler.simulate.shared import Shared
from tests.unit.scheduler import simulated
from tests.unit.scheduler.simulated import PERIOD, UNTIL, a_completion, a_period, lived, rules_with

AFTER_SALE = Scenario.AFTER_SALE


@pytest.fixture(scope="module")
def past() -> tuple[History, AsItWas]:
    return lived(rules_with(), 800)


def again(history: History, as_it_was: AsItWas) -> Replayed:
    return replay(history, as_it_was, observe(history.callbacks, seed=1))


def compared(past: tuple[History, AsItWas], *, seed: int = 1, calls: int = 100_000, **scenario: Any) -> Comparison:
    history, as_it_was = past
    proposed = Proposed(rules_with(calls, **scenario), as_it_was.named)
    return compare(history, as_it_was, proposed, seed=seed, score_sd=1.0)


def test_what_was_lived_under_a_policy_is_found_again_under_it(past: tuple[History, AsItWas]) -> None:
    replayed = again(*past)
    assert replayed.differences == []
    assert {one.callback.callback_id for one in replayed.tracks} == {one.callback_id for one in past[0].callbacks}
    assert {one.callback.callback_id: one.explanation for one in replayed.tracks} == {
        one.callback_id: one.explanation for one in past[0].callbacks
    }
    assert sum(track.drawn for track in replayed.tracks) == 0


@pytest.mark.parametrize("name", ["start", "window", "broken", "budget"])
def test_a_stored_plan_that_no_rule_gives_is_named(past: tuple[History, AsItWas], name: str) -> None:
    history, as_it_was = past
    first = history.callbacks[0]
    plan = first.permits[0].plans[0]
    other = {"budget": {"used": 0, "free_at": "2026-10-01T00:00:00+00:00"}, "broken": ["soft_ban", "soft_ban"]}
    record = {**plan.record, name: other.get(name, "2026-10-01T00:00:00+00:00")}
    forged = replace(first, permits=(replace(first.permits[0], plans=(PlanSeen(record),)), *first.permits[1:]))
    (difference,) = again(replace(history, callbacks=(forged, *history.callbacks[1:])), as_it_was).differences
    assert difference.what == f"plan: {name}"


def test_what_was_counted_at_the_instant_of_a_plan_and_not_seen_by_it_came_after_it(
    past: tuple[History, AsItWas],
) -> None:
    history, as_it_was = past
    shared, earlier = Shared(history), UNTIL - timedelta(days=1)
    shared.budgets = Budgets({"p": [earlier, UNTIL, UNTIL]})
    seen = [shared.as_seen("p", now=UNTIL, rules=as_it_was.rules_now, then=then).counted["p"] for then in (3, 2, 1, 0)]
    assert [len(counted) for counted in seen] == [3, 2, 1, 3], (
        "what was counted before the instant was seen by everybody"
    )
    used = [shared.used("p", now=UNTIL, rules=as_it_was.rules_now, then=then).count for then in (3, 2, 1, None)]
    assert used == [3, 2, 1, 3], "a plan is made with the budget that it saw"


def test_whether_an_hour_is_full_is_asked_after_each_release_of_the_instant_also_of_what_an_end_led_to() -> None:
    agenda, order = Agenda(), []
    agenda.at(UNTIL, Rank.FULL, lambda now: order.append("put off"))
    agenda.at(UNTIL, Rank.ENDED, lambda now: agenda.at(now, Rank.RELEASED, lambda _: order.append("released anew")))
    agenda.at(UNTIL, Rank.WISHED, lambda now: order.append("wished away"))
    agenda.run(UNTIL)
    assert order == ["released anew", "put off", "wished away"]


def test_each_decision_is_made_by_the_shifts_of_its_day(past: tuple[History, AsItWas]) -> None:
    _, as_it_was = past
    few, many = rules_with(5).capacity, rules_with(50).capacity
    kept = replace(as_it_was, capacities=[(UNTIL, few), (UNTIL + timedelta(days=1), many)], _made={})
    days = [-1, 0, 1, 2]
    assert [kept.rules(AFTER_SALE, UNTIL + timedelta(days=day), None).capacity for day in days] == [
        few,
        few,
        many,
        many,
    ]
    assert as_it_was.rules(AFTER_SALE, UNTIL, None).capacity == as_it_was.rules_now.capacity


def test_whom_the_budget_kept_back_stays_so_when_the_number_was_corrected_since() -> None:
    history, as_it_was = lived(rules_with(), 40, scenario=Scenario.COMPLAINT, phone_index="p", email_index=None)
    kept_back = {
        one.completion_ref for one in history.callbacks if one.explanation == "suppressed_by_budget" and one.permits
    }
    assert kept_back, "planned before another callback of the person was released"
    corrected = [
        replace(row, phone_index=f"of {row.completion_ref}", corrections=1) if row.completion_ref in kept_back else row
        for row in history.completions
    ]
    assert again(replace(history, completions=tuple(corrected)), as_it_was).differences == []


@pytest.mark.slow
def test_fifty_thousand_services_are_compared_and_none_is_found_otherwise() -> None:
    found = compared(lived(rules_with(), 50_000), calls=50)
    assert (found.services, list(found.differences)) == (50_000, [])
    assert len(found.changed) > 1000


def test_a_row_with_another_draw_is_named(past: tuple[History, AsItWas]) -> None:
    history, as_it_was = past
    row = next(one for one in history.completions if one.verdict == "not_drawn")
    others = tuple(one for one in history.completions if one is not row)
    forged = replace(history, completions=(replace(row, verdict="selected"), *others))
    assert [one.what for one in again(forged, as_it_was).differences] == ["draw"]


def test_a_stored_end_that_the_course_does_not_give_is_named(past: tuple[History, AsItWas]) -> None:
    history, as_it_was = past
    ended = next(one for one in history.callbacks if one.explanation == "refused")
    others = tuple(one for one in history.callbacks if one is not ended)
    forged = replace(history, callbacks=(replace(ended, explanation=type(ended.explanation)("break_off")), *others))
    assert [one.what for one in again(forged, as_it_was).differences] == ["course"]


def test_the_policy_in_force_as_a_proposal_changes_nothing_and_draws_nothing(past: tuple[History, AsItWas]) -> None:
    found = compared(past)
    assert (found.newly_selected, found.no_longer_selected, list(found.changed), found.after.drawn) == (0, 0, [], 0)
    assert found.after == found.before


def test_a_larger_ratio_keeps_everyone_who_was_drawn_and_narrows_the_interval(past: tuple[History, AsItWas]) -> None:
    sampling = configured_rules().policies.scenarios[AFTER_SALE].sampling.model_dump() | {"ratio": "0.4"}
    found = compared(past, sampling=SamplingRule.model_validate(sampling))
    assert found.no_longer_selected == 0
    assert found.after.selected == found.before.selected + found.newly_selected > found.before.selected
    assert found.after.drawn > 0
    narrowed = {pair.stratum: pair for pair in figures.widths(found)}["after_sale/other"]
    assert narrowed.before is not None and narrowed.after is not None
    assert narrowed.after.mean is not None and narrowed.before.mean is not None
    assert narrowed.after.mean < narrowed.before.mean


def test_outcomes_that_did_not_happen_follow_the_seed(past: tuple[History, AsItWas]) -> None:
    hours = configured_rules().policies.scenarios[AFTER_SALE].window.model_copy(update={"not_before_hours": 7.0})
    first, again_, other = (compared(past, window=hours, seed=seed) for seed in (1, 1, 2))
    assert first.after == again_.after
    assert first.after.ends != other.after.ends
    assert len(first.changed) > 0


def test_fewer_agents_are_never_given_more_than_their_hour_takes(past: tuple[History, AsItWas]) -> None:
    found = compared(past, calls=1)
    assert max(load.calls for load in found.after.load) <= 1
    assert sum(found.after.missed.values()) > sum(found.before.missed.values())
    assert max(load.calls for load in found.before.load) > 1


def test_what_still_waits_when_a_span_is_read_is_in_no_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulated, "UNTIL", simulated.BEGINS + timedelta(days=9, hours=5))
    found = compared(lived(rules_with(), 1500), calls=2)
    assert found.after.waiting > found.before.waiting > 0
    assert max(load.calls for load in found.after.load) <= 2
    assert max(load.hour for load in found.after.load) <= found.until


def test_a_closed_channel_sends_its_contacts_to_the_other(past: tuple[History, AsItWas]) -> None:
    found = compared(past, channels=(Channel.EMAIL,), retries={})
    assert found.after.messages > found.before.messages
    assert found.after.calls < found.before.calls


def test_a_pilot_takes_customers_out_of_the_frame_and_gives_them_back(past: tuple[History, AsItWas]) -> None:
    found = compared(past, pilot=Pilot(share=0.5))
    assert found.before.frame == 800 > found.after.frame > 400
    rules = rules_with()
    row = replace(a_completion(1, Random(2), scenario=AFTER_SALE), verdict="out_of_frame", reason="outside_pilot")
    late = replace(row, completion_ref="late", reason="period_closed")
    bare = History((row, late), (), {PERIOD: a_period(rules)}, (), (), UNTIL)
    made = replay(bare, Proposed(rules, {}), observe([], 1))
    assert (made.sampled["ref-1"].rate is not None, made.sampled["late"].rate) == (True, None)


def test_one_number_is_called_once_in_seven_days_in_a_replay_too() -> None:
    rules = rules_with()
    same = {"scenario": Scenario.COMPLAINT, "phone_index": "p", "email_index": None, "verdict": "selected"}
    rows = [a_completion(number, Random(number), **same) for number in range(40)]
    bare = History(tuple(rows), (), {PERIOD: a_period(rules)}, (), (), UNTIL)
    made = replay(bare, Proposed(rules, {}), observe([], 1))
    released = sorted(one.callback.counted_at for one in made.tracks if one.callback.counted_at)
    assert 2 <= len(released) <= 6
    assert all((later - earlier).days >= 7 for earlier, later in pairwise(released))


def test_a_customer_who_asked_not_to_be_called_is_not_called_in_a_replay() -> None:
    rules = rules_with()
    row = a_completion(1, Random(1), scenario=Scenario.COMPLAINT, phone_index="p", email_index=None)
    row = replace(row, verdict="not_drawn")
    wish = {"phone:p": [(row.accepted_at, "all")]}
    bare = History((row,), (), {PERIOD: a_period(rules)}, (), (), UNTIL, wish)
    (track,) = replay(bare, Proposed(rules, {}), observe([], 1)).tracks
    assert (track.explanation, track.callback.counted_at) == ("opted_out", None)


def test_the_width_of_an_interval_is_cochrans() -> None:
    rates = Rates({"a": Responses(40, 80)})
    one = width("a", frame=1000, selected=100, rates=rates, sd=1.0)
    assert one.expected == 50 and one.mean is not None and one.share is not None
    assert isclose(one.mean, 1.959964 * (0.95 / 50) ** 0.5) and isclose(one.share, one.mean / 2)
    other = width("b/x", frame=3000, selected=100, rates=rates, sd=1.0)
    both = overall([one, other], sd=1.0)
    expected = 1.959964 * (0.0625 * 0.95 / 50 + 0.5625 * (1 - 50 / 3000) / 50) ** 0.5
    assert both.mean is not None and isclose(both.mean, expected)


def test_a_stratum_without_two_expected_answers_has_no_interval() -> None:
    few = width("a", frame=10, selected=1, rates=Rates({}), sd=1.0)
    assert (few.response_rate, few.mean, few.share) == (None, None, None)


def test_a_whole_stratum_that_answers_has_no_uncertainty_left() -> None:
    whole = width("complaint", frame=50, selected=50, rates=Rates({"complaint": Responses(50, 50)}), sd=1.0)
    assert whole.mean == 0


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({}, "holds no policy file"),
        ({"a.toml": "x = 1"}, "is neither a scenario's file"),
        ({"a.toml": "x ="}, "Invalid value"),
        ({"a.toml": 'scenario = "usage"\n[window]\nclock = "noon"'}, r"a\.toml:"),
        ({"a.toml": "headroom = 1.2\nshifts = []"}, "no shift has the skill"),
    ],
)
def test_a_proposal_that_cannot_hold_is_refused_with_file_and_reason(
    tmp_path: Path, files: dict[str, str], why: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(PolicyError, match=why):
        proposed_rules(tmp_path, configured_rules())


def test_a_proposed_file_takes_the_place_of_its_own_matter_only(tmp_path: Path) -> None:
    text = (PACKAGED / "usage.toml").read_text().replace('ratio = "0.1"', 'ratio = "0.3"')
    (tmp_path / "mine.toml").write_text(text)
    rules = proposed_rules(tmp_path / "mine.toml", configured_rules())
    before = configured_rules().policies
    changed = {name for name, version in rules.policies.versions.items() if version != before.versions[name]}
    assert changed == {Scenario.USAGE}
    (tmp_path / "second.toml").write_text(text)
    with pytest.raises(PolicyError, match=r"mine\.toml is a file of usage too"):
        proposed_rules(tmp_path, configured_rules())
    (tmp_path / "second.toml").unlink()
    (tmp_path / "mine.toml").write_text(text.replace('"0.3"', '"0.05"'))
    with pytest.raises(PolicyError, match="below the floor"):
        proposed_rules(tmp_path, configured_rules())


def test_house_rules_that_a_scenario_in_force_contradicts_are_refused(tmp_path: Path) -> None:
    text = (PACKAGED / "house.toml").read_text().replace('floor = "0.1"', 'floor = "0.5"')
    (tmp_path / "house.toml").write_text(text)
    with pytest.raises(PolicyError, match=r"house.toml: .*below the floor of 0\.5"):
        proposed_rules(tmp_path, configured_rules())


@pytest.mark.parametrize(
    ("levers", "field"),
    [
        (Levers(deadline_hours=0.0), "deadline_hours"),
        (Levers(scenario=Scenario.INSTALLATION, deadline_hours=20.0), "deadline_hours"),
        (Levers(scenario=Scenario.USAGE, ratio=rules_with().house.sampling.floor / 2), "ratio"),
    ],
)
def test_levers_that_contradict_are_refused_by_name(levers: Levers, field: str) -> None:
    with pytest.raises(Contradictory) as refused:
        varied(configured_rules(), levers)
    assert refused.value.field == field


def test_levers_change_what_they_name_and_nothing_else() -> None:
    rules = configured_rules()
    assert varied(rules, Levers()).policies.version == rules.policies.version
    halved = varied(rules, Levers(agents=0.5, first_channel=Channel.EMAIL))
    assert [shift.working_day for shift in halved.capacity.shifts] == [
        round(shift.working_day / 2) for shift in rules.capacity.shifts
    ]
    assert halved.policies.scenarios[AFTER_SALE].channels == (Channel.EMAIL, Channel.PHONE)

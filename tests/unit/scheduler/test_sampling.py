import itertools
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.vocabulary import Scenario
from services.scheduler import sampling
from services.scheduler.policy_files import load_policies
from services.scheduler.policy_versions import policy_set
from services.scheduler.sampling import LedgerEntry, draw, floor_of, ledger_digest, probability_below, rate_for
from services.scheduler.shortfall import Shortfall, shortfalls

POLICIES = load_policies()
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(("expected", "thousandths"), [(100, 179), (200, 155), (500, 134), (1000, 124), (5000, 111)])
def test_the_rate_is_the_smallest_that_meets_the_floor_with_99_percent(expected: int, thousandths: int) -> None:
    floor = -(-expected // 10)
    assert rate_for(expected) == thousandths
    assert probability_below(expected, thousandths / 1000, floor) <= 0.01
    assert probability_below(expected, (thousandths - 1) / 1000, floor) > 0.01


@pytest.mark.parametrize(("count", "floor"), [(0, 0), (1, 1), (91, 10), (100, 10), (101, 11)])
def test_the_floor_is_rounded_up(count: int, floor: int) -> None:
    assert floor_of(count, Decimal("0.1")) == floor


@settings(deadline=None)
@given(st.integers(30, 3000))
def test_every_rate_meets_its_floor_with_99_percent_and_no_smaller_one_does(expected: int) -> None:
    thousandths, floor = rate_for(expected), -(-expected // 10)
    assert probability_below(expected, thousandths / 1000, floor) <= 0.01
    assert probability_below(expected, (thousandths - 1) / 1000, floor) > 0.01


@pytest.mark.parametrize("expected", [None, 0, 29])
def test_an_unknown_or_small_stratum_is_taken_whole(expected: int | None) -> None:
    assert rate_for(expected) == 1000


def test_strata_are_disjoint_complaint_before_vip_before_service_type() -> None:
    def stratum(scenario: str, service_type: str | None, level: str | None) -> str:
        policy = POLICIES.of(scenario)
        assert policy is not None
        return sampling.stratum(POLICIES, policy, service_type=service_type, level=level)

    assert stratum("complaint", "热水器维修", "VIP3") == "complaint"
    assert stratum("after_sale", "热水器维修", "VIP3") == "vip"
    assert stratum("after_sale", "热水器维修", "普通") == "after_sale/热水器维修"
    assert stratum("after_sale", "从未听说", None) == "after_sale/other"
    assert set(itertools.chain(["complaint", "vip", "after_sale/other"])) <= set(sampling.strata(POLICIES))


def test_certainty_strata_are_whole_and_others_follow_the_last_period() -> None:
    rates = {r.stratum: r for r in sampling.rates(POLICIES, {"after_sale/热水器维修": 500, "complaint": 500})}
    assert rates["complaint"].thousandths == rates["vip"].thousandths == 1000
    assert rates["complaint"].certainty
    assert rates["after_sale/热水器维修"].thousandths == 134
    assert rates["after_sale/other"].thousandths == 1000


def test_the_share_drawn_lies_inside_its_binomial_interval() -> None:
    secret, n = b"s" * 32, 20_000
    share = sum(draw(secret, source="crm", service_id=f"S-{i}", thousandths=179).selected for i in range(n)) / n
    assert abs(share - 0.179) < 4 * (0.179 * 0.821 / n) ** 0.5


@settings(deadline=None)
@given(st.text(max_size=30), st.text(min_size=1, max_size=50), st.integers(0, 999))
def test_a_higher_rate_never_loses_a_selected_one_and_the_value_agrees(source: str, service_id: str, p: int) -> None:
    low = draw(b"k" * 32, source=source, service_id=service_id, thousandths=p)
    high = draw(b"k" * 32, source=source, service_id=service_id, thousandths=p + 1)
    assert not low.selected or high.selected
    assert draw(b"k" * 32, source=source, service_id=service_id, thousandths=1000).selected
    assert not draw(b"k" * 32, source=source, service_id=service_id, thousandths=0).selected
    assert low.value == high.value


def test_ids_do_not_run_together() -> None:
    def value(source: str, service_id: str) -> float:
        return draw(b"k" * 32, source=source, service_id=service_id, thousandths=1).value

    assert value("a", "bc") != value("ab", "c")
    assert value('a","b', "c") != value("a", 'b","c')


def test_the_ledger_digest_does_not_depend_on_arrival() -> None:
    entries = [LedgerEntry("crm", f"S-{i}", "vip", 1, "first", 1.0, True) for i in range(50)]
    shuffled = random.Random(1).sample(entries, len(entries))
    assert ledger_digest(entries) == ledger_digest(shuffled)
    assert ledger_digest(entries) != ledger_digest(entries[1:])


def test_the_period_is_the_month_on_the_operators_clock() -> None:
    instant = datetime(2026, 9, 30, 16, 0, tzinfo=UTC)
    assert sampling.period_of(instant, SHANGHAI) == "2026-10"
    assert sampling.month_begins("2026-10", SHANGHAI) == instant
    assert sampling.month_ends("2026-12", SHANGHAI) == datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    assert sampling.month_before("2027-01") == "2026-12"


def test_a_changed_ratio_is_a_new_rate_version_for_what_is_completed_later() -> None:
    first = sampling.rates(POLICIES, {"after_sale/热水器维修": 500})
    usage = POLICIES.scenarios[Scenario.AFTER_SALE]
    doubled = usage.model_copy(update={"sampling": usage.sampling.model_copy(update={"ratio": Decimal("0.2")})})
    changed = policy_set(POLICIES.house, [*(p for p in POLICIES.scenarios.values() if p is not usage), doubled])
    since = datetime(2026, 10, 15, tzinfo=UTC)
    new = sampling.revised(changed, first, since)
    assert [(rate.stratum, rate.version, rate.expected) for rate in new] == [("after_sale/热水器维修", 2, 500)]
    versions = [rate for rate in (*first, *new) if rate.stratum == "after_sale/热水器维修"]
    before, after = (sampling.rate_at(versions, since + timedelta(seconds=s)) for s in (-1, 0))
    assert before is not None and after is not None
    assert (before.version, after.version) == (1, 2)
    assert after.thousandths == rate_for(500, Decimal("0.2")) > before.thousandths


def test_an_unchanged_policy_changes_no_rate_and_a_new_stratum_begins_with_its_first_version() -> None:
    first = sampling.rates(POLICIES, {"after_sale/热水器维修": 500})
    since = datetime(2026, 10, 15, tzinfo=UTC)
    assert sampling.revised(POLICIES, first, since) == []
    fewer = [rate for rate in first if rate.stratum != "usage/other"]
    (added,) = sampling.revised(POLICIES, fewer, since)
    assert (added.stratum, added.version, added.valid_from, added.thousandths) == ("usage/other", 1, since, 1000)


def test_a_shortfall_is_told_by_stratum() -> None:
    def entries(stratum: str, selected: int, of: int) -> list[LedgerEntry]:
        return [LedgerEntry("crm", f"{stratum}-{i}", stratum, 1, "first", 0.1, i < selected) for i in range(of)]

    frame = [*entries("usage/other", 9, 91), *entries("installation/other", 10, 91), *entries("vip", 5, 5)]
    assert shortfalls(frame, POLICIES) == [Shortfall("usage/other", 91, 9, 10)]


def test_the_share_of_100_000_ids_lies_inside_its_binomial_interval() -> None:
    secret, n = bytes(range(32)), 100_000
    for thousandths in (111, 500, 903):
        p = thousandths / 1000
        chosen = sum(
            draw(secret, source="crm", service_id=f"S-{i}", thousandths=thousandths).selected for i in range(n)
        )
        assert abs(chosen - n * p) < 4 * (n * p * (1 - p)) ** 0.5


@settings(deadline=None)
@given(st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=60, unique=True), st.randoms())
def test_shuffling_duplicating_and_replaying_leave_the_selected_set_identical(ids: list[str], chance: Random) -> None:
    def selected(told: list[str]) -> set[str]:
        return {i for i in told if draw(b"k" * 32, source="crm", service_id=i, thousandths=300).selected}

    again = [*ids, *chance.choices(ids, k=len(ids)), *ids]
    chance.shuffle(again)
    assert selected(again) == selected(ids)

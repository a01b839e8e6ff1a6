"""Held to R's survey package 4.1.1 (golden/golden.json), to nine digits."""

import csv
import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.domains import difference, domain
from services.reporting.estimators import Estimate, Group, Lonely, mean, proportion, ratio

GOLDEN = Path(__file__).parent / "golden"
EXPECTED = json.loads((GOLDEN / "golden.json").read_text())
ROWS = [row for row in csv.DictReader((GOLDEN / "fixture.csv").open()) if row["overall"]]


def answers(column: str, *, lonely: bool = False, base: str | None = None) -> list[Group]:
    kept = [row for row in ROWS if lonely or int(row["n_answered"]) > 1]
    return [
        Group(
            stratum=row["stratum"],
            weight=int(row["N"]) / int(row["n_answered"]),
            value=float(row["solved"] == "yes") if column == "solved" else float(row[column]),
            base=float(row[base]) if base else 1.0,
            domain=row["channel"],
        )
        for row in kept
    ]


POPULATION: dict[str, float | None] = {row["stratum"]: float(row["N"]) for row in ROWS}
UNCORRECTED: dict[str, float | None] = dict.fromkeys(POPULATION)


def agrees(name: str, estimate: Estimate | None) -> None:
    assert estimate is not None
    found = {
        "estimate": estimate.value,
        "se": estimate.se,
        "lower": estimate.low,
        "upper": estimate.high,
        "deff": estimate.deff,
        "df": estimate.df,
    }
    for part, value in EXPECTED[name].items():
        assert found[part] == pytest.approx(value, rel=1e-9), f"{name} {part}"


@pytest.mark.parametrize(
    ("name", "column"), [("mean_overall", "overall"), ("nps", "nps_value"), ("mean_attitude", "attitude")]
)
def test_means_agree_with_the_reference(name: str, column: str) -> None:
    agrees(f"no_lonely_stratum/{name}", mean(answers(column), POPULATION))


def test_without_a_finite_population_correction_the_mean_agrees_too() -> None:
    agrees("without_fpc/mean_overall", mean(answers("overall"), UNCORRECTED))


def test_the_share_has_the_beta_interval_of_korn_and_graubard() -> None:
    agrees("no_lonely_stratum/solved_beta", proportion(answers("solved"), POPULATION))


def test_the_share_as_a_mean_has_the_t_interval() -> None:
    agrees("no_lonely_stratum/solved_mean", mean(answers("solved"), POPULATION))


@pytest.mark.parametrize("channel", ["online", "phone"])
def test_a_domain_keeps_the_whole_design(channel: str) -> None:
    agrees(f"domain/channel_{channel}/mean_overall", mean(domain(answers("overall"), channel), POPULATION))


def test_the_ratio_of_totals_agrees() -> None:
    agrees("ratio/seconds_per_question", ratio(answers("talk_seconds", base="questions"), POPULATION))


def test_the_difference_of_two_domains_counts_their_covariance() -> None:
    agrees("difference/phone_minus_online", difference(answers("overall"), POPULATION, "phone", "online"))


@pytest.mark.parametrize("policy", list(Lonely))
@pytest.mark.parametrize(("name", "column"), [("mean_overall", "overall"), ("nps", "nps_value")])
def test_each_policy_for_a_stratum_with_one_answer_agrees(policy: Lonely, name: str, column: str) -> None:
    agrees(f"lonely_{policy}/{name}", mean(answers(column, lonely=True), POPULATION, policy))


def test_leaving_a_lonely_stratum_out_of_the_variance_is_taking_it_as_certain() -> None:
    agrees("lonely_remove/mean_overall", mean(answers("overall", lonely=True), POPULATION, Lonely.CERTAINTY))


def test_equal_answers_may_come_counted_instead_of_one_by_one() -> None:
    single = answers("overall")
    tallied: dict[tuple[str, float, float | None], Group] = {}
    for group in single:
        key = (group.stratum, group.weight, group.value)
        known = tallied.get(key, replace(group, count=0))
        tallied[key] = replace(known, count=known.count + 1)
    one, other = mean(single, POPULATION), mean(list(tallied.values()), POPULATION)
    assert one is not None
    assert other is not None
    assert other.value == pytest.approx(one.value, rel=1e-14)
    assert other.se == pytest.approx(one.se, rel=1e-12)


def test_the_raw_mean_of_two_unlike_strata_misleads_and_the_weighted_one_does_not() -> None:
    ordinary = [Group("ordinary", 10.0, 4.4, 1000)]
    complaints, vip = [Group("complaint", 1.0, 2.6, 500)], [Group("vip", 1.0, 4.6, 500)]
    together = [*ordinary, *complaints, *vip]
    weighted = mean(together, {"ordinary": 10_000, "complaint": 500, "vip": 500})
    assert weighted is not None
    assert round(weighted.value, 2) == 4.33
    assert round(sum(g.count * (g.value or 0) for g in together) / 2000, 2) == 4.00


def test_a_stratum_answered_in_full_adds_no_uncertainty() -> None:
    estimate = mean([Group("all", 1.0, 1.0, 5), Group("all", 1.0, 5.0, 5)], {"all": 10})
    assert estimate is not None
    assert (estimate.low, estimate.high) == (3.0, 3.0)


def test_unanimous_answers_still_have_an_interval() -> None:
    estimate = proportion([Group("h", 10.0, 1.0, 30)], {"h": 300})
    assert estimate is not None
    assert estimate.high == 1.0
    assert estimate.low == pytest.approx(0.884296, abs=1e-5)  # Clopper and Pearson for 30 of 30


def test_strata_that_agree_within_themselves_are_not_taken_for_certain() -> None:
    split = proportion([Group("yes", 10.0, 1.0, 30), Group("no", 10.0, 0.0, 30)], {"yes": 300, "no": 300})
    assert split is not None
    assert split.low is not None
    assert split.high is not None
    assert split.low < 0.40 < 0.60 < split.high
    assert split.effective_n <= 60


def test_a_share_of_a_full_count_is_known() -> None:
    full = proportion([Group("h", 1.0, 1.0, 30), Group("h", 1.0, 0.0, 10)], {"h": 40})
    assert full is not None
    assert (full.low, full.value, full.high) == (0.75, 0.75, 0.75)


def test_one_answer_gives_an_estimate_and_no_interval() -> None:
    estimate = mean([Group("h", 10.0, 4.0)], {"h": 10})
    assert estimate is not None
    assert (estimate.value, estimate.low, estimate.high) == (4.0, None, None)


def test_no_answers_give_no_estimate() -> None:
    assert mean([Group("h", 10.0, None)], {"h": 10}) is None
    assert proportion([], {}) is None


@given(st.randoms(use_true_random=False))
def test_the_order_of_answers_does_not_change_one_digit(random: object) -> None:
    groups = answers("overall", lonely=True)[:120]
    expected = mean(groups, POPULATION)
    random.shuffle(groups)  # type: ignore[attr-defined]
    assert mean(groups, POPULATION) == expected
    assert expected is not None
    assert not math.isnan(expected.se)


AGSTRAT = {
    "northeast": (220, 21, 97_629.81, 7_647_472_708.0),
    "north central": (1054, 103, 300_504.16, 29_618_183_543.0),
    "south": (1382, 135, 211_315.04, 53_587_487_856.0),
    "west": (422, 41, 662_295.51, 396_185_950_266.0),
}
"""N, n, mean and variance of acres of farm land in four strata: Lohr, Sampling (2nd ed.), example 3.2."""


def with_moments(stratum: str, population: int, n: int, average: float, variance: float) -> list[Group]:
    """Half above, half below, one at the mean: n odd values with just this mean and sample variance."""
    reach, weight = math.sqrt(variance), population / n
    return [
        Group(stratum, weight, average + reach, n // 2),
        Group(stratum, weight, average, 1),
        Group(stratum, weight, average - reach, n // 2),
    ]


def test_the_farms_of_lohrs_example_have_her_mean_and_standard_error() -> None:
    groups = [group for name, row in AGSTRAT.items() for group in with_moments(name, *row)]
    found = mean(groups, {name: float(row[0]) for name, row in AGSTRAT.items()})
    assert found is not None
    total = sum(row[0] for row in AGSTRAT.values())
    assert found.value * total == pytest.approx(909_736_035, rel=1e-7)
    assert found.se * total == pytest.approx(50_417_248, rel=1e-7)

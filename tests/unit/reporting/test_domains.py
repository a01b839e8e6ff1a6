"""Between parts of a sample, and one part of it weighed against another."""

import math

import pytest

from services.reporting.domains import standardised
from services.reporting.estimators import Group, mean
from services.reporting.regression import Observation, slopes
from tests.unit.reporting.test_estimators import POPULATION, ROWS, answers


def test_standardised_to_its_own_mix_a_figure_is_the_weighted_mean_itself() -> None:
    groups = answers("overall")
    total = math.fsum(g.weight for g in groups)
    own = {name: math.fsum(g.weight for g in groups if g.domain == name) / total for name in ("phone", "online")}
    plain, even = mean(groups, POPULATION), standardised(groups, POPULATION, own)
    assert plain is not None
    assert even is not None
    assert even.value == pytest.approx(plain.value, rel=1e-12)


def test_another_mix_moves_the_figure_to_the_means_of_the_channels() -> None:
    groups = [Group("h", 10.0, 4.0, 50, domain="phone"), Group("h", 10.0, 3.0, 10, domain="email")]
    even = standardised(groups, {"h": 600}, {"phone": 0.5, "email": 0.5})
    assert even is not None
    assert even.value == pytest.approx(3.5)


def test_a_channel_that_nobody_used_leaves_its_share_to_the_others() -> None:
    groups = [Group("h", 10.0, 4.0, 50, domain="phone"), Group("h", 10.0, 3.0, 10, domain="email")]
    even = standardised(groups, {"h": 600}, {"phone": 0.4, "email": 0.4, "sms": 0.2})
    assert even is not None
    assert even.value == pytest.approx(3.5)
    assert standardised(groups, {"h": 600}, {"ivr": 1.0}) is None


def observed(x: list[tuple[float, ...]], y: list[float]) -> list[Observation]:
    return [Observation("h", 10.0, 1, value, row) for row, value in zip(x, y, strict=True)]


def test_slopes_find_what_the_score_was_made_of() -> None:
    x = [(float(a), float(b)) for a in range(1, 6) for b in range(1, 6)]
    found = slopes(observed(x, [0.5 + 0.6 * a + 0.2 * b for a, b in x]), {"h": None})
    assert found is not None
    assert [round(one.value, 9) for one in found] == [0.6, 0.2]
    assert found[0].se == pytest.approx(0, abs=1e-12)


def test_one_predictor_in_one_stratum_agrees_with_the_sandwich_of_the_textbook() -> None:
    """White (1980): v = Σ (x − x̄)² e² / (Σ (x − x̄)²)², times n/(n−1) for the sample of a stratum."""
    x = [1.0, 2, 2, 3, 4, 4, 5, 5, 5, 1]
    y = [2.0, 1, 3, 3, 3, 5, 5, 4, 5, 1]
    found = slopes(observed([(one,) for one in x], y), {"h": None})
    assert found is not None
    n, mx, my = len(x), sum(x) / len(x), sum(y) / len(y)
    sxx = sum((a - mx) ** 2 for a in x)
    slope = sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True)) / sxx
    errors = [b - my - slope * (a - mx) for a, b in zip(x, y, strict=True)]
    variance = n / (n - 1) * sum(((a - mx) * e) ** 2 for a, e in zip(x, errors, strict=True)) / sxx**2
    assert found[0].value == pytest.approx(slope, rel=1e-12)
    assert found[0].se == pytest.approx(math.sqrt(variance), rel=1e-12)


def test_predictors_that_follow_from_each_other_have_no_weights() -> None:
    assert slopes(observed([(a, 2 * a) for a in (1.0, 2, 3, 4, 5)], [1.0, 2, 3, 4, 5]), {"h": None}) is None


def test_answers_without_all_dimensions_stay_in_the_design() -> None:
    x = [(float(a),) for a in range(1, 6)]
    complete = observed(x, [1.0, 3, 2, 5, 4])
    silent = [Observation("h", 10.0, 5, 0.0, None)]
    with_silent = slopes([*complete, *silent], {"h": None})
    alone = slopes(complete, {"h": None})
    assert with_silent is not None
    assert alone is not None
    assert with_silent[0].value == alone[0].value
    assert with_silent[0].se != alone[0].se


def test_the_fixture_has_answers_of_both_channels() -> None:
    assert {row["channel"] for row in ROWS} == {"phone", "online"}

"""Facts about figures: the weighted estimate comes near to the truth of everybody, where the plain mean does not."""

from collections.abc import Callable

from launcher.demo.evidence import Evidence
from launcher.demo.truth import truth

Found = tuple[bool, str, str]
_WIDER = 2.0
"""A 95 % interval misses the truth in one run of twenty. Twice its width (about 3.9 standard errors) misses it in one
of ten thousand, so that a red line means a defect."""
_VISIBLE = 0.1
"""Scores that the plain mean must be away from the truth, or the month shows nothing."""


def overall(evidence: Evidence) -> Found:
    """Near the truth, and nearer than the plain mean."""
    near, found, planted = _near(evidence, "overall")
    figure, true = evidence.told.summary["figures"]["overall"], truth(evidence.month.works).figures["overall"]
    if figure["raw"] is None or figure["estimate"] is None:
        return False, found, planted
    better = abs(figure["estimate"] - true) < abs(figure["raw"] - true)
    visible = abs(figure["raw"] - true) > _VISIBLE
    return near and better and visible, f"{found}，未加权 {figure['raw']:.2f}", planted


def nps(evidence: Evidence) -> Found:
    return _near(evidence, "nps")


def solved(evidence: Evidence) -> Found:
    return _near(evidence, "solved")


def of(dimension: str) -> Callable[[Evidence], Found]:
    return lambda evidence: _near(evidence, dimension)


def _near(evidence: Evidence, key: str) -> Found:
    figure, true = evidence.told.summary["figures"][key], truth(evidence.month.works).figures[key]
    estimate, low, high = figure["estimate"], figure["low"], figure["high"]
    if estimate is None or low is None or high is None:
        return False, f"没有区间（n = {figure['n']}）", _shown(key, true)
    holds = abs(estimate - true) <= _WIDER * (high - low) / 2
    inside = "真值在区间内" if low <= true <= high else "真值在区间外"
    return holds, f"{_shown(key, estimate)}（{_shown(key, low)} – {_shown(key, high)}，{inside}）", _shown(key, true)


def _shown(key: str, value: float) -> str:
    if key == "solved":
        return f"{value:.1%}"
    return f"{value:+.1f}" if key == "nps" else f"{value:.2f}"

"""Facts about figures: the weighted estimate comes near to the truth of everybody, where the plain mean does not."""

from collections.abc import Callable

from launcher.demo.evidence import Evidence
from launcher.demo.facts.intervals import inside, near
from launcher.demo.truth import truth

Found = tuple[bool, str, str]
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
    said = "真值在区间内" if inside(true, low, high) else "真值在区间外"
    told = f"{_shown(key, estimate)}（{_shown(key, low)} – {_shown(key, high)}，{said}）"
    return near(true, estimate, low, high), told, _shown(key, true)


def _shown(key: str, value: float) -> str:
    if key == "solved":
        return f"{value:.1%}"
    return f"{value:+.1f}" if key == "nps" else f"{value:.2f}"

"""Geometry for the small charts that the templates draw as SVG: plain positions on an axis, no style."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    MET = "met"
    MISSED = "missed"
    OPEN = "open"


@dataclass(frozen=True)
class Strip:
    """Positions on a strip from 0 to its width; `target` is None when it lies off the axis or none is set."""

    low: float
    dot: float
    high: float
    target: float | None


def strip(
    value: float, low: float, high: float, *, axis: tuple[float, float], target: float | None, width: int
) -> Strip:
    def place(at: float) -> float:
        share = (at - axis[0]) / (axis[1] - axis[0])
        return round(min(1.0, max(0.0, share)) * width, 2)

    shown = target is not None and axis[0] <= target <= axis[1]
    return Strip(
        low=place(low),
        dot=place(value),
        high=place(high),
        target=place(target) if shown and target is not None else None,
    )


def judge(low: float, high: float, target: float, good: str = "high") -> Verdict:
    """A target is met or missed only when the whole interval lies on one side of it."""
    above, below = low >= target, high <= target
    if good == "low":
        above, below = below, above
    if above:
        return Verdict.MET
    return Verdict.MISSED if below else Verdict.OPEN


def band(score: int) -> str:
    """1–2 low, 3–4 mid, 5 high."""
    if score <= 2:
        return "low"
    return "mid" if score <= 4 else "high"


def nps_band(score: int) -> str:
    """0–6 detractor, 7–8 passive, 9–10 promoter, drawn with the colours of the bands."""
    if score <= 6:
        return "low"
    return "mid" if score <= 8 else "high"


SHAPES = {"strip": strip, "judge": judge, "band": band, "nps_band": nps_band}

"""What a printed interval says about the truth, pure. Nothing is near where no interval is told."""

_WIDER = 2.0
"""A 95 % interval misses the truth in one run of twenty. Twice its width (about 3.9 standard errors) misses it in one
of ten thousand, so that a red line means a defect."""


def near(true: float, estimate: float | None, low: float | None, high: float | None) -> bool:
    if estimate is None or low is None or high is None:
        return False
    return abs(estimate - true) <= _WIDER * (high - low) / 2


def inside(true: float, low: float | None, high: float | None) -> bool:
    return low is not None and high is not None and low <= true <= high

"""What was measured of a record that looks odd, as data: a name and numbers. Pages put it into words."""

import re

_WRITTEN = re.compile(r"^[a-z_]+( [a-z_]+=-?[0-9.]+)*$")


def measured(name: str, **numbers: float) -> str:
    """Such as `hasty questions=5 seconds=1.2`: at most one decimal, never an answer."""
    return " ".join([name, *(f"{field}={_short(number)}" for field, number in numbers.items())])


def read(evidence: str) -> tuple[str, dict[str, str]] | None:
    """Name and numbers; None for what was stored as a sentence before."""
    if not _WRITTEN.match(evidence):
        return None
    name, *numbers = evidence.split(" ")
    return name, dict(number.split("=", 1) for number in numbers)


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")

"""How numbers of a report are written."""

from enum import StrEnum

from chassis.web.filters import number, share, signed


class Unit(StrEnum):
    """How a number is written; Excel gets the number itself."""

    COUNT = "count"
    MEAN = "mean"
    SHARE = "share"
    NPS = "nps"
    DIFFERENCE = "difference"
    WEIGHT = "weight"
    HOURS = "hours"
    MINUTES = "minutes"


def written(value: float, unit: Unit) -> str:
    """As the pages write it: 1,516; 4.27; 82.6%; +34.6."""
    match unit:
        case Unit.COUNT:
            return number(value)
        case Unit.SHARE:
            return share(value)
        case Unit.NPS:
            return signed(value)
        case Unit.DIFFERENCE:
            return signed(value, 2)
        case Unit.HOURS | Unit.MINUTES:
            return number(value, 1)
        case _:
            return number(value, 2)

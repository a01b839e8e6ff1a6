"""Today by hour as bars with the capacity as a stepped line: plain geometry, no style."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.scheduler.pages.load_view import Bar

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 320, 190, 34, 22, 8
_ROUND = (1, 2, 5)


@dataclass(frozen=True)
class Column:
    """From the top: the other calls, below them the urgent ones."""

    x: float
    middle: float
    width: float
    other_y: float
    other_height: float
    urgent_y: float
    urgent_height: float
    bar: Bar


@dataclass(frozen=True)
class Chart:
    columns: tuple[Column, ...]
    ticks: tuple[tuple[int, float], ...]
    """(calls, y)"""
    capacity: str
    """Points of the line."""


def chart(bars: Sequence[Bar]) -> Chart | None:
    """The hours that are not over; None late in the evening."""
    shown = [bar for bar in bars if not bar.past]
    if not shown:
        return None
    step = tick_step(max(max(bar.urgent + bar.other, bar.capacity) for bar in shown))
    top = step * max(1, -(-max(max(bar.urgent + bar.other, bar.capacity) for bar in shown) // step))
    scale, slot = (HEIGHT - BOTTOM - TOP) / top, (WIDTH - LEFT) / len(shown)

    def y(calls: float) -> float:
        return round(HEIGHT - BOTTOM - calls * scale, 1)

    columns = tuple(_column(bar, LEFT + slot * number, slot, scale, y(0)) for number, bar in enumerate(shown))
    line = [
        f"{round(LEFT + slot * (number + side), 1)},{y(bar.capacity)}"
        for number, bar in enumerate(shown)
        for side in (0, 1)
    ]
    return Chart(columns, tuple((calls, y(calls)) for calls in range(0, top + 1, step)), " ".join(line))


def tick_step(largest: int) -> int:
    """A round number that divides the axis into at most four: 1, 2, 5, 10, 20, 50 …"""
    power = 1
    while True:
        for factor in _ROUND:
            if factor * power * 4 >= largest:
                return factor * power
        power *= 10


def _column(bar: Bar, left: float, slot: float, scale: float, floor: float) -> Column:
    urgent, other = bar.urgent * scale, bar.other * scale
    return Column(
        x=round(left + slot * 0.18, 1), middle=round(left + slot / 2, 1), width=round(slot * 0.64, 1),
        other_y=round(floor - urgent - other, 1), other_height=round(other, 1),
        urgent_y=round(floor - urgent, 1), urgent_height=round(urgent, 1), bar=bar,
    )  # fmt: skip

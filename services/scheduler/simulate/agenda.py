"""What will happen next in a replay: the earliest instant first, then by rank, then the most urgent."""

import heapq
from collections.abc import Callable
from datetime import datetime
from enum import IntEnum
from itertools import count

Action = Callable[[datetime], None]


class Rank(IntEnum):
    """The order of what happens at one instant. A stepped clock shows one instant to many transactions."""

    PLANNED = 0
    RELEASED = 1
    PASSING_BUDGET = 2
    """Counts in the budget that it passes: after those that ask for it."""
    AGREED = 3
    """Counts in the hour's calls for what is decided after its pass, takes no room in it."""
    PUT_OFF = 4
    ENDED = 5
    FULL = 6
    """Put off because the hour was full: after every release of the instant, also of what an attempt that ended in it
    led to. An hour that was full stays so."""
    WISHED = 7
    """A wish from outside, after the attempts that were heard before it."""


class Agenda:
    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, datetime, str, int, Action]] = []
        self._order = count()

    def at(
        self, instant: datetime, rank: Rank, action: Action, *, urgency: datetime | None = None, key: str = ""
    ) -> None:
        heapq.heappush(self._heap, (instant, rank, urgency or instant, key, next(self._order), action))

    def run(self, until: datetime) -> None:
        """Everything up to `until`, what is added meanwhile too."""
        while self._heap and self._heap[0][0] <= until:
            instant, *_, action = heapq.heappop(self._heap)
            action(instant)

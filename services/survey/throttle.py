"""How often a caller may knock: counts per key within a minute of the machine's clock, in this process."""

from collections import deque
from collections.abc import Callable
from time import monotonic

MINUTE = 60.0
KEYS = 10_000  # beyond this the oldest are forgotten


class Throttle:
    def __init__(self, per_minute: int, clock: Callable[[], float] = monotonic) -> None:
        self._limit = per_minute
        self._clock = clock
        self._knocks: dict[str, deque[float]] = {}

    def is_over(self, key: str) -> bool:
        """True while the key has used up its minute."""
        return len(self._recent(key)) >= self._limit

    def count(self, key: str) -> None:
        knocks = self._recent(key)
        knocks.append(self._clock())
        self._knocks.pop(key, None)
        self._knocks[key] = knocks
        if len(self._knocks) > KEYS:
            self._knocks.pop(next(iter(self._knocks)))

    def _recent(self, key: str) -> deque[float]:
        knocks = self._knocks.get(key, deque(maxlen=self._limit))
        while knocks and knocks[0] <= self._clock() - MINUTE:
            knocks.popleft()
        return knocks

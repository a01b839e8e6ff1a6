"""Whether receiving gets on: records wait and some are settled."""

from dataclasses import dataclass


@dataclass
class Progress:
    """Fed with each measurement; seconds are of a clock that never goes back."""

    _settled: int = 0
    _since: float | None = None

    def note(self, *, lag: int, settled: int, now: float) -> None:
        """`lag`: records that wait; `settled`: records ever settled here."""
        if lag == 0:
            self._since = None
        elif self._since is None or settled != self._settled:
            self._since = now
        self._settled = settled

    def stuck_for(self, now: float) -> float:
        """How long records have waited without any being settled; 0 when none wait."""
        return 0.0 if self._since is None else now - self._since

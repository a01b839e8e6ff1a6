"""What the coming hours will bring: when waiting calls get an agent, and which of them will miss their deadline."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

Room = Callable[[str, datetime], int]
"""(skill, hour) → calls that may still be released in that hour."""
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Ahead:
    """Pending calls that are alike. Hours are named by their first instant."""

    hour: datetime
    """In which they fall due; what is overdue falls due now."""
    skill: str
    scenario: str
    priority: int
    deadline: datetime
    """The hour in which their deadlines lie."""
    first: bool
    """Nobody was tried yet: only a first contact can miss its deadline (SC5)."""
    agreed: bool
    """At a minute that the customer chose: takes no room."""
    urgency: datetime
    """The hour that orders their release."""
    calls: int
    late: int
    """Of these, due after the deadline: equal hours alone do not tell."""


def expected_misses(ahead: Iterable[Ahead], hours: Sequence[datetime], room: Room) -> Counter[str]:
    """By scenario, first contacts that will start after their deadline, or not within `hours`, when each hour takes
    what it has room for and the rest waits for the next, in the order of release. `hours` ascend from the current one.

    Customers on another clock than the operator's are taken to be free when the agents are."""
    groups = list(ahead)
    missed = Counter[str]()
    for skill in {one.skill for one in groups}:
        missed += _misses([one for one in groups if one.skill == skill], [(hour, room(skill, hour)) for hour in hours])
    return missed


def _misses(groups: Sequence[Ahead], hours: Sequence[tuple[datetime, int]]) -> Counter[str]:
    """Of one skill, by hour and its room."""
    coming = sorted(groups, key=lambda one: one.hour, reverse=True)
    waiting: list[tuple[datetime, int, Ahead, int]] = []  # urgency, a number that makes it unique, group, calls
    missed = Counter[str]()
    for hour, left in hours:
        while coming and coming[-1].hour <= hour:
            one = coming.pop()
            if one.agreed:
                missed[one.scenario] += _missed(one, one.calls, hour)
            else:
                heapq.heappush(waiting, (one.urgency, len(coming), one, one.calls))
        while waiting and left > 0:
            urgency, number, one, calls = heapq.heappop(waiting)
            taken = min(calls, left)
            left -= taken
            missed[one.scenario] += _missed(one, taken, hour)
            if taken < calls:
                heapq.heappush(waiting, (urgency, number, one, calls - taken))
    end = hours[-1][0] + _HOUR
    for _, _, one, calls in waiting:
        missed[one.scenario] += _missed(one, calls, end)
    return missed


def _missed(one: Ahead, calls: int, hour: datetime) -> int:
    """How many of `calls` of this group miss their deadline when they start in `hour`."""
    if not one.first or hour < one.deadline:
        return 0
    return calls if hour > one.deadline else min(calls, one.late)

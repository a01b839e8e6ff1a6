"""What all callbacks of a replay share: the contact budgets, the calls of each hour, the wishes not to be contacted."""

from collections import Counter, defaultdict
from datetime import datetime

from services.scheduler.budget import Budgets, Used
from services.scheduler.callback import Callback
from services.scheduler.capacity import hour_of
from services.scheduler.contact import subjects
from services.scheduler.release import Room
from services.scheduler.rules import Rules
from services.scheduler.simulate.history import History


class Shared:
    def __init__(self, history: History) -> None:
        self.budgets = Budgets({})
        self.calls: defaultdict[datetime, Counter[str]] = defaultdict(Counter)
        """Calls released in each hour (its first instant, UTC), by skill."""
        self._suppressed = history.suppressed
        self._counted_at = _counted(history)

    def room(self, rules: Rules, now: datetime) -> Room:
        """The hour's room; what is taken from it stays taken."""
        return Room(rules, now, self.calls[hour_of(now)])

    def used(self, person: str, *, now: datetime, rules: Rules, then: int | None) -> Used:
        """The person's budget. `then`: what a stored plan of this instant counted.

        Instants of a stepped clock are shared by many transactions; what was counted at the very instant of a plan
        came before it when the plan saw it, else after it.
        """
        used = self.budgets.used(person, now=now, rule=rules.house.budget)
        if then is not None and then < used.count:
            return self.as_seen(person, now=now, rules=rules, then=then).used(person, now=now, rule=rules.house.budget)
        missing = (then or 0) - used.count
        if not 0 < missing <= self._counted_at[person, now]:
            return used
        with_those = Budgets({person: [*self.budgets.counted.get(person, ()), *[now] * missing]})
        return with_those.used(person, now=now, rule=rules.house.budget)

    def as_seen(self, person: str, *, now: datetime, rules: Rules, then: int) -> Budgets:
        """The person's budget as a stored plan of this instant counted it: without what was counted at the very instant
        and after it."""
        surplus = self.budgets.used(person, now=now, rule=rules.house.budget).count - then
        counted = sorted(self.budgets.counted.get(person, ()))
        at_once = [at for at in counted if at == now]
        if not 0 < surplus <= len(at_once):
            return self.budgets
        return Budgets({person: [at for at in counted if at != now] + at_once[surplus:]})

    def suppressed(self, callback: Callback, now: datetime) -> dict[str, set[str]]:
        """Scopes in which each of the customer's subjects may not be contacted at `now`."""
        names = subjects(callback.phone_index, callback.email_index, callback.customer_ref)
        return {
            name: {scope for since, scope in self._suppressed[name] if since <= now}
            for name in names
            if name in self._suppressed
        }


def _counted(history: History) -> Counter[tuple[str, datetime]]:
    """How many callbacks of each person were counted at each instant."""
    people = {completion.completion_ref: completion.person for completion in history.completions}
    found = Counter((one.person, one.at) for one in history.counted)
    for callback in history.callbacks:
        first = min((permit.released_at for permit in callback.permits if permit.released_at), default=None)
        if first is not None:
            found[callback.counted_as or people[callback.completion_ref], first] += 1
    return found

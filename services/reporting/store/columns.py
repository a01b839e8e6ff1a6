"""Events turned on their side: one array per column, for `unnest`. And the months that a statement has changed."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

_NOTED = """
INSERT INTO month_change AS known (period, changes)
SELECT DISTINCT period, 1 FROM {changed} ORDER BY period
ON CONFLICT (period) DO UPDATE SET changes = known.changes + 1
"""


def columns(events: Sequence[Any], names: str) -> list[list[Any]]:
    """One list per attribute named in `names` (separated by blanks); words of a vocabulary are strings as they are."""
    return [list(map(attrgetter(name), events)) for name in names.split()]


def noting(statement: str) -> str:
    """The same statement on rows that name a completion; the months of the rows that it wrote have changed.

    A completion that is not known yet is noted when it arrives. A row that was there already changes nothing.
    """
    changed = _NOTED.format(changed="told JOIN completion USING (completion_ref)")
    return f"WITH told AS ({statement} RETURNING completion_ref) {changed}"


def noting_completions(statement: str) -> str:
    """As `noting`, for the completions themselves."""
    return f"WITH told AS ({statement} RETURNING period) {_NOTED.format(changed='told')}"

"""Events turned on their side: one array per column, for `unnest`."""

from collections.abc import Sequence
from enum import Enum
from typing import Any


def columns(events: Sequence[Any], names: str) -> list[list[Any]]:
    """One list per attribute named in `names` (separated by blanks); enumerations as their values."""
    return [[_plain(getattr(event, name)) for event in events] for name in names.split()]


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value

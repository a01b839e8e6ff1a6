"""A policy's content value by value, and what differs between two versions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Path = tuple[str, ...]
_WHOLE = ("retries", "channel_pilots")
"""Tables of which each entry is read as one thing."""


@dataclass(frozen=True)
class Value:
    """`path`: the keys of the file that lead to it; `raw`: as JSON has it."""

    path: Path
    raw: Any

    @property
    def key(self) -> str:
        return ".".join(self.path)


@dataclass(frozen=True)
class Change:
    """None: the value is not stated there."""

    path: Path
    before: Any
    after: Any


def values(content: Mapping[str, Any], path: Path = ()) -> Iterator[Value]:
    """Every value of a content, in its order. A list is one value; what nobody states is left out."""
    for key, raw in content.items():
        here = (*path, key)
        if isinstance(raw, Mapping) and not (path and path[-1] in _WHOLE):
            yield from values(raw, here)
        elif raw is not None:
            yield Value(here, raw)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The values that differ, in the order of the newer content, then those that are gone."""
    old = {value.path: value.raw for value in values(before)}
    new = {value.path: value.raw for value in values(after)}
    found = [Change(path, old.get(path), raw) for path, raw in new.items() if old.get(path) != raw]
    return found + [Change(path, raw, None) for path, raw in old.items() if path not in new]

"""Splitting a batch so that each statement meets each thing at most once."""

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

T = TypeVar("T")


def waves(items: Iterable[T], key: Callable[[T], Hashable]) -> list[list[T]]:
    """Lists with at most one item of each key; the order within a key is kept. Usually there is one list."""
    found: list[list[T]] = []
    seen: dict[Hashable, int] = {}
    for item in items:
        number = seen.get(key(item), 0)
        seen[key(item)] = number + 1
        if number == len(found):
            found.append([])
        found[number].append(item)
    return found

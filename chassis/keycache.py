"""Keys kept for a short while, so that a batch costs one round trip and an erasure is obeyed within a minute."""

import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping

KeyId = tuple[str, str]
"""(class, scope)"""
KeyMaterial = bytes | None
"""None: the key was destroyed."""

SECONDS = 60.0
MOST = 50_000  # about 10 MB


class KeyCache:
    """Bounded in age and number; what is oldest goes first. `clock` counts seconds and never goes back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, most: int = MOST) -> None:
        self._clock = clock
        self._most = most
        self._kept: OrderedDict[KeyId, tuple[float, KeyMaterial]] = OrderedDict()

    def held(self, key_class: str, scopes: Collection[str]) -> dict[KeyId, KeyMaterial]:
        """Those of the keys that are here and not older than `SECONDS`."""
        youngest_stale = self._clock() - SECONDS
        found = {}
        for scope in scopes:
            kept = self._kept.get((key_class, scope))
            if kept is not None and kept[0] > youngest_stale:
                found[(key_class, scope)] = kept[1]
        return found

    def put(self, keys: Mapping[KeyId, KeyMaterial]) -> None:
        now = self._clock()
        for key_id, material in keys.items():
            self._kept[key_id] = (now, material)
            self._kept.move_to_end(key_id)
        while self._kept and (len(self._kept) > self._most or next(iter(self._kept.values()))[0] <= now - SECONDS):
            self._kept.popitem(last=False)

    def forget(self, key_class: str, scope: str) -> None:
        self._kept.pop((key_class, scope), None)

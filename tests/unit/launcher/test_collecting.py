"""Garbage of later is found; what was loaded before is passed by for as long as it is wanted."""

import gc
import weakref

from launcher.collecting import loaded_for_good


class Ring:
    def __init__(self) -> None:
        self.itself = self


def test_what_is_loaded_is_passed_by_and_later_garbage_is_found() -> None:
    before = gc.get_threshold()
    with loaded_for_good():
        assert gc.get_freeze_count() > 0
        ring = weakref.ref(Ring())
        gc.collect()
        assert ring() is None
    assert gc.get_freeze_count() == 0
    assert gc.get_threshold() == before

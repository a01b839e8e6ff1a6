"""The collector of garbage and a process that lives long."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG = 5_000
"""So many more objects than before make the collector look. A batch of events makes tens of thousands, nearly all of
which go by themselves; with Python's 700 it looks at them seven times as often, and at the older ones too."""


@contextmanager
def loaded_for_good() -> Iterator[None]:
    """What is loaded by now stays, so the collector passes it by: some hundred thousand objects, at which it would look
    again after every larger batch (an eighth of the processor time of a thousand interviews). Later garbage is found.
    """
    thresholds = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()

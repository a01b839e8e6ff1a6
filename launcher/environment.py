"""Variables of the environment for as long as something runs, for services that read theirs when they start."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def told(**variables: str) -> Iterator[None]:
    """Inside the block the variables have these values; after it, those of before."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

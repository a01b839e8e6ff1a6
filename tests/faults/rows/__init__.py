"""The rows of the fault table, in the order of the table."""

from tests.faults.rows import forgetting, messages, network, processes, replicas, servers, shadow, storage
from tests.faults.trial import Row

ROWS: tuple[Row, ...] = (
    *processes.ROWS,
    *servers.ROWS,
    *network.ROWS,
    *forgetting.ROWS,
    *storage.ROWS,
    *messages.ROWS,
    *shadow.ROWS,
    *replicas.ROWS,
)
IN_EACH_RUN = (
    "kill-survey",
    "kill-postgres",
    "kill-broker",
    "zombie",
    "cut-commits",
    "duplicates",
    "replayed-letters",
)
"""The most telling ones, short enough for every run of the tests."""


def named(words: str) -> tuple[Row, ...]:
    """`all`, or names with commas between. Raises ValueError for a name that is no row's."""
    if words == "all":
        return ROWS
    by_name = {row.name: row for row in ROWS}
    unknown = [name for name in words.split(",") if name not in by_name]
    if unknown:
        raise ValueError(f"there is no row {', '.join(unknown)}; there are {', '.join(by_name)}")
    return tuple(by_name[name] for name in words.split(","))

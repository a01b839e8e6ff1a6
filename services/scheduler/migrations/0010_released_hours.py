"""How many calls were released in each hour."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "scheduler_0010", "scheduler_0009", None, None


def upgrade() -> None:
    run_sql(__file__)

"""Which shifts of the agents held since when."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "scheduler_0009", "scheduler_0008", None, None


def upgrade() -> None:
    run_sql(__file__)

"""What was told of a period, kept as it was told."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "scheduler_0003", "scheduler_0002", None, None


def upgrade() -> None:
    run_sql(__file__)

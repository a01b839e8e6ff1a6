"""Missed windows and the most urgent permits are found without reading all the others."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "scheduler_0005", "scheduler_0004", None, None


def upgrade() -> None:
    run_sql(__file__)

"""Triggers by absence and by time, and the hours in which customers answer."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "scheduler_0004", "scheduler_0003", None, None


def upgrade() -> None:
    run_sql(__file__)

"""Indexes that every release wrote and nothing read."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "scheduler_0007", "scheduler_0006", None, None


def upgrade() -> None:
    run_sql(__file__)

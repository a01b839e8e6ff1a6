"""The sampling ledger, callbacks with parts and permits, budget, suppression, the story of a completion."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "scheduler_0001", None, None, None


def upgrade() -> None:
    run_sql(__file__)

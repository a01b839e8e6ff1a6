"""Policies by version, what each plan saw before, triggers by absence, own hours of customers."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "scheduler_0002", "scheduler_0001", None, None


def upgrade() -> None:
    run_sql(__file__)

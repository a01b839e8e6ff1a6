"""Open answers, sealed, for the page of problems."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "reporting_0003", "reporting_0002", None, None


def upgrade() -> None:
    run_sql(__file__)

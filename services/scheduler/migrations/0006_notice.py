"""What a release tells is made when the permit is planned, so that a release is rows only."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "scheduler_0006", "scheduler_0005", None, None


def upgrade() -> None:
    run_sql(__file__)

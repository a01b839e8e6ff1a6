"""What a release looks at lies beside the notice; a release writes no index of its callback."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "scheduler_0008", "scheduler_0007", None, None


def upgrade() -> None:
    run_sql(__file__)

"""The ends of callbacks about suggestions are found by the suggestion."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "followup_0004", "followup_0003", None, None


def upgrade() -> None:
    run_sql(__file__)

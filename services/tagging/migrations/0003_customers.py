"""Tags of customers."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "tagging_0003", "tagging_0002", None, None


def upgrade() -> None:
    run_sql(__file__)

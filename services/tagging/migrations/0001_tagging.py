"""Tagged responses and their items."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "tagging_0001", None, None, None


def upgrade() -> None:
    run_sql(__file__)

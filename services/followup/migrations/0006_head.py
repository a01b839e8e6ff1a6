"""The case keeps the hash that ends its history."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "followup_0006", "followup_0005", None, None


def upgrade() -> None:
    run_sql(__file__)

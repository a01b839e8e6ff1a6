"""Cases with their histories, promises, libraries, and what proves contact."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "followup_0001", None, None, None


def upgrade() -> None:
    run_sql(__file__)

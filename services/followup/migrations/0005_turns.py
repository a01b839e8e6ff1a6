"""When the weekly lists of suggestions are announced next."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "followup_0005", "followup_0004", None, None


def upgrade() -> None:
    run_sql(__file__)

"""In which pilot the tune of a call was drawn."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "reporting_0004", "reporting_0003", None, None


def upgrade() -> None:
    run_sql(__file__)

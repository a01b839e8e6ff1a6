"""Rating calls by keypad."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "survey_0007", "survey_0006", None, None


def upgrade() -> None:
    run_sql(__file__)

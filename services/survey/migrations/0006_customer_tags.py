"""Tags of customers."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "survey_0006", "survey_0005", None, None


def upgrade() -> None:
    run_sql(__file__)

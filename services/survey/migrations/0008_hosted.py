"""Rating calls at a hosted provider."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "survey_0008", "survey_0007", None, None


def upgrade() -> None:
    run_sql(__file__)

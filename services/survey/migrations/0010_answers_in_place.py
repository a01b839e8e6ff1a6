"""The answers of an interview lie in its own row: one write takes one, one row tells all."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "survey_0010", "survey_0009", None, None


def upgrade() -> None:
    run_sql(__file__)

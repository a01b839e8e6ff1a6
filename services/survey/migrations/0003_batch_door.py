"""Callbacks are found by the completion that an answer from elsewhere names."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "survey_0003", "survey_0002", None, None


def upgrade() -> None:
    run_sql(__file__)

"""Recordings that an exchange makes of calls."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "survey_0012", "survey_0011", None, None


def upgrade() -> None:
    run_sql(__file__)

"""Calls that an exchange places for agents."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "survey_0011", "survey_0010", None, None


def upgrade() -> None:
    run_sql(__file__)

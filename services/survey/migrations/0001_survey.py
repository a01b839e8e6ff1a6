"""Permits, links, messages, interviews with their answers, promises, suppressions."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "survey_0001", None, None, None


def upgrade() -> None:
    run_sql(__file__)

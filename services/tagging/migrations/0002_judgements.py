"""Judgements of people about the tags of responses."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "tagging_0002", "tagging_0001", None, None


def upgrade() -> None:
    run_sql(__file__)

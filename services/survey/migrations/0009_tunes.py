"""Tunes of the house, which one is played where, and pilots that draw them."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "survey_0009", "survey_0008", None, None


def upgrade() -> None:
    run_sql(__file__)

"""The opening measured; demands beside promises; the handbook of the agents, and what calls used of it."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "survey_0005", "survey_0004", None, None


def upgrade() -> None:
    run_sql(__file__)

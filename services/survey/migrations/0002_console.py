"""Who holds which callback: leases of the agents."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "survey_0002", "survey_0001", None, None


def upgrade() -> None:
    run_sql(__file__)

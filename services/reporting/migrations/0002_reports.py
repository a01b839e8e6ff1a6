"""Steps of cases, the words of measures, published reports, and what was asked to be verified."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "reporting_0002", "reporting_0001", None, None


def upgrade() -> None:
    run_sql(__file__)

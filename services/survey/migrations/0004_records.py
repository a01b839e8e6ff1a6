"""Quality flags and voided records, imported tables, and what goes back to the CRM."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "survey_0004", "survey_0003", None, None


def upgrade() -> None:
    run_sql(__file__)

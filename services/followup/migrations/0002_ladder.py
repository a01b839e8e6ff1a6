"""Reminders and escalation, merged cases, who gets new cases, addresses of departments, mail on its way."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "followup_0002", "followup_0001", None, None


def upgrade() -> None:
    run_sql(__file__)

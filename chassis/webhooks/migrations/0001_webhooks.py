"""Subscriptions of systems outside, and the deliveries to them."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "webhooks_0001", None, None, None


def upgrade() -> None:
    run_sql(__file__)

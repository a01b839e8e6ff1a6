"""The tables of delivery: outbox, inbox, dead letters."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "delivery_0001", None, None, None


def upgrade() -> None:
    run_sql(__file__)

"""Records of usual size are neither compressed nor stored apart on their way through the outbox."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "delivery_0002", "delivery_0001", None, None


def upgrade() -> None:
    run_sql(__file__)

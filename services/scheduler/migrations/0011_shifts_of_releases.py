"""By which shifts of the agents each permit was released."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "scheduler_0011", "scheduler_0010", None, None


def upgrade() -> None:
    run_sql(__file__)

"""The read model: what the topics told, by business key, with facts still sealed."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "reporting_0001", None, None, None


def upgrade() -> None:
    run_sql(__file__)

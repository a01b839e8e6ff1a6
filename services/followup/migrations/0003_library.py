"""The suggestion library: ideas over items, votes, histories; best practice on the wall of praise; improvements."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "followup_0003", "followup_0002", None, None


def upgrade() -> None:
    run_sql(__file__)

"""Keys and references that are there already are found by their index, however large the tables have grown."""

from chassis.migrations import run_sql

revision, down_revision, branch_labels, depends_on = "vault_0002", "vault_0001", None, None


def upgrade() -> None:
    run_sql(__file__)

from chassis.migrations import run_sql

revision = "staff_0001"
down_revision = None


def upgrade() -> None:
    run_sql(__file__)

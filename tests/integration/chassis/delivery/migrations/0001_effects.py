from chassis.migrations import run_sql

revision = "effects_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql(__file__)

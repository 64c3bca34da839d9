"""Whose a report and a run are: one commune's, or (none) the whole system's."""

import sqlalchemy as sa
from alembic import op

revision = "0016_reports_by_commune"
down_revision = "0015_person_requests"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("report", "cashback_run"):
        op.add_column(table, sa.Column("unit_id", sa.Integer()))
    # what came before belongs to the commune where there is only one
    only = "(SELECT min(id) FROM unit WHERE level = 'commune' HAVING count(*) = 1)"
    for table in ("report", "cashback_run"):
        op.execute(f"UPDATE {table} SET unit_id = {only}")


def downgrade() -> None:
    for table in ("cashback_run", "report"):
        op.drop_column(table, "unit_id")

"""Files that were sent and wait; whose people may change a profile."""

import sqlalchemy as sa
from alembic import op

revision = "0025_report_uploads"
down_revision = "0024_office_printers"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("report_profile", sa.Column("unit_id", sa.Integer()))
    op.create_table(
        "report_upload",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("unit_id", sa.Integer()),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("report_id", sa.Integer(), sa.ForeignKey("report.id", ondelete="CASCADE")),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_id", sa.Integer()),
        sa.Column("created_by", sa.String(120), nullable=False),
        sa.Column("decided_at", MOMENT),
        sa.Column("decided_by", sa.String(120), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'taken', 'dropped')", name="state"),
        sa.CheckConstraint("(state = 'taken') = (report_id IS NOT NULL)", name="taken"),
    )
    op.create_index("ix_report_upload_unit_id_state", "report_upload", ["unit_id", "state"])


def downgrade() -> None:
    op.drop_table("report_upload")
    op.drop_column("report_profile", "unit_id")

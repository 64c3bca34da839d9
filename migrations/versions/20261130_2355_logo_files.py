"""A commune's logos under four eyes: who brought each file, who agreed to it. Files placed before stay in use."""

import sqlalchemy as sa
from alembic import op

revision = "0039_logo_files"
down_revision = "0038_own_runs"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
IN_USE = sa.text("state = 'approved'")


def upgrade() -> None:
    op.create_table(
        "logo_file",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(8), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("suffix", sa.String(4), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("proposed_by_id", sa.Integer()),
        sa.Column("proposed_by", sa.String(120), nullable=False),
        sa.Column("proposed_session", sa.String(64), nullable=False),
        sa.Column("decided_at", MOMENT),
        sa.Column("decided_by_id", sa.Integer()),
        sa.Column("decided_by", sa.String(120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'refused', 'withdrawn', 'retired')", name=op.f("ck_logo_file_state")
        ),
        sa.CheckConstraint("role IN ('provider', 'commune')", name=op.f("ck_logo_file_role")),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], ondelete="CASCADE", name=op.f("fk_logo_file_unit_id_unit")
        ),
    )
    op.create_index("ix_logo_file_unit_id_role_state", "logo_file", ["unit_id", "role", "state"])
    op.create_index(
        "uq_logo_file_approved",
        "logo_file",
        ["unit_id", "role"],
        unique=True,
        sqlite_where=IN_USE,
        postgresql_where=IN_USE,
    )


def downgrade() -> None:
    op.drop_table("logo_file")

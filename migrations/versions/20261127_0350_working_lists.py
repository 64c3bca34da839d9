"""Ways of looking at lists, things done to many at once, and the history of the worklist."""

import sqlalchemy as sa
from alembic import op

revision = "0026_working_lists"
down_revision = "0022_piece_steps"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
STILL_OPEN = sa.text("closed_at IS NULL")


def upgrade() -> None:
    _views()
    _bulk()
    _issues()


def _views() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_name", sa.String(12), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("owner_name", sa.String(120), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("unit_id", sa.Integer()),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.CheckConstraint("list_name IN ('merchants', 'issues', 'duplicates')", name="ck_saved_view_list_name"),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["app_user.id"], name="fk_saved_view_owner_id_app_user", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_saved_view_unit_id_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_view"),
        sa.UniqueConstraint("owner_id", "list_name", "name", name="uq_saved_view_owner_id_list_name_name"),
    )
    op.create_index("ix_saved_view_list_name_is_shared", "saved_view", ["list_name", "is_shared"])
    op.create_table(
        "default_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("list_name", sa.String(12), nullable=False),
        sa.Column("view_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["view_id"], ["saved_view.id"], name="fk_default_view_view_id_saved_view", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name="fk_default_view_user_id_app_user", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_default_view"),
        sa.UniqueConstraint("user_id", "list_name", name="uq_default_view_user_id_list_name"),
    )


def _bulk() -> None:
    op.create_table(
        "bulk_act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("value", sa.String(120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("refused", sa.JSON(), nullable=False),
        sa.Column("job_id", sa.Integer()),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by_id", sa.Integer()),
        sa.Column("made_by", sa.String(120), nullable=False),
        sa.Column("undone_at", MOMENT),
        sa.Column("undone_by", sa.String(120), nullable=False),
        sa.CheckConstraint(
            "kind IN ('surveyed', 'installed', 'trained', 'checked', 'line', 'unit', 'zone', 'stopped', 'print', "
            "'export')",
            name="ck_bulk_act_kind",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_bulk_act"),
    )
    op.create_index("ix_bulk_act_made_by_id_id", "bulk_act", ["made_by_id", "id"])
    op.create_table(
        "bulk_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bulk_id", sa.Integer(), nullable=False),
        sa.Column("merchant_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["bulk_id"], ["bulk_act.id"], name="fk_bulk_change_bulk_id_bulk_act", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name="fk_bulk_change_merchant_id_merchant", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_bulk_change"),
    )
    op.create_index("ix_bulk_change_bulk_id", "bulk_change", ["bulk_id"])
    op.create_index("ix_bulk_change_merchant_id", "bulk_change", ["merchant_id"])


def _issues() -> None:
    op.create_table(
        "issue_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("merchant_id", sa.Integer(), nullable=False),
        sa.Column("found_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.Column("closed_by", sa.String(120), nullable=False),
        sa.Column("closed_how", sa.String(60), nullable=False),
        sa.Column("closed_event_id", sa.Integer()),
        sa.Column("assigned_to_id", sa.Integer()),
        sa.Column("assigned_to", sa.String(120), nullable=False),
        sa.Column("snoozed_until", sa.Date()),
        sa.Column("snooze_reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name="fk_issue_record_merchant_id_merchant", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_issue_record"),
    )
    op.create_index(
        "uq_issue_record_kind_merchant_id_open",
        "issue_record",
        ["kind", "merchant_id"],
        unique=True,
        sqlite_where=STILL_OPEN,
        postgresql_where=STILL_OPEN,
    )
    op.create_index("ix_issue_record_merchant_id", "issue_record", ["merchant_id"])
    op.create_index("ix_issue_record_closed_at", "issue_record", ["closed_at"])
    op.create_index("ix_issue_record_assigned_to_id", "issue_record", ["assigned_to_id"])
    op.create_table(
        "issue_sweep",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("swept_at", MOMENT),
        sa.Column("next_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_issue_sweep"),
    )


def downgrade() -> None:
    for table in ("issue_sweep", "issue_record", "bulk_change", "bulk_act", "default_view", "saved_view"):
        op.drop_table(table)

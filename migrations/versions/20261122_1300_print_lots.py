"""Printed lots, their pieces, and one-time links for print shops."""

import sqlalchemy as sa
from alembic import op

revision = "0010_print_lots"
down_revision = "0009_likeness"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
LOT_STATES = "('making', 'ready', 'withheld', 'stopped', 'printed', 'handed', 'void')"
PIECE_STATES = "('made', 'printed', 'handed', 'installed', 'checked', 'replaced', 'void')"


def upgrade() -> None:
    op.create_table(
        "print_lot",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("number", sa.String(16), nullable=False, unique=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("unit_id", sa.Integer(), sa.ForeignKey("unit.id")),
        sa.Column("place", sa.String(160), nullable=False),
        sa.Column("design", sa.String(40), nullable=False),
        sa.Column("theme", sa.String(40), nullable=False),
        sa.Column("sheet", sa.String(8), nullable=False),
        sa.Column("filling", sa.String(8), nullable=False),
        sa.Column("start_cell", sa.Integer(), nullable=False),
        sa.Column("point_ids", sa.JSON(), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Integer(), sa.ForeignKey("job.id")),
        sa.Column("pieces_count", sa.Integer(), nullable=False),
        sa.Column("sheets", sa.Integer(), nullable=False),
        sa.Column("codes_right", sa.Integer(), nullable=False),
        sa.Column("failures", sa.JSON(), nullable=False),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("pdf_sha256", sa.String(64), nullable=False),
        sa.Column("pdf_bytes", sa.Integer(), nullable=False),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_id", sa.Integer()),
        sa.Column("created_by", sa.String(120), nullable=False),
        sa.Column("made_at", MOMENT),
        sa.Column("printed_at", MOMENT),
        sa.Column("handed_at", MOMENT),
        sa.Column("handed_to", sa.String(120), nullable=False),
        sa.CheckConstraint(f"state IN {LOT_STATES}", name="state"),
    )
    op.create_index("ix_print_lot_unit_id_id", "print_lot", ["unit_id", "id"])
    op.create_index("ix_print_lot_state", "print_lot", ["state"])
    op.create_table(
        "print_piece",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("lot_id", sa.Integer(), sa.ForeignKey("print_lot.id", ondelete="CASCADE"), nullable=False),
        sa.Column("sheet", sa.Integer(), nullable=False),
        sa.Column("cell", sa.Integer(), nullable=False),
        sa.Column("point_id", sa.Integer(), sa.ForeignKey("point.id", ondelete="CASCADE"), nullable=False),
        sa.Column("asset_id", sa.Integer(), sa.ForeignKey("qr_asset.id", ondelete="CASCADE")),
        sa.Column("print_id", sa.String(40), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("row", sa.String(12), nullable=False),
        sa.Column("payload_crc", sa.String(4), nullable=False),
        sa.Column("payload_sha256", sa.String(64), nullable=False),
        sa.Column("warnings", sa.Text(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("state_at", MOMENT, nullable=False),
        sa.CheckConstraint(f"state IN {PIECE_STATES}", name="state"),
        sa.UniqueConstraint("lot_id", "sheet", "cell"),
    )
    op.create_index("ix_print_piece_point_id_state", "print_piece", ["point_id", "state"])
    op.create_index("ix_print_piece_asset_id", "print_piece", ["asset_id"])
    op.create_index("ix_print_piece_print_id", "print_piece", ["print_id"])
    op.create_table(
        "print_link",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("lot_id", sa.Integer(), sa.ForeignKey("print_lot.id", ondelete="CASCADE"), nullable=False),
        sa.Column("token_sha256", sa.String(64), nullable=False, unique=True),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_id", sa.Integer()),
    )
    op.create_index("ix_print_link_lot_id", "print_link", ["lot_id"])


def downgrade() -> None:
    op.drop_table("print_link")
    op.drop_table("print_piece")
    op.drop_table("print_lot")

"""Administrative units over time, zones and floor-plan stalls."""

import sqlalchemy as sa
from alembic import op

revision = "0003_places"
down_revision = "0001_audit_jobs"
branch_labels = None
depends_on = None

NAME = sa.String(80)


def upgrade() -> None:
    _units()
    _zones()
    op.create_table(
        "stall",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("zone_id", sa.Integer(), sa.ForeignKey("zone.id", name=op.f("fk_stall_zone_id_zone")), nullable=False),
        sa.Column("row", sa.String(12), nullable=False),
        sa.Column("code", sa.String(24), nullable=False),
        sa.Column("sort_key", sa.String(80), nullable=False),
        sa.Column("polygon", sa.JSON()),
        sa.Column("x_m", sa.Float()),
        sa.Column("y_m", sa.Float()),
        sa.Column("lat", sa.Float()),
        sa.Column("lng", sa.Float()),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date()),
        sa.Column(
            "split_from_id", sa.Integer(), sa.ForeignKey("stall.id", name=op.f("fk_stall_split_from_id_stall"))
        ),
        sa.UniqueConstraint("zone_id", "code", name=op.f("uq_stall_zone_id_code")),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_stall_dates")),
    )
    op.create_index("ix_stall_zone_id_sort_key", "stall", ["zone_id", "sort_key"])


def _units() -> None:
    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("level", sa.String(8), nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("code_source", sa.String(60), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("name_fold", NAME, nullable=False),
        sa.Column("parent_id", sa.Integer(), sa.ForeignKey("unit.id", name=op.f("fk_unit_parent_id_unit"))),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date()),
        sa.Column("lat", sa.Float()),
        sa.Column("lng", sa.Float()),
        sa.Column("boundary", sa.JSON()),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.CheckConstraint("level IN ('province', 'commune', 'hamlet')", name=op.f("ck_unit_level")),
        sa.CheckConstraint("(level = 'province') = (parent_id IS NULL)", name=op.f("ck_unit_parent")),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_unit_dates")),
    )
    current = sa.text("valid_to IS NULL")
    op.create_index(
        "uq_unit_level_code_current", "unit", ["level", "code"], unique=True,
        sqlite_where=current, postgresql_where=current,
    )
    op.create_index("ix_unit_parent_id_name_fold", "unit", ["parent_id", "name_fold"])
    op.create_index("ix_unit_name_fold", "unit", ["name_fold"])
    op.create_table(
        "unit_alias",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "unit_id",
            sa.Integer(),
            sa.ForeignKey("unit.id", ondelete="CASCADE", name=op.f("fk_unit_alias_unit_id_unit")),
            nullable=False,
        ),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("name_fold", NAME, nullable=False),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_to", sa.Date()),
        sa.Column("source", sa.String(120), nullable=False),
        sa.UniqueConstraint("unit_id", "kind", "name", name=op.f("uq_unit_alias_unit_id_kind_name")),
    )
    op.create_index("ix_unit_alias_name_fold", "unit_alias", ["name_fold"])


def _zones() -> None:
    op.create_table(
        "zone",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("unit_id", sa.Integer(), sa.ForeignKey("unit.id", name=op.f("fk_zone_unit_id_unit")), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("name_fold", sa.String(120), nullable=False),
        sa.Column("slug", sa.String(80), nullable=False),
        sa.Column("phase", sa.Integer(), nullable=False),
        sa.Column("planned_on", sa.Date()),
        sa.Column("target_percent", sa.Integer(), nullable=False),
        sa.Column("lead", sa.String(120), nullable=False),
        sa.Column("partner", sa.String(200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("lat", sa.Float()),
        sa.Column("lng", sa.Float()),
        sa.Column("bearing_deg", sa.Float(), nullable=False),
        sa.Column("width_m", sa.Float()),
        sa.Column("depth_m", sa.Float()),
        sa.Column("geometry", sa.JSON()),
        sa.Column("closed_on", sa.Date()),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("slug", name=op.f("uq_zone_slug")),
        sa.CheckConstraint("kind IN ('market', 'street', 'centre')", name=op.f("ck_zone_kind")),
        sa.CheckConstraint("phase >= 1", name=op.f("ck_zone_phase")),
        sa.CheckConstraint("target_percent BETWEEN 0 AND 100", name=op.f("ck_zone_target")),
    )
    op.create_index("ix_zone_unit_id_name_fold", "zone", ["unit_id", "name_fold"])


def downgrade() -> None:
    op.drop_table("stall")
    op.drop_table("zone")
    op.drop_table("unit_alias")
    op.drop_table("unit")

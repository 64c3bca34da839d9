"""Whose a policy is, how a version ends, and the published steps of a draw."""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0023_policies_by_commune"
down_revision = "0022_api_answers"
branch_labels = None
depends_on = None

STATES = "state IN ('draft', 'active', 'retired', 'refused', 'withdrawn')"
FORMER_STATES = "state IN ('draft', 'active', 'retired')"
OF_ALL = sa.text("unit_id IS NULL")


def upgrade() -> None:
    with op.batch_alter_table("policy_version") as table:
        table.add_column(sa.Column("unit_id", sa.Integer()))
        table.add_column(sa.Column("ends_on", sa.Date()))
        table.add_column(sa.Column("created_session", sa.String(64), nullable=False, server_default=""))
        table.add_column(sa.Column("closed_at", UtcDateTime()))
        table.add_column(sa.Column("closed_by", sa.String(120), nullable=False, server_default=""))
        table.add_column(sa.Column("close_reason", sa.Text(), nullable=False, server_default=""))
        table.drop_constraint(op.f("uq_policy_version_policy_id_version"), type_="unique")
        table.drop_constraint(op.f("ck_policy_version_state"), type_="check")
        table.create_check_constraint(op.f("ck_policy_version_state"), STATES)
    with op.batch_alter_table("policy_version") as table:
        for name in ("created_session", "closed_by", "close_reason"):
            table.alter_column(name, server_default=None)
    # what came before belongs to the commune where there is only one
    op.execute(
        "UPDATE policy_version SET unit_id = (SELECT min(id) FROM unit WHERE level = 'commune' HAVING count(*) = 1)"
    )
    with op.batch_alter_table("policy_version") as table:
        table.create_unique_constraint(
            op.f("uq_policy_version_unit_id_policy_id_version"), ["unit_id", "policy_id", "version"]
        )
    op.create_index(
        "uq_policy_version_of_all",
        "policy_version",
        ["policy_id", "version"],
        unique=True,
        sqlite_where=OF_ALL,
        postgresql_where=OF_ALL,
    )
    op.create_table(
        "draw_commitment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("policy_version_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(120), nullable=False),
        sa.Column("seed_sha256", sa.String(64), nullable=False),
        sa.Column("sealed_seed", sa.LargeBinary()),
        sa.Column("party_key", sa.LargeBinary(), nullable=False),
        sa.Column("committed_at", UtcDateTime(), nullable=False),
        sa.Column("committed_by", sa.String(120), nullable=False),
        sa.Column("seed", sa.String(200)),
        sa.Column("revealed_at", UtcDateTime()),
        sa.Column("revealed_by", sa.String(120), nullable=False),
        sa.CheckConstraint("(seed IS NULL) = (revealed_at IS NULL)", name=op.f("ck_draw_commitment_revealed")),
        sa.ForeignKeyConstraint(
            ["policy_version_id"],
            ["policy_version.id"],
            name=op.f("fk_draw_commitment_policy_version_id_policy_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_commitment")),
        sa.UniqueConstraint("policy_version_id", name=op.f("uq_draw_commitment_policy_version_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_draw_commitment_slug")),
    )
    op.create_table(
        "draw_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("commitment_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("tickets", sa.JSON(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by", sa.String(120), nullable=False),
        sa.CheckConstraint("kind IN ('list', 'winners')", name=op.f("ck_draw_step_kind")),
        sa.ForeignKeyConstraint(
            ["commitment_id"], ["draw_commitment.id"], name=op.f("fk_draw_step_commitment_id_draw_commitment")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["cashback_run.id"], name=op.f("fk_draw_step_run_id_cashback_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_step")),
    )
    op.create_index(op.f("ix_draw_step_commitment_id_id"), "draw_step", ["commitment_id", "id"])


def downgrade() -> None:
    op.drop_table("draw_step")
    op.drop_table("draw_commitment")
    op.drop_index("uq_policy_version_of_all", "policy_version")
    op.execute("UPDATE policy_version SET state = 'retired' WHERE state IN ('refused', 'withdrawn')")
    # two communes' policies of one name cannot both keep it: the later ones are told apart by their row
    op.execute(
        "UPDATE policy_version SET policy_id = substr(policy_id, 1, 60) || '-' || id WHERE id NOT IN "
        "(SELECT kept FROM (SELECT min(id) AS kept FROM policy_version GROUP BY policy_id, version) AS firsts)"
    )
    with op.batch_alter_table("policy_version") as table:
        table.drop_constraint(op.f("uq_policy_version_unit_id_policy_id_version"), type_="unique")
        table.drop_constraint(op.f("ck_policy_version_state"), type_="check")
        table.create_check_constraint(op.f("ck_policy_version_state"), FORMER_STATES)
        table.create_unique_constraint(op.f("uq_policy_version_policy_id_version"), ["policy_id", "version"])
        for name in ("close_reason", "closed_by", "closed_at", "created_session", "ends_on", "unit_id"):
            table.drop_column(name)

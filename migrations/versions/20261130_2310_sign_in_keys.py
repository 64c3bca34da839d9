"""Who held the key of whose sign-in, filled from what was known of it, and who has proved to be somebody."""

import sqlalchemy as sa
from alembic import op

revision = "0036_sign_in_keys"
down_revision = "0035_draw_periods"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
TABLES = ("sign_in_key", "person_proof")
KINDS = "kind IN ('made', 'invited', 'password', 'second_factor', 'phone', 'role')"
#: In the order of time; of one moment the making comes first.
KNOWN = """
INSERT INTO sign_in_key (keeper_id, holder_id, kind, at)
SELECT keeper_id, holder_id, kind, at FROM (
    SELECT created_by_id AS keeper_id, id AS holder_id, 'made' AS kind, created_at AS at, 0 AS place FROM app_user
    UNION ALL
    SELECT created_by_id, user_id, CASE purpose WHEN 'phone' THEN 'phone' ELSE 'invited' END, created_at, 1
    FROM one_time_link WHERE created_by_id <> user_id
    UNION ALL
    SELECT granted_by_id, user_id, 'role', granted_at, 2 FROM role_grant WHERE granted_by_id <> user_id
    UNION ALL
    SELECT actor_id, CAST(subject_id AS INTEGER),
        CASE action WHEN 'user.reset_password' THEN 'password' ELSE 'second_factor' END, at, 3
    FROM audit_event
    WHERE action IN ('user.reset_password', 'user.reset_second_factor') AND subject_kind = 'user'
        AND actor_id IS NOT NULL AND subject_id <> CAST(actor_id AS VARCHAR(20))
) AS known
ORDER BY at, place
"""


def upgrade() -> None:
    op.create_table(
        "sign_in_key",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("keeper_id", sa.Integer()),
        sa.Column("holder_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(13), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint(KINDS, name=op.f("ck_sign_in_key_kind")),
    )
    op.create_index("ix_sign_in_key_holder_id", "sign_in_key", ["holder_id"])
    op.create_table(
        "person_proof",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("how", sa.String(7), nullable=False),
        sa.Column("confirmed_by_id", sa.Integer()),
        sa.Column("after_key", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint("how IN ('machine', 'person')", name=op.f("ck_person_proof_how")),
        sa.CheckConstraint(
            "(how = 'machine') = (confirmed_by_id IS NULL)", name=op.f("ck_person_proof_confirmed_by")
        ),
    )
    op.create_index("ix_person_proof_user_id", "person_proof", ["user_id"])
    op.execute(KNOWN)
    for table in TABLES:
        _append_only(table)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
        if op.get_bind().dialect.name != "sqlite":
            op.execute(f"DROP FUNCTION {table}_refuse()")


def _append_only(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
    )

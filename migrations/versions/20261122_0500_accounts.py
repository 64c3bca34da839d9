"""People, roles, sessions, devices, one-time links and the sign-in throttle."""

import sqlalchemy as sa
from alembic import op

revision = "0002_accounts"
down_revision = "0004_registry"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ROLES = "('volunteer', 'team_lead', 'coordinator', 'approver', 'print_shop', 'provider', 'province', 'admin')"


def _owner() -> sa.Column:
    return sa.Column("user_id", sa.Integer(), sa.ForeignKey("app_user.id", ondelete="CASCADE"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "app_user",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("user_name", sa.String(32), nullable=False, unique=True),
        sa.Column("phone", sa.String(16), unique=True),
        sa.Column("full_name", sa.String(120), nullable=False),
        sa.Column("name_fold", sa.String(120), nullable=False),
        sa.Column("password", sa.String(255), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(64), nullable=False, unique=True),
        sa.Column("totp_secret", sa.Text()),
        sa.Column("totp_counter", sa.BigInteger()),
        sa.Column("recovery_codes", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_id", sa.Integer()),
        sa.Column("signed_in_at", MOMENT),
    )
    op.create_table(
        "role_grant",
        sa.Column("id", sa.Integer(), primary_key=True),
        _owner(),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("scope_kind", sa.String(8), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("granted_at", MOMENT, nullable=False),
        sa.Column("granted_by_id", sa.Integer()),
        sa.UniqueConstraint("user_id", "role", "scope_kind", "scope_id"),
        sa.CheckConstraint(f"role IN {ROLES}", name=op.f("ck_role_grant_role")),
        sa.CheckConstraint(
            "scope_kind IN ('all', 'unit', 'zone', 'provider')", name=op.f("ck_role_grant_scope_kind")
        ),
        sa.CheckConstraint("(scope_kind = 'all') = (scope_id = 0)", name=op.f("ck_role_grant_scope_id")),
    )
    op.create_table(
        "login_session",
        sa.Column("id", sa.String(32), primary_key=True),
        _owner(),
        sa.Column("browser", sa.String(80), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
    )
    op.create_index("ix_login_session_user_id_ended_at", "login_session", ["user_id", "ended_at"])
    op.create_table(
        "device_token",
        sa.Column("id", sa.Integer(), primary_key=True),
        _owner(),
        sa.Column("kind", sa.String(5), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.Column("revoked_at", MOMENT),
        sa.CheckConstraint("kind IN ('phone', 'api')", name=op.f("ck_device_token_kind")),
    )
    op.create_index("ix_device_token_user_id", "device_token", ["user_id"])
    op.create_table(
        "one_time_link",
        sa.Column("id", sa.Integer(), primary_key=True),
        _owner(),
        sa.Column("purpose", sa.String(10), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_id", sa.Integer()),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.CheckConstraint("purpose IN ('invitation', 'phone')", name=op.f("ck_one_time_link_purpose")),
    )
    op.create_index("ix_one_time_link_user_id", "one_time_link", ["user_id"])
    op.create_table(
        "sign_in_failure",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("account_key", sa.String(64), nullable=False),
        sa.Column("address_key", sa.String(64), nullable=False),
    )
    op.create_index("ix_sign_in_failure_account_key_at", "sign_in_failure", ["account_key", "at"])
    op.create_index("ix_sign_in_failure_address_key_at", "sign_in_failure", ["address_key", "at"])


def downgrade() -> None:
    for table in ("sign_in_failure", "one_time_link", "device_token", "login_session", "role_grant", "app_user"):
        op.drop_table(table)

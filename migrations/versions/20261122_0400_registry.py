"""Merchants, points, accounts under four eyes, QR codes, consents, milestones and staged imports."""

import sqlalchemy as sa
from alembic import op

revision = "0004_registry"
down_revision = "0003_places"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _import_profile()
    _import_batch()
    _merchant()
    _consent()
    _import_row()
    _merchant_state()
    _payment_account()
    _point()
    _account_approval()
    _milestone()
    _point_state()
    _qr_asset()
    _tenancy()


def _import_profile() -> None:
    op.create_table('import_profile',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('signature', sa.String(length=64), nullable=False),
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('columns', sa.JSON(), nullable=False),
    sa.Column('updated_at', MOMENT, nullable=False),
    sa.Column('updated_by', sa.String(length=120), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_profile')),
    sa.UniqueConstraint('signature', name=op.f('uq_import_profile_signature'))
    )


def _import_batch() -> None:
    op.create_table('import_batch',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('file_name', sa.String(length=200), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('size_bytes', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=True),
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('sheet', sa.String(length=80), nullable=False),
    sa.Column('heading_line', sa.Integer(), nullable=False),
    sa.Column('headings', sa.JSON(), nullable=False),
    sa.Column('columns', sa.JSON(), nullable=False),
    sa.Column('accepted', sa.Integer(), nullable=False),
    sa.Column('unchanged', sa.Integer(), nullable=False),
    sa.Column('refused', sa.Integer(), nullable=False),
    sa.Column('created_at', MOMENT, nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('created_by', sa.String(length=120), nullable=False),
    sa.Column('applied_at', MOMENT, nullable=True),
    sa.Column('undone_at', MOMENT, nullable=True),
    sa.CheckConstraint("state IN ('uploaded', 'validated', 'applied', 'undone', 'dropped')", name=op.f('ck_import_batch_state')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_import_batch_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_batch'))
    )
    op.create_index('ix_import_batch_sha256', 'import_batch', ['sha256'])


def _merchant() -> None:
    op.create_table('merchant',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=12), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('holder_name', sa.String(length=120), nullable=False),
    sa.Column('shop_name', sa.String(length=160), nullable=False),
    sa.Column('phone', sa.String(length=16), nullable=True),
    sa.Column('tax_code', sa.String(length=14), nullable=True),
    sa.Column('line_of_business', sa.String(length=120), nullable=False),
    sa.Column('online_shops', sa.JSON(), nullable=False),
    sa.Column('has_soundbox', sa.Boolean(), nullable=True),
    sa.Column('refusal', sa.String(length=12), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('source', sa.String(length=64), nullable=True),
    sa.Column('external_id', sa.String(length=120), nullable=True),
    sa.Column('batch_id', sa.Integer(), nullable=True),
    sa.Column('is_sample', sa.Boolean(), nullable=False),
    sa.Column('merged_into_id', sa.Integer(), nullable=True),
    sa.Column('erased_at', MOMENT, nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', MOMENT, nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('updated_at', MOMENT, nullable=False),
    sa.CheckConstraint("kind IN ('household', 'person', 'enterprise', 'public_body')", name=op.f('ck_merchant_kind')),
    sa.CheckConstraint('merged_into_id <> id', name=op.f('ck_merchant_merged')),
    sa.ForeignKeyConstraint(['batch_id'], ['import_batch.id'], name=op.f('fk_merchant_batch_id_import_batch')),
    sa.ForeignKeyConstraint(['merged_into_id'], ['merchant.id'], name=op.f('fk_merchant_merged_into_id_merchant')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_merchant_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_merchant')),
    sa.UniqueConstraint('code', name=op.f('uq_merchant_code')),
    sa.UniqueConstraint('source', 'external_id', name=op.f('uq_merchant_source_external_id'))
    )
    op.create_index('ix_merchant_batch_id', 'merchant', ['batch_id'])
    op.create_index('ix_merchant_phone', 'merchant', ['phone'])
    op.create_index('ix_merchant_unit_id', 'merchant', ['unit_id'])


def _consent() -> None:
    op.create_table('consent',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('merchant_id', sa.Integer(), nullable=False),
    sa.Column('purpose', sa.String(length=12), nullable=False),
    sa.Column('text_version', sa.String(length=20), nullable=False),
    sa.Column('method', sa.String(length=12), nullable=False),
    sa.Column('witness', sa.String(length=120), nullable=False),
    sa.Column('evidence', sa.String(length=200), nullable=False),
    sa.Column('given_at', MOMENT, nullable=False),
    sa.Column('expires_on', sa.Date(), nullable=True),
    sa.Column('recorded_at', MOMENT, nullable=False),
    sa.Column('recorded_by_id', sa.Integer(), nullable=True),
    sa.Column('recorded_by', sa.String(length=120), nullable=False),
    sa.Column('withdrawn_at', MOMENT, nullable=True),
    sa.Column('withdraw_reason', sa.Text(), nullable=False),
    sa.CheckConstraint("method IN ('signature', 'paper', 'spoken')", name=op.f('ck_consent_method')),
    sa.CheckConstraint("purpose IN ('register', 'provider', 'public_map', 'photo')", name=op.f('ck_consent_purpose')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_consent_merchant_id_merchant')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consent'))
    )
    op.create_index('ix_consent_merchant_id_purpose', 'consent', ['merchant_id', 'purpose'])


def _import_row() -> None:
    op.create_table('import_row',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('batch_id', sa.Integer(), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('cells', sa.JSON(), nullable=False),
    sa.Column('values', sa.JSON(), nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('merchant_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("state IN ('new', 'unchanged', 'refused', 'applied', 'undone', 'kept')", name=op.f('ck_import_row_state')),
    sa.ForeignKeyConstraint(['batch_id'], ['import_batch.id'], name=op.f('fk_import_row_batch_id_import_batch'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_import_row_merchant_id_merchant')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_row'))
    )
    op.create_index('ix_import_row_batch_id_state_line', 'import_row', ['batch_id', 'state', 'line'])
    op.create_index('ix_import_row_merchant_id', 'import_row', ['merchant_id'])


def _merchant_state() -> None:
    op.create_table('merchant_state',
    sa.Column('merchant_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('stage', sa.String(length=16), nullable=False),
    sa.Column('since', MOMENT, nullable=True),
    sa.Column('points', sa.Integer(), nullable=False),
    sa.Column('sort_key', sa.String(length=400), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('search', sa.Text(), nullable=False),
    sa.CheckConstraint("stage IN ('listed', 'surveyed', 'consented', 'account_ready', 'qr_issued', 'printed', 'installed', 'trained', 'first_paid', 'active', 'dormant', 'refused', 'stopped')", name=op.f('ck_merchant_state_stage')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_merchant_state_merchant_id_merchant'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_merchant_state_unit_id_unit')),
    sa.PrimaryKeyConstraint('merchant_id', name=op.f('pk_merchant_state'))
    )
    op.create_index('ix_merchant_state_sort_key_merchant_id', 'merchant_state', ['sort_key', 'merchant_id'])
    op.create_index('ix_merchant_state_stage', 'merchant_state', ['stage'])
    op.create_index('ix_merchant_state_unit_id', 'merchant_state', ['unit_id'])


def _payment_account() -> None:
    op.create_table('payment_account',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('merchant_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('bank_bin', sa.String(length=6), nullable=False),
    sa.Column('account_number', sa.String(length=40), nullable=False),
    sa.Column('holder_name', sa.String(length=120), nullable=False),
    sa.Column('provider', sa.String(length=40), nullable=False),
    sa.Column('payload', sa.LargeBinary(), nullable=True),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('is_change', sa.Boolean(), nullable=False),
    sa.Column('proposed_by_id', sa.Integer(), nullable=True),
    sa.Column('proposed_by', sa.String(length=120), nullable=False),
    sa.Column('proposed_session', sa.String(length=64), nullable=False),
    sa.Column('proposed_via', sa.String(length=12), nullable=False),
    sa.Column('proposed_at', MOMENT, nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('decided_by', sa.String(length=120), nullable=False),
    sa.Column('decided_at', MOMENT, nullable=True),
    sa.Column('decision_reason', sa.Text(), nullable=False),
    sa.Column('print_from', MOMENT, nullable=True),
    sa.Column('batch_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("(kind = 'provider_qr') = (payload IS NOT NULL)", name=op.f('ck_payment_account_payload')),
    sa.CheckConstraint("kind <> 'bank' OR (bank_bin <> '' AND account_number <> '')", name=op.f('ck_payment_account_bank')),
    sa.CheckConstraint("kind IN ('bank', 'provider_qr')", name=op.f('ck_payment_account_kind')),
    sa.CheckConstraint("state IN ('proposed', 'approved', 'refused', 'withdrawn', 'retired')", name=op.f('ck_payment_account_state')),
    sa.CheckConstraint("state NOT IN ('approved', 'retired') OR (decided_by_id IS NOT NULL AND decided_at IS NOT NULL AND print_from IS NOT NULL AND (proposed_by_id IS NULL OR decided_by_id <> proposed_by_id))", name=op.f('ck_payment_account_four_eyes')),
    sa.ForeignKeyConstraint(['batch_id'], ['import_batch.id'], name=op.f('fk_payment_account_batch_id_import_batch')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_payment_account_merchant_id_merchant')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment_account')),
    sa.UniqueConstraint('merchant_id', 'version', name=op.f('uq_payment_account_merchant_id_version'))
    )
    op.create_index('ix_payment_account_bank_bin_account_number', 'payment_account', ['bank_bin', 'account_number'])
    op.create_index('ix_payment_account_batch_id', 'payment_account', ['batch_id'])
    op.create_index('ix_payment_account_state_id', 'payment_account', ['state', 'id'])


def _point() -> None:
    op.create_table('point',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=24), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('zone_id', sa.Integer(), nullable=True),
    sa.Column('stall_id', sa.Integer(), nullable=True),
    sa.Column('row', sa.String(length=12), nullable=False),
    sa.Column('stall_text', sa.String(length=24), nullable=False),
    sa.Column('place', sa.String(length=200), nullable=False),
    sa.Column('lat', sa.Float(), nullable=True),
    sa.Column('lng', sa.Float(), nullable=True),
    sa.Column('cell', sa.BigInteger(), nullable=True),
    sa.Column('accuracy_m', sa.Float(), nullable=True),
    sa.Column('located_how', sa.String(length=8), nullable=False),
    sa.Column('services', sa.JSON(), nullable=False),
    sa.Column('opening_hours', sa.String(length=120), nullable=False),
    sa.Column('detail', sa.String(length=60), nullable=False),
    sa.Column('batch_id', sa.Integer(), nullable=True),
    sa.Column('is_sample', sa.Boolean(), nullable=False),
    sa.Column('created_at', MOMENT, nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('updated_at', MOMENT, nullable=False),
    sa.CheckConstraint("kind IN ('stall', 'shop', 'pavement', 'one_stop', 'school', 'health_station', 'electricity', 'service_point', 'amenity')", name=op.f('ck_point_kind')),
    sa.CheckConstraint("located_how IN ('', 'gps', 'pin', 'plan', 'file')", name=op.f('ck_point_located_how')),
    sa.CheckConstraint('(lat IS NULL) = (lng IS NULL) AND (lat IS NULL) = (cell IS NULL)', name=op.f('ck_point_located')),
    sa.CheckConstraint('lat BETWEEN -90 AND 90 AND lng BETWEEN -180 AND 180', name=op.f('ck_point_on_earth')),
    sa.ForeignKeyConstraint(['batch_id'], ['import_batch.id'], name=op.f('fk_point_batch_id_import_batch')),
    sa.ForeignKeyConstraint(['stall_id'], ['stall.id'], name=op.f('fk_point_stall_id_stall')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_point_unit_id_unit')),
    sa.ForeignKeyConstraint(['zone_id'], ['zone.id'], name=op.f('fk_point_zone_id_zone')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_point')),
    sa.UniqueConstraint('zone_id', 'code', name=op.f('uq_point_zone_id_code'))
    )
    op.create_index('ix_point_batch_id', 'point', ['batch_id'])
    op.create_index('ix_point_stall_id', 'point', ['stall_id'])
    op.create_index('ix_point_unit_id', 'point', ['unit_id'])


def _account_approval() -> None:
    op.create_table('account_approval',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('approver_id', sa.Integer(), nullable=False),
    sa.Column('approver', sa.String(length=120), nullable=False),
    sa.Column('session', sa.String(length=64), nullable=False),
    sa.Column('at', MOMENT, nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['payment_account.id'], name=op.f('fk_account_approval_account_id_payment_account'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account_approval')),
    sa.UniqueConstraint('account_id', 'approver_id', name=op.f('uq_account_approval_account_id_approver_id'))
    )


def _milestone() -> None:
    op.create_table('milestone',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('merchant_id', sa.Integer(), nullable=False),
    sa.Column('point_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('at', MOMENT, nullable=False),
    sa.Column('evidence', sa.String(length=200), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('recorded_at', MOMENT, nullable=False),
    sa.Column('recorded_by_id', sa.Integer(), nullable=True),
    sa.Column('recorded_by', sa.String(length=120), nullable=False),
    sa.Column('revoked_at', MOMENT, nullable=True),
    sa.Column('revoke_reason', sa.Text(), nullable=False),
    sa.CheckConstraint("kind IN ('surveyed', 'consented', 'account_ready', 'qr_issued', 'printed', 'installed', 'trained', 'checked', 'first_paid', 'active', 'dormant', 'refused', 'stopped', 'resumed')", name=op.f('ck_milestone_kind')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_milestone_merchant_id_merchant')),
    sa.ForeignKeyConstraint(['point_id'], ['point.id'], name=op.f('fk_milestone_point_id_point')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_milestone'))
    )
    op.create_index('ix_milestone_kind_at', 'milestone', ['kind', 'at'])
    op.create_index('ix_milestone_merchant_id_kind', 'milestone', ['merchant_id', 'kind'])
    op.create_index('ix_milestone_point_id', 'milestone', ['point_id'])


def _point_state() -> None:
    op.create_table('point_state',
    sa.Column('point_id', sa.Integer(), nullable=False),
    sa.Column('merchant_id', sa.Integer(), nullable=True),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('zone_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('stage', sa.String(length=16), nullable=False),
    sa.Column('since', MOMENT, nullable=True),
    sa.Column('seen_at', MOMENT, nullable=True),
    sa.Column('public_until', sa.Date(), nullable=True),
    sa.Column('cell', sa.BigInteger(), nullable=True),
    sa.Column('lat', sa.Float(), nullable=True),
    sa.Column('lng', sa.Float(), nullable=True),
    sa.CheckConstraint("stage IN ('listed', 'surveyed', 'consented', 'account_ready', 'qr_issued', 'printed', 'installed', 'trained', 'first_paid', 'active', 'dormant', 'refused', 'stopped')", name=op.f('ck_point_state_stage')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_point_state_merchant_id_merchant')),
    sa.ForeignKeyConstraint(['point_id'], ['point.id'], name=op.f('fk_point_state_point_id_point'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_point_state_unit_id_unit')),
    sa.ForeignKeyConstraint(['zone_id'], ['zone.id'], name=op.f('fk_point_state_zone_id_zone')),
    sa.PrimaryKeyConstraint('point_id', name=op.f('pk_point_state'))
    )
    op.create_index('ix_point_state_cell_stage_lat_lng', 'point_state', ['cell', 'stage', 'lat', 'lng'])
    op.create_index('ix_point_state_merchant_id', 'point_state', ['merchant_id'])
    op.create_index('ix_point_state_unit_id_stage', 'point_state', ['unit_id', 'stage'])
    op.create_index('ix_point_state_zone_id_stage', 'point_state', ['zone_id', 'stage'])


def _qr_asset() -> None:
    op.create_table('qr_asset',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('serial', sa.String(length=12), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('point_id', sa.Integer(), nullable=False),
    sa.Column('payload', sa.LargeBinary(), nullable=False),
    sa.Column('payload_sha256', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('issued_at', MOMENT, nullable=False),
    sa.Column('issued_by_id', sa.Integer(), nullable=True),
    sa.Column('issued_session', sa.String(length=64), nullable=False),
    sa.Column('print_from', MOMENT, nullable=True),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('ended_at', MOMENT, nullable=True),
    sa.CheckConstraint("kind IN ('own', 'provider')", name=op.f('ck_qr_asset_kind')),
    sa.CheckConstraint("state IN ('proposed', 'active', 'refused', 'replaced', 'void')", name=op.f('ck_qr_asset_state')),
    sa.ForeignKeyConstraint(['account_id'], ['payment_account.id'], name=op.f('fk_qr_asset_account_id_payment_account')),
    sa.ForeignKeyConstraint(['point_id'], ['point.id'], name=op.f('fk_qr_asset_point_id_point')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_qr_asset')),
    sa.UniqueConstraint('serial', name=op.f('uq_qr_asset_serial'))
    )
    op.create_index('ix_qr_asset_account_id', 'qr_asset', ['account_id'])
    op.create_index('ix_qr_asset_payload_sha256', 'qr_asset', ['payload_sha256'])
    op.create_index('ix_qr_asset_point_id_state', 'qr_asset', ['point_id', 'state'])
    op.create_index('uq_qr_asset_point_id_account_id_live', 'qr_asset', ['point_id', 'account_id'], unique=True, sqlite_where=sa.text("state IN ('proposed', 'active')"), postgresql_where=sa.text("state IN ('proposed', 'active')"))


def _tenancy() -> None:
    op.create_table('tenancy',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('point_id', sa.Integer(), nullable=False),
    sa.Column('merchant_id', sa.Integer(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.CheckConstraint('valid_to IS NULL OR valid_to >= valid_from', name=op.f('ck_tenancy_dates')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_tenancy_merchant_id_merchant')),
    sa.ForeignKeyConstraint(['point_id'], ['point.id'], name=op.f('fk_tenancy_point_id_point')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tenancy'))
    )
    op.create_index('ix_tenancy_merchant_id', 'tenancy', ['merchant_id'])
    op.create_index('uq_tenancy_point_id_current', 'tenancy', ['point_id'], unique=True, sqlite_where=sa.text('valid_to IS NULL'), postgresql_where=sa.text('valid_to IS NULL'))


def downgrade() -> None:
    op.drop_table("tenancy")
    op.drop_table("qr_asset")
    op.drop_table("point_state")
    op.drop_table("milestone")
    op.drop_table("account_approval")
    op.drop_table("point")
    op.drop_table("payment_account")
    op.drop_table("merchant_state")
    op.drop_table("import_row")
    op.drop_table("consent")
    op.drop_table("merchant")
    op.drop_table("import_batch")
    op.drop_table("import_profile")

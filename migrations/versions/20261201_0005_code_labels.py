"""What was approved beside a code is kept with it, and the database guards accounts, codes and these words.

What stands beside a code in use today counts as approved: it is what was printed. A blank holder of an account gets the
record's name, which until now stood on paper for it.
"""

import sqlalchemy as sa
from alembic import op

from app.vn.stalls import stall_key
from app.vn.text import fold, tidy

revision = "0041_code_labels"
down_revision = "0040_sheets_of_lists"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
WORDS = ("holder_name", "owner_name", "shop_name", "point_code", "zone", "row", "stall", "place")
SIZES = {"holder_name": 120, "owner_name": 120, "shop_name": 160, "point_code": 24, "zone": 120, "row": 12, "stall": 24}
KEYS = ("code_key", "stall_key", "name_key")

HOLDERS = """
    UPDATE payment_account
    SET holder_name = (SELECT holder_name FROM merchant WHERE merchant.id = payment_account.merchant_id)
    WHERE holder_name = '' AND state IN ('proposed', 'approved')
      AND (SELECT erased_at FROM merchant WHERE merchant.id = payment_account.merchant_id) IS NULL
"""
BESIDE = """
    SELECT qr_asset.id AS asset_id, payment_account.holder_name AS holder_name, merchant.holder_name AS owner_name,
           merchant.shop_name AS shop_name, point.code AS point_code, coalesce(zone.name, '') AS zone,
           point.row AS row, coalesce(stall.code, nullif(point.stall_text, ''), point.code) AS stall,
           point.place AS place, qr_asset.print_from AS print_from, qr_asset.issued_at AS decided_at,
           CASE WHEN unit.level = 'hamlet' AND unit.parent_id IS NOT NULL THEN unit.parent_id ELSE unit.id END
               AS commune_id
    FROM qr_asset
    JOIN payment_account ON payment_account.id = qr_asset.account_id
    JOIN merchant ON merchant.id = payment_account.merchant_id
    JOIN point ON point.id = qr_asset.point_id
    JOIN unit ON unit.id = point.unit_id
    LEFT JOIN zone ON zone.id = point.zone_id
    LEFT JOIN stall ON stall.id = point.stall_id
    WHERE qr_asset.state IN ('active', 'replaced') AND qr_asset.print_from IS NOT NULL AND merchant.erased_at IS NULL
    ORDER BY qr_asset.id
"""

REFUSAL = "approved accounts, codes and labels are kept as they were approved"
#: Whose data was erased, or belongs to the sample commune that is being taken away.
MERCHANT = "(SELECT merchant_id FROM payment_account WHERE id = {account})"
ERASED = "EXISTS (SELECT 1 FROM merchant WHERE id = {merchant} AND erased_at IS NOT NULL)"
SAMPLE = (
    "EXISTS (SELECT 1 FROM merchant JOIN unit ON unit.id = merchant.unit_id "
    "WHERE merchant.id = {merchant} AND (merchant.is_sample OR unit.is_sample))"
)
ACCOUNT_OF_LABEL = "(SELECT account_id FROM qr_asset WHERE id = OLD.asset_id)"
ACCOUNT_KEPT = ("merchant_id", "version", "kind", "bank_bin", "account_number", "holder_name", "provider", "payload")
ACCOUNT_DECIDED = ("decided_by_id", "decided_at", "print_from", "is_change", "proposed_by_id", "proposed_at")
ACCOUNT_MOVES = ("proposed>approved", "proposed>refused", "proposed>withdrawn", "approved>retired")
CODE_KEPT = ("serial", "kind", "account_id", "point_id", "payload", "payload_sha256", "issued_at")
CODE_MOVES = (
    "proposed>active",
    "proposed>refused",
    "proposed>replaced",
    "proposed>void",
    "active>replaced",
    "active>void",
    "active>proposed",
)


def upgrade() -> None:
    op.add_column("qr_asset", sa.Column("is_change", sa.Boolean(), nullable=False, server_default=sa.false()))
    _table()
    op.execute(HOLDERS)
    _keep_todays_labels()
    _guard()


def _table() -> None:
    op.create_table(
        "code_label",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("asset_id", sa.Integer(), sa.ForeignKey("qr_asset.id"), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        *(sa.Column(name, sa.String(SIZES.get(name, 200)), nullable=False) for name in WORDS),
        sa.Column("print_from", MOMENT),
        sa.Column("decided_at", MOMENT, nullable=False),
        sa.Column("decided_by_id", sa.Integer()),
        sa.Column("decided_by", sa.String(120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(200), nullable=False) for name in KEYS),
        sa.CheckConstraint("state IN ('approved', 'refused')", name=op.f("ck_code_label_state")),
    )
    op.create_index("ix_code_label_asset_id_state_id", "code_label", ["asset_id", "state", "id"])
    for key in KEYS:
        op.create_index(f"ix_code_label_commune_id_{key}", "code_label", ["commune_id", key])


def _keep_todays_labels() -> None:
    moments = sa.text(BESIDE).columns(print_from=MOMENT, decided_at=MOMENT)
    rows = [dict(row) for row in op.get_bind().execute(moments).mappings()]
    for row in rows:
        row |= {name: tidy(row[name] or "") for name in WORDS}
        alone = row["stall"].isdecimal() and row["row"] and row["row"].casefold() not in row["stall"].casefold()
        shown = f"{row['row']}-{row['stall']}" if alone else row["stall"]
        codes = sorted({stall_key(code)[:200] for code in (row["point_code"], shown) if code})
        row |= {"state": "approved", "decided_by": "", "reason": "", "name_key": fold(row["holder_name"])[:200]}
        row |= {"code_key": codes[0] if codes else "", "stall_key": codes[-1] if codes else ""}
    if rows:
        columns = [sa.column(name, MOMENT if name in {"print_from", "decided_at"} else None) for name in rows[0]]
        op.bulk_insert(sa.table("code_label", *columns), rows)


def _differs(names: tuple[str, ...]) -> str:
    return "(" + " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in names) + ")"


def _moved_wrongly(moves: tuple[str, ...]) -> str:
    allowed = ", ".join(f"'{move}'" for move in moves)
    return f"(OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN ({allowed}))"


def _rules() -> dict[str, tuple[str, str]]:
    """Table -> when a row may not be changed, and when it may not be removed."""
    account_erased = ERASED.format(merchant="OLD.merchant_id")
    code_owner = MERCHANT.format(account="OLD.account_id")
    label_owner = MERCHANT.format(account=ACCOUNT_OF_LABEL)
    account = (
        f"{_moved_wrongly(ACCOUNT_MOVES)} "
        f"OR (OLD.state IN ('approved', 'retired') AND {_differs(ACCOUNT_DECIDED)}) "
        f"OR ({_differs(ACCOUNT_KEPT)} AND NOT {account_erased})"
    )
    code = (
        f"{_moved_wrongly(CODE_MOVES)} "
        f"OR ({_differs(CODE_KEPT)} AND NOT {ERASED.format(merchant=code_owner)}) "
        "OR (NEW.state = 'active' AND OLD.state <> 'active' AND NEW.decided_by_id IS NULL) "
        "OR (NEW.state = 'active' AND NEW.issued_by_id IS NOT NULL AND NEW.decided_by_id = NEW.issued_by_id "
        "AND OLD.state <> 'active') "
        "OR (OLD.state = NEW.state AND OLD.print_from IS DISTINCT FROM NEW.print_from) "
        "OR (OLD.issued_by_id IS DISTINCT FROM NEW.issued_by_id AND NEW.issued_by_id IS NOT NULL)"
    )
    label = f"NOT {ERASED.format(merchant=label_owner)}"
    return {
        "payment_account": (
            account,
            f"OLD.state IN ('approved', 'retired') AND NOT {SAMPLE.format(merchant='OLD.merchant_id')}",
        ),
        "qr_asset": (code, f"NOT {SAMPLE.format(merchant=code_owner)}"),
        "code_label": (label, f"NOT {SAMPLE.format(merchant=label_owner)}"),
    }


def _guard() -> None:
    for table, (updating, deleting) in _rules().items():
        if op.get_bind().dialect.name == "sqlite":
            for event, condition in (("UPDATE", updating), ("DELETE", deleting)):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} WHEN {condition} "
                    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
                )
            continue
        op.execute(
            f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF TG_OP = 'DELETE' THEN IF {deleting} THEN RAISE EXCEPTION '{REFUSAL}'; END IF; RETURN OLD; END IF; "
            f"IF {updating} THEN RAISE EXCEPTION '{REFUSAL}'; END IF; RETURN NEW; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
        )


def downgrade() -> None:
    for table in _rules():
        if op.get_bind().dialect.name == "sqlite":
            for event in ("update", "delete"):
                op.execute(f"DROP TRIGGER {table}_no_{event}")
            continue
        op.execute(f"DROP TRIGGER {table}_kept ON {table}")
        op.execute(f"DROP FUNCTION {table}_refuse()")
    op.drop_table("code_label")
    op.drop_column("qr_asset", "is_change")

"""Merchants in walking order, and found by any writing of their stall: worked out for those there are already."""

from collections import defaultdict
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from app.vn.sorting import sort_key
from app.vn.stalls import stall_key, stall_writings
from app.vn.text import fold

revision = "0044_walking_order"
down_revision = "0043_form_posts"
branch_labels = None
depends_on = None

INDEX = "ix_merchant_state_walk_key_merchant_id"
CHUNK = 1000
NOWHERE = "z"
HELD = sa.text(
    "SELECT point_state.merchant_id, point.code, zone.id, zone.phase, zone.name FROM point_state"
    " JOIN point ON point.id = point_state.point_id LEFT JOIN zone ON zone.id = point.zone_id"
    " WHERE point_state.merchant_id IS NOT NULL"
)


def upgrade() -> None:
    with op.batch_alter_table("merchant_state") as table:
        table.add_column(sa.Column("walk_key", sa.String(200), nullable=False, server_default=NOWHERE))
    connection = op.get_bind()
    rows = list(_known(connection))
    kept = sa.text(
        "UPDATE merchant_state SET walk_key = :walk, search = search || :forms WHERE merchant_id = :merchant_id"
    )
    for start in range(0, len(rows), CHUNK):
        connection.execute(kept, rows[start : start + CHUNK])
    with op.batch_alter_table("merchant_state") as table:
        table.alter_column("walk_key", server_default=None)
        table.create_index(op.f(INDEX), ["walk_key", "merchant_id"])


def _known(connection: sa.Connection) -> Iterator[dict[str, object]]:
    walks: dict[int, list[str]] = defaultdict(list)
    forms: dict[int, dict[str, None]] = defaultdict(dict)
    for merchant_id, code, zone_id, phase, name in connection.execute(HELD):
        market = NOWHERE if zone_id is None else f"{phase:03d}{sort_key(name)[:80]}{zone_id:08d}"
        walks[merchant_id].append(f"{market}{stall_key(code)}"[:200])
        forms[merchant_id].update(dict.fromkeys(map(fold, stall_writings(code))))
    for merchant_id, keys in walks.items():
        said = "".join(f" {form}" for form in forms[merchant_id])
        yield {"merchant_id": merchant_id, "walk": min(keys), "forms": said}


def downgrade() -> None:
    with op.batch_alter_table("merchant_state") as table:
        table.drop_index(op.f(INDEX))
        table.drop_column("walk_key")

"""An older copy of the records comes back: what it would print otherwise than before waits for a second person.

Else whoever lays a backup back would put an account on paper that was changed since, alone.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from app.actors import SYSTEM
from app.audit.actions import record
from app.db import db
from app.registry.actions.states import refresh_states
from app.registry.models import PaymentAccount, QrAsset
from app.registry.queries.printable import PointFilter, printable

CHANGED = "Khôi phục bản sao lưu: mã ở điểm này khác mã in gần nhất."


def printed_now(now: datetime) -> dict[int, bytes]:
    """What every point prints at this moment, before the older copy comes: point -> payload."""
    return {row.point_id: row.payload for row in printable(PointFilter(), now)[0]}


def hold_changed_codes(now: datetime, hung: Mapping[int, bytes]) -> int:
    """Codes that came back and are not what their point printed last: proposed again; how many."""
    query = select(QrAsset).where(QrAsset.point_id.in_(list(hung)), QrAsset.state == "active")
    held = [asset for asset in db.session.scalars(query) if asset.payload != hung[asset.point_id]]
    for asset in held:
        asset.state, asset.print_from, asset.decided_by_id = "proposed", None, None
        asset.issued_by_id, asset.issued_session = None, ""
        after = {"serial": asset.serial, "state": asset.state}
        record(SYSTEM, now, "qr.hold", ("point", asset.point_id), after=after, reason=CHANGED)
    db.session.flush()
    accounts = [asset.account_id for asset in held]
    refresh_states(db.session.scalars(select(PaymentAccount.merchant_id).where(PaymentAccount.id.in_(accounts))))
    return len(held)

"""Another copy of the records comes: what it would print otherwise than was printed last waits for a second person.

Else whoever lays a backup back would put an account on paper that was changed since, alone.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.actors import SYSTEM
from app.audit.actions import record
from app.db import db
from app.registry.actions.states import refresh_states
from app.registry.models import PaymentAccount, QrAsset
from app.registry.queries.printable import PointFilter, PrintableRow, printable

CHUNK = 500
ACTIVE = (QrAsset.state == "active",)
CHANGED = "Khôi phục bản sao lưu: mã ở điểm này khác mã in gần nhất."
FOREIGN = "Khôi phục bản sao lưu: bản ấy không phải trạng thái trước đây của dữ liệu này."


@dataclass(frozen=True, slots=True)
class OnPaper:
    """What a point prints, code and words, and every code that may come to paper there."""

    printed: bytes
    active: frozenset[bytes]


def printed_now(now: datetime) -> dict[int, OnPaper]:
    """What every point prints at this moment, before the other copy comes: by point."""
    active: dict[int, set[bytes]] = defaultdict(set)
    for point_id, payload in db.session.execute(select(QrAsset.point_id, QrAsset.payload).where(*ACTIVE)):
        active[point_id].add(payload)
    return {point_id: OnPaper(piece, frozenset(active[point_id])) for point_id, piece in _printed(now).items()}


def hold_changed_codes(now: datetime, hung: Mapping[int, OnPaper] | None) -> int:
    """Codes that came with the copy and are not what their point prints, or whose point prints nothing: proposed again;
    how many. Without `hung` (the copy is a fork, or a foreign one) all of them.
    """
    coming = _printed(now)
    held = [
        asset
        for asset in db.session.scalars(select(QrAsset).where(*ACTIVE).order_by(QrAsset.id)).all()
        if hung is None or _differs(asset, hung.get(asset.point_id), coming.get(asset.point_id))
    ]
    for asset in held:
        asset.state, asset.print_from, asset.decided_by_id = "proposed", None, None
        asset.issued_by_id, asset.issued_session = None, ""
        after = {"serial": asset.serial, "state": asset.state}
        record(
            SYSTEM, now, "qr.hold", ("point", asset.point_id), after=after, reason=FOREIGN if hung is None else CHANGED
        )
    db.session.flush()
    accounts = sorted({asset.account_id for asset in held})
    for start in range(0, len(accounts), CHUNK):
        chunk = PaymentAccount.id.in_(accounts[start : start + CHUNK])
        refresh_states(db.session.scalars(select(PaymentAccount.merchant_id).where(chunk).distinct()))
    return len(held)


def _differs(asset: QrAsset, known: OnPaper | None, coming: bytes | None) -> bool:
    if known is None or asset.payload not in known.active:
        return True
    return coming is not None and coming != known.printed


def _printed(now: datetime) -> dict[int, bytes]:
    """Point -> all that its piece says: an older name is as little what hangs there as an older account."""
    rows = printable(PointFilter(), now)[0]
    return {row.point_id: b"\n".join((row.payload, *(word.encode() for word in _words(row)))) for row in rows}


def _words(row: PrintableRow) -> tuple[str, ...]:
    return row.shop_name, row.holder_name, row.point_code, row.zone, row.row, row.stall

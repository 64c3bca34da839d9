"""What may go on paper now: for each point the newest approved, rested code, and why a point has none."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, func, select

from app.approval.rules import APPROVED, PROPOSED
from app.db import db
from app.places.models import Stall, Zone
from app.qr import bank_name
from app.registry.models import CodeLabel, Merchant, PaymentAccount, Point, PointState, QrAsset
from app.registry.queries.chain import broken_links
from app.registry.queries.labels import decided_labels, labels_today
from app.registry.rules.labels import REFUSED, Label, differences
from app.vn.stalls import stall_key

CHUNK = 500


@dataclass(frozen=True, slots=True)
class PointFilter:
    """Which points: each given condition narrows; nothing given means all that may be seen."""

    point_ids: Collection[int] | None = None
    merchant_ids: Collection[int] | None = None
    zone_ids: Collection[int] | None = None
    unit_ids: Collection[int] | None = None
    stages: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class PrintableRow:
    """One piece's content: the payload byte for byte, what stands beside it, and which records it came from."""

    point_id: int
    merchant_id: int
    account_id: int
    asset_id: int
    serial: str
    payload: bytes
    point_code: str
    zone: str
    zone_kind: str
    kind: str
    row: str
    stall: str
    shop_name: str
    holder_name: str
    bank_bin: str
    bank_name: str
    account_number: str
    merchant_code: str
    stage: str
    lat: float | None
    lng: float | None


@dataclass(frozen=True, slots=True)
class Unprintable:
    """A point that gets no piece now, and why, in words."""

    point_id: int
    point_code: str
    shop_name: str
    reason: str


def printable(
    wanted: PointFilter, now: datetime, reach: ColumnElement[bool] | None = None
) -> tuple[list[PrintableRow], list[Unprintable]]:
    """The pieces that may be printed now, in walking order (zone, row, stall), and the points that get none.

    `reach` narrows to what a person may see (`queries.reach.points_in_reach`).
    """
    rows: list[PrintableRow] = []
    missing: list[Unprintable] = []
    ids = _point_ids(wanted, reach)
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        codes = _codes(chunk, now)
        points = _points(chunk)
        held = _withheld(list(codes.values()), now)
        for point_id, found in points.items():
            if point_id in codes and point_id in held:
                missing.append(Unprintable(point_id, found.point.code, found.merchant.title, held[point_id]))
            elif point_id in codes:
                rows.append(_row(found, *codes[point_id]))
        missing += _missing([found for point_id, found in points.items() if point_id not in codes], now)
    return rows, missing


@dataclass(frozen=True, slots=True)
class _Found:
    point: Point
    state: PointState
    merchant: Merchant
    zone: str
    zone_kind: str
    stall: str


def _point_ids(wanted: PointFilter, reach: ColumnElement[bool] | None) -> list[int]:
    """In walking order: zone by zone, then by the stall, on the plan or not; A-2 comes before A-10 (as text, after)."""
    query = (
        select(PointState.point_id, Zone.phase, Zone.name_fold, Zone.id, func.coalesce(Stall.code, Point.code))
        .join(Point, Point.id == PointState.point_id)
        .outerjoin(Zone, Zone.id == Point.zone_id)
        .outerjoin(Stall, Stall.id == Point.stall_id)
        .where(PointState.merchant_id.is_not(None))
    )
    columns = {
        PointState.point_id: wanted.point_ids,
        PointState.merchant_id: wanted.merchant_ids,
        PointState.zone_id: wanted.zone_ids,
        PointState.unit_id: wanted.unit_ids,
        PointState.stage: wanted.stages,
    }
    for column, values in columns.items():
        if values is not None:
            query = query.where(column.in_(list(values)))
    rows = db.session.execute(query if reach is None else query.where(reach)).all()
    return [row[0] for row in sorted(rows, key=_walking_key)]


def _walking_key(found: Row[int, int, str, int, str]) -> tuple[bool, int, str, int, str, str, int]:
    point_id, phase, name, zone_id, code = found
    return zone_id is None, phase or 0, name or "", zone_id or 0, stall_key(code), code, point_id


def _points(ids: Sequence[int]) -> dict[int, _Found]:
    query = (
        select(Point, PointState, Merchant, Zone.name, Zone.kind, Stall.code)
        .join(PointState, PointState.point_id == Point.id)
        .join(Merchant, Merchant.id == PointState.merchant_id)
        .outerjoin(Zone, Zone.id == Point.zone_id)
        .outerjoin(Stall, Stall.id == Point.stall_id)
        .where(Point.id.in_(ids))
    )
    found = {
        point.id: _Found(point, state, merchant, zone or "", kind or "", stall or point.stall_text or point.code)
        for point, state, merchant, zone, kind, stall in db.session.execute(query)
    }
    return {point_id: found[point_id] for point_id in ids if point_id in found}


def _codes(ids: Sequence[int], now: datetime) -> dict[int, tuple[QrAsset, PaymentAccount]]:
    """The code each point may carry: live, of an approved account of who holds it today, rested; the newest version."""
    query = (
        select(QrAsset, PaymentAccount)
        .join(PaymentAccount, PaymentAccount.id == QrAsset.account_id)
        .join(PointState, PointState.point_id == QrAsset.point_id)
        .where(
            QrAsset.point_id.in_(ids),
            QrAsset.state == "active",
            QrAsset.print_from <= now,
            PaymentAccount.state == APPROVED,
            PaymentAccount.print_from <= now,
            PaymentAccount.merchant_id == PointState.merchant_id,
        )
        .order_by(QrAsset.point_id, PaymentAccount.version)
    )
    return {asset.point_id: (asset, account) for asset, account in db.session.execute(query)}


def _withheld(codes: Sequence[tuple[QrAsset, PaymentAccount]], now: datetime) -> dict[int, str]:
    """Points whose code is not printed although it is approved: what stands in the records is not what was approved."""
    ids = [asset.id for asset, _ in codes]
    approved, refused, today = decided_labels(ids), decided_labels(ids, REFUSED), labels_today(ids)
    broken = broken_links(codes, approved)
    reasons = {
        asset.point_id: broken.get(asset.id)
        or _label_reason(approved.get(asset.id), refused.get(asset.id), today[asset.id], now)
        for asset, _ in codes
    }
    return {point_id: reason for point_id, reason in reasons.items() if reason}


def _label_reason(approved: CodeLabel | None, refused: CodeLabel | None, today: Label, now: datetime) -> str:
    if approved is None or not today.holder_name:
        return "Tài khoản thiếu tên chủ tài khoản; hãy đề nghị lại kèm tên chủ."
    changed = differences(approved.label, today)
    words = ", ".join(difference.words.lower() for difference in changed)
    if changed and refused is not None and not differences(refused.label, today):
        return f"Thay đổi sau khi duyệt ({words}) bị từ chối: {refused.reason}"
    if changed:
        return f"Đổi tên sau khi duyệt, chờ duyệt lại: {words}."
    if approved.print_from is None or approved.print_from > now:
        return "Tên mới bên mã vừa duyệt lại, chưa đủ 24 giờ."
    return ""


def _row(found: _Found, asset: QrAsset, account: PaymentAccount) -> PrintableRow:
    return PrintableRow(
        point_id=found.point.id,
        merchant_id=found.merchant.id,
        account_id=account.id,
        asset_id=asset.id,
        serial=asset.serial,
        payload=asset.payload,
        point_code=found.point.code,
        zone=found.zone,
        zone_kind=found.zone_kind,
        kind=found.point.kind,
        row=found.point.row,
        stall=found.stall,
        shop_name=found.merchant.title,
        holder_name=account.holder_name,
        bank_bin=account.bank_bin,
        bank_name=bank_name(account.bank_bin) if account.bank_bin else account.provider,
        account_number=account.account_number,
        merchant_code=found.merchant.code,
        stage=found.state.stage,
        lat=found.point.lat,
        lng=found.point.lng,
    )


def _missing(without: Sequence[_Found], now: datetime) -> Iterator[Unprintable]:
    """Why these points get nothing."""
    query = (
        select(PaymentAccount.merchant_id, PaymentAccount.print_from)
        .where(
            PaymentAccount.merchant_id.in_([found.merchant.id for found in without]),
            PaymentAccount.state.in_((PROPOSED, APPROVED)),
        )
        .order_by(PaymentAccount.version)
    )
    accounts: dict[int, list[datetime | None]] = defaultdict(list)
    for merchant_id, print_from in db.session.execute(query):
        accounts[merchant_id].append(print_from)
    for found in without:
        reason = _reason(accounts[found.merchant.id], now)
        yield Unprintable(found.point.id, found.point.code, found.merchant.title, reason)


def _reason(accounts: Sequence[datetime | None], now: datetime) -> str:
    """In words; each account by the moment from which it may be printed, None while it waits for approval."""
    approved = [moment for moment in accounts if moment is not None]
    if any(moment <= now for moment in approved):
        return "Mã QR ở điểm này chờ người thứ hai duyệt, hoặc chưa đủ 24 giờ."
    if approved:
        return "Tài khoản mới duyệt chưa đủ 24 giờ."
    return "Tài khoản chưa được duyệt." if accounts else "Chưa có tài khoản."

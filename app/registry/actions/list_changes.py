"""What a list says otherwise of merchants that are known: accounts are proposed, the rest is put right when asked."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from app.actors import Actor
from app.approval.rules import PROPOSED
from app.db import db
from app.errors import ConflictError, DomainError
from app.places.models import Stall
from app.registry.actions.accounts import end_proposal, propose_account
from app.registry.actions.merchants import change_merchant
from app.registry.actions.points import change_point
from app.registry.actions.states import states_refreshed_once
from app.registry.models import ImportBatch, ImportRow, Merchant, PaymentAccount, Point, Tenancy
from app.registry.queries.known_lines import known_merchants
from app.registry.rules.entries import NewAccount, NewMerchant, NewPoint
from app.registry.rules.list_changes import WORDS, differences, told
from app.registry.rules.lists import ListLine
from app.vn.stalls import stall_key

_OF_MERCHANT: Final = ("shop_name", "phone", "tax_code", "line_of_business", "note")
_OF_POINT: Final = ("stall", "address", "lat")


def line_of(row: ImportRow) -> ListLine:
    """The line a staged row was made of."""
    is_confirmed = not row.account_waits
    return ListLine(row.line, tuple(row.cells), **row.values, sheet=row.sheet, is_account_confirmed=is_confirmed)


def propose_changed_accounts(actor: Actor, now: datetime, batch: ImportBatch) -> int:
    """An account that a list gives otherwise for a known merchant waits for a second person; how many there are.

    One that was refused or given up before is told, never proposed again by a file.
    """
    return sum(_propose(actor, now, batch, row) for row in _rows(batch, "changed"))


def apply_changes(actor: Actor, now: datetime, batch: ImportBatch) -> int:
    """Puts right what differs, for every known merchant of the list, by the acts that forms use; how many were changed.

    Somebody else's name stays told: whether it is another person, only a person can say. So do a market and a hamlet.
    """
    changed = 0
    with states_refreshed_once():
        for row in _rows(batch, "changed", "alike"):
            if row.state == "alike" and "holder_name" in row.differs:
                continue
            changed += apply_row(actor, now, batch, row)
    return changed


def apply_row(actor: Actor, now: datetime, batch: ImportBatch, row: ImportRow) -> bool:
    """The same for one line. What could not be put right stays told, with the reason."""
    merchant = db.session.get_one(Merchant, row.merchant_id)
    line = line_of(row)
    before, reasons = list(row.differs), []
    for act in (_change_merchant, _change_point):
        try:
            act(actor, now, merchant, line, row.differs)
        except DomainError as fault:
            reasons.append(str(fault))
    _propose(actor, now, batch, row)
    left = _still(row, line)
    done = [WORDS[name] for name in before if name not in left]
    row.differs, row.state = left, "changed" if left else "unchanged"
    applied = f"Đã sửa: {', '.join(done)}." if done else ""
    row.message = " ".join(filter(None, (applied, told(merchant.code, left) if left else "", *reasons)))
    return bool(done)


def add_as_new(row: ImportRow) -> None:
    """The line is somebody else than the merchant it looks like: it will be added. Raises ConflictError."""
    if row.state != "alike":
        raise ConflictError("Dòng này không còn chờ chọn.", remedy="Hãy tải lại trang.")
    row.state, row.differs, row.merchant_id, row.message = "new", [], None, "Người nhập nói: hộ khác, thêm mới."


def withdraw_proposals(actor: Actor, now: datetime, batch: ImportBatch) -> None:
    """Takes back the accounts that this list proposed for merchants known before it, where nobody has decided yet."""
    query = select(PaymentAccount).where(PaymentAccount.batch_id == batch.id, PaymentAccount.state == PROPOSED)
    for account in db.session.scalars(query.join(Merchant).where(Merchant.batch_id.is_distinct_from(batch.id))).all():
        end_proposal(actor, now, account, f"Hoàn tác danh sách {batch.file_name}.")


def _rows(batch: ImportBatch, *states: str) -> Iterator[ImportRow]:
    query = select(ImportRow).where(
        ImportRow.batch_id == batch.id, ImportRow.state.in_(states), ImportRow.merchant_id.is_not(None)
    )
    yield from db.session.scalars(query.order_by(ImportRow.id)).all()


def _still(row: ImportRow, line: ListLine) -> list[str]:
    """In what the line differs now; an account that waits for its second person no longer does."""
    known = known_merchants([row.merchant_id or 0]).get(row.merchant_id or 0)
    return list(differences(line, known)) if known else []


def _propose(actor: Actor, now: datetime, batch: ImportBatch, row: ImportRow) -> bool:
    line = line_of(row)
    known = known_merchants([row.merchant_id or 0]).get(row.merchant_id or 0)
    account = (line.bank_bin, line.account_number)
    if "account_number" not in row.differs or known is None or account in known.past or not line.proposes_account:
        return False
    merchant = db.session.get_one(Merchant, row.merchant_id)
    reason = f"Danh sách {batch.file_name}, dòng {row.line}."
    entry = NewAccount(*account, holder_name=line.account_holder or line.holder_name, reason=reason)
    try:
        proposed = propose_account(actor, now, merchant, entry)
    except DomainError as fault:
        row.message = f"{row.message} {fault}".strip()
        return False
    proposed.batch_id = batch.id
    row.message = f"{row.message} Tài khoản mới đã thành đề nghị, chờ người khác duyệt.".strip()
    return True


def _change_merchant(actor: Actor, now: datetime, merchant: Merchant, line: ListLine, differs: list[str]) -> None:
    said: dict[str, Any] = {name: getattr(line, name) for name in _OF_MERCHANT if name in differs}
    if not said:
        return
    if "note" in said and merchant.note:
        said["note"] = f"{merchant.note}; {line.note}"
    names = (*_OF_MERCHANT, "holder_name", "refusal")
    values: dict[str, Any] = {name: getattr(merchant, name) or "" for name in names}
    values |= {"kind": merchant.kind, "has_soundbox": merchant.has_soundbox}
    values["online_shops"] = tuple(merchant.online_shops)
    values |= said
    change_merchant(actor, now, merchant, NewMerchant(**values), merchant.version)


def _change_point(actor: Actor, now: datetime, merchant: Merchant, line: ListLine, differs: list[str]) -> None:
    """Where they sell, if that is one place; of several nobody can tell which one the list means."""
    if not set(differs) & set(_OF_POINT):
        return
    query = select(Point).join(Tenancy).where(Tenancy.merchant_id == merchant.id, Tenancy.valid_to.is_(None))
    points = db.session.scalars(query).all()
    if len(points) != 1:
        raise ConflictError("Hộ có mấy điểm bán.", remedy="Hãy mở hồ sơ để sửa đúng điểm.")
    (point,) = points
    said: dict[str, Any] = {}
    if "stall" in differs:
        stall = _stall(point.zone_id, line.code)
        said |= {"code": stall.code if stall else line.code, "row": stall.row if stall else line.row}
        said |= {"stall_text": stall.code if stall else line.stall, "stall_id": stall.id if stall else None}
        if stall is not None and stall.lat is not None and stall.lng is not None:
            said |= {"lat": stall.lat, "lng": stall.lng, "located_how": "plan"}
    if "address" in differs:
        said["place"] = line.address
    if "lat" in differs:
        said |= {"lat": line.lat, "lng": line.lng, "located_how": "file", "accuracy_m": None}
    values = _as_it_is(point)
    values |= said
    change_point(actor, now, point, NewPoint(**values))


_POINT_FIELDS: Final = (
    "kind", "unit_id", "zone_id", "stall_id", "row", "stall_text", "place", "lat", "lng",
    "accuracy_m", "located_how", "opening_hours", "detail",
)  # fmt: skip


def _as_it_is(point: Point) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(point, name) for name in _POINT_FIELDS}
    values["services"] = tuple(point.services)
    return values


def _stall(zone_id: int | None, code: str) -> Stall | None:
    if zone_id is None:
        return None
    query = select(Stall).where(Stall.zone_id == zone_id, Stall.valid_to.is_(None))
    return next((stall for stall in db.session.scalars(query) if stall_key(stall.code) == stall_key(code)), None)

"""Collections and notices as pages need them, and the public payees that may ask for an amount."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select

from app.actors import Actor
from app.db import db
from app.errors import NotFoundError
from app.places.queries import commune_of
from app.printing.notices.models import Collection, Notice
from app.printing.notices.orders import Payee
from app.printing.notices.payers import Payer, Refusal
from app.printing.notices.rules import PAYEE_KINDS
from app.printing.rules import ORDERERS
from app.qr import BankNotFoundError, Kind, bank_by_bin, inspect
from app.registry.models import PointState
from app.registry.queries.printable import PointFilter, PrintableRow, Unprintable, printable
from app.registry.queries.reach import points_in_reach
from app.registry.rules.search import search_words
from app.vn.text import fold


def payees_for(actor: Actor, now: datetime) -> tuple[list[PrintableRow], list[Unprintable]]:
    """Public payees of this person that may ask for an amount now, and those that may not, with the reason."""
    ids = db.session.scalars(
        select(PointState.point_id).where(PointState.kind.in_(PAYEE_KINDS), points_in_reach(actor, *ORDERERS))
    ).all()
    return _sorted_out(ids, now) if ids else ([], [])


def payee_now(point_id: int, now: datetime) -> PrintableRow | None:
    """This payee with the account that may be printed now; None where there is none, or no amount can be asked."""
    rows, _ = _sorted_out([point_id], now)
    return rows[0] if rows else None


def _sorted_out(ids: Sequence[int], now: datetime) -> tuple[list[PrintableRow], list[Unprintable]]:
    rows, missing = printable(PointFilter(point_ids=ids), now)
    reasons = {row.point_id: unfit(row) for row in rows}
    unfits = [
        Unprintable(row.point_id, row.point_code, row.shop_name, reasons[row.point_id])
        for row in rows
        if reasons[row.point_id]
    ]
    return [row for row in rows if not reasons[row.point_id]], [*missing, *unfits]


def unfit(row: PrintableRow) -> str:
    """Why no amount can be written into a code for this account; empty if it can."""
    code = inspect(row.payload.decode("utf-8", "replace"))
    if code.kind is not Kind.TRANSFER_ACCOUNT or code.value("38/01/01") != row.account_number:
        return "Mã do đơn vị cấp không ghi thêm số tiền được; hãy thêm một tài khoản ngân hàng."
    try:
        bank = bank_by_bin(row.bank_bin)
    except BankNotFoundError as unknown:
        return str(unknown)
    return f"{bank.short_name} không nhận chuyển khoản VietQR." if bank.refuses_transfers else ""


def payee_of(row: PrintableRow, collection: Collection) -> Payee:
    """Who asks, as it stands on paper."""
    commune = commune_of(collection.unit)
    return Payee(
        name=collection.payee_name,
        bank_bin=row.bank_bin,
        bank_name=row.bank_name,
        account_number=row.account_number,
        holder_name=row.holder_name,
        office=f"Uỷ ban nhân dân {commune.title}",
        place=commune.name,
    )


@dataclass(frozen=True, slots=True)
class CollectionFilter:
    """Which collections: in one state, by words in title, payee or number."""

    state: str = ""
    text: str = ""


def collection_in_reach(actor: Actor, collection_id: int) -> Collection:
    """The collection, or NotFoundError where there is none or it is not this person's to see."""
    found = db.session.scalar(_collections(actor).where(Collection.id == collection_id))
    if found is None:
        raise NotFoundError("Không có đợt thu này.", remedy="Hãy tìm lại trong danh sách đợt thu.")
    return found


def _collections(actor: Actor) -> Select[Collection]:
    query = select(Collection).join(PointState, PointState.point_id == Collection.point_id)
    return query.where(points_in_reach(actor, *ORDERERS))


def collections_page(
    actor: Actor, wanted: CollectionFilter, offset: int, limit: int | None
) -> tuple[Sequence[Collection], int]:
    """Collections, newest first, and how many there are."""
    query = _collections(actor)
    if wanted.state:
        query = query.where(Collection.state == wanted.state)
    if wanted.text:
        named = func.lower(Collection.title + " " + Collection.payee_name + " " + Collection.number)
        query = query.where(named.contains(wanted.text.lower(), autoescape=True))
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    return db.session.scalars(query.order_by(Collection.id.desc()).offset(offset).limit(limit)).all(), total


def state_totals(actor: Actor) -> dict[str, int]:
    """Collections by state, for the filter above the list."""
    query = select(Collection.state, func.count()).join(PointState, PointState.point_id == Collection.point_id)
    return dict(db.session.execute(query.where(points_in_reach(actor, *ORDERERS)).group_by(Collection.state)).all())


def notices_page(collection_id: int, text: str, offset: int, limit: int) -> tuple[Sequence[Notice], int]:
    """Notices of a collection in the order of its list, and how many there are."""
    query = select(Notice).where(Notice.collection_id == collection_id, *_said(text))
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    return db.session.scalars(query.order_by(Notice.line, Notice.id).offset(offset).limit(limit)).all(), total


def _said(text: str) -> list[ColumnElement[bool]]:
    return [Notice.search.contains(word, autoescape=True) for word in search_words(text)]


def searched(payer: Payer) -> str:
    """What a payer is found by."""
    return fold(f"{payer.payer_code} {payer.payer_name} {payer.group} {payer.memo}")


def notice_of(collection_id: int, notice_id: int | None) -> Notice | None:
    """This notice of the collection, or its first."""
    query = select(Notice).where(Notice.collection_id == collection_id)
    if notice_id is not None:
        query = query.where(Notice.id == notice_id)
    return db.session.scalar(query.order_by(Notice.line, Notice.id).limit(1))


def payers_in(collection_id: int) -> list[tuple[int, Payer]]:
    """Every payer of a collection in the order of its list, with the notice's id."""
    query = select(Notice).where(Notice.collection_id == collection_id).order_by(Notice.line, Notice.id)
    return [(notice.id, payer_of(notice)) for notice in db.session.scalars(query)]


def payer_of(notice: Notice) -> Payer:
    """The row a notice was made of."""
    return Payer(
        notice.line,
        notice.payer_code,
        notice.payer_name,
        notice.group,
        notice.purpose,
        notice.amount_vnd,
        notice.due_on,
        notice.memo,
        notice.remark,
    )


def memos_in(collection_id: int) -> frozenset[str]:
    """Memos that are taken in a collection."""
    return frozenset(db.session.scalars(select(Notice.memo).where(Notice.collection_id == collection_id)))


def group_totals(collection_id: int) -> list[tuple[str, int, int]]:
    """Each class with its payers and what they owe together."""
    query = select(Notice.group, func.count(), func.sum(Notice.amount_vnd)).group_by(Notice.group)
    rows = db.session.execute(query.where(Notice.collection_id == collection_id).order_by(Notice.group))
    return [(group, count, int(total or 0)) for group, count, total in rows]


def refusals_of(collection: Collection) -> list[Refusal]:
    """The rows of the list that got no notice."""
    return [Refusal(row["line"], row["reason"], tuple(row["cells"])) for row in collection.refused]


def outdated(collections: Sequence[Collection], now: datetime) -> set[int]:
    """Those whose notices pay into an account, or name a payee, that is no longer the one at their point."""
    rows, _ = printable(PointFilter(point_ids={each.point_id for each in collections}), now)
    present = {row.point_id: (row.account_id, row.shop_name) for row in rows}
    return {each.id for each in collections if present.get(each.point_id) != (each.account_id, each.payee_name)}


def next_number(month: str) -> str:
    """The next collection's number in a month written `2611`."""
    prefix = f"DT-{month}-"
    last = db.session.scalar(
        select(Collection.number).where(Collection.number.like(f"{prefix}%")).order_by(Collection.id.desc()).limit(1)
    )
    return f"{prefix}{int(last.removeprefix(prefix)) + 1 if last else 1:02}"

"""Opening a collection, making its notices, taking it back."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from shutil import rmtree

from sqlalchemy import delete, update

from app.actors import SYSTEM, Actor
from app.audit.actions import record
from app.db import db, unit_of_work
from app.errors import ConflictError, NotFoundError, RefusedError
from app.jobs.actions import CancelledError, Progress, enqueue, request_cancel
from app.printing.notices.models import Collection, Notice
from app.printing.notices.orders import Made, NoticeOrder
from app.printing.notices.paper import FILES, make_notices
from app.printing.notices.payers import Payer, PayerList
from app.printing.notices.queries import (
    memos_in,
    next_number,
    payee_now,
    payee_of,
    payers_in,
    searched,
)
from app.printing.notices.rules import DRAFT, FORMS, MAKING, NOTICES_MAX, READY, STEPS, STOPPED, VOID, WITHHELD
from app.printing.orders import Stock
from app.printing.rules import may_become
from app.printing.themes import load_theme
from app.registry.models import Point
from app.registry.queries.printable import PrintableRow
from app.vn.dates import local_date

KIND = "fee_notices"
FAILURES_KEPT = 200
REFUSALS_KEPT = 2_000
SUBJECT = "fee_collection"


@dataclass(frozen=True, slots=True)
class CollectionWish:
    """What somebody wants to ask for: of which payee's payers, under which heading, by when, on which paper."""

    payee: PrintableRow
    title: str
    due_on: date | None
    form: str = "third"
    theme: str = "default"
    file_name: str = ""


def open_collection(actor: Actor, now: datetime, wish: CollectionWish, listed: PayerList) -> Collection:
    """Keep a list as a draft: nothing is on paper yet. Raises RefusedError where no row can get a notice."""
    _refuse_empty(listed)
    point = db.session.get_one(Point, wish.payee.point_id)
    collection = Collection(
        number=next_number(f"{local_date(now):%y%m}"),
        unit_id=point.unit_id,
        point_id=point.id,
        account_id=wish.payee.account_id,
        payee_name=wish.payee.shop_name,
        title=wish.title,
        due_on=wish.due_on,
        form=wish.form,
        theme=wish.theme,
        file_name=wish.file_name[:160],
        created_at=now,
        created_by_id=actor.id,
        created_by=actor.name,
        notices_count=0,
        total_vnd=0,
        refused=[],
    )
    db.session.add(collection)
    db.session.flush()
    _take(collection, listed)
    record(actor, now, "collection.open", (SUBJECT, collection.id), after=_told(collection, listed))
    return collection


def add_rows(actor: Actor, now: datetime, collection: Collection, listed: PayerList) -> None:
    """More rows of the same list, mended ones above all; they take the place of what was refused before."""
    if collection.state != DRAFT:
        raise ConflictError("Đợt thu này không còn là bản nháp.", remedy="Hãy mở một đợt thu mới cho các dòng thêm.")
    _refuse_empty(listed)
    _take(collection, listed)
    record(actor, now, "collection.add", (SUBJECT, collection.id), after=_told(collection, listed))


def _refuse_empty(listed: PayerList) -> None:
    if not listed.payers:
        first = listed.refusals[0] if listed.refusals else None
        why = f" Dòng {first.line}: {first.reason}" if first else ""
        raise RefusedError(f"{listed.file}: không có dòng nào làm được giấy báo.{why}", remedy="Hãy sửa rồi gửi lại.")


def _take(collection: Collection, listed: PayerList) -> None:
    if collection.notices_count + len(listed.payers) > NOTICES_MAX:
        raise RefusedError(
            f"Một đợt thu có tối đa {NOTICES_MAX} người nộp.", remedy="Hãy chia thành nhiều đợt, ví dụ theo khối lớp."
        )
    db.session.add_all(_notice(collection.id, payer) for payer in listed.payers)
    collection.notices_count += len(listed.payers)
    collection.total_vnd += listed.total_vnd
    collection.refused = [asdict(refusal) for refusal in listed.refusals[:REFUSALS_KEPT]]
    collection.remarks = list(listed.remarks)
    db.session.flush()


def _notice(collection_id: int, payer: Payer) -> Notice:
    return Notice(
        collection_id=collection_id,
        line=payer.line,
        payer_code=payer.payer_code,
        payer_name=payer.payer_name,
        group=payer.group,
        purpose=payer.purpose,
        amount_vnd=payer.amount_vnd,
        due_on=payer.due_on,
        memo=payer.memo,
        remark=payer.remark,
        search=searched(payer),
    )


def _told(collection: Collection, listed: PayerList) -> dict[str, object]:
    """What the audit keeps: how many and how much, nobody's name."""
    return {
        "number": collection.number,
        "notices": len(listed.payers),
        "refused": len(listed.refusals),
        "total_vnd": collection.total_vnd,
    }


def taken_memos(collection: Collection | None) -> frozenset[str]:
    """Memos that a further list must not repeat."""
    return memos_in(collection.id) if collection else frozenset()


def order_notices(actor: Actor, now: datetime, collection: Collection, form: str, theme: str, shelf: Stock) -> None:
    """Queue the making; the codes pay into the account that may be printed at this moment."""
    _require(collection, MAKING)
    load_theme(shelf.themes, theme)
    if form not in FORMS:
        raise RefusedError("Không có dạng giấy này.", remedy="Hãy chọn lại dạng giấy.")
    payee = payee_now(collection.point_id, now)
    if payee is None:
        raise RefusedError(
            f"{collection.payee_name} chưa có tài khoản được phép in.", remedy="Hãy duyệt tài khoản rồi làm lại."
        )
    if payee.shop_name != collection.payee_name:
        raise ConflictError(
            f"Điểm này nay của {payee.shop_name}, không còn của {collection.payee_name}.",
            remedy="Hãy mở một đợt thu mới cho đơn vị đang nhận tiền.",
        )
    collection.state, collection.account_id = MAKING, payee.account_id
    collection.form, collection.theme, collection.failures = form, theme, []
    collection.job_id = enqueue(KIND, {"collection_id": collection.id}, actor, now).id
    record(actor, now, "collection.make", (SUBJECT, collection.id), after={"form": form, "theme": theme})
    db.session.flush()


def make(collection_id: int, shelf: Stock, folder: Path, now: datetime, progress: Progress | None = None) -> Collection:
    """Draw the notices and read every code back. Run by the job; one that no longer waits is left alone."""
    collection = db.session.get(Collection, collection_id)
    if collection is None:
        raise NotFoundError("Không có đợt thu này.")
    if collection.state != MAKING:
        return collection
    payee, payers = payee_now(collection.point_id, now), payers_in(collection_id)
    order = order_of(collection, payee, shelf, now) if payee and _is_same(payee, collection) else None
    db.session.rollback()
    try:
        made = _press(order, [payer for _, payer in payers], shelf, folder, now, progress) if order else None
    except CancelledError:
        with unit_of_work():
            db.session.get_one(Collection, collection_id).state = STOPPED
        raise
    with unit_of_work():
        return _keep(collection_id, [notice_id for notice_id, _ in payers], made, now, folder)


def _is_same(payee: PrintableRow, collection: Collection) -> bool:
    """Whether the account, and the name that was agreed to beside it, are still those of the collection."""
    return (payee.account_id, payee.shop_name) == (collection.account_id, collection.payee_name)


def order_of(
    collection: Collection, payee: PrintableRow, shelf: Stock, now: datetime, form: str = "", theme: str = ""
) -> NoticeOrder:
    """The collection as an order to the press, in its own form and theme unless others are tried."""
    return NoticeOrder(
        payee_of(payee, collection),
        FORMS[form or collection.form],
        load_theme(shelf.themes, theme or collection.theme),
        collection.number,
        collection.title,
        local_date(now),
    )


def _press(
    order: NoticeOrder, payers: Sequence[Payer], shelf: Stock, folder: Path, now: datetime, progress: Progress | None
) -> Made:
    def tell(what: str, done: int, total: int) -> None:
        if progress:
            drawn = what == "in"
            words = "Đang vẽ" if drawn else "Đang đọc lại từng mã"
            progress(done if drawn else total + done, 2 * total, f"{words}: {done}/{total} giấy báo")

    return make_notices(order, payers, shelf, folder, now, tell)


def _keep(collection_id: int, notice_ids: Sequence[int], made: Made | None, now: datetime, folder: Path) -> Collection:
    collection = db.session.get_one(Collection, collection_id)
    collection.made_at = now
    if made is None:
        collection.state = WITHHELD
        reason = "tài khoản hoặc tên của đơn vị thu đã đổi; hãy làm lại"
        collection.failures = [{"sheet": 0, "cell": 0, "point_code": "", "reason": reason}]
        return collection
    report = made.report
    collection.state = READY if report.passed else WITHHELD
    collection.sheets, collection.codes_right = made.sheets, report.codes_right
    collection.failures = [asdict(failure) for failure in report.failures[:FAILURES_KEPT]]
    if report.passed:
        pdf = folder / FILES[0]
        collection.pdf_bytes = pdf.stat().st_size
        collection.pdf_sha256 = hashlib.sha256(pdf.read_bytes()).hexdigest()
        rows = [
            {"id": notice_id, "payload": notice.payload, "sheet": notice.sheet, "cell": notice.cell}
            for notice_id, notice in zip(notice_ids, made.notices, strict=True)
        ]
        db.session.execute(update(Notice), rows)
    after = {"state": collection.state, "notices": report.items, "total_vnd": collection.total_vnd}
    record(SYSTEM, now, "collection.made", (SUBJECT, collection.id), after=after)
    return collection


def stop_collection(actor: Actor, now: datetime, collection: Collection) -> None:
    """Stop the making; what was not begun stops at once, what runs stops at its next step."""
    if collection.state != MAKING or collection.job_id is None:
        raise ConflictError("Đợt thu này không còn đang làm.", remedy="Hãy tải lại trang.")
    if request_cancel(collection.job_id, now).state == "cancelled":
        collection.state = STOPPED
    record(actor, now, "collection.stop", (SUBJECT, collection.id))


def void_collection(actor: Actor, now: datetime, collection: Collection, reason: str) -> None:
    """The collection must not be used: its files are no longer handed out. Can be taken back (`restore_collection`)."""
    _require(collection, VOID)
    if not reason.strip():
        raise RefusedError("Chưa ghi lý do huỷ.", remedy="Hãy ghi ngắn: sai số tiền, thu lại sau…")
    collection.void_from, collection.state, collection.reason = collection.state, VOID, reason.strip()
    before = {"state": collection.void_from}
    record(actor, now, "collection.void", (SUBJECT, collection.id), before=before, reason=reason)
    db.session.flush()


def restore_collection(actor: Actor, now: datetime, collection: Collection) -> None:
    """A void collection is as it was before."""
    if collection.state != VOID or not collection.void_from:
        raise ConflictError("Đợt thu này không khôi phục được.", remedy="Hãy mở một đợt thu mới.")
    collection.state, collection.void_from, collection.reason = collection.void_from, "", ""
    record(actor, now, "collection.restore", (SUBJECT, collection.id), after={"state": collection.state})
    db.session.flush()


def purge_collection(actor: Actor, now: datetime, collection: Collection, folder: Path) -> None:
    """The names and codes of a void collection go for good; number, count and sum stay. Cannot be taken back."""
    if collection.state != VOID:
        raise ConflictError("Chỉ xoá được đợt thu đã huỷ.", remedy="Hãy huỷ đợt thu trước.")
    db.session.execute(delete(Notice).where(Notice.collection_id == collection.id))
    collection.refused, collection.file_name, collection.void_from = [], "", ""
    rmtree(folder, ignore_errors=True)
    record(actor, now, "collection.purge", (SUBJECT, collection.id), before={"notices": collection.notices_count})
    db.session.flush()


def note_download(actor: Actor, now: datetime, collection: Collection, name: str) -> None:
    """Files of a collection hold names: who took which is written down."""
    record(actor, now, "collection.fetch", (SUBJECT, collection.id), after={"file": name})


def standing(collection: Collection) -> str:
    """The collection's state; where its job broke down it has stopped, whatever the row says."""
    broken = collection.state == MAKING and collection.job is not None and collection.job.state == "failed"
    return STOPPED if broken else collection.state


def _require(collection: Collection, wanted: str) -> None:
    collection.state = standing(collection)
    if not may_become(STEPS, collection.state, wanted):
        raise ConflictError("Đợt thu này không đổi được sang trạng thái ấy.", remedy="Hãy tải lại trang.")

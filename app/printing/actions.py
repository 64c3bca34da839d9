"""Ordering a lot, making it, following its pieces to the wall."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from shutil import rmtree

from app.actors import SYSTEM, Actor
from app.audit.actions import record
from app.db import db, unit_of_work
from app.errors import ConflictError, NotFoundError, RefusedError
from app.jobs.actions import CancelledError, Progress, enqueue, request_cancel
from app.printing.design_files import load_design
from app.printing.fitting import fitting, sentence
from app.printing.following import note_stage, take_step
from app.printing.headers import make_headers
from app.printing.lots import Lot, make_lot
from app.printing.models import PrintLink, PrintLot, PrintPiece
from app.printing.ordering import lot_folder, making_folder, numbered, order_of, rows_of
from app.printing.orders import Stock
from app.printing.points import Point
from app.printing.queries import link_with, next_number, stale_in
from app.printing.rules import (
    HANDED,
    LOT_STEPS,
    MAKING,
    PIECE_STEPS,
    PRINTED,
    READY,
    REPLACED,
    STOPPED,
    VOID,
    WITHHELD,
    may_become,
)
from app.printing.themes import load_theme
from app.registry.actions.trader_links import links_for
from app.registry.queries.printable import PrintableRow
from app.registry.rules.stages import PRINTED as PRINTED_STAGE
from app.settings import NoPublicAddressError
from app.vn.dates import local_date
from app.web.address import public_url

KIND = "print_lot"
LINK_LIFE = timedelta(days=7)
FAILURES_KEPT = 200


@dataclass(frozen=True, slots=True)
class LotWish:
    """What somebody wants printed."""

    design: str
    theme: str
    sheet: str
    filling: str
    start_cell: int
    point_ids: Sequence[int]
    unit_id: int | None
    place: str
    words: dict[str, str]
    reason: str = ""


def order_lot(actor: Actor, now: datetime, wish: LotWish, shelf: Stock) -> PrintLot:
    """Write the order down and queue its making; raises RefusedError where nothing can come of it."""
    design = load_design(shelf.designs, wish.design)
    load_theme(shelf.themes, wish.theme)
    layout = design.layout_on(wish.sheet)
    if not wish.point_ids:
        raise RefusedError("Chưa chọn điểm nào in được.", remedy="Hãy chọn khu vực khác hoặc bỏ bớt điều kiện.")
    if design.shows_address and not wish.words.get("site"):
        raise NoPublicAddressError
    if not 1 <= wish.start_cell <= layout.per_sheet:
        raise RefusedError(f"Ô bắt đầu phải từ 1 đến {layout.per_sheet}.", remedy="Hãy chọn lại ô bắt đầu.")
    lot = PrintLot(
        number=next_number(f"{local_date(now):%y%m}"),
        unit_id=wish.unit_id,
        place=wish.place,
        design=wish.design,
        theme=wish.theme,
        sheet=wish.sheet,
        filling=wish.filling,
        start_cell=wish.start_cell,
        point_ids=list(wish.point_ids),
        texts=wish.words,
        reason=wish.reason,
        created_at=now,
        created_by_id=actor.id,
        created_by=actor.name,
    )
    db.session.add(lot)
    db.session.flush()
    lot.job_id = enqueue(KIND, {"lot_id": lot.id}, actor, now).id
    facts = {"number": lot.number, "design": lot.design, "sheet": lot.sheet, "points": len(lot.point_ids)}
    record(actor, now, "lot.order", ("lot", lot.id), after=facts, reason=wish.reason)
    db.session.flush()
    return lot


def make(
    lot_id: int, shelf: Stock, lots_dir: Path, now: datetime, progress: Progress | None = None, *, seal: str = ""
) -> PrintLot:
    """Draw the lot, read it back, keep its pieces. Run by the job; a lot that is no longer waiting is left alone.

    What a worker that died had finished is not made again. With a `seal` every sheet gets a code of its own.
    """
    lot = db.session.get(PrintLot, lot_id)
    if lot is None:
        raise NotFoundError("Không có lô in này.")
    if lot.state != MAKING:
        return lot
    rows, left_out = rows_of(lot.point_ids, now)
    db.session.rollback()
    cards = _cards(lot, rows, shelf, now)
    points, too_large = _fitting(lot, rows, cards, shelf)
    try:
        made = _press(lot, points, shelf, lots_dir, now, progress, seal)
    except CancelledError:
        rmtree(making_folder(lots_dir, lot), ignore_errors=True)
        with unit_of_work():
            _stop(lot_id)
        raise
    with unit_of_work():
        return _keep(lot_id, rows, [*left_out, *too_large], made, now, lot_folder(lots_dir, lot))


def _cards(lot: PrintLot, rows: Sequence[PrintableRow], shelf: Stock, now: datetime) -> dict[int, str]:
    """The secrets of the traders' cards, made where there is none, if this design leads to them."""
    if not load_design(shelf.designs, lot.design).shows_card:
        return {}
    with unit_of_work():
        return links_for(SYSTEM, now, [row.merchant_id for row in rows])


def _fitting(
    lot: PrintLot, rows: Sequence[PrintableRow], cards: Mapping[int, str], shelf: Stock
) -> tuple[Sequence[Point], list[tuple[str, str]]]:
    """The pieces that this design can print on this sheet, and (point code, reason) of the points left out."""
    if not rows:
        return (), []
    found = fitting(order_of(lot, shelf, len(rows)), numbered(rows, cards), shelf)
    codes = {row.point_id: row.point_code for row in rows}
    return found.points, [(codes[refusal.line], sentence(refusal.reason)) for refusal in found.refusals]


def _press(
    lot: PrintLot,
    points: Sequence[Point],
    shelf: Stock,
    lots_dir: Path,
    now: datetime,
    progress: Progress | None,
    seal: str,
) -> Lot | None:
    if not points:
        return None
    total = 2 * len(points)

    def tell(what: str, done: int, _all: int) -> None:
        if progress:
            drawn = what == "in"
            words = "Đang vẽ" if drawn else "Đang đọc lại từng mã"
            progress(done if drawn else len(points) + done, total, f"{words}: {done}/{len(points)} bản")

    folder, order = lot_folder(lots_dir, lot), order_of(lot, shelf, len(points), seal)
    # Only a job comes back after a crash; whoever makes a lot directly must not meet its worker in one folder.
    kept = making_folder(lots_dir, lot) if progress else None
    made = make_lot(order, points, shelf, folder, now, on_progress=tell, kept=kept)
    if made.report.passed:
        make_headers(order, lot.number, made, shelf, folder, now)
    return made


def _stop(lot_id: int) -> None:
    lot = db.session.get_one(PrintLot, lot_id)
    lot.state = STOPPED


def _keep(
    lot_id: int,
    rows: Sequence[PrintableRow],
    left_out: Sequence[tuple[str, str]],
    made: Lot | None,
    now: datetime,
    folder: Path,
) -> PrintLot:
    lot = db.session.get_one(PrintLot, lot_id)
    if lot.state != MAKING:  # made by somebody else meanwhile
        return lot
    lot.left_out = [{"point_code": code, "reason": reason} for code, reason in left_out]
    lot.made_at = now
    if made is None:
        lot.state = WITHHELD
        lot.failures = [{"sheet": 0, "cell": 0, "point_code": "", "reason": "không còn điểm nào được phép in"}]
        return lot
    report = made.report
    lot.state = READY if report.passed else WITHHELD
    lot.pieces_count, lot.codes_right = report.items, report.codes_right
    lot.sheets = made.sheets
    lot.failures = [asdict(failure) for failure in report.failures[:FAILURES_KEPT]]
    if report.passed:
        lot.pdf_bytes = (folder / "lot.pdf").stat().st_size
        lot.pdf_sha256 = made.pdf_sha256
        _keep_pieces(lot, rows, made, now)
    record(SYSTEM, now, "lot.make", ("lot", lot.id), after={"state": lot.state, "pieces": lot.pieces_count})
    return lot


def _keep_pieces(lot: PrintLot, rows: Sequence[PrintableRow], made: Lot, now: datetime) -> None:
    by_point = {row.point_id: row for row in rows}
    for piece in made.pieces:
        row = by_point[piece.point.line]
        said = piece.codes[0] if piece.codes else ""
        db.session.add(
            PrintPiece(
                lot_id=lot.id,
                sheet=piece.sheet,
                cell=piece.cell,
                point_id=row.point_id,
                asset_id=row.asset_id,
                print_id=piece.print_id,
                serial=piece.point.serial,
                row=row.row,
                payload_crc=piece.print_id.rpartition("-")[2],
                payload_sha256=hashlib.sha256(said.encode()).hexdigest() if said else "",
                warnings="; ".join(piece.warnings),
                state_at=now,
            )
        )
    db.session.flush()


def stop_lot(actor: Actor, now: datetime, lot: PrintLot) -> None:
    """Stop the making; what was not begun stops at once, what runs stops at its next step."""
    if lot.state != MAKING or lot.job_id is None:
        raise ConflictError("Lô này không còn đang làm.", remedy="Hãy tải lại trang.")
    job = request_cancel(lot.job_id, now)
    if job.state == "cancelled":
        lot.state = STOPPED
    record(actor, now, "lot.stop", ("lot", lot.id))


def restart_lot(actor: Actor, now: datetime, lot: PrintLot) -> None:
    """Make a lot that stopped once more; what a broken job had finished is not made again."""
    if not may_become(LOT_STEPS, lot.standing, MAKING):
        raise ConflictError("Lô này không làm lại được.", remedy="Hãy tải lại trang, hoặc đặt lô mới.")
    lot.state = MAKING
    lot.job_id = enqueue(KIND, {"lot_id": lot.id}, actor, now).id
    record(actor, now, "lot.restart", ("lot", lot.id), before={"state": STOPPED}, after={"state": MAKING})
    db.session.flush()


def advance_lot(actor: Actor, now: datetime, lot: PrintLot, state: str, *, to: str = "", reason: str = "") -> None:
    """The lot was printed, handed over (`to` whom), or is void; its pieces go with it."""
    if not may_become(LOT_STEPS, lot.standing, state) or state not in {PRINTED, HANDED, VOID}:
        raise ConflictError("Lô này không đổi được sang trạng thái ấy.", remedy="Hãy tải lại trang.")
    before, lot.state = lot.state, state
    if state == PRINTED or (state == HANDED and lot.printed_at is None):
        lot.printed_at = now
        note_stage(actor, now, lot.pieces, PRINTED_STAGE)
    if state == HANDED:
        lot.handed_at, lot.handed_to = now, to
    take_step(actor, now, lot.pieces, state, "lot", reason or (f"giao cho {to}" if to else ""))
    record(actor, now, f"lot.{state}", ("lot", lot.id), before={"state": before}, after={"to": to}, reason=reason)
    db.session.flush()


def reprint(actor: Actor, now: datetime, chosen: Sequence[PrintPiece], reason: str, shelf: Stock) -> list[PrintLot]:
    """New lots for these pieces, one for each design on its sheet; the old pieces are replaced, so a scan is noticed.

    Raises RefusedError without a reason or without a piece that may be printed now.
    """
    if not reason.strip():
        raise RefusedError("Chưa ghi lý do in lại.", remedy="Hãy ghi ngắn: hỏng, mất, đổi tài khoản…")
    if not chosen:
        raise RefusedError("Chưa chọn bản nào để in lại.", remedy="Hãy đánh dấu các bản cần in lại.")
    allowed = {row.point_id for row in rows_of([piece.point_id for piece in chosen], now)[0]}
    pieces = [piece for piece in chosen if piece.point_id in allowed and may_become(PIECE_STEPS, piece.state, REPLACED)]
    if not pieces:
        raise RefusedError("Các quầy này chưa có mã được phép in.", remedy="Hãy duyệt tài khoản rồi in lại.")
    groups: dict[tuple[object, ...], list[PrintPiece]] = {}
    for piece in pieces:
        lot = piece.lot
        groups.setdefault((lot.design, lot.theme, lot.sheet, lot.unit_id), []).append(piece)
    return [_reprint(actor, now, group, reason.strip(), shelf) for group in groups.values()]


def _reprint(actor: Actor, now: datetime, pieces: Sequence[PrintPiece], reason: str, shelf: Stock) -> PrintLot:
    lot = pieces[0].lot
    wish = LotWish(
        design=lot.design,
        theme=lot.theme,
        sheet=lot.sheet,
        filling="row",
        start_cell=1,
        point_ids=list(dict.fromkeys(piece.point_id for piece in pieces)),
        unit_id=lot.unit_id,
        place=lot.place,
        words={**lot.texts, "site": public_url()},
        reason=reason,
    )
    again = order_lot(actor, now, wish, shelf)
    take_step(actor, now, pieces, REPLACED, "reprint", f"{reason} ({again.number})")
    after = {"new": again.number, "pieces": len(pieces)}
    for lot_id in sorted({piece.lot_id for piece in pieces}):
        record(actor, now, "lot.reprint", ("lot", lot_id), after=after, reason=reason)
    return again


def make_link(actor: Actor, now: datetime, lot: PrintLot) -> str:
    """A secret with which a print shop fetches this lot once within seven days; it is shown once and not kept."""
    if lot.state not in {READY, PRINTED, HANDED}:
        raise ConflictError("Lô này chưa có tệp để gửi.", remedy="Hãy đợi lô làm xong.")
    refuse_stale(lot.id)
    secret = secrets.token_urlsafe(24)
    link = PrintLink(
        lot_id=lot.id,
        token_sha256=token_hash(secret),
        expires_at=now + LINK_LIFE,
        created_at=now,
        created_by_id=actor.id,
    )
    db.session.add(link)
    record(actor, now, "lot.link", ("lot", lot.id))
    return secret


def revoke_link(actor: Actor, now: datetime, link: PrintLink) -> None:
    """The address opens nothing any more."""
    if link.used_at is not None or link.expires_at <= now:
        raise ConflictError("Đường dẫn này đã dùng hoặc đã hết hạn.", remedy="Hãy tải lại trang.")
    link.expires_at = now
    record(actor, now, "lot.unlink", ("lot", link.lot_id))


def refuse_stale(lot_id: int) -> None:
    """Paper that pays the wrong account is not sent to a press."""
    stale = stale_in(lot_id)
    if stale:
        raise ConflictError(
            f"{stale} bản của lô này đã cũ: tài khoản đã đổi sau khi làm tệp.",
            remedy="Người đặt in cần in lại hoặc huỷ các bản ấy rồi gửi tệp mới.",
        )


def use_link(now: datetime, secret: str) -> PrintLot:
    """The lot behind a secret, once; NotFoundError when it is unknown, used or expired."""
    link = open_link(now, secret)
    link.used_at = now
    record(Actor(None, "Nhà in (đường dẫn một lần)"), now, "lot.fetch", ("lot", link.lot_id))
    return link.lot


def open_link(now: datetime, secret: str) -> PrintLink:
    """The link that is still good for this secret; NotFoundError else."""
    link = link_with(token_hash(secret))
    if link is None or link.used_at is not None or link.expires_at <= now or link.lot.state == VOID:
        raise NotFoundError(
            "Đường dẫn này đã dùng hoặc đã hết hạn.", remedy="Xin người gửi tạo đường dẫn mới trong trang lô in."
        )
    refuse_stale(link.lot_id)
    return link


def token_hash(secret: str) -> str:
    """What is kept of a link's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()

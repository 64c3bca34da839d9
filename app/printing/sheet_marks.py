"""A sheet that was scanned in the press room: its pieces become printed, and the lot with its last sheet."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.actors import Actor
from app.audit.actions import record
from app.db import db
from app.errors import ConflictError, NotFoundError
from app.printing.following import note_stage, take_step
from app.printing.models import PrintLot, PrintPiece
from app.printing.queries import pieces_on
from app.printing.rules import MADE, PRINTED, READY, VOID
from app.printing.sheet_codes import sheet_of
from app.registry.rules.stages import PRINTED as PRINTED_STAGE

CODE_LIFE = timedelta(days=90)
"""How long after the lot was made its sheets can be marked by scanning."""
PRESS_ROOM = Actor(None, "Xưởng in (mã của tờ)")


@dataclass(frozen=True, slots=True)
class ScannedSheet:
    """A sheet behind a scanned code: how many pieces, how many of them wait to be marked."""

    lot: PrintLot
    sheet: int
    pieces: int
    waiting: int


def scanned_sheet(now: datetime, code: str, secret: str) -> ScannedSheet:
    """The sheet of a code; NotFoundError when the code is not ours, too old, or the lot is void."""
    lot, sheet, pieces = _sheet(now, code, secret)
    return ScannedSheet(lot, sheet, len(pieces), sum(piece.state == MADE for piece in pieces))


def mark_sheet_printed(actor: Actor, now: datetime, code: str, secret: str) -> ScannedSheet:
    """The sheet's pieces are printed; ConflictError when they were marked before."""
    lot, sheet, pieces = _sheet(now, code, secret)
    waiting = [piece for piece in pieces if piece.state == MADE]
    if not waiting:
        raise ConflictError(f"Tờ {sheet} đã được đánh dấu từ trước.", remedy="Không phải làm gì thêm.")
    take_step(actor, now, waiting, PRINTED, "sheet", f"tờ {sheet}")
    note_stage(actor, now, waiting, PRINTED_STAGE)
    if lot.state == READY and not _any_made(lot):
        lot.state, lot.printed_at = PRINTED, now
    record(actor, now, "lot.sheet", ("lot", lot.id), after={"sheet": sheet, "pieces": len(waiting)})
    db.session.flush()
    return ScannedSheet(lot, sheet, len(pieces), 0)


def _sheet(now: datetime, code: str, secret: str) -> tuple[PrintLot, int, list[PrintPiece]]:
    known = sheet_of(code, secret)
    lot = db.session.get(PrintLot, known[0]) if known else None
    pieces = pieces_on(lot.id, known[1]) if lot and known else []
    if known is None or lot is None or lot.made_at is None or not pieces:
        raise NotFoundError("Mã này không phải mã của một tờ in.", remedy="Hãy quét mã nhỏ ở lề dưới của tờ.")
    if lot.state == VOID or lot.made_at + CODE_LIFE < now:
        raise NotFoundError(
            "Lô của tờ này đã huỷ hoặc đã quá lâu.", remedy="Đừng giao tờ này; hãy hỏi người đặt in ở xã."
        )
    return lot, known[1], pieces


def _any_made(lot: PrintLot) -> bool:
    query = db.select(PrintPiece.id).where(PrintPiece.lot_id == lot.id, PrintPiece.state == MADE).limit(1)
    return db.session.scalar(query) is not None

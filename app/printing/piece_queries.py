"""Pieces one by one: history, what was meant by an id read out, who holds the stall, the list as a file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

from sqlalchemy import func, or_, select

from app.actors import Actor
from app.db import db
from app.errors import NotFoundError
from app.printing.models import PieceChange, PieceStep, PrintLot, PrintPiece
from app.printing.print_ids import heard, sounds_like
from app.printing.queries import PieceFilter, PieceRow, lots_in_reach, piece_rows, stale_count
from app.registry.models import PointState, QrAsset
from app.tables import Cell, Sheet, write_xlsx
from app.vn.dates import format_datetime

CHUNK = 500
BULK_MAX = 20_000
NEAR_MAX = 6
HEADING = ("Mã ấn phẩm", "Điểm", "Dãy", "Lô", "Tờ", "Ô", "Lần in", "Trạng thái", "Từ", "Đã cũ", "Lưu ý")


@dataclass(frozen=True, slots=True)
class Heard:
    """What an id read out can mean: the piece itself, and those it is easily taken for."""

    wanted: str
    piece: PieceRow | None
    near: tuple[PieceRow, ...]


def look_up(actor: Actor, text: str) -> Heard | None:
    """The piece somebody reads out over the phone; None where the text is no print id at all.

    The last four signs come from the code on the paper: a slip of the ear leads to no piece, or is told as near.
    """
    wanted = heard(text)
    if not wanted:
        return None
    stem, _, check = wanted.rpartition("-")
    prefix = stem.split("-", 1)[0]
    alike = or_(
        PrintPiece.print_id == wanted,
        PrintPiece.print_id.like(f"%-{check}"),
        PrintPiece.print_id.like(f"{stem}-____"),
        PrintPiece.print_id.like(f"{prefix}-%") & (func.length(PrintPiece.print_id).between(*_lengths(wanted))),
    )
    ids = db.session.execute(
        select(PrintPiece.id, PrintPiece.print_id)
        .join(PrintLot, PrintLot.id == PrintPiece.lot_id)
        .where(lots_in_reach(actor), alike)
    )
    found = [(piece_id, print_id) for piece_id, print_id in ids if print_id == wanted or sounds_like(print_id, wanted)]
    rows = piece_rows(actor, PieceFilter(ids=[piece_id for piece_id, _ in found[: NEAR_MAX + 1]])) if found else []
    exact = next((row for row in rows if row.piece.print_id == wanted), None)
    return Heard(wanted, exact, tuple(row for row in rows if row is not exact)[:NEAR_MAX])


def _lengths(wanted: str) -> tuple[int, int]:
    return len(wanted) - 1, len(wanted) + 1


def piece_in_reach(actor: Actor, piece_id: int) -> PieceRow:
    """The piece, or NotFoundError where there is none or it is not this person's to see."""
    rows = piece_rows(actor, PieceFilter(ids=[piece_id]))
    if not rows:
        raise NotFoundError("Không có bản in này.", remedy="Hãy tìm lại bằng mã ở chân tem.")
    return rows[0]


def pieces_with(actor: Actor, wanted: PieceFilter) -> list[PrintPiece]:
    """The pieces of a filter themselves, at most BULK_MAX."""
    return [row.piece for row in piece_rows(actor, wanted, limit=BULK_MAX)]


def history_of(piece_id: int) -> Sequence[PieceStep]:
    """Every step of a piece, the newest first."""
    query = select(PieceStep).join(PieceChange).where(PieceStep.piece_id == piece_id)
    return db.session.scalars(query.order_by(PieceStep.id.desc())).all()


def change_in_reach(actor: Actor, change_id: int) -> PieceChange:
    """A change of which this person sees every piece, or NotFoundError."""
    change = db.session.get(PieceChange, change_id)
    seen = (
        select(func.count())
        .select_from(PieceStep)
        .join(PrintPiece, PrintPiece.id == PieceStep.piece_id)
        .join(PrintLot, PrintLot.id == PrintPiece.lot_id)
        .where(PieceStep.change_id == change_id, lots_in_reach(actor))
    )
    if change is None or db.session.scalar(seen) != change.pieces_count:
        raise NotFoundError("Không có thay đổi này.", remedy="Hãy tải lại trang.")
    return change


def last_change(actor: Actor) -> PieceChange | None:
    """This person's last change by hand that can still be taken back."""
    query = select(PieceChange).where(
        PieceChange.by_id == actor.id, PieceChange.source == "by_hand", PieceChange.undone_at.is_(None)
    )
    return db.session.scalar(query.order_by(PieceChange.id.desc()).limit(1))


def steps_to_undo(change: PieceChange) -> list[tuple[PieceStep, PrintPiece]]:
    """Steps of a change after which their piece has not gone on, with the piece."""
    last = select(func.max(PieceStep.id)).group_by(PieceStep.piece_id)
    last = last.where(PieceStep.piece_id.in_(select(PieceStep.piece_id).where(PieceStep.change_id == change.id)))
    query = (
        select(PieceStep, PrintPiece)
        .join(PrintPiece, PrintPiece.id == PieceStep.piece_id)
        .where(PieceStep.change_id == change.id, PieceStep.id.in_(last), PrintPiece.state == PieceStep.after)
    )
    return [(step, piece) for step, piece in db.session.execute(query)]


def holders_of(point_ids: Iterable[int]) -> Mapping[int, int | None]:
    """Point -> who holds it today."""
    ids = sorted(set(point_ids))
    found: dict[int, int | None] = {}
    for start in range(0, len(ids), CHUNK):
        query = select(PointState.point_id, PointState.merchant_id)
        rows = db.session.execute(query.where(PointState.point_id.in_(ids[start : start + CHUNK])))
        found.update(rows.all())
    return found


def assets_in_use(asset_ids: Iterable[int]) -> set[int]:
    """Those of these codes that pay today; not one taken back, replaced or refused."""
    ids = sorted(set(asset_ids))
    found: set[int] = set()
    for start in range(0, len(ids), CHUNK):
        query = select(QrAsset.id).where(QrAsset.id.in_(ids[start : start + CHUNK]), QrAsset.state == "active")
        found.update(db.session.scalars(query))
    return found


def state_counts(actor: Actor) -> dict[str, int]:
    """Pieces by state, for the overview; "stale" counts those to be replaced among them."""
    query = select(PrintPiece.state, func.count()).join(PrintLot, PrintLot.id == PrintPiece.lot_id)
    rows = db.session.execute(query.where(lots_in_reach(actor)).group_by(PrintPiece.state))
    return {**dict(rows.all()), "stale": stale_count(actor)}


def pieces_book(rows: Sequence[PieceRow]) -> bytes:
    """The list as a workbook: where each piece is, no phone, no account."""
    table: list[list[Cell]] = [
        [
            row.piece.print_id,
            row.point_code,
            row.piece.row,
            row.number,
            row.piece.sheet,
            row.piece.cell,
            row.piece.serial,
            row.state_name,
            format_datetime(row.piece.state_at),
            "cần thay" if row.stale else "",
            row.piece.warnings,
        ]
        for row in rows
    ]
    stream = BytesIO()
    write_xlsx(stream, [Sheet("Bản in", HEADING, table)])
    return stream.getvalue()

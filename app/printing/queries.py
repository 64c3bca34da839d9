"""Lots and pieces as lists and pages need them; what lies outside a person's reach does not exist for them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_, select, true
from sqlalchemy.orm import aliased, contains_eager

from app.actors import Actor
from app.approval.queries import keeping_notes
from app.approval.rules import APPROVED
from app.db import db
from app.errors import NotFoundError
from app.jobs.models import Job
from app.places.models import Stall, Unit, Zone
from app.places.queries import commune_of, communes, units_below, zones
from app.printing.models import PrintLink, PrintLot, PrintPiece
from app.printing.rules import IN_USE, MAKING, ORDERERS, PIECE_STATES, STOPPED, VIEWERS, VOID, walk
from app.registry.models import PaymentAccount, Point, PointState, QrAsset
from app.registry.queries.printable import PointFilter, PrintableRow, Unprintable, printable
from app.registry.queries.reach import points_in_reach

_STANDING = case((and_(PrintLot.state == MAKING, Job.state == "failed"), STOPPED), else_=PrintLot.state)
"""`PrintLot.standing`, beside its job."""


def lots_in_reach(actor: Actor) -> ColumnElement[bool]:
    """Condition on PrintLot: of a unit where this person has to do with printing, or ordered by them."""
    scopes = actor.scopes_of(*VIEWERS)
    if any(scope.kind == "all" for scope in scopes):
        return true()
    units = {scope.id for scope in scopes if scope.kind == "unit"}
    own = PrintLot.created_by_id == actor.id if actor.id is not None else false()
    return or_(own, PrintLot.unit_id.in_(units_below(units))) if units else own


def lot_in_reach(actor: Actor, lot_id: int) -> PrintLot:
    """The lot, or NotFoundError where there is none or it is not this person's to see."""
    found = db.session.scalar(select(PrintLot).where(PrintLot.id == lot_id, lots_in_reach(actor)))
    if found is None:
        raise NotFoundError("Không có lô in này.", remedy="Hãy tìm lại trong danh sách lô.")
    return found


def numbers_in_the_making() -> set[str]:
    """Lots whose begun work is still of use: being made, or stopped and perhaps made again."""
    return set(db.session.scalars(select(PrintLot.number).where(PrintLot.state.in_((MAKING, STOPPED)))))


def lots_page(actor: Actor, state: str, offset: int, limit: int) -> tuple[Sequence[PrintLot], int]:
    """Lots, newest first, and how many there are."""
    query = select(PrintLot).outerjoin(PrintLot.job).options(contains_eager(PrintLot.job)).where(lots_in_reach(actor))
    if state:
        query = query.where(_STANDING.is_not_distinct_from(state))
    total = db.session.scalar(select(func.count()).select_from(query.with_only_columns(PrintLot.id).subquery())) or 0
    return db.session.scalars(query.order_by(PrintLot.id.desc()).offset(offset).limit(limit)).all(), total


def is_stale() -> ColumnElement[bool]:
    """Condition on PrintPiece: in use, but its code no longer pays whom it should.

    That is so from the moment on which a newer account of the holder is approved, the code is taken back, or the stall
    has another holder; that the newer code may only be printed after its rest does not make the old one right.
    """
    asset, account, state = aliased(QrAsset), aliased(PaymentAccount), aliased(PointState)
    right = (
        exists()
        .where(asset.id == PrintPiece.asset_id, asset.state == "active")
        .where(account.id == asset.account_id, account.state == APPROVED)
        .where(state.point_id == asset.point_id, state.merchant_id == account.merchant_id)
        .where(~_newer_code(asset, account))
    )
    return and_(PrintPiece.state.in_(IN_USE), PrintPiece.asset_id.is_not(None), ~right)


def _newer_code(asset: type[QrAsset], account: type[PaymentAccount]) -> ColumnElement[bool]:
    """Another code at the same point, of a later account of the same holder."""
    newer, later = aliased(QrAsset), aliased(PaymentAccount)
    return (
        exists()
        .where(newer.point_id == asset.point_id, newer.state == "active", newer.payload_sha256 != asset.payload_sha256)
        .where(later.id == newer.account_id, later.state == APPROVED)
        .where(later.merchant_id == account.merchant_id, later.version > account.version)
    )


def points_with_stale_pieces() -> Select[int]:
    """Points where a piece hangs, or is on its way, that must be replaced."""
    return select(PrintPiece.point_id).where(is_stale())


@dataclass(frozen=True, slots=True)
class PieceRow:
    """A piece as lists show it."""

    piece: PrintPiece
    number: str
    point_code: str
    stage: str
    stale: bool

    @property
    def state_name(self) -> str:
        """Its state in words."""
        return PIECE_STATES[self.piece.state]


@dataclass(frozen=True, slots=True)
class PieceFilter:
    """Which pieces: these, of one lot or zone, in one state, stale ones only, or by a part of id or stall."""

    lot_id: int | None = None
    state: str = ""
    stale: bool = False
    text: str = ""
    zone_id: int | None = None
    ids: Sequence[int] | None = None


def pieces_page(actor: Actor, wanted: PieceFilter, offset: int, limit: int) -> tuple[list[PieceRow], int]:
    """Pieces in the order of lots, sheets and cells, and how many there are."""
    total = db.session.scalar(select(func.count()).select_from(_pieces(actor, wanted).subquery())) or 0
    return piece_rows(actor, wanted, offset, limit), total


def piece_rows(actor: Actor, wanted: PieceFilter, offset: int = 0, limit: int | None = None) -> list[PieceRow]:
    """Pieces in the order of lots, sheets and cells."""
    query = _pieces(actor, wanted).order_by(PrintPiece.lot_id.desc(), PrintPiece.sheet, PrintPiece.cell)
    return [PieceRow(*row) for row in db.session.execute(query.offset(offset).limit(limit))]


def _pieces(actor: Actor, wanted: PieceFilter) -> Select[PrintPiece, str, str, str, bool]:
    query = (
        select(PrintPiece, PrintLot.number, Point.code, PointState.stage, is_stale())
        .join(PrintLot, PrintLot.id == PrintPiece.lot_id)
        .join(Point, Point.id == PrintPiece.point_id)
        .join(PointState, PointState.point_id == PrintPiece.point_id)
        .where(lots_in_reach(actor))
    )
    if wanted.lot_id is not None:
        query = query.where(PrintPiece.lot_id == wanted.lot_id)
    if wanted.ids is not None:
        query = query.where(PrintPiece.id.in_(list(wanted.ids)))
    if wanted.zone_id is not None:
        query = query.where(Point.zone_id == wanted.zone_id)
    if wanted.state:
        query = query.where(PrintPiece.state == wanted.state)
    if wanted.stale:
        query = query.where(is_stale())
    if wanted.text:
        like = "%" + wanted.text.upper().replace("%", "").replace("_", "") + "%"
        said = (PrintPiece.print_id, func.upper(Point.code), PrintLot.number)
        query = query.where(or_(*(column.like(like) for column in said)))
    return query


def stale_count(actor: Actor) -> int:
    """Pieces in use whose account was changed."""
    query = select(func.count()).select_from(PrintPiece).join(PrintLot, PrintLot.id == PrintPiece.lot_id)
    return db.session.scalar(query.where(lots_in_reach(actor), is_stale())) or 0


def stale_in(lot_id: int) -> int:
    """Pieces of a lot that must not be handed out any more."""
    query = select(func.count()).select_from(PrintPiece).where(PrintPiece.lot_id == lot_id, is_stale())
    return db.session.scalar(query) or 0


def keepers_of_lot(lot_id: int) -> list[tuple[str, int]]:
    """Who let in both people behind an account, and of how many pieces: allowed, and told."""
    query = (
        select(PaymentAccount.proposed_by_id, PaymentAccount.decided_by_id, func.count())
        .join(QrAsset, QrAsset.account_id == PaymentAccount.id)
        .join(PrintPiece, PrintPiece.asset_id == QrAsset.id)
        .where(PrintPiece.lot_id == lot_id)
        .group_by(PaymentAccount.proposed_by_id, PaymentAccount.decided_by_id)
    )
    rows = db.session.execute(query).all()
    notes = keeping_notes([(proposer, approver) for proposer, approver, _ in rows])
    told = Counter[str]()
    for (_, _, pieces), note in zip(rows, notes, strict=True):
        if note:
            told[note] += pieces
    return told.most_common()


def piece_counts(lot_id: int) -> dict[str, int]:
    """Pieces of a lot by state."""
    query = select(PrintPiece.state, func.count()).where(PrintPiece.lot_id == lot_id).group_by(PrintPiece.state)
    return dict(db.session.execute(query).all())


def places_of(lot_id: int) -> list[tuple[int, str]]:
    """Sheet and market row of every piece of a lot, in walking order of the rows."""
    query = select(PrintPiece.sheet, PrintPiece.row).where(PrintPiece.lot_id == lot_id)
    return [(sheet, row) for sheet, row in db.session.execute(query.order_by(PrintPiece.row, PrintPiece.sheet))]


def cells_of(lot_id: int) -> list[tuple[int, int, str, str, str, str]]:
    """Of every piece of a lot its sheet, cell, point, market row, id and its code's CRC."""
    piece = PrintPiece
    query = select(piece.sheet, piece.cell, Point.code, piece.row, piece.print_id, piece.payload_crc)
    query = query.join(Point, Point.id == piece.point_id).where(piece.lot_id == lot_id)
    return [(*row,) for row in db.session.execute(query.order_by(piece.sheet, piece.cell))]


def earlier_pieces(point_ids: Sequence[int]) -> dict[int, int]:
    """Point -> highest number of a piece it has had: the next one counts on from it."""
    found: dict[int, int] = {}
    for start in range(0, len(point_ids), 500):
        chunk = point_ids[start : start + 500]
        query = select(PrintPiece.point_id, func.max(PrintPiece.serial)).where(PrintPiece.point_id.in_(chunk))
        found.update(db.session.execute(query.group_by(PrintPiece.point_id)).all())
    return found


def pieces_on(lot_id: int, sheet: int) -> list[PrintPiece]:
    """The pieces of one sheet."""
    query = select(PrintPiece).where(PrintPiece.lot_id == lot_id, PrintPiece.sheet == sheet)
    return list(db.session.scalars(query.order_by(PrintPiece.cell)))


NO_PIECE = "none"
HAS_PIECES = {
    NO_PIECE: "Chưa có bản còn đúng của mẫu này",
    "stale": "Có bản đã cũ, cần thay",
    "gone": "Bản đã huỷ, chưa in lại",
}
"""What a point may have on paper already -> what the order page calls it."""


@dataclass(frozen=True, slots=True)
class PointWish:
    """Which points somebody wants to print for: each given condition narrows."""

    zone_id: int | None = None
    row: str = ""
    stage: str = ""
    pieces: str = ""
    design: str = ""


def points_to_print(actor: Actor, wish: PointWish, now: datetime) -> tuple[list[PrintableRow], list[Unprintable]]:
    """The points of a wish (no zone: of all that this person sees) that can be printed now, and those that cannot."""
    wanted = PointFilter(zone_ids=[wish.zone_id] if wish.zone_id else None, stages=[wish.stage] if wish.stage else None)
    return printable(wanted, now, and_(points_in_reach(actor, *ORDERERS), *_on_paper(wish)))


def points_with_pieces(actor: Actor, wish: PointWish) -> list[tuple[int, str]]:
    """Points of the wish (whatever it says of pieces) with a good piece of its design: id and the stall's code."""
    good = select(PrintPiece.point_id).join(PrintLot, PrintLot.id == PrintPiece.lot_id)
    good = good.where(PrintLot.design == wish.design, PrintPiece.state.in_(IN_USE), ~is_stale())
    query = (
        select(PointState.point_id, func.coalesce(Stall.code, Point.code))
        .join(Point, Point.id == PointState.point_id)
        .outerjoin(Stall, Stall.id == Point.stall_id)
        .where(points_in_reach(actor, *ORDERERS), PointState.point_id.in_(good), *_on_paper(replace(wish, pieces="")))
    )
    if wish.zone_id:
        query = query.where(PointState.zone_id == wish.zone_id)
    if wish.stage:
        query = query.where(PointState.stage == wish.stage)
    return [(point_id, code) for point_id, code in db.session.execute(query)]


def _on_paper(wish: PointWish) -> Iterator[ColumnElement[bool]]:
    """Conditions on PointState: the market row, and what was printed before."""
    if wish.row:
        yield PointState.point_id.in_(select(Point.id).where(Point.row == wish.row))
    lots = select(PrintPiece.point_id).join(PrintLot, PrintLot.id == PrintPiece.lot_id)
    of_design = lots.where(PrintLot.design == wish.design) if wish.design else lots
    in_use = of_design.where(PrintPiece.state.in_(IN_USE))
    if wish.pieces == NO_PIECE:
        yield PointState.point_id.not_in(in_use.where(~is_stale()))
    elif wish.pieces == "stale":
        yield PointState.point_id.in_(points_with_stale_pieces())
    elif wish.pieces == "gone":
        yield PointState.point_id.in_(of_design.where(PrintPiece.state == VOID))
        yield PointState.point_id.not_in(in_use)


def rows_in(actor: Actor, zone_id: int | None) -> list[str]:
    """Market rows of a zone (None: of all that this person sees), as people walk them."""
    query = select(Point.row).join(PointState, PointState.point_id == Point.id).where(Point.row != "").distinct()
    if zone_id is not None:
        query = query.where(PointState.zone_id == zone_id)
    return sorted(db.session.scalars(query.where(points_in_reach(actor, *ORDERERS))), key=walk)


def point_to_print(actor: Actor, point_id: int, now: datetime) -> tuple[list[PrintableRow], list[Unprintable]]:
    """One point, if this person sees it."""
    return printable(PointFilter(point_ids=[point_id]), now, points_in_reach(actor, *ORDERERS))


def zones_for(actor: Actor) -> Sequence[Zone]:
    """The zones this person may print for."""
    everywhere = any(scope.kind == "all" for scope in actor.scopes)
    units = {scope.id for scope in actor.scopes if scope.kind == "unit"}
    own = {scope.id for scope in actor.scopes if scope.kind == "zone"}
    if everywhere:
        return zones()
    return [zone for zone in zones() if zone.id in own or (units and zone.unit_id in units_below(units))]


def commune_for(zone: Zone | None) -> Unit | None:
    """The commune a lot is printed for."""
    if zone is not None:
        return commune_of(zone.unit)
    return next(iter(communes()), None)


def link_with(token_sha256: str) -> PrintLink | None:
    """The link with this secret's hash."""
    return db.session.scalar(select(PrintLink).where(PrintLink.token_sha256 == token_sha256))


def links_of(lot_id: int) -> Sequence[PrintLink]:
    """The one-time addresses made for a lot, the newest first."""
    return db.session.scalars(select(PrintLink).where(PrintLink.lot_id == lot_id).order_by(PrintLink.id.desc())).all()


def link_in_reach(actor: Actor, link_id: int) -> PrintLink:
    """The link, or NotFoundError where there is none or its lot is not this person's to see."""
    query = select(PrintLink).join(PrintLot, PrintLot.id == PrintLink.lot_id)
    found = db.session.scalar(query.where(PrintLink.id == link_id, lots_in_reach(actor)))
    if found is None:
        raise NotFoundError("Không có đường dẫn này.", remedy="Hãy tải lại trang của lô.")
    return found


def next_number(now_month: str) -> str:
    """The next lot's number in a month written `2611`."""
    prefix = f"IN-{now_month}-"
    query = select(func.count()).select_from(PrintLot).where(PrintLot.number.like(f"{prefix}%"))
    return f"{prefix}{(db.session.scalar(query) or 0) + 1:02}"


def state_totals(actor: Actor) -> Mapping[str, int]:
    """Lots by state, for the filter above the list."""
    query = select(_STANDING, func.count()).outerjoin(PrintLot.job).where(lots_in_reach(actor)).group_by(_STANDING)
    return dict(db.session.execute(query).all())

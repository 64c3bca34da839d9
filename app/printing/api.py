"""Lots and their pieces through the API, for reading: what was printed for whom, and what has gone stale."""

from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate

from app.actors import ADMIN, APPROVER, COORDINATOR, PRINT_SHOP
from app.printing.models import PrintLot
from app.printing.queries import PieceFilter, PieceRow, lot_in_reach, lots_page, pieces_page
from app.printing.rules import LOT_STATES, PIECE_STATES
from app.web.access import allow, current_actor
from app.web.described import PageQuery, Shown, cut_of, one_of, paged, row_query

api = Blueprint("printing_api", __name__, url_prefix="/api/v1", description="Lô in, bảng QR")

READERS = (COORDINATOR, APPROVER, PRINT_SHOP, ADMIN)


class LotOut(Shown):
    """One order to the press."""

    id = fields.Integer(required=True)
    number = fields.String(required=True)
    state = fields.String(required=True, attribute="standing")
    unit_id = fields.Integer(allow_none=True)
    place = fields.String()
    design = fields.String()
    theme = fields.String()
    sheet = fields.String()
    pieces_count = fields.Integer()
    sheets = fields.Integer()
    codes_right = fields.Integer(metadata={"description": "mã đọc lại đúng từ trang in"})
    pdf_sha256 = fields.String()
    pdf_bytes = fields.Integer()
    created_by = fields.String()
    created_at = fields.AwareDateTime()
    made_at = fields.AwareDateTime(allow_none=True)
    printed_at = fields.AwareDateTime(allow_none=True)
    handed_at = fields.AwareDateTime(allow_none=True)
    handed_to = fields.String()


class PieceOut(Shown):
    """One printed piece and where it stands on its sheet."""

    id = fields.Integer(required=True)
    lot = fields.String()
    sheet = fields.Integer()
    cell = fields.Integer()
    print_id = fields.String()
    point_code = fields.String()
    stage = fields.String()
    payload_crc = fields.String()
    payload_sha256 = fields.String()
    state = fields.String(required=True)
    state_at = fields.AwareDateTime()
    stale = fields.Boolean(metadata={"description": "tài khoản hoặc mã đã đổi, cần in lại"})


class LotQuery(PageQuery):
    """Which lots."""

    state = one_of(["", *LOT_STATES], "trạng thái", load_default="")


class PieceQuery(PageQuery):
    """Which pieces."""

    lot = row_query("số của lô")
    state = one_of(["", *PIECE_STATES], "trạng thái", load_default="")
    stale = fields.Boolean(load_default=False, metadata={"description": "chỉ bảng đã cũ"})
    q = fields.String(load_default="", validate=validate.Length(max=40), metadata={"description": "mã in hoặc mã quầy"})


@api.get("/lots")
@allow(*READERS)
@api.arguments(LotQuery, location="query")
@api.response(200, paged(LotOut))
def list_lots(query: dict[str, Any]) -> dict[str, Any]:
    """Lô in, mới nhất trước."""
    cut = cut_of(query)
    rows, total = lots_page(current_actor(), query["state"], cut.offset, cut.per_page)
    return {"items": [_lot(row) for row in rows], "total": total}


@api.get("/lots/<int:lot_id>")
@allow(*READERS)
@api.response(200, LotOut)
def one_lot(lot_id: int) -> dict[str, Any]:
    """Một lô in."""
    return _lot(lot_in_reach(current_actor(), lot_id))


@api.get("/pieces")
@allow(*READERS)
@api.arguments(PieceQuery, location="query")
@api.response(200, paged(PieceOut))
def list_pieces(query: dict[str, Any]) -> dict[str, Any]:
    """Bảng đã in, theo lô, tờ và ô."""
    actor, cut = current_actor(), cut_of(query)
    wanted = PieceFilter(query["lot"], query["state"], query["stale"], query["q"])
    rows, total = pieces_page(actor, wanted, cut.offset, cut.per_page)
    return {"items": [_piece(row) for row in rows], "total": total}


def _lot(row: PrintLot) -> dict[str, Any]:
    sources = (field.attribute or name for name, field in LotOut().fields.items())
    return {source: getattr(row, source) for source in sources}


def _piece(row: PieceRow) -> dict[str, Any]:
    same = ("id", "sheet", "cell", "print_id", "payload_crc", "payload_sha256", "state", "state_at")
    shown = {name: getattr(row.piece, name) for name in same}
    return shown | {"lot": row.number, "point_code": row.point_code, "stage": row.stage, "stale": bool(row.stale)}

"""What the printing room knows about a merchant's past: the steps of their printed pieces."""

from collections.abc import Sequence

from sqlalchemy import select

from app.db import db
from app.printing.models import PieceChange, PieceStep, PrintPiece
from app.printing.rules import PIECE_STATES
from app.registry.models import Merchant, PaymentAccount, Point, QrAsset
from app.registry.queries.timeline import Moment

SHOWN = 40


def pieces_of(merchant: Merchant) -> Sequence[Moment]:
    """Each step of a piece that carried one of this merchant's codes, the newest ones."""
    query = (
        select(PieceChange.at, PieceStep.after, PieceChange.by, PieceChange.reason, PrintPiece.print_id, Point.code)
        .join(PieceStep, PieceStep.change_id == PieceChange.id)
        .join(PrintPiece, PrintPiece.id == PieceStep.piece_id)
        .join(Point, Point.id == PrintPiece.point_id)
        .join(QrAsset, QrAsset.id == PrintPiece.asset_id)
        .join(PaymentAccount, PaymentAccount.id == QrAsset.account_id)
        .where(PaymentAccount.merchant_id == merchant.id, PieceChange.undone_at.is_(None))
        .order_by(PieceChange.at.desc(), PieceStep.id.desc())
        .limit(SHOWN)
    )
    return [
        Moment(at, f"Bảng QR {number}: {PIECE_STATES[after].lower()}", by, reason, "print", code)
        for at, after, by, reason, number, code in db.session.execute(query)
    ]

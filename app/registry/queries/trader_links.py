"""Which address leads to a trader's card, and whose card an address leads to."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from app.db import db
from app.errors import NotFoundError
from app.registry.models import Merchant, TraderLink
from app.registry.queries.duplicates import survivor

CHUNK = 500


def live_link(merchant_id: int) -> TraderLink | None:
    """The address in use, None where the trader has none."""
    query = select(TraderLink).where(TraderLink.merchant_id == merchant_id, TraderLink.revoked_at.is_(None))
    return db.session.scalar(query)


def former_links(merchant_id: int) -> Sequence[TraderLink]:
    """Addresses that lead nowhere any more, the latest first."""
    query = select(TraderLink).where(TraderLink.merchant_id == merchant_id, TraderLink.revoked_at.is_not(None))
    return db.session.scalars(query.order_by(TraderLink.id.desc())).all()


def tokens_of(merchant_ids: Iterable[int]) -> dict[int, str]:
    """Merchant -> secret, of those who have a live address."""
    ids = list(dict.fromkeys(merchant_ids))
    found: dict[int, str] = {}
    for start in range(0, len(ids), CHUNK):
        query = select(TraderLink.merchant_id, TraderLink.token).where(
            TraderLink.merchant_id.in_(ids[start : start + CHUNK]), TraderLink.revoked_at.is_(None)
        )
        found.update(db.session.execute(query).all())
    return found


def merchant_behind(token: str) -> Merchant:
    """Whose card this is; a merged record leads to the one it lives on in. Raises NotFoundError."""
    link = db.session.scalar(select(TraderLink).where(TraderLink.token == token, TraderLink.revoked_at.is_(None)))
    merchant = survivor(link.merchant) if link is not None else None
    if merchant is None or merchant.erased_at is not None:
        raise NotFoundError(
            "Đường dẫn này không còn dùng được.", remedy="Hãy hỏi cán bộ xã hoặc tình nguyện viên để có đường dẫn mới."
        )
    return merchant

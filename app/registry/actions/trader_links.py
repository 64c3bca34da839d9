"""Giving a trader the address of their card, changing it when it got about, and closing it."""

import secrets
from collections.abc import Collection
from datetime import datetime

from app.actors import Actor
from app.audit.actions import record
from app.db import db
from app.errors import ConflictError, RefusedError
from app.registry.models import Merchant, TraderLink
from app.registry.queries.trader_links import live_link, tokens_of

TOKEN_BYTES = 16
REASON_MAX = 200


def open_link(actor: Actor, now: datetime, merchant: Merchant) -> TraderLink:
    """The trader's address, made where there is none yet."""
    _refuse_gone(merchant)
    return live_link(merchant.id) or _made(actor, now, merchant.id)


def renew_link(actor: Actor, now: datetime, merchant: Merchant, reason: str) -> TraderLink:
    """A new address; whoever has the old one sees nothing any more."""
    _refuse_gone(merchant)
    close_link(actor, now, merchant, reason)
    return _made(actor, now, merchant.id)


def close_link(actor: Actor, now: datetime, merchant: Merchant, reason: str) -> None:
    """The address leads nowhere from now on. Raises ConflictError where there is none, RefusedError without reason."""
    link = live_link(merchant.id)
    if link is None:
        raise ConflictError("Người bán này chưa có đường dẫn.", remedy="Hãy tải lại trang.")
    if not reason.strip():
        raise RefusedError("Chưa ghi lý do.", remedy="Hãy ghi ngắn: lộ đường dẫn, mất phiếu…")
    link.revoked_at, link.revoked_by, link.reason = now, actor.name, reason.strip()[:REASON_MAX]
    db.session.flush()
    record(actor, now, "trader_link.close", ("merchant", merchant.id), after={"link": link.id}, reason=link.reason)


def links_for(actor: Actor, now: datetime, merchant_ids: Collection[int]) -> dict[int, str]:
    """Merchant -> secret for slips about to be printed; who has no address gets one."""
    found = tokens_of(merchant_ids)
    for merchant_id in dict.fromkeys(merchant_ids):
        if merchant_id not in found:
            found[merchant_id] = _made(actor, now, merchant_id).token
    return found


def _made(actor: Actor, now: datetime, merchant_id: int) -> TraderLink:
    link = TraderLink(
        merchant_id=merchant_id,
        token=secrets.token_urlsafe(TOKEN_BYTES),
        created_at=now,
        created_by_id=actor.id,
        created_by=actor.name,
    )
    db.session.add(link)
    db.session.flush()
    record(actor, now, "trader_link.open", ("merchant", merchant_id), after={"link": link.id})
    return link


def _refuse_gone(merchant: Merchant) -> None:
    if merchant.erased_at is not None or merchant.merged_into_id is not None:
        raise ConflictError("Hồ sơ này đã gộp hoặc đã xoá.", remedy="Hãy mở hồ sơ được giữ lại.")

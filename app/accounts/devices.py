"""Phones and programs that speak for a person, and one-time links; only hashes are kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.accounts import passwords, queries
from app.accounts.models import DeviceToken, OneTimeLink, User
from app.accounts.rules import may_use_phone_link
from app.actors import Actor
from app.approval.actions import record_key
from app.approval.rules import INVITED, PHONE
from app.audit.actions import record
from app.db import db
from app.errors import NotFoundError, RefusedError

#: How long a token of each kind lives: one that may approve or administer lasts a working day.
DEVICE_LIFE = {"phone": timedelta(days=30), "api": timedelta(days=30), "desk": timedelta(hours=12)}
NAME_MAX = 80


@dataclass(frozen=True, slots=True)
class LinkKind:
    """A kind of one-time link: how long it lives and what its token begins with."""

    life: timedelta
    prefix: str


LINKS = {"invitation": LinkKind(timedelta(days=7), "moi"), "phone": LinkKind(timedelta(minutes=10), "may")}


def issue_device(actor: Actor, now: datetime, user: User, kind: str, name: str) -> tuple[DeviceToken, str]:
    """A token for a phone ("phone") or a program ("api", "desk"): the record and the token, which is shown once."""
    label = " ".join(name.split())[:NAME_MAX]
    if not label:
        raise RefusedError("Thiếu tên thiết bị.", remedy="Gõ tên để sau này biết máy nào mà thu hồi.")
    token = passwords.new_token("cs")
    device = DeviceToken(
        user_id=user.id,
        kind=kind,
        name=label,
        token_hash=passwords.token_hash(token),
        created_at=now,
        expires_at=now + DEVICE_LIFE[kind],
    )
    db.session.add(device)
    db.session.flush()
    record(actor, now, "device.issue", ("user", user.id), after={"device": device.id, "kind": kind, "name": label})
    return device, token


def revoke_device(actor: Actor, now: datetime, user: User, device_id: int) -> None:
    """Ends a device's token at once. Raises NotFoundError when it is not this person's."""
    device = db.session.get(DeviceToken, device_id)
    if device is None or device.user_id != user.id:
        raise NotFoundError("Không có thiết bị này.", remedy="Hãy tải lại trang.")
    if device.revoked_at is None:
        device.revoked_at = now
        record(actor, now, "device.revoke", ("user", user.id), before={"device": device.id, "name": device.name})


def issue_link(actor: Actor, now: datetime, user: User, purpose: str) -> str:
    """A one-time link's token: an invitation to choose a password (7 days), or a phone's set-up (10 minutes)."""
    if purpose == "phone" and not may_use_phone_link(user.role_names):
        raise RefusedError(
            "Tài khoản này không cài bằng mã QR được.",
            remedy="Chỉ tình nguyện viên và đội trưởng; người khác dùng mật khẩu.",
        )
    token = passwords.new_token(LINKS[purpose].prefix)
    link = OneTimeLink(
        user_id=user.id,
        purpose=purpose,
        token_hash=passwords.token_hash(token),
        created_at=now,
        created_by_id=actor.id,
        expires_at=now + LINKS[purpose].life,
    )
    db.session.add(link)
    record_key(actor, now, user.id, PHONE if purpose == "phone" else INVITED)
    record(actor, now, f"link.{purpose}", ("user", user.id))
    return token


def use_link(token: str, purpose: str, now: datetime) -> User:
    """The person of a one-time link, which is used up by this. Raises NotFoundError when it is used, over or wrong."""
    link = queries.live_link(passwords.token_hash(token), purpose, now)
    if link is not None:
        db.session.refresh(link, with_for_update=True)
    if link is None or link.used_at is not None:
        raise NotFoundError("Liên kết không còn dùng được.", remedy="Hãy nhờ người đã gửi làm lại một liên kết mới.")
    link.used_at = now
    return link.user

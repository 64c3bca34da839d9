"""The second person for words that were changed beside a code since it was approved."""

from datetime import datetime

from app.actors import Actor
from app.approval.actions import refuse_objection
from app.audit.actions import record
from app.errors import ConflictError, ForbiddenError, RefusedError
from app.places.queries import is_real
from app.registry.actions.accounts import APPROVERS
from app.registry.actions.labels import keep_label
from app.registry.actions.sealing import sealed
from app.registry.models import Point, QrAsset
from app.registry.queries.changers import behind_label
from app.registry.queries.labels import relabelled
from app.registry.queries.reach import point_in_reach
from app.registry.rules.labels import Label, fingerprint
from app.registry.rules.resting import REST

Relabelled = tuple[QrAsset, Label, Label]


def approve_label(actor: Actor, now: datetime, point_id: int, seen: str = "") -> list[QrAsset]:
    """A second person agrees to what was changed beside a point's codes; printable after a day's rest.

    `seen`: `fingerprint` of what they were shown; ConflictError where it was changed once more since.
    """
    found = _waiting(actor, point_id)
    if seen and seen != fingerprint([today for _, _, today in found]):
        raise ConflictError("Hồ sơ vừa đổi thêm lần nữa.", remedy="Hãy xem lại rồi duyệt.")
    behind = [each for asset, approved, _ in found for each in behind_label(asset, approved)]
    real = any(is_real(asset.point.unit_id) for asset, _, _ in found)
    refuse_objection(actor, now, behind, about=("point", point_id), is_real=real)
    for asset, approved, today in found:
        before = sealed(asset.account.merchant_id, approved.values)
        after = keep_label(actor, now, asset, today, print_from=now + REST)
        record(actor, now, "qr.label", ("point", point_id), before=before, after=after)
    return [asset for asset, _, _ in found]


def refuse_label(actor: Actor, now: datetime, point_id: int, reason: str) -> None:
    """No: nothing is printed at this point until its words are changed again, or stand as they were approved."""
    if not reason.strip():
        raise RefusedError("Thiếu lý do từ chối.", remedy="Hãy ghi một câu để người sửa biết cách sửa lại.")
    for asset, _, today in _waiting(actor, point_id):
        after = keep_label(actor, now, asset, today, print_from=None, reason=reason.strip())
        record(actor, now, "qr.refuse_label", ("point", point_id), after=after, reason=reason)


def _waiting(actor: Actor, point_id: int) -> list[Relabelled]:
    if not actor.has(*APPROVERS):
        raise ForbiddenError("Bạn không có vai trò duyệt mã QR.")
    point_in_reach(actor, point_id, *APPROVERS)
    found = relabelled(Point.id == point_id, limit=10)
    if not found:
        raise ConflictError("Điểm này không có tên nào chờ duyệt.", remedy="Hãy tải lại trang.")
    return found

"""Who wrote what stands beside a code, as the audit knows it."""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import and_, func, or_, select

from app.approval.rules import FIRST_YES, Involved
from app.audit.models import AuditEvent
from app.db import db
from app.places.models import Stall
from app.registry.models import AccountApproval, PaymentAccount, Point, QrAsset
from app.registry.queries.labels import label_at
from app.registry.queries.sealed import opened
from app.registry.rules.labels import Label
from app.vn.text import tidy

WRITER: Final = "sửa tên hoặc chỗ bên mã này"
#: Kind of record in the audit -> fields of it that stand on paper.
TOLD: Final = {
    "merchant": frozenset({"holder_name", "shop_name"}),
    "point": frozenset({"code", "zone_id", "stall_id", "row", "stall_text", "place"}),
    "zone": frozenset({"name"}),
    "stall": frozenset({"code", "row"}),
}
#: Field of the audit -> field of a label, where one is the other.
FIELD: Final = {
    ("merchant", "holder_name"): "owner_name",
    ("merchant", "shop_name"): "shop_name",
    ("point", "code"): "point_code",
    ("point", "row"): "row",
    ("point", "stall_text"): "stall",
    ("point", "place"): "place",
    ("zone", "name"): "zone",
}
#: Acts that move such words without naming them.
MOVING: Final = ("merchant.merge", "merchant.unmerge", "point.hand_over", "stall.merge", "stall.rename")


def changers(
    account: PaymentAccount, points: Sequence[Point], baseline: int, approved: Label | None = None
) -> list[Involved]:
    """Who wrote what stands beside this account's codes after event `baseline` of the audit.

    With `approved` (and one point) only as far back as the words last stood as approved: a change that was taken back
    binds nobody. Empty where the audit knows nobody.
    """
    found: dict[int, Involved] = {}
    words = label_at(account, points[0]).values if approved is not None else {}
    for event in _events(account.merchant_id, points, baseline):
        if not _writes(event):
            continue
        if event.actor_id is not None:
            # By their first word of all: what they wrote before they proved themselves stays their keeper's.
            found[event.actor_id] = Involved(event.actor_id, WRITER, at=event.at)
        if approved is not None:
            words |= _words_before(event, account.merchant_id, words)
            if words == approved.values:
                break
    return list(found.values())


def _writes(event: AuditEvent) -> bool:
    """Whether this act wrote or moved words that stand on paper; deciding about a code writes none."""
    named = {*(event.before or {}), *(event.after or {})}
    told = bool(TOLD.get(event.subject_kind, frozenset()) & named) and not event.action.startswith("qr.")
    return told or event.action in MOVING


def _words_before(event: AuditEvent, merchant_id: int, words: Mapping[str, str]) -> dict[str, str]:
    """What stood there before an act, as far as the act says."""
    before = opened(merchant_id, event.before) or {}
    fields = {FIELD[event.subject_kind, name]: value for name, value in before.items() if _is_field(event, name)}
    if "point_code" in fields and words["stall"] == words["point_code"]:
        fields.setdefault("stall", fields["point_code"])  # without a stall of its own the code stands for it
    return {name: tidy(str(value or "")) for name, value in fields.items()}


def _is_field(event: AuditEvent, name: str) -> bool:
    return (event.subject_kind, name) in FIELD


def _events(merchant_id: int, points: Sequence[Point], baseline: int) -> Sequence[AuditEvent]:
    """What was done after that event to the merchant, the points, and where these lie; the newest first."""
    keys: dict[str, set[int | None]] = {
        "merchant": {merchant_id},
        "point": {point.id for point in points},
        "zone": {point.zone_id for point in points} - {None},
        "stall": {point.stall_id for point in points} - {None},
    }
    gone = select(Stall.id).where(Stall.became_id.in_(keys["stall"]))
    keys["stall"] |= set(db.session.scalars(gone))
    subject = or_(
        *(
            and_(AuditEvent.subject_kind == kind, AuditEvent.subject_id.in_([str(key) for key in ids]))
            for kind, ids in keys.items()
            if ids
        )
    )
    query = select(AuditEvent).where(AuditEvent.id > baseline, subject)
    return db.session.scalars(query.order_by(AuditEvent.id.desc())).all()


def behind_label(asset: QrAsset, approved: Label) -> list[Involved]:
    """Who wrote what stands beside this code instead of what was approved; where the audit knows nobody, the account's
    approvers count as those who did.
    """
    point = db.session.get_one(Point, asset.point_id)
    writers = changers(asset.account, [point], labelled_at_event(asset), approved)
    if writers:
        return writers
    query = select(AccountApproval).where(AccountApproval.account_id == asset.account_id)
    return [Involved(each.approver_id, FIRST_YES, each.session, each.at) for each in db.session.scalars(query)]


def proposed_at_event(account: PaymentAccount) -> int:
    """The place in the audit where this account came in: proposed, or brought by a list; 0 where it does not say."""
    subject = ("import_batch", account.batch_id) if account.batch_id else ("payment_account", account.id)
    return _last_event(subject, ("import.apply", "account.propose"))


def approved_at_event(account: PaymentAccount) -> int:
    """The place in the audit where this account was approved; 0 where it does not say."""
    return _last_event(("payment_account", account.id), ("account.approved",))


def labelled_at_event(asset: QrAsset) -> int:
    """The place in the audit where the words beside this code were last agreed to; 0 where it does not say."""
    query = select(AuditEvent).where(
        AuditEvent.subject_kind == "point",
        AuditEvent.subject_id == str(asset.point_id),
        AuditEvent.action.in_(("qr.issue", "qr.approve", "qr.label")),
    )
    events = db.session.scalars(query.order_by(AuditEvent.id.desc()))
    return next((event.id for event in events if (event.after or {}).get("serial") == asset.serial), 0)


def _last_event(subject: tuple[str, object], actions: Sequence[str]) -> int:
    query = select(func.max(AuditEvent.id)).where(
        AuditEvent.subject_kind == subject[0],
        AuditEvent.subject_id == str(subject[1]),
        AuditEvent.action.in_(actions),
    )
    return db.session.scalar(query) or 0

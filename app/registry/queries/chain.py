"""Whether a code in the records is still the one that people approved: asked anew before every print.

Records are only as good as the disk and whoever may write to it. What was agreed stands a second time in the audit's
chain; where the two disagree nothing is printed.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select

from app.audit.models import AuditEvent
from app.db import db
from app.qr import VietqrError
from app.registry.models import CodeLabel, PaymentAccount, QrAsset
from app.registry.queries.sealed import keys_at_hand, opened
from app.registry.rules.accounts import code_payload, payees, payload_digest
from app.registry.rules.labels import NAMES
from app.vn.text import tidy

AGREED: Final = ("qr.approve", "qr.label")
CODE_ACTS: Final = ("qr.issue", *AGREED, "qr.hold", "qr.refuse")
Code = tuple[QrAsset, PaymentAccount]

TAMPERED: Final = "Mã QR trong sổ khác với lúc duyệt nên không in. Hãy báo quản trị viên, rồi đề nghị lại tài khoản."
UNAPPROVED: Final = "Nhật ký không có lượt duyệt mã này nên không in. Hãy báo quản trị viên, rồi đề nghị lại tài khoản."
RELABELLED: Final = "Tên bên mã trong sổ khác với nhật ký duyệt nên không in. Hãy báo quản trị viên."
TWO_PAYEES: Final = "Mã của đơn vị cấp chứa hai tài khoản nhận khác nhau nên không in. Hãy xin mã khác rồi đề nghị lại."


def broken_links(codes: Sequence[Code], labels: Mapping[int, CodeLabel]) -> dict[int, str]:
    """Which of these codes are not what was approved: id of the code -> why it is not printed, in words.

    `labels`: the newest approved words of each code. Asks the audit twice, however many codes there are.
    """
    keys = keys_at_hand({account.merchant_id for _, account in codes})
    acts = _acts([asset for asset, _ in codes])
    sums = _approved_sums([account for _, account in codes])
    found: dict[int, str] = {}
    for asset, account in codes:
        label = labels.get(asset.id)
        faults = _faults(asset, account, label, acts[asset.serial], sums.get(account.id))
        reason = next(faults, None)
        if reason is not None:
            found[asset.id] = reason
    del keys
    return found


def _faults(
    asset: QrAsset,
    account: PaymentAccount,
    label: CodeLabel | None,
    acts: Sequence[AuditEvent],
    approved: set[str] | None,
) -> Iterator[str]:
    issued = next((act.after or {} for act in acts if act.action == "qr.issue"), None)
    agreed = acts[-1] if acts else None
    if issued is None or agreed is None or approved is None or not _is_yes(agreed):
        yield UNAPPROVED
        return
    digest = payload_digest(asset.payload)
    sums = {asset.payload_sha256, issued.get("sha256"), *approved, *_own_sum(account)}
    if sums != {digest} or issued.get("account_id") != account.id:
        yield TAMPERED
    if account.payload is not None and payees(account.payload).conflict:
        yield TWO_PAYEES
    if label is None or not _says(account.merchant_id, agreed.after or {}, label):
        yield RELABELLED


def _is_yes(act: AuditEvent) -> bool:
    return act.action in AGREED or (act.action == "qr.issue" and (act.after or {}).get("state") == "active")


def _own_sum(account: PaymentAccount) -> Iterator[str]:
    """The digest of the code this account makes; "" where it makes none, which no code has."""
    try:
        yield payload_digest(code_payload(account.bank_bin, account.account_number, account.payload))
    except VietqrError:
        yield ""


def _says(merchant_id: int, told: Mapping[str, Any], label: CodeLabel) -> bool:
    """Whether the audit tells the same words; what was agreed before it told words is held against nothing."""
    if "holder_name" not in told:
        return True
    words = opened(merchant_id, told) or {}
    same = all(tidy(str(words.get(name, ""))) == tidy(getattr(label, name)) for name in NAMES)
    return same and words.get("print_from") == (label.print_from.isoformat() if label.print_from else None)


def _acts(assets: Sequence[QrAsset]) -> Mapping[str, list[AuditEvent]]:
    """Serial -> what was decided about the code, oldest first."""
    points = sorted({str(asset.point_id) for asset in assets})
    query = select(AuditEvent).where(
        AuditEvent.subject_kind == "point", AuditEvent.subject_id.in_(points), AuditEvent.action.in_(CODE_ACTS)
    )
    found: dict[str, list[AuditEvent]] = defaultdict(list)
    for event in db.session.scalars(query.order_by(AuditEvent.id)):
        found[str((event.after or {}).get("serial"))].append(event)
    return found


def _approved_sums(accounts: Sequence[PaymentAccount]) -> dict[int, set[str]]:
    """Account -> digests of its code as the audit tells its approval; no entry where it tells of none."""
    query = select(AuditEvent.subject_id, AuditEvent.after).where(
        AuditEvent.subject_kind == "payment_account",
        AuditEvent.subject_id.in_(sorted({str(account.id) for account in accounts})),
        AuditEvent.action == "account.approved",
    )
    found: dict[int, set[str]] = {}
    for key, after in db.session.execute(query):
        found.setdefault(int(key), set()).update(filter(None, [(after or {}).get("sha256")]))
    return found

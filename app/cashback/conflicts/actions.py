"""Saying which copy holds: one person where no money has moved, two where it has; taken back with a reason."""

from collections.abc import Sequence
from datetime import datetime

from app.actors import ADMIN, APPROVER, COORDINATOR, Actor
from app.approval import rules as approval
from app.approval.actions import refuse_objection
from app.audit.actions import record
from app.cashback.conflicts.queries import Conflict, Held, paid_out, unit_of
from app.db import db
from app.errors import ConflictError, ForbiddenError, RefusedError
from app.places.queries import is_real
from app.transactions.models import IN_FORCE, PROPOSED, REFUSED, WITHDRAWN, ConflictSettlement

KEEPERS = (COORDINATOR, ADMIN)
APPROVERS = (COORDINATOR, APPROVER, ADMIN)
REASON_MAX = 500
NONE_HOLDS = "Không bản nào được giữ"


def settle_conflict(
    actor: Actor, now: datetime, conflict: Conflict, content: str, shown: str, reason: str
) -> ConflictSettlement:
    """The copy with this content holds ("": none does). Waits for another person where money went out for it.

    Raises RefusedError without a reason or for a copy that is not there, ConflictError where a word waits already.
    """
    if not actor.has(*KEEPERS):
        raise ForbiddenError("Bạn không có vai trò làm việc này.")
    if not reason.strip():
        raise RefusedError("Chưa ghi lý do.", remedy="Hãy ghi ngắn vì sao bản ấy đúng, ví dụ: bên gửi xác nhận.")
    if content and content not in {each.copy.content for each in conflict.copies}:
        raise RefusedError("Không còn bản ấy.", remedy="Hãy tải lại danh sách rồi chọn lại.")
    if conflict.proposed is not None:
        raise ConflictError("Giao dịch này đang chờ người thứ hai.", remedy="Hãy đợi, hoặc rút lại đề nghị ấy.")
    unit_id = unit_of(actor, conflict)
    needs_second = paid_out(conflict.reference, unit_id)
    if needs_second and actor.id is None:
        raise ForbiddenError("Đã chi tiền cho giao dịch này: chỉ người đã đăng nhập mới phân xử được.")
    row = ConflictSettlement(
        unit_id=unit_id,
        reference=conflict.reference,
        content=content,
        shown=shown,
        reason=reason.strip()[:REASON_MAX],
        needs_second=needs_second,
        state=PROPOSED,
        created_at=now,
        created_by_id=actor.id,
        created_by=actor.name,
        created_session=actor.session,
    )
    db.session.add(row)
    db.session.flush()
    record(
        actor, now, "conflict.settle", ("conflict", row.id),
        after={"reference": row.reference, "holds": shown, "needs_second": needs_second}, reason=row.reason,
    )  # fmt: skip
    if not needs_second:
        _put_in_force(row)
    return row


def approve_settlement(actor: Actor, now: datetime, row: ConflictSettlement, copies: Sequence[Held] = ()) -> None:
    """Another person agrees, who brought none of the copies either.

    Raises FourEyesError, ConflictError where it is decided already.
    """
    _refuse_strangers(actor, APPROVERS)
    state = approval.PROPOSED if row.state == PROPOSED else approval.APPROVED
    settled = approval.Involved(row.created_by_id, "phân xử", row.created_session, row.created_at)
    brought = [
        approval.Involved(report.created_by_id, f"nhận báo cáo {report.file_name}", at=report.created_at)
        for report in (each.report for each in copies)
    ]
    refuse_objection(actor, now, [settled, *brought], state, ("conflict", row.id), is_real=is_real(row.unit_id))
    row.decided_at, row.decided_by_id, row.decided_by = now, actor.id, actor.name
    _put_in_force(row)
    record(actor, now, "conflict.approve", ("conflict", row.id), after={"reference": row.reference})


def refuse_settlement(actor: Actor, now: datetime, row: ConflictSettlement, reason: str) -> None:
    """Another person does not agree, or the one who proposed it thinks better of it."""
    _refuse_strangers(actor, APPROVERS)
    if row.state != PROPOSED:
        raise ConflictError("Đề nghị này đã được quyết định.", remedy="Hãy tải lại trang.")
    _close(actor, now, row, REFUSED, reason)


def withdraw_settlement(actor: Actor, now: datetime, row: ConflictSettlement, reason: str) -> None:
    """Takes back a word that holds; where money went out, only another word with a second person replaces it."""
    _refuse_strangers(actor, KEEPERS)
    if row.state != IN_FORCE:
        raise ConflictError("Lần phân xử này không còn hiệu lực.", remedy="Hãy tải lại trang.")
    if paid_out(row.reference, row.unit_id):
        raise ConflictError(
            "Đã chi tiền cho giao dịch này nên không rút lại một mình được.",
            remedy="Hãy chọn bản khác và nhờ người thứ hai đồng ý.",
        )
    _close(actor, now, row, WITHDRAWN, reason)


def _put_in_force(row: ConflictSettlement) -> None:
    """This word holds, the one before it no longer."""
    before = db.select(ConflictSettlement).where(
        ConflictSettlement.reference == row.reference,
        ConflictSettlement.unit_id.is_not_distinct_from(row.unit_id),
        ConflictSettlement.state == IN_FORCE,
    )
    for older in db.session.scalars(before):
        older.state, older.closing_reason = WITHDRAWN, f"Thay bằng lần phân xử số {row.id}."
    db.session.flush()
    row.state = IN_FORCE
    db.session.flush()


def _close(actor: Actor, now: datetime, row: ConflictSettlement, state: str, reason: str) -> None:
    if not reason.strip():
        raise RefusedError("Chưa ghi lý do.", remedy="Hãy ghi một câu.")
    row.state, row.closing_reason = state, reason.strip()[:REASON_MAX]
    row.decided_at, row.decided_by_id, row.decided_by = now, actor.id, actor.name
    db.session.flush()
    verb = "refuse" if state == REFUSED else "withdraw"
    record(actor, now, f"conflict.{verb}", ("conflict", row.id), after={"state": state}, reason=row.closing_reason)


def _refuse_strangers(actor: Actor, roles: tuple[str, ...]) -> None:
    if not actor.has(*roles):
        raise ForbiddenError("Bạn không có vai trò làm việc này.")

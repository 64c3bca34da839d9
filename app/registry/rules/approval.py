"""Four eyes on every account: who may decide a proposal, and when its code may be printed. Pure.

Against the insider (research/reliability.md I2): nobody puts an account on paper alone, by whatever way it came in.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

PROPOSED: Final = "proposed"
APPROVED: Final = "approved"
REFUSED: Final = "refused"
WITHDRAWN: Final = "withdrawn"
RETIRED: Final = "retired"

STATES: Final = {
    PROPOSED: "Chờ duyệt",
    APPROVED: "Đã duyệt",
    REFUSED: "Bị từ chối",
    WITHDRAWN: "Đã rút lại",
    RETIRED: "Không dùng nữa",
}
#: Which state may follow which; a row leaves `proposed` once and never comes back.
NEXT: Final = {
    PROPOSED: frozenset({APPROVED, REFUSED, WITHDRAWN}),
    APPROVED: frozenset({RETIRED}),
    REFUSED: frozenset[str](),
    WITHDRAWN: frozenset[str](),
    RETIRED: frozenset[str](),
}

REST: Final = timedelta(hours=24)
ACQUAINTED: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts: user id (None: command line or program), session, and who made their account when."""

    id: int | None
    session: str = ""
    created_by: int | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is to be decided: its state, its proposer, and who has approved it so far."""

    state: str
    proposer_id: int | None
    proposer_session: str = ""
    approver_ids: frozenset[int] = frozenset()
    approver_sessions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Objection:
    """Why somebody may not decide: a stable code, the Vietnamese reason, and what to do instead."""

    code: str
    message: str
    remedy: str


OTHER_PERSON: Final = "Hãy nhờ một người duyệt khác."


def approvals_needed(proposer_id: int | None) -> int:
    """How many people must approve: one besides a known proposer; two where nobody signed in to propose it."""
    return 1 if proposer_id is not None else 2


def objection(proposal: Proposal, approver: Person, now: datetime) -> Objection | None:
    """Why this person may not approve this proposal now, or None when they may."""
    if proposal.state != PROPOSED:
        return Objection("decided", f"Đề nghị này {STATES[proposal.state].lower()} rồi.", "Hãy tải lại trang.")
    if approver.id is None:
        return Objection("nobody", "Chỉ người đã đăng nhập mới được duyệt.", "Hãy đăng nhập và duyệt trên trang.")
    sessions = proposal.approver_sessions | {proposal.proposer_session}
    ties = {
        "own": (approver.id == proposal.proposer_id, "Bạn là người đề nghị nên không được tự duyệt."),
        "twice": (approver.id in proposal.approver_ids, "Bạn đã duyệt lần một; cần một người thứ hai."),
        "session": (
            bool(approver.session) and approver.session in sessions,
            "Đề nghị này được gửi ngay trên phiên làm việc này.",
        ),
        "creature": (
            _is_creature(approver, proposal, now),
            "Người đề nghị mới lập tài khoản đăng nhập cho bạn chưa đủ 7 ngày, nên bạn chưa được duyệt.",
        ),
    }
    return next((Objection(code, message, OTHER_PERSON) for code, (holds, message) in ties.items() if holds), None)


def _is_creature(approver: Person, proposal: Proposal, now: datetime) -> bool:
    makers = proposal.approver_ids | {proposal.proposer_id}
    if approver.created_by is None or approver.created_by not in makers:
        return False
    return approver.created_at is None or now - approver.created_at < ACQUAINTED


def print_from(approved_at: datetime, *, is_change: bool) -> datetime:
    """From when the code may go on paper: at once for a first account, after 24 hours' rest for a changed one."""
    return approved_at + REST if is_change else approved_at

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
    """Who acts: user id (None: command line or program), session, and whose sign-ins they and others held the key of.

    Somebody holds the key of a sign-in for a week after making it, inviting to it, setting its phone up or giving it a
    new password: during that time the two may be one.
    """

    id: int | None
    session: str = ""
    opened_by: frozenset[int] = frozenset()  #: who held the key of this person's sign-in
    opened: frozenset[int] = frozenset()  #: whose sign-ins this person held the key of


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is to be decided: its state, its proposer, who has approved it so far, whether it replaces an account."""

    state: str
    proposer_id: int | None
    proposer_session: str = ""
    approver_ids: frozenset[int] = frozenset()
    approver_sessions: frozenset[str] = frozenset()
    is_change: bool = False


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


def objection(proposal: Proposal, approver: Person) -> Objection | None:
    """Why this person may not approve this proposal, or None when they may.

    A coordinator who set a volunteer's phone up this week may approve what that volunteer brings in, but not a change
    of an account that is printed already: a swapped account is what an invented volunteer would be made for.
    """
    if proposal.state != PROPOSED:
        return Objection("decided", f"Đề nghị này {STATES[proposal.state].lower()} rồi.", "Hãy tải lại trang.")
    if approver.id is None:
        return Objection("nobody", "Chỉ người đã đăng nhập mới được duyệt.", "Hãy đăng nhập và duyệt trên trang.")
    sessions = proposal.approver_sessions | {proposal.proposer_session}
    makers = (proposal.approver_ids | {proposal.proposer_id}) - {None}
    ties = {
        "own": (approver.id == proposal.proposer_id, "Bạn là người đề nghị nên không được tự duyệt."),
        "twice": (approver.id in proposal.approver_ids, "Bạn đã duyệt lần một; cần một người thứ hai."),
        "session": (
            bool(approver.session) and approver.session in sessions,
            "Đề nghị này được gửi ngay trên phiên làm việc này.",
        ),
        "creature": (
            not makers.isdisjoint(approver.opened_by),
            "Người đề nghị mới lập, mời hoặc đặt lại tài khoản của bạn chưa đủ 7 ngày, nên bạn chưa được duyệt.",
        ),
        "creator": (
            proposal.is_change and not makers.isdisjoint(approver.opened),
            "Bạn mới lập, mời hoặc cài máy cho người đề nghị chưa đủ 7 ngày, nên chưa được duyệt thay đổi của họ.",
        ),
    }
    return next((Objection(code, message, OTHER_PERSON) for code, (holds, message) in ties.items() if holds), None)


def print_from(approved_at: datetime, *, is_change: bool) -> datetime:
    """From when the code may go on paper: at once for a first account, after 24 hours' rest for a changed one."""
    return approved_at + REST if is_change else approved_at

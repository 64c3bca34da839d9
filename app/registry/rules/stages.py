"""Milestones (dated facts) and the stage they add up to, which is derived and never entered by hand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

LISTED: Final = "listed"
SURVEYED: Final = "surveyed"
CONSENTED: Final = "consented"
ACCOUNT_READY: Final = "account_ready"
QR_ISSUED: Final = "qr_issued"
PRINTED: Final = "printed"
INSTALLED: Final = "installed"
TRAINED: Final = "trained"
FIRST_PAID: Final = "first_paid"
ACTIVE: Final = "active"
DORMANT: Final = "dormant"
REFUSED: Final = "refused"
STOPPED: Final = "stopped"
RESUMED: Final = "resumed"
CHECKED: Final = "checked"

#: From the first line in a list to money that comes in every month.
LADDER: Final = (
    LISTED,
    SURVEYED,
    CONSENTED,
    ACCOUNT_READY,
    QR_ISSUED,
    PRINTED,
    INSTALLED,
    TRAINED,
    FIRST_PAID,
    ACTIVE,
)
#: Stages, in the order of lists and legends.
STAGES: Final = {
    LISTED: "Có tên trong danh sách",
    SURVEYED: "Đã khảo sát",
    CONSENTED: "Đã đồng ý",
    ACCOUNT_READY: "Tài khoản đã duyệt",
    QR_ISSUED: "Đã có mã QR",
    PRINTED: "Đã in",
    INSTALLED: "Đã lắp bảng",
    TRAINED: "Đã hướng dẫn",
    FIRST_PAID: "Có giao dịch đầu tiên",
    ACTIVE: "Đang dùng đều",
    DORMANT: "Lâu không có giao dịch",
    REFUSED: "Từ chối",
    STOPPED: "Đã dừng",
}
#: Kinds of milestone, in the order people do them.
MILESTONES: Final = {
    SURVEYED: "Khảo sát",
    CONSENTED: "Đồng ý tham gia",
    ACCOUNT_READY: "Tài khoản được duyệt",
    QR_ISSUED: "Cấp mã QR",
    PRINTED: "In bảng QR",
    INSTALLED: "Lắp bảng QR",
    TRAINED: "Hướng dẫn sử dụng",
    CHECKED: "Kiểm tra tại chỗ",
    FIRST_PAID: "Giao dịch đầu tiên",
    ACTIVE: "Dùng đều trong tháng",
    DORMANT: "Lâu không có giao dịch",
    REFUSED: "Từ chối tham gia",
    STOPPED: "Dừng sử dụng",
    RESUMED: "Dùng trở lại",
}
#: Milestones that only the program records, after its own checks: no button, no form field.
BY_PROGRAM: Final = frozenset({ACCOUNT_READY, QR_ISSUED, PRINTED})

#: A setback, and the later milestones that end it.
SETBACKS: Final = {
    STOPPED: frozenset({RESUMED, INSTALLED, FIRST_PAID, ACTIVE}),
    REFUSED: frozenset(LADDER[2:]) | {RESUMED},
    DORMANT: frozenset({FIRST_PAID, ACTIVE}),
}

#: Milestones that prove somebody stood at the place.
SEEN: Final = frozenset({SURVEYED, INSTALLED, TRAINED, CHECKED})


@dataclass(frozen=True, slots=True)
class Fact:
    """One milestone: its kind and when it happened (aware)."""

    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands: the stage, and since when (None: only listed)."""

    stage: str
    since: datetime | None


def standing(facts: Iterable[Fact]) -> Standing:
    """The stage these facts add up to. Their order of entry breaks ties of the same moment.

    A setback (refused, stopped, dormant) holds until a later fact ends it; otherwise the furthest rung reached counts.
    Training before anything hangs on the wall is not a stage of its own: `trained` counts once installed.
    """
    ordered = sorted(facts, key=lambda fact: fact.at)
    for setback, ended_by in SETBACKS.items():
        fact = _last_unless_ended(ordered, setback, ended_by)
        if fact is not None:
            return Standing(setback, fact.at)
    reached: dict[str, datetime] = {}
    for fact in ordered:
        reached.setdefault(fact.kind, fact.at)
    if INSTALLED not in reached:
        reached.pop(TRAINED, None)
    for rung in reversed(LADDER):
        if rung in reached:
            return Standing(rung, reached[rung])
    return Standing(LISTED, None)


def _last_unless_ended(ordered: list[Fact], setback: str, ended_by: frozenset[str]) -> Fact | None:
    for fact in reversed(ordered):
        if fact.kind in ended_by:
            return None
        if fact.kind == setback:
            return fact
    return None


def last_seen(facts: Iterable[Fact]) -> datetime | None:
    """When somebody of the programme last stood there."""
    return max((fact.at for fact in facts if fact.kind in SEEN), default=None)


def furthest(standings: Iterable[Standing]) -> Standing:
    """A merchant stands where their furthest point stands; a setback counts only where no point is better off."""
    return max(standings, key=lambda stands: LADDER.index(stands.stage) if stands.stage in LADDER else -1)

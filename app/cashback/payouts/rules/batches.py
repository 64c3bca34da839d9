"""A payout from draft to reconciled: which step may follow which, and what goes into it. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

DRAFT, APPROVED, EXPORTED, PAID, RECONCILED, WITHDRAWN = (
    "draft", "approved", "exported", "paid", "reconciled", "withdrawn",
)  # fmt: skip

STATES: Final = {
    DRAFT: "Bản thảo",
    APPROVED: "Đã duyệt",
    EXPORTED: "Đã gửi đơn vị thanh toán",
    PAID: "Đã chi trả",
    RECONCILED: "Đã đối chiếu",
    WITHDRAWN: "Đã bỏ",
}
#: What stands on every paper of a payout that nobody is paid from.
MARKS: Final[Mapping[str, str]] = {DRAFT: "BẢN THẢO, CHƯA DUYỆT", WITHDRAWN: "BẢN THẢO ĐÃ BỎ"}
#: State -> verb -> state that follows. A comparison may be repeated with a corrected file.
NEXT: Final[Mapping[str, Mapping[str, str]]] = {
    DRAFT: {"approve": APPROVED, "withdraw": WITHDRAWN},
    APPROVED: {"export": EXPORTED},
    EXPORTED: {"pay": PAID},
    PAID: {"reconcile": RECONCILED},
    RECONCILED: {"reconcile": RECONCILED},
    WITHDRAWN: {},
}
#: States whose month is closed: what changes in it afterwards is an adjustment of a later payout.
CLOSED: Final = (APPROVED, EXPORTED, PAID, RECONCILED)
#: Every way a state may change, "draft>approved": the database refuses the others.
MOVES: Final = tuple(
    sorted({f"{state}>{after}" for state, verbs in NEXT.items() for after in verbs.values() if after != state})
)


@dataclass(frozen=True, slots=True)
class Accrued:
    """One accrual that no payout holds yet; `signed_vnd` is negative where something is taken back."""

    id: str
    role: str
    payee: str
    month: str
    signed_vnd: int
    is_adjustment: bool


@dataclass(frozen=True, slots=True)
class Share:
    """What one payee gets in a payout: earned in its month, adjusted from earlier ones, and the entries behind it."""

    role: str
    payee: str
    earned_vnd: int
    adjusted_vnd: int
    entries: tuple[str, ...]

    @property
    def amount_vnd(self) -> int:
        """What is paid."""
        return self.earned_vnd + self.adjusted_vnd


def state_after(state: str, verb: str) -> str | None:
    """The state that this step leads to, None where it may not be taken now."""
    return NEXT[state].get(verb)


def shares(accrued: Iterable[Accrued], month: str) -> list[Share]:
    """The payout of a month: every payee whose entries up to it come to more than nothing.

    Whoever owes back more than they earned is left for a later payout; nobody is paid less than nothing.
    """
    by_party: dict[tuple[str, str], list[Accrued]] = defaultdict(list)
    for each in accrued:
        if each.month <= month:
            by_party[each.role, each.payee].append(each)
    found = []
    for (role, payee), mine in sorted(by_party.items()):
        adjusted = sum(each.signed_vnd for each in mine if each.is_adjustment)
        earned = sum(each.signed_vnd for each in mine if not each.is_adjustment)
        if earned + adjusted > 0:
            found.append(Share(role, payee, earned, adjusted, tuple(sorted(each.id for each in mine))))
    return found

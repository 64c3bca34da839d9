"""Decisions as double entry: only what differs from what was posted before is posted, never anything changed. Pure.

A transfer moves whole dong from one account (debit) to another (credit), so that all accounts together are zero
always. Source: research, "TigerBeetle: correcting transfers only"; DESIGN, "the ledger posts differences".
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

BUDGET: Final = "programme_budget"
PAID: Final = "paid_by_provider"
DISPUTED: Final = "disputed"
ROLES: Final = ("customer", "merchant", "fund")
ROLE_NAMES: Final = {"customer": "Khách hàng", "merchant": "Điểm bán", "fund": "Quỹ của xã"}

ACCRUAL, PAYMENT, DISPUTE = "accrual", "payment", "dispute"
KINDS: Final = (ACCRUAL, PAYMENT, DISPUTE)

#: Why an amount was posted, in the order in which they are tried.
CAUSES: Final = {
    "granted": "Được thưởng",
    "late": "Được tính thêm sau khi kỳ đã chốt (báo muộn, hoặc có lượt trả lại)",
    "reversed": "Giao dịch bị lấy lại",
    "policy": "Chính sách đổi phiên bản",
    "gone": "Giao dịch không còn trong báo cáo",
    "recount": "Thứ tự lượt thưởng đổi vì giao dịch khác",
    "payment": "Đã chi trả",
    "difference": "Chênh lệch khi đối chiếu",
}

Slot = tuple[str, int, str]
"""Policy, reward (from 1) and reference: one decision."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One row of a run; `day` is ISO, `amount_vnd` 0 where it was refused, `version` the policy's."""

    policy: str
    version: int
    reward: int
    reference: str
    day: str
    role: str
    payee: str
    amount_vnd: int
    reason: str = "granted"

    @property
    def slot(self) -> Slot:
        """What it decides."""
        return self.policy, self.reward, self.reference


@dataclass(frozen=True, slots=True)
class Standing:
    """What the ledger says of a decision now: to whom how much, and how many transfers made it so."""

    day: str
    version: int
    amounts: Mapping[tuple[str, str], int]
    count: int


@dataclass(frozen=True, slots=True)
class Transfer:
    """One entry: `amount_vnd` above 0 leaves `debit` and reaches `credit`; made anew it has the same `id`."""

    id: str
    debit: str
    credit: str
    amount_vnd: int
    policy: str
    version: int
    reward: int
    reference: str
    day: str
    role: str
    payee: str
    sequence: int
    cause: str
    is_adjustment: bool

    @property
    def signed_vnd(self) -> int:
        """What it adds to what the payee is owed."""
        return self.amount_vnd if self.debit == BUDGET else -self.amount_vnd

    @property
    def slot(self) -> Slot:
        """The decision it belongs to."""
        return self.policy, self.reward, self.reference


@dataclass(frozen=True, slots=True)
class Covered:
    """What a run speaks about: its policies with their versions, and its months (2023-08), both ends included.

    A decision posted before that the run should hold and does not is taken back; others are left alone.
    """

    versions: Mapping[str, int]
    first_month: str
    last_month: str

    def speaks_of(self, policy: str, day: str) -> bool:
        """Whether a decision of this policy and day belongs to the run."""
        return policy in self.versions and self.first_month <= day[:7] <= self.last_month


#: The reason of a decision about a day on which its version of the policy was not in force.
OUTSIDE = "outside_dates"


def payable(role: str, payee: str) -> str:
    """The account of what is owed to a payee.

    >>> payable("customer", "0912345678"), payable("fund", "fund")
    ('payable:customer:0912345678', 'payable:fund')
    """
    return "payable:fund" if role == "fund" else f"payable:{role}:{payee}"


def entry_id(*parts: object) -> str:
    """SHA-256 (hex) of what makes an entry this one; parts are told apart by their lengths."""
    return hashlib.sha256("".join(f"{len(str(part))}:{part}" for part in parts).encode()).hexdigest()


def differences(
    book: str,
    covered: Covered,
    decisions: Iterable[Decision],
    standing: Mapping[Slot, Standing],
    closed_through: str = "",
) -> list[Transfer]:
    """What must be posted so that the ledger says what the run says: nothing where it does already.

    `book` tells ledgers apart; `closed_through` is the last month (2023-08) that was approved for payout: what concerns
    it or an earlier month is an adjustment of the next payout.
    """
    found: list[Transfer] = []
    told: set[Slot] = set()
    for decision in decisions:
        told.add(decision.slot)
        now = standing.get(decision.slot)
        if decision.reason == OUTSIDE and now is not None and now.version != decision.version:
            continue  # another version of the policy was in force that day: its word stands
        found.extend(_steps(book, decision, now, closed_through))
    for slot, now in sorted(standing.items()):
        if slot not in told and any(now.amounts.values()) and covered.speaks_of(slot[0], now.day):
            (role, payee), _ = max(now.amounts.items(), key=lambda item: item[1])
            gone = Decision(
                slot[0], covered.versions[slot[0]], slot[1], slot[2], now.day, role, payee, 0, reason="gone"
            )
            found.extend(_steps(book, gone, now, closed_through))
    return found


def _steps(book: str, decision: Decision, now: Standing | None, closed_through: str) -> Iterator[Transfer]:
    """Takes from whom it is no longer due, then gives to whom it is."""
    amounts = dict(now.amounts) if now else {}
    sequence = now.count if now else 0
    wanted = (decision.role, decision.payee)
    amounts.setdefault(wanted, 0)
    is_closed = decision.day[:7] <= closed_through
    for party in sorted(amounts, key=lambda party: party == wanted):
        change = (decision.amount_vnd if party == wanted else 0) - amounts[party]
        if not change:
            continue
        owed = payable(*party)
        yield Transfer(
            entry_id(book, *decision.slot, *party, sequence),
            BUDGET if change > 0 else owed,
            owed if change > 0 else BUDGET,
            abs(change),
            decision.policy,
            decision.version,
            decision.reward,
            decision.reference,
            decision.day,
            *party,
            sequence,
            _cause(decision, now, is_closed=is_closed),
            is_closed,
        )
        sequence += 1


def _cause(decision: Decision, now: Standing | None, *, is_closed: bool) -> str:
    if now is None:
        return "late" if is_closed else "granted"
    if decision.reason in ("reversed", "gone"):
        return decision.reason
    return "policy" if decision.version != now.version else "recount"


def granted_after(version: int, standing: Mapping[Slot, Standing], transfers: Iterable[Transfer]) -> int:
    """What the books say this version of a policy granted in all (dong), once these transfers of it are posted."""
    posted = list(transfers)
    told = {each.slot for each in posted}
    mine = (now for slot, now in standing.items() if now.version == version or slot in told)
    return sum(sum(now.amounts.values()) for now in mine) + sum(each.signed_vnd for each in posted)


def standing_after(transfers: Iterable[Transfer]) -> dict[Slot, Standing]:
    """What a list of accruals says of each decision, in the order in which they were posted."""
    found: dict[Slot, Standing] = {}
    for each in transfers:
        before = found.get(each.slot)
        amounts = dict(before.amounts) if before else {}
        party = (each.role, each.payee)
        amounts[party] = amounts.get(party, 0) + each.signed_vnd
        found[each.slot] = Standing(each.day, each.version, amounts, (before.count if before else 0) + 1)
    return found


def balances(entries: Iterable[tuple[str, str, int]]) -> dict[str, int]:
    """What each account holds after entries (debit, credit, amount); all together are zero."""
    found: dict[str, int] = {}
    for debit, credit, amount in entries:
        found[debit] = found.get(debit, 0) - amount
        found[credit] = found.get(credit, 0) + amount
    return found

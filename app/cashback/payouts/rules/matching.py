"""What a provider paid against what was decided: every due and every payment falls into exactly one class. Pure.

Payments are looked up by transaction and payee first, then by payee, day and amount, then by payee and month or in all.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from app.vn.phones import PhoneError, parse_phone


class Kind(StrEnum):
    """How a payment and what was due agree."""

    MATCHED = "matched"
    UNDERPAID = "underpaid"
    OVERPAID = "overpaid"
    PAID_NOT_DUE = "paid_not_due"
    DUE_NOT_PAID = "due_not_paid"
    WRONG_PARTY = "wrong_party"


KIND_NAMES = {
    Kind.MATCHED: "Khớp",
    Kind.UNDERPAID: "Trả thiếu",
    Kind.OVERPAID: "Trả thừa",
    Kind.PAID_NOT_DUE: "Trả mà không được hưởng",
    Kind.DUE_NOT_PAID: "Được hưởng mà chưa trả",
    Kind.WRONG_PARTY: "Trả nhầm người",
}
#: Reasons that stand beside those of a decision.
UNKNOWN_REFERENCE = "unknown_reference"
UNKNOWN_PAYEE = "unknown_payee"
NOTHING_LEFT = "nothing_left"


@dataclass(frozen=True, slots=True)
class Due:
    """What a payee was granted for one transaction; several rewards of one transaction are several dues.

    `day` is ISO (2023-08-01). A negative amount takes an earlier payout back: such a payee is compared in all.
    """

    payee: str
    reference: str
    day: str
    amount_vnd: int
    role: str = ""


@dataclass(frozen=True, slots=True)
class Paid:
    """One line of the provider's file; "" where it does not say."""

    line: int
    payee: str
    amount_vnd: int
    reference: str = ""
    day: str = ""
    month: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One comparison. `reason` is a decision's reason or one of this module's; `due_to` the payee who was due."""

    kind: Kind
    payee: str
    reference: str
    due_vnd: int
    paid_vnd: int
    reason: str
    lines: tuple[int, ...] = ()
    due_to: str = ""

    @property
    def difference_vnd(self) -> int:
        """Paid beyond what was due; negative where it is less. What went to the wrong party has its own class."""
        return self.paid_vnd - self.due_vnd


@dataclass(frozen=True, slots=True)
class Refusals:
    """Why payments earned nothing: by transaction and payee, and each payee's most frequent reason."""

    by_line: Mapping[tuple[str, str], str] = field(default_factory=dict)
    by_payee: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tally:
    """One class in figures."""

    kind: Kind
    count: int
    due_vnd: int
    paid_vnd: int
    difference_vnd: int


def reconcile(dues: Iterable[Due], paid: Iterable[Paid], refusals: Refusals | None = None) -> list[Finding]:
    """Every due and every payment in exactly one finding, those that disagree first."""
    matcher = _Matcher(list(dues), refusals or Refusals())
    findings = matcher.findings(list(paid))
    order = {kind: place for place, kind in enumerate(_TOLD_IN)}
    return sorted(findings, key=lambda each: (order[each.kind], each.payee, each.reference, each.lines))


_TOLD_IN = (
    Kind.WRONG_PARTY,
    Kind.PAID_NOT_DUE,
    Kind.OVERPAID,
    Kind.UNDERPAID,
    Kind.DUE_NOT_PAID,
    Kind.MATCHED,
)


def tallies(findings: Iterable[Finding]) -> list[Tally]:
    """All six classes in the order of their telling, empty ones too."""
    by_kind: dict[Kind, list[Finding]] = {kind: [] for kind in _TOLD_IN}
    for each in findings:
        by_kind[each.kind].append(each)
    return [
        Tally(
            kind,
            len(found),
            sum(each.due_vnd for each in found),
            sum(each.paid_vnd for each in found),
            sum(each.difference_vnd for each in found),
        )
        for kind, found in by_kind.items()
    ]


class _Matcher:
    """What is still owed, while payments are laid against it."""

    def __init__(self, dues: Sequence[Due], refusals: Refusals) -> None:
        self._refusals = refusals
        self._in_all = {due.payee for due in dues if due.amount_vnd < 0}
        self._owed: dict[tuple[str, str], int] = defaultdict(int)
        self._day: dict[tuple[str, str], str] = {}
        for due in dues:
            key = (due.reference, due.payee)
            self._owed[key] += due.amount_vnd
            self._day[key] = min(due.day, self._day.get(key, due.day))
        self._references = {reference for reference, _ in self._owed}
        self._references |= {reference for reference, _ in refusals.by_line}
        self._payees = {payee for _, payee in self._owed} | {payee for _, payee in refusals.by_line}
        self._payees |= set(refusals.by_payee)
        self._spellings = _spellings(self._payees)

    def findings(self, paid: Sequence[Paid]) -> list[Finding]:
        known = any(each.reference in self._references for each in paid)
        by_line: dict[tuple[str, str], list[Paid]] = defaultdict(list)
        rest: list[tuple[str, Paid]] = []
        for each in paid:
            payee = self._payee(each.payee)
            if known and each.reference and payee not in self._in_all:
                by_line[each.reference, payee].append(each)
            else:
                rest.append((payee, each))
        found = self._by_transaction(by_line)
        by_day, rest = self._by_day(rest)
        return [*found, *by_day, *self._in_total(rest), *self._unpaid()]

    def _payee(self, written: str) -> str:
        """The payee as the decisions write it: exactly, else by the one telephone number it can be."""
        if written in self._payees:
            return written
        return self._spellings.get(_spelling(written)) or written

    def _by_transaction(self, groups: Mapping[tuple[str, str], list[Paid]]) -> list[Finding]:
        found: list[Finding] = []
        strays: list[tuple[tuple[str, str], list[Paid]]] = []
        for key, lines in groups.items():
            if key in self._owed:
                found.append(_compared(key, self._owed.pop(key), lines))
            else:
                strays.append((key, lines))
        return found + [self._stray(key, lines) for key, lines in sorted(strays, key=lambda each: each[0])]

    def _stray(self, key: tuple[str, str], lines: Sequence[Paid]) -> Finding:
        """A payment for a transaction to somebody who was due nothing for it."""
        reference, payee = key
        amount, numbers = _total(lines), _numbers(lines)
        if reason := self._refusals.by_line.get(key):
            return Finding(Kind.PAID_NOT_DUE, payee, reference, 0, amount, reason, numbers)
        rightful = [owed for owed in self._owed if owed[0] == reference and owed[1] not in self._in_all]
        if rightful:
            chosen = min(rightful, key=lambda owed: (self._owed[owed] != amount, owed))
            return Finding(
                Kind.WRONG_PARTY, payee, reference, self._owed.pop(chosen), amount, "granted", numbers, chosen[1]
            )
        why = UNKNOWN_PAYEE if reference in self._references else UNKNOWN_REFERENCE
        return Finding(Kind.PAID_NOT_DUE, payee, reference, 0, amount, why, numbers)

    def _by_day(self, rest: Sequence[tuple[str, Paid]]) -> tuple[list[Finding], list[tuple[str, Paid]]]:
        open_dues: dict[tuple[str, str, int], list[tuple[str, str]]] = defaultdict(list)
        for key, amount in sorted(self._owed.items(), reverse=True):
            if key[1] not in self._in_all:
                open_dues[key[1], self._day[key], amount].append(key)
        found, left = [], []
        for payee, each in sorted(rest, key=_place):
            candidates = open_dues.get((payee, each.day, each.amount_vnd), []) if each.day else []
            if candidates:
                key = candidates.pop()
                found.append(_compared(key, self._owed.pop(key), [each]))
            else:
                left.append((payee, each))
        return found, left

    def _in_total(self, rest: Sequence[tuple[str, Paid]]) -> list[Finding]:
        """By payee and month where the file names one, then by payee."""
        groups: dict[tuple[str, str], list[Paid]] = defaultdict(list)
        for payee, each in rest:
            groups[payee, "" if payee in self._in_all else each.month].append(each)
        mine: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for key in self._owed:
            mine[key[1]].append(key)
        found = []
        for payee, month in sorted(groups, key=lambda group: (group[0], not group[1], group[1])):
            keys = [key for key in mine[payee] if key in self._owed and self._day[key].startswith(month)]
            due = sum(self._owed.pop(key) for key in keys)
            lines = groups[payee, month]
            reference = keys[0][0] if len(keys) == 1 else ""
            if due > 0:
                found.append(_compared((reference, payee), due, lines))
            else:
                found.append(self._beyond(payee, due, lines))
        return found

    def _beyond(self, payee: str, due: int, lines: Sequence[Paid]) -> Finding:
        if payee in self._refusals.by_payee:
            reason = self._refusals.by_payee[payee]
        else:
            reason = NOTHING_LEFT if payee in self._payees else UNKNOWN_PAYEE
        reference = lines[0].reference if len(lines) == 1 else ""
        return Finding(Kind.PAID_NOT_DUE, payee, reference, due, _total(lines), reason, _numbers(lines))

    def _unpaid(self) -> list[Finding]:
        found: list[Finding] = []
        in_all: dict[str, int] = defaultdict(int)
        for (reference, payee), amount in self._owed.items():
            if payee in self._in_all:
                in_all[payee] += amount
            else:
                found.append(_unpaid(payee, reference, amount))
        return found + [_unpaid(payee, "", amount) for payee, amount in in_all.items()]


def _unpaid(payee: str, reference: str, due_vnd: int) -> Finding:
    kind = Kind.DUE_NOT_PAID if due_vnd > 0 else Kind.MATCHED
    return Finding(kind, payee, reference, due_vnd, 0, "granted")


def _compared(key: tuple[str, str], due: int, lines: Sequence[Paid]) -> Finding:
    amount = _total(lines)
    kind = Kind.MATCHED if amount == due else Kind.UNDERPAID if amount < due else Kind.OVERPAID
    return Finding(kind, key[1], key[0], due, amount, "granted", _numbers(lines))


def _place(one: tuple[str, Paid]) -> tuple[str, ...]:
    payee, each = one
    return payee, each.day, each.month, each.reference


def _total(lines: Sequence[Paid]) -> int:
    return sum(each.amount_vnd for each in lines)


def _numbers(lines: Sequence[Paid]) -> tuple[int, ...]:
    return tuple(each.line for each in lines)


def _spelling(written: str) -> str:
    text = unicodedata.normalize("NFC", written).strip()
    try:
        return parse_phone(text).e164
    except PhoneError:
        return text.casefold()


def _spellings(payees: Iterable[str]) -> dict[str, str]:
    """Spelling -> payee, "" where two payees share it: never guessed."""
    found: dict[str, str] = {}
    for payee in payees:
        spelling = _spelling(payee)
        found[spelling] = "" if spelling in found else payee
    return found

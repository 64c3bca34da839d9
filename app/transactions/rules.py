"""What a transaction line is: the canonical columns, their codes, and which payments were taken back.

Source: the outside contract, "Transaction lines".
"""

from collections.abc import Iterable
from dataclasses import dataclass

COLUMNS = (
    "reference", "paid_at", "kind", "amount_vnd", "customer", "merchant", "source", "channel", "beneficiary",
    "status", "reverses",
)  # fmt: skip
REQUIRED = ("reference", "paid_at", "kind", "amount_vnd", "customer", "status")

KINDS = {
    "qr_payment": 1, "topup_prepaid": 2, "bill_postpaid": 3, "electricity": 4, "telecom": 5, "tuition": 6,
    "data_pack": 7, "other": 8,
}  # fmt: skip
SOURCES = {"viettelpay": 1, "mobile_money": 2, "bank": 3}
CHANNELS = {"app": 1, "web": 2, "ussd": 3, "auto": 4}
SUCCESS, FAILED, REVERSED = 1, 2, 3
STATUSES = {"success": SUCCESS, "failed": FAILED, "reversed": REVERSED}


@dataclass(frozen=True, slots=True)
class Reversal:
    """A line that takes another one back; `failed` when the reversal itself did not succeed."""

    reference: str
    reverses: str
    failed: bool


def reversals_in_force(reversals: Iterable[Reversal], *, known: frozenset[str] | None = None) -> dict[str, str]:
    """Which reference was taken back by which: reference -> the first reversal, as text, that is in force.

    A reversal is in force unless it failed or is itself taken back by one in force. Every reversal names one line, so
    what reverses what is a forest with a ring at the bottom of some trees; a ring never reaches a payment and stays
    undecided. `known` leaves out references that no accepted line bears.

    >>> reversals_in_force([Reversal("b", "a", False), Reversal("c", "b", False)])
    {'b': 'c'}
    """
    lines = {line.reference: line for line in reversals}
    open_reversers: dict[str, int] = dict.fromkeys(lines, 0)
    for line in lines.values():
        if line.reverses in open_reversers:
            open_reversers[line.reverses] += 1
    ready = [reference for reference, count in open_reversers.items() if count == 0]
    taken_back: dict[str, str] = {}
    while ready:
        line = lines[ready.pop()]
        if not line.failed and line.reference not in taken_back:
            first = taken_back.get(line.reverses, line.reference)
            taken_back[line.reverses] = min(first, line.reference)
        if line.reverses in open_reversers:
            open_reversers[line.reverses] -= 1
            if open_reversers[line.reverses] == 0:
                ready.append(line.reverses)
    return taken_back if known is None else {target: by for target, by in taken_back.items() if target in known}

"""The books entry by entry: what each figure of a commune's balance is made of, filtered, in the order of writing."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, case, func, or_, select

from app.cashback.asking import spellings
from app.cashback.payouts.models import LedgerEntry
from app.cashback.payouts.rules.postings import ACCRUAL, BUDGET, DISPUTE, DISPUTED, PAYMENT
from app.cashback.rules import Per, period_days
from app.db import db
from app.web.paging import Cut, Page

#: Which entries make up each figure; what is owed still is what was granted less what was paid.
FIGURES: Final = {
    "accrued": ("Đã ghi nhận", (ACCRUAL,)),
    "payable": ("Còn phải trả", (ACCRUAL, PAYMENT)),
    "paid": ("Đã chi trả", (PAYMENT,)),
    "disputed": ("Đang chênh lệch", (DISPUTE,)),
}
ASKED_MAX: Final = 80
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter; what is empty asks for nothing. `month`: 2023-08, of the payments; `posting`: one run written in."""

    figure: str = ""
    asked: str = ""
    month: str = ""
    posting: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One entry, signed as the figure counts it."""

    entry: LedgerEntry
    signed_vnd: int


def wanted_of(values: Mapping[str, str]) -> Wanted:
    """The filter in an address; words that mean nothing ask for nothing."""
    figure, month, posting = values.get("of", ""), values.get("month", ""), values.get("posting", "")
    is_number = posting.isascii() and posting.isdigit() and len(posting) < len("1000000000")
    return Wanted(
        figure=figure if figure in FIGURES else "",
        asked=values.get("q", "").strip()[:ASKED_MAX],
        month=month if _MONTH.fullmatch(month) else "",
        posting=int(posting) if is_number else 0,
    )


def sum_of(unit_id: int, wanted: Wanted) -> tuple[int, int]:
    """How many entries match, and what they come to in dong."""
    query = select(func.count(), func.coalesce(func.sum(_signed(wanted.figure)), 0))
    count, total = db.session.execute(query.where(*_conditions(unit_id, wanted))).one()
    return int(count), int(total)


def lines_page(unit_id: int, wanted: Wanted, cut: Cut, total: int) -> Page[Line]:
    """One page of the entries, the newest first."""
    query = select(LedgerEntry, _signed(wanted.figure)).where(*_conditions(unit_id, wanted))
    newest = [column.desc() for column in (LedgerEntry.posted_at, *_ORDER)]
    query = query.order_by(*newest).offset(cut.offset).limit(cut.per_page)
    return cut.page([Line(entry, int(signed)) for entry, signed in db.session.execute(query)], total)


def every_line(unit_id: int, wanted: Wanted) -> Iterator[Line]:
    """All entries that match, in the order of writing, read a few thousand at a time."""
    query = select(LedgerEntry, _signed(wanted.figure)).where(*_conditions(unit_id, wanted))
    query = query.order_by(LedgerEntry.posted_at, *_ORDER).execution_options(yield_per=_AT_ONCE)
    return (Line(entry, int(signed)) for entry, signed in db.session.execute(query))


_ORDER = (
    LedgerEntry.day, LedgerEntry.reference, LedgerEntry.role, LedgerEntry.payee, LedgerEntry.sequence, LedgerEntry.id,
)  # fmt: skip


def _conditions(unit_id: int, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    yield LedgerEntry.unit_id == unit_id
    if wanted.figure:
        yield LedgerEntry.kind.in_(FIGURES[wanted.figure][1])
    if wanted.asked:
        names = spellings(wanted.asked)
        yield or_(LedgerEntry.payee.in_(names), LedgerEntry.reference.in_(names))
    if wanted.month:
        yield LedgerEntry.day.between(*period_days(Per.MONTH, date.fromisoformat(f"{wanted.month}-01")))
    if wanted.posting:
        yield LedgerEntry.posting_id == wanted.posting


def _signed(figure: str) -> ColumnElement[int]:
    """What an entry adds to its figure: granted up, taken back down; paid down, but for the figure of what was paid."""
    granted = case((LedgerEntry.debit == BUDGET, LedgerEntry.amount_vnd), else_=-LedgerEntry.amount_vnd)
    disputed = case((LedgerEntry.credit == DISPUTED, LedgerEntry.amount_vnd), else_=-LedgerEntry.amount_vnd)
    paid = LedgerEntry.amount_vnd if figure == "paid" else -LedgerEntry.amount_vnd
    return case((LedgerEntry.kind == ACCRUAL, granted), (LedgerEntry.kind == DISPUTE, disputed), else_=paid)

"""Every line of one report and what became of it: filtered, counted, a page at a time or all in their order."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Final

import duckdb

from app.transactions.intake import Received, take_reports
from app.transactions.line_sql import literal, shown_at_sql
from app.transactions.rules import FAILED, KINDS, REVERSED, STATUSES
from app.web.paging import Cut

#: What becomes of a line, in the order in which it is asked; every line is one of these.
FATES: Final = {
    "refused": "Bị từ chối",
    "repeated": "Trùng",
    "reversal": "Dòng lấy lại",
    "failed": "Không thành công",
    "taken_back": "Đã bị lấy lại",
    "paid": "Trả thành công",
}
ASKED_MAX: Final = 80
_COLUMNS = "line, reference, paid_at, kind, amount_vnd, customer, merchant, status, fate, note"
_KIND_OF = {code: word for word, code in KINDS.items()}
_STATUS_OF = {code: word for word, code in STATUSES.items()}
_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class ReadLine:
    """One line as it was read; what could not be read is empty. `note`: why it was refused, or what took it back."""

    line: int
    reference: str
    paid_at: str
    kind: str
    amount_vnd: int | None
    customer: str
    merchant: str
    status: str
    fate: str
    note: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter; what is empty asks for nothing."""

    asked: str = ""
    fate: str = ""


def wanted_of(values: Mapping[str, str]) -> Wanted:
    """The filter in an address; words that mean nothing ask for nothing."""
    fate = values.get("fate", "")
    return Wanted(values.get("q", "").strip()[:ASKED_MAX], fate if fate in FATES else "")


class ReportLines:
    """The lines of one report under one filter."""

    def __init__(self, engine: duckdb.DuckDBPyConnection, wanted: Wanted) -> None:
        self._engine = engine
        tests, self._values = ["true"], list[object]()
        if wanted.asked:
            digits = "".join(wanted.asked.split()).replace(".", "")
            tests.append("($asked in (reference, customer, merchant) or $digits in (reference, customer, merchant))")
            self._values = [wanted.asked, digits]
        if wanted.fate:
            tests.append(f"fate = {literal(wanted.fate)}")
        self._where = f"from told where {' and '.join(tests)}".replace("$asked", "$1").replace("$digits", "$2")

    def counted(self) -> tuple[int, int]:
        """How many lines match, and the dong that they say, as far as it can be read."""
        query = f"select count(*), coalesce(sum(amount_vnd), 0)::bigint {self._where}"
        row = self._engine.execute(query, self._values).fetchone()
        assert row is not None
        return row[0], row[1]

    def page(self, cut: Cut) -> list[ReadLine]:
        """One page, in the order of the file."""
        query = f"select {_COLUMNS} {self._where} order by line limit {cut.per_page} offset {cut.offset}"
        return [_line(row) for row in self._engine.execute(query, self._values).fetchall()]

    def every(self) -> Iterator[ReadLine]:
        """All of them, in the order of the file."""
        found = self._engine.execute(f"select {_COLUMNS} {self._where} order by line", self._values)
        pieces = iter(lambda: found.fetchmany(_AT_ONCE), [])
        return (_line(row) for row in chain.from_iterable(pieces))


@contextmanager
def lines_of_report(report: Received, wanted: Wanted) -> Iterator[ReportLines]:
    """The lines of a report that keeps its facts. Raises ReportRefusedError where it cannot be read."""
    assert report.facts is not None
    with duckdb.connect() as engine:
        take_reports(engine, [report])
        engine.execute(
            f"""create view told as select p.line, p.reference, {shown_at_sql("local_us")} as paid_at, kind,
                    amount_vnd, customer, merchant, status,
                    case when r.line is not null then r.reason when reverses <> '' then reverses
                        else coalesce(t.taken_back_by, '') end as note,
                    case when r.line is not null then 'refused' when d.line is not null then 'repeated'
                        when reverses <> '' then 'reversal' when status = {FAILED} then 'failed'
                        when status = {REVERSED} or t.reference is not null then 'taken_back' else 'paid' end as fate
                from read_parquet({literal(str(report.facts()))}) p
                left join (select line, any_value(reason) as reason from refused_lines group by line) r
                    on r.line = p.line
                left join (select distinct line from dropped) d on d.line = p.line
                left join taken_back t on t.reference = p.reference"""
        )
        yield ReportLines(engine, wanted)


def _line(row: tuple[int, str, str | None, int | None, int | None, str, str, int | None, str, str]) -> ReadLine:
    line, reference, paid_at, kind, amount_vnd, customer, merchant, status, fate, note = row
    return ReadLine(
        line, reference, paid_at or "", _KIND_OF.get(kind or 0, ""), amount_vnd, customer, merchant,
        _STATUS_OF.get(status or 0, ""), fate, note,
    )  # fmt: skip

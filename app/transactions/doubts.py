"""What a person should know before a report is taken, though every line of it is valid.

A contradiction with another report is one of these; none of them refuses anything by itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb

from app.transactions.intake import Received, conflicts_sql, open_lines

NOTES_MAX = 6
_CONFLICT = (
    "mâu thuẫn với báo cáo trước: cùng mã giao dịch mà nội dung khác. Nhận rồi thì cả hai bản không được tính cho "
    "tới khi phân xử."
)
_REPEAT = (
    "có vẻ đã có trong báo cáo trước: cùng lúc, cùng số tiền, cùng khách, chỉ khác là một bên không có mã giao dịch. "
    "Nhận cả hai thì tính hai lần."
)
_PARTIAL = "lấy lại một phần: số tiền khác giao dịch gốc. Máy coi là lấy lại cả giao dịch ấy."
_STRANGER = "lấy lại giao dịch của khách hoặc điểm bán khác; hãy hỏi bên gửi."
_UNKNOWN = "lấy lại một giao dịch không có trong báo cáo nào, nên chưa lấy lại gì."
_MADE = "regexp_full_match({}, 'GD-[0-9a-f]{{20}}')"  # as understanding makes them for files without references


@dataclass(frozen=True, slots=True)
class Doubts:
    """Counts of lines. `notes`: what was mended on the way in and in how many lines, the commonest first."""

    conflict_count: int = 0
    repeat_count: int = 0
    partial_count: int = 0
    stranger_count: int = 0
    unknown_count: int = 0
    notes: tuple[tuple[str, int], ...] = ()

    def sentences(self) -> Iterator[str]:
        """What there is to tell, for a person; nothing where there is nothing."""
        counts = (
            (self.conflict_count, _CONFLICT),
            (self.repeat_count, _REPEAT),
            (self.partial_count, _PARTIAL),
            (self.stranger_count, _STRANGER),
            (self.unknown_count, _UNKNOWN),
        )
        return (f"{count} dòng {sentence}" for count, sentence in counts if count)


def doubts_of(report: Received, others: Sequence[Received]) -> Doubts:
    """What a report makes one doubt, by itself and beside those in use. Raises ReportRefusedError."""
    with duckdb.connect() as engine:
        open_lines(engine, [report, *others])
        rest = " union all ".join(f"select * from lines_{number}" for number in range(1, len(others) + 1))
        nobody = "select * from lines_0 where false"
        engine.execute("create view mine as select * from lines_0 where fault is null")
        engine.execute(f"create view theirs as select * from ({rest or nobody}) where fault is null")
        conflicts = _one(engine, conflicts_sql()) if others else 0
        return Doubts(conflicts, _repeats(engine) if others else 0, *_reversals(engine), _notes(engine))


def _repeats(engine: duckdb.DuckDBPyConnection) -> int:
    """Payments of this report that another holds under a reference where one of the two had none of its own.

    Compared by the minute: one of the files may have no seconds.
    """
    return _one(
        engine,
        f"""select count(distinct mine.line) from mine join theirs
            on mine.amount_vnd = theirs.amount_vnd and mine.customer = theirs.customer
                and mine.local_us // 60000000 = theirs.local_us // 60000000 and mine.reference <> theirs.reference
            where ({_MADE.format("mine.reference")} or {_MADE.format("theirs.reference")})
                and (mine.merchant = theirs.merchant or mine.merchant = '' or theirs.merchant = '')
                and mine.reverses = '' and theirs.reverses = ''""",
    )


def _reversals(engine: duckdb.DuckDBPyConnection) -> tuple[int, int, int]:
    """Lines that take back a part, something of somebody else, and nothing that is known."""
    found = engine.execute(
        """with payments as (select reference, min(amount_vnd) as least, max(amount_vnd) as most,
                    min(customer) as customer, min(merchant) as merchant
                from (from mine union all by name from theirs)
                where reference in (select reverses from mine where reverses <> '') group by reference)
            select count(*) filter (mine.amount_vnd not in (least, most)),
                count(*) filter (mine.customer <> payments.customer
                    or (mine.merchant <> payments.merchant and mine.merchant <> '' and payments.merchant <> '')),
                count(*) filter (payments.reference is null)
            from mine left join payments on payments.reference = mine.reverses where mine.reverses <> ''"""
    ).fetchone()
    assert found is not None
    return found[0], found[1], found[2]


def _notes(engine: duckdb.DuckDBPyConnection) -> tuple[tuple[str, int], ...]:
    rows = engine.execute(
        """select unnest(string_split(note, '; ')) as said, count(*) as lines from mine where note <> ''
            group by said order by lines desc, said limit ?""",
        [NOTES_MAX],
    ).fetchall()
    return tuple((said, lines) for said, lines in rows)


def _one(engine: duckdb.DuckDBPyConnection, query: str) -> int:
    found = engine.execute(query).fetchone()
    assert found is not None
    return int(found[0])

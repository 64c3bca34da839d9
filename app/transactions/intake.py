"""Reports in, facts out: DuckDB tables of the accepted lines in their order, and of the refused ones with reasons."""

import itertools
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from app.transactions.line_sql import Wording, literal, parsed_sql, shown_at_sql
from app.transactions.report_files import (
    ReportRefusedError,
    Shape,
    TextLine,
    is_workbook,
    lines_of,
    shape_of,
)
from app.transactions.rules import COLUMNS, FAILED, REVERSED, Reversal, reversals_in_force

CONFLICT = "xung đột (conflict): cùng mã giao dịch mà nội dung khác nhau, mọi bản đều bị từ chối; hãy hỏi bên gửi"
_OTHER_HOLDS = "xung đột (conflict) đã phân xử: một bản khác của giao dịch này được giữ"
_NONE_HOLDS = "xung đột (conflict) đã phân xử: không bản nào của giao dịch này được giữ"
_MAX_LINE_BYTES = 131_072  # longer ones are read exactly, where a cell of that length refuses the file
_BUFFER_BYTES = 256_000_000  # one piece for most files: a reader of several waits for each
_BATCH = 20_000
_NO_NULL = f"\x1f{secrets.token_hex(16)}"  # no cell holds it: an empty cell is empty text, never null
#: The accepted lines that are no reversals, in their order. Who decides may lay columns beside them.
LINES = "lines_in_order"
#: SQL of what is derived from LINES; day and month are numbers of Vietnam's calendar.
DERIVED = f"""rowid as pos, {shown_at_sql("local_us")} as paid_at, local_us // 86400000000 as day,
    (year(make_timestamp(local_us)) * 12 + month(make_timestamp(local_us)) - 1)::bigint as month,
    status = {REVERSED} or taken_back_by is not null as is_reversed"""
#: SQL of the columns of `facts` over LINES.
FACTS = f"""{DERIVED}, reference, kind, amount_vnd, customer, merchant, source, channel, own_number, status,
    taken_back_by"""
#: What two copies of one line share.
_CONTENT = (
    "(local_us, kind, amount_vnd, customer, merchant, source, channel, other_words, beneficiary, status, reverses)"
)

#: SQL: the same as text that stays the same from one day to the next.
CONTENT_KEY = (
    "sha256(concat_ws(chr(31), local_us, kind, amount_vnd, customer, merchant, coalesce(source, 0), "
    "coalesce(channel, 0), coalesce(other_words, ''), beneficiary, status, reverses))"
)


@dataclass(frozen=True, slots=True)
class Copy:
    """One line that contradicts another of the same reference. `file`: its report's place in the list asked about."""

    reference: str
    file: int
    line: int
    content: str
    paid_at: str
    kind: int
    amount_vnd: int
    customer: str
    merchant: str
    status: int
    reverses: str


@dataclass(frozen=True, slots=True)
class Intake:
    """What came of the report files. Tables beside it: `facts`, `refused_lines`, `reversals`."""

    files: tuple[str, ...]
    line_count: int
    duplicate_count: int
    refused_count: int
    reversal_count: int


@dataclass(frozen=True, slots=True)
class ReadLines:
    """The lines that a profile makes of a file, and how refusals speak of it; None: in the canonical names."""

    lines: Iterable[TextLine]
    wording: Wording | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """One report as it is to be read: its facts where they are kept, the lines that a provider's profile makes of it,
    or else the canonical file itself.
    """

    name: str
    path: Path
    lines: Callable[[], ReadLines] | None = None
    facts: Callable[[], Path] | None = None
    settled: Mapping[str, str] = field(default_factory=dict)
    """Reference -> content (`CONTENT_KEY`) of the copy that somebody said holds, "" where none of them does."""


def take_reports(db: duckdb.DuckDBPyConnection, reports: Sequence[Path | Received]) -> Intake:
    """Reads the reports into `facts` (one row per accepted line that is no reversal, `pos` in time order),
    `refused_lines` (file, line, reason) and `reversals` (reference, reverses, in_force).

    Duplicates count once; references with different contents are refused in all copies, but for the one that was
    settled upon. Raises ReportRefusedError when a file cannot be read at all.
    """
    found = [Received(report.name, report) if isinstance(report, Path) else report for report in reports]
    open_lines(db, found)
    _gather(db, len(found))
    duplicates = _settle_repeats(db, {key: value for report in found for key, value in report.settled.items()})
    reversal_count = _settle_reversals(db)
    _arrange(db)
    lines, refused = _counts(db)
    _drop_text(db, len(found))
    return Intake(_labels(found), lines, duplicates, refused, reversal_count)


def conflicts_sql() -> str:
    """SQL: how many lines of the view `mine`, at one among themselves, `theirs` contradict: same reference, other
    content.
    """
    return f"""with one as (select reference, {_CONTENT} as content from mine),
            other as (select reference, {_CONTENT} as content from theirs)
        select count(*) from one where exists (select 1 from other
                where other.reference = one.reference and other.content is distinct from one.content)
            and not exists (select 1 from one as copy
                where copy.reference = one.reference and copy.content is distinct from one.content)"""


def open_lines(db: duckdb.DuckDBPyConnection, reports: Sequence[Received]) -> None:
    """The view `lines_<number>` of each report: its kept facts, or its file read now."""
    for number, report in enumerate(reports):
        if report.facts is None:
            read_lines(db, number, report)
        else:
            kept = literal(_no_pattern(report.facts()))
            db.execute(f"create view lines_{number} as select {number} as file, * from read_parquet({kept})")


def read_lines(db: duckdb.DuckDBPyConnection, number: int, report: Received) -> None:
    """Reads one report's file strictly into the view `lines_<number>`: each line's typed values, or its fault.

    Raises ReportRefusedError for the whole file.
    """
    if report.lines is None:
        _load(db, number, report.path, report.name)
    else:
        _insert_lines(db, number, report.lines())


def _labels(reports: Sequence[Received]) -> tuple[str, ...]:
    """What refusals call each file: its name; of several with one name the path as given, or (of files kept under their
    hash, whose paths tell nobody anything) which of them it is.
    """
    names = [report.name for report in reports]
    return tuple(
        report.name
        if names.count(report.name) == 1
        else str(report.path)
        if report.facts is None
        else f"{report.name} ({names[: at + 1].count(report.name)})"
        for at, report in enumerate(reports)
    )


def _load(db: duckdb.DuckDBPyConnection, number: int, path: Path, name: str) -> None:
    if path.is_dir():
        raise ReportRefusedError(f"{path} là thư mục, cần một tệp.", remedy="Hãy ghi cả tên tệp.")
    if not path.is_file():
        raise ReportRefusedError(f"Không thấy tệp {path}.", remedy="Hãy kiểm tra đường dẫn.")
    shape = None if is_workbook(path) else shape_of(path, name)
    if shape is not None and shape.is_simple and _load_simple(db, number, path, shape):
        return
    _load_exact(db, number, path, name)


def _load_simple(db: duckdb.DuckDBPyConnection, number: int, path: Path, shape: Shape) -> bool:
    """Reads the file as it is; False (and nothing kept) unless every line of text proved to be one row."""
    cells = {name: f"c{shape.columns.index(name)}" for name in COLUMNS if name in shape.columns}
    columns = dict.fromkeys(COLUMNS, "''") | cells | {"row_fault": "''", "row_note": "''", "row_place": "''"}
    source = _read_csv(path, [f"c{at}" for at in range(len(shape.columns))])
    try:
        db.execute(f"create or replace table report_{number} as {parsed_sql(source, columns)}")
    except duckdb.Error:
        return False
    found = db.execute(f"select count(*) from report_{number}").fetchone()
    if found is None or found[0] != shape.line_count - 1:
        return False
    db.execute(f"create view lines_{number} as select {number} as file, rowid + 2 as line, * from report_{number}")
    return True


def _load_exact(db: duckdb.DuckDBPyConnection, number: int, path: Path, name: str = "") -> None:
    _insert_lines(db, number, ReadLines(lines_of(path, name)))


def _insert_lines(db: duckdb.DuckDBPyConnection, number: int, found: ReadLines) -> None:
    names = ["line_text", *(f"{name}_text" for name in COLUMNS), "row_fault_text", "row_note_text", "row_place_text"]
    db.execute(f"create or replace table text_{number} ({', '.join(f'{name} varchar' for name in names)})")
    rows = ((str(line.line), *line.cells, line.fault, line.note, line.place) for line in found.lines)
    insert = f"insert into text_{number} select {', '.join(['unnest(?)'] * len(names))}"
    while batch := list(itertools.islice(rows, _BATCH)):
        db.execute(insert, [list(column) for column in zip(*batch, strict=True)])
    columns = {name: f"{name}_text" for name in (*COLUMNS, "row_fault", "row_note", "row_place")}
    parsed = parsed_sql(f"text_{number}", columns, "line_text::bigint as line,", found.wording)
    db.execute(f"create or replace table report_{number} as {parsed}")
    db.execute(f"drop table text_{number}")
    db.execute(f"create view lines_{number} as select {number} as file, * from report_{number}")


def _read_csv(path: Path, names: list[str]) -> str:
    columns = ", ".join(f"{literal(name)}: 'varchar'" for name in names)
    return (
        f"read_csv({literal(_no_pattern(path))}, all_varchar=true, auto_detect=false, header=true, "
        f"delim=',', quote='\"', escape='\"', nullstr={literal(_NO_NULL)}, max_line_size={_MAX_LINE_BYTES}, "
        f"buffer_size={_BUFFER_BYTES}, columns={{{columns}}})"
    )


def _no_pattern(path: Path) -> str:
    """The path with glob characters escaped, so that `report[1].csv` is one file."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path))


def _gather(db: duckdb.DuckDBPyConnection, file_count: int) -> None:
    parts = " union all ".join(f"select * from lines_{number}" for number in range(file_count))
    db.execute(f"create view lines as {parts}")
    db.execute("create table refused_lines as select file, line, fault as reason from lines where fault is not null")
    db.execute("create table dropped (file integer, line bigint)")


def _settle_repeats(db: duckdb.DuckDBPyConnection, settled: Mapping[str, str]) -> int:
    """Puts extra copies and conflicts into `dropped`, conflicts also into `refused_lines`; counts the copies."""
    db.execute(
        """create temp table twice as select hash(reference) as mark from lines where fault is null
            group by all having count(*) > 1"""
    )
    if not _pair(db, "select count(*), 0 from twice")[0]:
        return 0
    source, holds = "(select *, null as chosen from lines)", "false"
    if settled:
        db.execute("create temp table settlements (reference varchar, chosen varchar)")
        db.execute("insert into settlements select unnest(?), unnest(?)", [list(settled), list(settled.values())])
        source, holds = (
            "(from lines left join settlements using (reference))",
            f"coalesce({CONTENT_KEY} = chosen, false)",
        )
    db.execute(
        f"""create temp table repeated as select file, line, reference, {_CONTENT} as content, chosen,
                {holds} as holds
            from {source}
            where fault is null and hash(reference) in (select mark from twice)"""
    )
    db.execute(
        """create temp table verdicts as select reference, count(distinct content) > 1 as conflicts,
                bool_or(holds) as is_settled,
                coalesce(min((file, line)) filter (where holds), min((file, line))) as first_copy
            from repeated group by reference having count(*) > 1"""
    )
    db.execute(
        f"""insert into refused_lines select file, line, 'giao dịch “' || reference || case
                when is_settled then {literal(f"”: {_OTHER_HOLDS}")}
                when chosen = '' then {literal(f"”: {_NONE_HOLDS}")}
                else {literal(f"”: {CONFLICT}")} end
            from repeated join verdicts using (reference) where conflicts and not (is_settled and holds)"""
    )
    db.execute(
        """insert into dropped select file, line from repeated join verdicts using (reference)
            where (conflicts and not is_settled) or (file, line) <> first_copy"""
    )
    copies, _ = _pair(
        db,
        """select count(*) filter ((not conflicts or (is_settled and holds)) and (file, line) <> first_copy), 0
            from repeated join verdicts using (reference)""",
    )
    return copies


def lines_in_conflict(db: duckdb.DuckDBPyConnection, reports: Sequence[Received]) -> list[Copy]:
    """Every copy of every reference that has different contents, by reference; settled ones too."""
    if not reports:
        return []
    open_lines(db, reports)
    every = " union all ".join(f"select * from lines_{number}" for number in range(len(reports)))
    rows = db.execute(
        f"""with sound as (from ({every}) where fault is null),
            torn as (select reference from sound group by reference
                having count(*) > 1 and count(distinct {_CONTENT}) > 1)
            select reference, file, line, {CONTENT_KEY}, {shown_at_sql("local_us")}, kind, amount_vnd, customer,
                merchant, status, reverses
            from sound semi join torn using (reference) order by reference, file, line"""
    ).fetchall()
    return [Copy(*row) for row in rows]


def _settle_reversals(db: duckdb.DuckDBPyConnection) -> int:
    """Fills `reversals` and `taken_back` (reference, by) and counts the lines that are reversals."""
    db.execute("create view accepted as select * from lines where fault is null")
    if _pair(db, "select count(*), 0 from dropped")[0]:
        db.execute(
            """create or replace view accepted as select * from lines anti join dropped using (file, line)
                where fault is null"""
        )
    db.execute("create table taken_back (reference varchar, taken_back_by varchar)")
    db.execute("create table reversals (reference varchar, reverses varchar, in_force boolean)")
    db.execute("create temp table taking as select reference, reverses, status from accepted where reverses <> ''")
    found = db.execute("select reference, reverses, status from taking").fetchall()
    if not found:
        return 0
    lines = [Reversal(reference, reverses, status == FAILED) for reference, reverses, status in found]
    taken_back = reversals_in_force(lines)
    db.execute("insert into taken_back select unnest(?), unnest(?)", [list(taken_back), list(taken_back.values())])
    db.execute(
        f"""insert into reversals
            with known as (select reference from accepted where reference in (select reverses from taking))
            select taking.reference, reverses, status <> {FAILED} and t.reference is null
                and reverses in (select reference from known)
            from taking left join taken_back t on t.reference = taking.reference"""
    )
    return len(found)


def _arrange(db: duckdb.DuckDBPyConnection) -> None:
    """`lines_in_order`: accepted lines by time and reference; `facts`: the same with what is derived, `pos` from 0."""
    db.execute(
        f"""create table {LINES} as
            select reference, local_us, kind, amount_vnd, customer, merchant, source, channel,
                beneficiary = customer as own_number, status, null::varchar as taken_back_by
            from accepted where reverses = '' order by local_us, reference"""
    )
    # few lines are taken back: to mark them afterwards takes a tenth of what it takes to join them to all
    db.execute(
        f"""update {LINES} set taken_back_by = taken_back.taken_back_by
            from taken_back where taken_back.reference = {LINES}.reference"""
    )
    db.execute(f"create view facts as select {FACTS} from {LINES}")


def _drop_text(db: duckdb.DuckDBPyConnection, file_count: int) -> None:
    """Frees what was only needed to get here."""
    db.execute("drop view accepted; drop view lines")
    for number in range(file_count):
        db.execute(f"drop view lines_{number}; drop table if exists report_{number}")


def _counts(db: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    return _pair(db, "select (select count(*) from lines), (select count(*) from refused_lines)")


def _pair(db: duckdb.DuckDBPyConnection, query: str) -> tuple[int, int]:
    row = db.execute(query).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])

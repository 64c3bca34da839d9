"""Report files: the fast way and the exact way read the same lines with the same numbers; odd files are told apart."""

import csv
import io
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from app.transactions import intake, report_files
from app.transactions.intake import take_reports
from app.transactions.report_files import ReportRefusedError, shape_of
from app.transactions.rules import COLUMNS

HEADING = ",".join(COLUMNS)
GOOD = "T{},2023-08-01T09:30:00,qr_payment,20000,0901,M1,bank,app,,success,"


def written(folder: Path, text: str | bytes, name: str = "r.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def lines_by(load: Any, path: Path) -> list[tuple[Any, ...]]:
    with duckdb.connect() as db:
        load(db, path)
        return db.execute("select * from lines_0 order by line").fetchall()


def simply(db: duckdb.DuckDBPyConnection, path: Path) -> None:
    shape = shape_of(path)
    if not (shape.is_simple and intake._load_simple(db, 0, path, shape)):
        intake._load_exact(db, 0, path)


def exactly(db: duckdb.DuckDBPyConnection, path: Path) -> None:
    intake._load_exact(db, 0, path)


CELLS = st.one_of(
    st.sampled_from(
        ["T1", "2023-08-01T09:30:00", "qr_payment", "20000", "success", "", '"', 'a"b', '""', "a\nb", "a\r\nb"]
    ),
    st.sampled_from(
        ['"x"', 'a"', '"x"y', ' "x"', '"x" ', "x,y", "\r", "\n", "é", "\u2028", "\x85", "NULL", "\\N", "#x", "'"]
    ),
)


@settings(max_examples=80)
@given(
    rows=st.lists(st.lists(CELLS, min_size=9, max_size=12), max_size=5),
    is_quoted=st.booleans(),
    end=st.sampled_from(["\n", "\r\n"]),
    tail=st.sampled_from(["", "\n", "\n\n", "\r\n"]),
)
def test_the_fast_way_reads_what_the_exact_way_reads(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], is_quoted: bool, end: str, tail: str
) -> None:
    text = io.StringIO(newline="")
    if is_quoted:
        csv.writer(text, lineterminator=end).writerows(rows)
    else:
        text.write(end.join(",".join(row) for row in rows))
    path = written(tmp_path_factory.mktemp("r"), HEADING + end + text.getvalue() + tail)
    try:
        exact = lines_by(exactly, path)
    except ReportRefusedError:
        with pytest.raises(ReportRefusedError):
            lines_by(simply, path)
        return
    assert lines_by(simply, path) == exact


@settings(max_examples=150)
@given(
    rows=st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=5),
    chunk=st.integers(1, 40),
    is_open=st.booleans(),
)
def test_a_row_that_is_no_line_is_seen_wherever_the_file_is_cut(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], chunk: int, is_open: bool
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    body = text.getvalue() + ('"open,\n' if is_open else "")
    path = written(tmp_path_factory.mktemp("r"), f"{HEADING}\n{body}")
    with pytest.MonkeyPatch.context() as cut:
        cut.setattr(report_files, "_CHUNK_BYTES", len(HEADING) + chunk)
        shape = shape_of(path)
    if is_open or any("\n" in cell for row in rows for cell in row):
        assert not shape.is_simple


def test_a_quote_that_never_closes_is_not_given_to_the_fast_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, f'{HEADING}\nT1,"' + ("x" * 80 + "\n") * 3000)
    monkeypatch.setattr(intake, "_load_simple", lambda *_: pytest.fail("it would hold the whole file"))
    with duckdb.connect() as db, pytest.raises(ReportRefusedError, match="mở mà không đóng"):
        take_reports(db, (path,))


def refusals(folder: Path, text: str | bytes) -> list[tuple[int, str]]:
    with duckdb.connect() as db:
        take_reports(db, (written(folder, text),))
        return db.execute("select line, reason from refused_lines order by line").fetchall()


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    rows = [HEADING + ",note", GOOD.format(1) + ',"two\nlines"', "", GOOD.format(2).replace("20000", "20.000") + ",x"]
    assert [line for line, _ in refusals(tmp_path, "\n".join(rows))] == [5]


def test_a_refusal_names_every_column_at_fault(tmp_path: Path) -> None:
    [(line, reason)] = refusals(tmp_path, f"{HEADING}\nT1,2023-09-31T10:00:00,qr,20.000,,,,,,ok,\n")
    assert line == 2
    for word in ("T1", "paid_at", "kind", "amount_vnd", "customer", "status"):
        assert word in reason


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", "trống"),
        (b"%PDF-1.7 ...", "không phải CSV"),
        (HEADING.encode("utf-16"), "không phải CSV"),
        (f"{HEADING}\n{GOOD.format('ế')}\n".encode("cp1258", "replace") + b"\xff\xfe\xfa", "UTF-8"),
        (b"reference;paid_at\n1;2\n", "thiếu cột"),
        (f"{HEADING},customer\n".encode(), "hai lần"),
        (f'{HEADING}\n"T1,{GOOD}\n'.encode(), "ngoặc kép"),
        (f"{HEADING}\n".encode() + b"\0\0", "NUL"),
    ],
)
def test_a_file_refused_whole_gets_at_most_three_lines(tmp_path: Path, text: bytes, told: str) -> None:
    with duckdb.connect() as db, pytest.raises(ReportRefusedError, match=told) as caught:
        take_reports(db, (written(tmp_path, text),))
    assert len(str(caught.value).splitlines()) <= 3
    assert "r.csv" in str(caught.value)


def facts_of(path: Path) -> list[tuple[Any, ...]]:
    with duckdb.connect() as db:
        take_reports(db, (path,))
        return db.execute("select reference, paid_at, amount_vnd, customer from facts").fetchall()


def test_byte_order_mark_any_column_order_and_extra_columns_are_read(tmp_path: Path) -> None:
    columns = ["note", *reversed(COLUMNS)]
    row = dict(zip(COLUMNS, GOOD.format("ạ").split(","), strict=True)) | {"note": "x"}
    text = "\ufeff" + ",".join(columns) + "\r\n" + ",".join(row[name] for name in columns) + "\r\n"
    assert facts_of(written(tmp_path, text)) == [("Tạ", "2023-08-01T09:30:00", 20000, "0901")]


def test_a_workbook_with_canonical_names_gives_the_same_facts(tmp_path: Path) -> None:
    path = tmp_path / "r.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, COLUMNS)
        at = datetime(2023, 8, 1, 9, 30, 15)  # noqa: DTZ001 - a sheet has no zones
        cells = ["007", at, "qr_payment", 20000, "0901", 7, "bank", "app", "", "success"]
        when = book.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"})
        for column, cell in enumerate(cells):
            if isinstance(cell, datetime):
                sheet.write_datetime(1, column, cell, when)
            else:
                sheet.write(1, column, cell)
        sheet.write_row(3, 0, ["T2", "2023-08-01T09:30:00", "qr_payment", "20.000", "0901", "", "", "", "", "success"])
    assert facts_of(path) == [("007", "2023-08-01T09:30:15", 20000, "0901")]
    with duckdb.connect() as db:
        take_reports(db, (path,))
        assert [line for (line,) in db.execute("select line from refused_lines").fetchall()] == [4]


def test_a_name_with_glob_letters_is_one_file(tmp_path: Path) -> None:
    for name in ("r[1].csv", "r*.csv", "r?.csv", "r1.csv"):
        written(tmp_path, f"{HEADING}\n{GOOD.format(name[1])}\n", name)
    assert [facts_of(tmp_path / name)[0][0] for name in ("r[1].csv", "r*.csv", "r?.csv")] == ["T[", "T*", "T?"]


def test_times_with_offset_and_fraction_are_vietnams_clock(tmp_path: Path) -> None:
    times = ["2023-07-31T17:00:00Z", "2023-08-01T00:00:00.25", "2023-07-31T12:00:01-0500", "2023-08-01 00:00:02"]
    rows = [GOOD.format(at).replace("2023-08-01T09:30:00", time) for at, time in enumerate(times)]
    found = facts_of(written(tmp_path, "\n".join([HEADING, *rows])))
    assert [row[1] for row in found] == [
        "2023-08-01T00:00:00",
        "2023-08-01T00:00:00.25",
        "2023-08-01T00:00:01",
        "2023-08-01T00:00:02",
    ]


def test_a_conflict_refuses_all_copies_in_all_files_and_a_copy_counts_once(tmp_path: Path) -> None:
    one = written(tmp_path, f"{HEADING}\n{GOOD.format(1)}\n{GOOD.format(2)}\n{GOOD.format(1)}\n", "a.csv")
    two = written(tmp_path, f"{HEADING}\n{GOOD.format(2).replace('M1', 'M2')}\n{GOOD.format(1)}\n", "b.csv")
    with duckdb.connect() as db:
        found = take_reports(db, (one, two))
        refused = db.execute("select file, line, reason from refused_lines order by 1, 2").fetchall()
        kept = db.execute("select reference from facts").fetchall()
    assert (found.line_count, found.duplicate_count, found.refused_count) == (5, 2, 2)
    assert [(file, line) for file, line, _ in refused] == [(0, 3), (1, 2)]
    assert all("conflict" in reason for *_, reason in refused)
    assert kept == [("T1",)]

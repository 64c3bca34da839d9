"""What leaves for people's spreadsheets."""

import doctest
import io
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from app.tables import Sheet, TableError, cells, csv_text, disarm, read_table, rearm, write_csv, write_xlsx, writing
from app.tables.cells import Cell

MOMENT = datetime(2026, 11, 22, 14, 5, 59)  # noqa: DTZ001 - a spreadsheet knows no zone
RUNS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\0=1",
    "  =1",
    ' "=1',
    "'=1",
    "＝1",
    "－1",
    "“=1",
    "\u00a0=1",
]


@pytest.mark.parametrize("module", [cells, writing])
def test_doctests(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


@pytest.mark.parametrize("value", RUNS)
def test_text_that_runs_is_disarmed(value: str) -> None:
    assert disarm(value) == f"'{value}"
    assert csv_text(["a"], [[value]]).split("\n", 1)[1].lstrip('"').startswith("'")


@pytest.mark.parametrize("value", ["", "Bà Bảy", "a=1", "0987654321", "1-2", "'quán'", "3 + 4"])
def test_other_text_is_left_alone(value: str) -> None:
    assert disarm(value) == value


@given(st.text() | st.sampled_from(RUNS))
def test_disarming_can_be_undone_and_leaves_nothing_that_runs(value: str) -> None:
    assert rearm(disarm(value)) == value
    assert not disarm(value).lstrip(' \u00a0"“”').startswith(("=", "+", "-", "@", "\t", "＝", "＋", "－", "＠"))


def test_csv_holds_numbers_as_numbers() -> None:
    rows: list[list[Cell | None]] = [
        [-5, 1.0, None, True],
        [date(2026, 11, 22), MOMENT, time(6, 30), timedelta(hours=1)],
    ]
    assert csv_text(["a", "b", "c", "d"], rows) == (
        "a,b,c,d\n-5,1,,True\n2026-11-22,2026-11-22 14:05:59,06:30:00,1:00:00\n"
    )


def test_csv_for_excel_carries_the_mark(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", ["Họ tên"], [["Đặng"]], bom=True)
    assert (tmp_path / "a.csv").read_bytes() == "\ufeffHọ tên\nĐặng\n".encode()
    stream = io.StringIO(newline="")
    write_csv(stream, ["Họ tên"], [])
    assert stream.getvalue() == "Họ tên\n"


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    def fails() -> object:
        yield ["x"]
        raise RuntimeError

    path = tmp_path / "a.csv"
    path.write_text("before")
    with pytest.raises(RuntimeError):
        write_csv(path, ["a"], fails())  # type: ignore[arg-type]
    with pytest.raises(RuntimeError):
        write_xlsx(path, [Sheet("A", ["a"], fails())])  # type: ignore[arg-type]
    assert path.read_text() == "before"
    assert [file.name for file in tmp_path.iterdir()] == ["a.csv"]


TYPED = st.text("aăâbcdđeêghọộởứửỹĐƯ 0123456789=+-@'\",;|.\u00a0＝日本😀äöüßñç", max_size=20)


@given(st.lists(st.lists(TYPED, min_size=3, max_size=3)))
def test_what_is_written_is_read_back(rows: list[list[str]]) -> None:
    heading = ["Họ tên", "Số điện thoại", "Số tài khoản"]
    table = read_table(csv_text(heading, rows).encode(), name="a.csv")
    wanted = [row for row in rows if any(cell.strip() for cell in row)]
    assert [[rearm(str(cell)) for cell in row.cells] for row in table.rows[1:]] == wanted


def sheet_of(*rows: list[Cell | None], header: tuple[str, ...] = ("a", "b")) -> openpyxl.worksheet.worksheet.Worksheet:
    stream = io.BytesIO()
    write_xlsx(stream, [Sheet("Danh sách", header, rows)])
    return openpyxl.load_workbook(stream)["Danh sách"]


@pytest.mark.parametrize(
    "value", [*[run for run in RUNS if "\0" not in run], "http://example.com", "mailto:a@b.c", "{=1}"]
)
def test_a_workbook_holds_text_as_text(value: str) -> None:
    cell = sheet_of([value], header=("a",))["A2"]
    assert cell.data_type == "s"
    assert cell.hyperlink is None
    assert unescape(cell.value).replace("\r", "\n") == value.replace("\r", "\n")


def test_a_workbook_keeps_the_zero_of_a_phone_and_numbers_as_numbers() -> None:
    page = sheet_of(["0987654321", 20000], [97043668123456789, 1.5], [True, None], [float("nan"), -3])
    found = [[(cell.value, cell.data_type) for cell in row] for row in page.iter_rows(min_row=2)]
    assert found == [
        [("0987654321", "s"), (20000, "n")],
        [("97043668123456789", "s"), (1.5, "n")],
        [(True, "b"), (None, "n")],
        [("nan", "s"), (-3, "n")],
    ]


def test_a_workbook_shows_dates_as_people_write_them() -> None:
    page = sheet_of([date(2026, 11, 22), MOMENT])
    assert (page["A2"].value, page["A2"].number_format) == (datetime(2026, 11, 22), "dd/mm/yyyy")  # noqa: DTZ001
    assert (page["B2"].value, page["B2"].number_format) == (MOMENT, "dd/mm/yyyy hh:mm:ss")


def test_a_workbook_opens_readable() -> None:
    page = sheet_of(["Nguyễn Thị Hòa, quầy bán rau sạch", "x"])
    assert page.freeze_panes == "A2"
    assert page["A1"].font.bold
    assert page.column_dimensions["A"].width > 30


def test_sheet_names_are_made_fit() -> None:
    stream = io.BytesIO()
    names = ["Chợ A/B [1]?", "'x'", "", "x" * 40, "x" * 40, "X" * 40, "history"]
    write_xlsx(stream, [Sheet(name, ["a"], []) for name in names])
    made = openpyxl.load_workbook(stream).sheetnames
    assert made[:3] == ["Chợ A B  1", "x", "Trang"]
    assert len({name.lower() for name in made}) == len(names)
    assert all(len(name) <= 31 for name in made)


def test_the_same_rows_give_the_same_bytes() -> None:
    one, other = io.BytesIO(), io.BytesIO()
    for stream in (one, other):
        write_xlsx(stream, [Sheet("A", ["a"], [["x"], [1]])])
    assert one.getvalue() == other.getvalue()


def test_a_sheet_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(writing, "_SHEET_ROWS_MAX", 3)
    write_xlsx(tmp_path / "a.xlsx", [Sheet("A", ["a"], [["x"]] * 2)])
    with pytest.raises(TableError, match="CSV"):
        write_xlsx(tmp_path / "b.xlsx", [Sheet("A", ["a"], [["x"]] * 3)])
    assert not (tmp_path / "b.xlsx").exists()


def test_a_long_text_is_cut_at_what_a_cell_holds() -> None:
    value = sheet_of(["x" * 40_000], header=("a",))["A2"].value
    assert len(value) == 32_767


@settings(max_examples=50)
@given(
    st.lists(st.lists(st.text(max_size=30) | st.integers(-(10**14), 10**14) | st.booleans(), min_size=2, max_size=2))
)
def test_no_cell_ever_becomes_a_formula(rows: list[list[Cell | None]]) -> None:
    page = sheet_of(*rows)
    assert all(cell.data_type != "f" for row in page.iter_rows() for cell in row)

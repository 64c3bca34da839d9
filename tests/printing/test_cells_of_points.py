"""Points from a workbook as people keep one: an account or stall that a spreadsheet changed never comes on paper."""

from pathlib import Path

import openpyxl
import pytest

from app.mapping.spots import spots_of
from app.printing.notices.payers import Terms as NoticeTerms
from app.printing.notices.payers import payers_of
from app.printing.points import Terms, read_points
from app.tables import Cell, RawRow, Table
from tests.printing.lists import HEADINGS, row

EVERYTHING = Terms(("payload",), payment=True, shows_payee=True, covers=lambda _letter: True)
PLACES = Terms((), payment=False, shows_payee=False, covers=lambda _letter: True)


def workbook(path: Path, *changes: dict[str, Cell], formats: dict[str, str] | None = None) -> Path:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.append(list(HEADINGS))
    for number, change in enumerate(changes, start=1):
        page.append([{**row(number), **change}[heading] for heading in HEADINGS])
        for heading, code in (formats or {}).items():
            page.cell(number + 1, HEADINGS.index(heading) + 1).number_format = code
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"account_number": 11001234567}, "số tài khoản: ô là số"),
        ({"account_number": "1500201234567.0"}, "số tài khoản: viết như số lẻ"),
        ({"account_number": "OO11001234567"}, "có chữ “O”"),
        ({"account_number": 97043668123456789}, "chữ số cuối đã mất"),
        ({"account_number": "#N/A"}, "ô báo lỗi"),
        ({"stall": "2026-02-01"}, "số quầy: “2026-02-01” là ngày tháng"),
        ({"stall": "1-Feb"}, "số quầy: “1-Feb” là ngày tháng"),
        ({"point_code": "=A1"}, "mã điểm: ô là công thức chưa có kết quả"),
        ({"holder_name": "#REF!"}, "tên chủ tài khoản: ô báo lỗi"),
    ],
)
def test_what_may_be_wrong_is_left_out_and_the_rest_goes_on(tmp_path: Path, change: dict[str, Cell], why: str) -> None:
    found = read_points(workbook(tmp_path / "a.xlsx", {}, change, {}), EVERYTHING)
    assert [point.line for point in found.points] == [2, 4]
    assert [refusal.line for refusal in found.refusals] == [3]
    assert why in found.refusals[0].reason


def test_zeros_that_the_format_shows_are_printed_and_told(tmp_path: Path) -> None:
    file = workbook(
        tmp_path / "a.xlsx",
        {"account_number": 11001234567, "stall": 7},
        formats={"account_number": "0000000000000", "stall": "00"},
    )
    (point,) = read_points(file, EVERYTHING).points
    assert "0011001234567" in point.payee.payload
    assert (point.stall, point.payee.account_tail) == ("07", "4567")
    assert any("0011001234567" in warning for warning in point.warnings)


def test_an_account_that_is_not_printed_is_no_reason_to_refuse(tmp_path: Path) -> None:
    assert len(read_points(workbook(tmp_path / "a.xlsx", {"account_number": 11001234567}), PLACES).points) == 1


def table(*rows: tuple[Cell, ...]) -> Table:
    return Table("a.xlsx", "", tuple(RawRow(at, cells) for at, cells in enumerate(rows, start=1)))


def test_a_map_and_notices_read_cells_the_same_way() -> None:
    spots = spots_of(table(("point_code", "lat", "lng"), ("12.0", 20.05, 105.6), ("2026-02-01", 20.05, 105.6)))
    assert [spot.code for spot in spots.spots] == ["12"]
    assert "mã điểm" in spots.refused[0].message
    payers = payers_of(
        table(("Mã học sinh", "Số tiền", "Nội dung"), ('="007"', 5000, "HOC PHI"), ("#N/A", 5000, "HOC PHI")),
        NoticeTerms(lambda _letter: True),
    )
    assert [payer.payer_code for payer in payers.payers] == ["007"]
    assert "ô báo lỗi #N/A" in payers.refusals[0].reason


def test_points_are_found_on_the_sheet_that_has_them_and_the_others_are_named(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(workbook(tmp_path / "a.xlsx", {}))
    book.create_sheet("Hướng dẫn", 0).append(["Điền đủ các cột"])
    book.save(tmp_path / "a.xlsx")
    found = read_points(tmp_path / "a.xlsx", EVERYTHING)
    assert len(found.points) == 1
    assert found.unread == "a.xlsx: đọc trang tính “Sheet”, chưa đọc “Hướng dẫn”."

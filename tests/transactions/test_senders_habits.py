"""Habits of senders: telephones in any writing, clocks, swapped days, negative amounts, totals above, statements."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlsxwriter
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from app.actors import COORDINATOR
from app.db import db
from app.tables import RawRow, Table
from app.transactions.actions import look_at
from app.transactions.cli import report
from app.transactions.doubts import doubts_of
from app.transactions.intake import take_reports
from app.transactions.mapping.rules import first_guess
from app.transactions.models import Report
from app.transactions.moments import moment_text
from app.transactions.profiles import BUILT_IN, SWAPPED_DAYS, TAKES_BACK, Profile
from app.transactions.queries import received_file
from app.transactions.report_files import ReportRefusedError
from app.transactions.rules import COLUMNS
from tests.cashback.test_pages import post
from tests.transactions.test_mapping import sent

VIETNAMESE = BUILT_IN["vietnamese"]
HEADING = ("Mã giao dịch", "Thời gian", "Loại giao dịch", "Số tiền", "SĐT khách hàng", "Điểm bán", "Trạng thái")
REVERSES = (*HEADING, "Mã giao dịch gốc")


def workbook(path: Path, rows: list[tuple[Any, ...]], heading: tuple[str, ...] = HEADING, above: str = "") -> Path:
    """A sender's workbook; days are written as days."""
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy hh:mm:ss"}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([*([(above,)] if above else []), heading, *rows]):
            for at, cell in enumerate(row):
                sheet.write(number, at, cell)
    return path


AT = "05/10/2026 09:00:00"


def line(reference: str, customer: object = "0912345678", at: object = AT, **more: Any) -> tuple[Any, ...]:
    amount, merchant = more.get("amount", "50.000"), more.get("merchant", "HK-1")
    return (reference, at, "Thanh toán QR", amount, customer, merchant, more.get("status", "Thành công"))


def taken(path: Path, profile: Profile = VIETNAMESE) -> list[tuple[Any, ...]]:
    with duckdb.connect() as engine:
        take_reports(engine, [received_file(path, path.name, profile)])
        rows = "select reference, paid_at, amount_vnd, customer, is_reversed from facts order by pos"
        return engine.execute(rows).fetchall()


def refusals(path: Path, profile: Profile = VIETNAMESE) -> list[str]:
    with duckdb.connect() as engine:
        take_reports(engine, [received_file(path, path.name, profile)])
        return [row[0] for row in engine.execute("select reason from refused_lines order by line").fetchall()]


@pytest.mark.parametrize("name", ["vietnamese", "vietnamese-qr"])
def test_one_customer_is_one_however_the_number_is_written(tmp_path: Path, name: str) -> None:
    """findings/lists.md F18, walk.md 1: three writings were three people, each with caps of their own."""
    writings = (912345678, 912345678.0, "0912345678", "84912345678", "+84 912 345 678", "0912.345.678", "912345678")
    path = workbook(tmp_path / "b.xlsx", [line(f"GD{at}", each) for at, each in enumerate(writings)])
    found = look_at(received_file(path, path.name, BUILT_IN[name]), [])
    assert {row[3] for row in taken(path, BUILT_IN[name])} == {"0912345678"}
    assert found.doubts.notes == (("cột “SĐT khách hàng”: Đã thêm số 0 ở đầu (bảng tính làm mất).", 3),)


def test_codes_that_are_no_telephones_stay_as_they_are(tmp_path: Path) -> None:
    codes = ["KH-007", "007", "S12345678", "100000001"]
    path = workbook(tmp_path / "b.xlsx", [line(f"GD{at}", each) for at, each in enumerate(codes)])
    assert [row[3] for row in taken(path)] == codes


def test_a_party_that_is_lost_refuses_its_line(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "b.xlsx", [line("GD1", date(2026, 2, 1)), line("GD2", "O91234567B"), line("GD3", 9.1234567890123e17)]
    )
    told = refusals(path)
    assert len(told) == 3
    assert "ngày 01/02/2026" in told[0]
    assert "có chữ cái giữa các chữ số" in told[1]
    assert all("“SĐT khách hàng”" in each for each in told)


@pytest.mark.parametrize(
    ("written", "dates", "right"),
    [
        ("05/10/2026 1:15:00 CH", "dmy", "2026-10-05T13:15:00"),
        ("05/10/2026 12:15:00 SA", "dmy", "2026-10-05T00:15:00"),
        ("05/10/2026 12:15:00 CH", "dmy", "2026-10-05T12:15:00"),
        ("05/10/2026 01:15:00 PM", "dmy", "2026-10-05T13:15:00"),
        ("1:15:00 p.m. 05/10/2026", "dmy", "2026-10-05T13:15:00"),
        ("05/10/2026 9:15:00 sáng", "dmy", "2026-10-05T09:15:00"),
        ("05/10/2026 13:15:00 SA", "dmy", ""),
        ("2026/10/05 09:00:00", "dmy", "2026-10-05T09:00:00"),
        ("2026.10.5 09:00:00", "mdy", "2026-10-05T09:00:00"),
        ("2026-10-05 09:00:00+07:00", "dmy", "2026-10-05T09:00:00+07:00"),
        ("05/10/26 09:00:00", "dmy", ""),
        ("05/10/26 09:00:00", "dmy2", "2026-10-05T09:00:00"),
        ("05/10/2026 09:00:00", "dmy2", "2026-10-05T09:00:00"),
        ("10/05/26 09:00:00", "mdy2", "2026-10-05T09:00:00"),
        ("26/10/05 09:00:00", "ymd2", "2026-10-05T09:00:00"),
        ("10/05/2026 09:00:00", "mdy", "2026-10-05T09:00:00"),
        ("13/10/2026 09:00:00", "mdy", ""),
        ("5-Oct-2026 09:00:00", "dmy", "2026-10-05T09:00:00"),
        ("Oct 5, 2026 9:00:00 AM", "dmy", "2026-10-05T09:00:00"),
        ("05 tháng 10 năm 2026 09:00:00", "dmy", "2026-10-05T09:00:00"),
        ("05 thg 10, 2026 09:00:00", "dmy", "2026-10-05T09:00:00"),
        ("05-Oct-26 09:00:00", "dmy", ""),
        ("05-Oct-26 09:00:00", "dmy2", "2026-10-05T09:00:00"),
        ("31/11/2026 10:00:00", "dmy", ""),
        ("05/10/2026 24:00:00", "dmy", ""),
    ],
)
def test_a_time_is_read_where_it_can_be_read_one_way(written: str, dates: str, right: str) -> None:
    assert moment_text(written, "", replace(VIETNAMESE, dates=dates)) == (right or written)


def swapped(path: Path) -> Path:
    """1, 2, 13 and 14 October after a visit to a spreadsheet set to month first."""
    days = [datetime(2026, 1, 10, 9), datetime(2026, 2, 10, 9), "13/10/2026 09:00:00", "14/10/2026 09:00:00"]  # noqa: DTZ001
    return workbook(path, [line(f"GD{at}", at=each) for at, each in enumerate(days)])


def test_days_that_a_spreadsheet_may_have_swapped_stop_the_file_until_somebody_says(tmp_path: Path) -> None:
    """findings/lists.md F20."""
    path = swapped(tmp_path / "b.xlsx")
    with pytest.raises(ReportRefusedError, match=r"dòng 2: 10/01/2026.*dòng 4: “13/10/2026 09:00:00”"):
        taken(path)
    days = [row[1][:10] for row in taken(path, replace(VIETNAMESE, mixed=SWAPPED_DAYS))]
    assert days == ["2026-10-01", "2026-10-02", "2026-10-13", "2026-10-14"]
    assert taken(path, replace(VIETNAMESE, mixed="as_shown"))[0][1].startswith("2026-01-10")


def test_the_page_stops_mixed_days_and_the_mapping_asks(as_role: Callable[..., FlaskClient], tmp_path: Path) -> None:
    browser = as_role(COORDINATOR)
    waits = sent(browser, swapped(tmp_path / "b.xlsx").read_bytes())
    page = browser.get(waits).text
    assert "đảo ngày và tháng" in page
    assert "/columns" in page
    assert "Ô ngày thật bị đảo ngày và tháng: đổi lại" in browser.get(f"{waits}/columns").text


def test_real_days_beside_text_with_its_year_first_are_no_mixture(tmp_path: Path) -> None:
    rows = [line("GD1", at=datetime(2026, 10, 5, 9)), line("GD2", at="2026-10-13 09:00:00")]  # noqa: DTZ001
    assert [row[1][:10] for row in taken(workbook(tmp_path / "b.xlsx", rows))] == ["2026-10-05", "2026-10-13"]


@pytest.mark.parametrize("negative", ["-50.000", "(50.000)", "50.000-", "−50.000", -50000])
def test_a_negative_amount_takes_back_where_the_profile_says_so(tmp_path: Path, negative: object) -> None:
    """findings/lists.md F53."""
    rows = [line("GD1"), line("GD1", at="06/10/2026 09:00:00", amount=negative, status="Hoàn tiền"), line("GD2")]
    path = workbook(tmp_path / "b.xlsx", rows)
    told = refusals(path)
    assert len(told) == 1
    assert "số âm" in told[0]
    back = replace(VIETNAMESE, negative=TAKES_BACK)
    assert refusals(path, back) == []
    assert [(row[0], row[4]) for row in taken(path, back)] == [("GD1", True), ("GD2", False)]


def test_reversals_that_say_something_odd_are_told(tmp_path: Path) -> None:
    """findings/lists.md F56: a refund of a part takes the whole reward back; at least somebody is told."""
    rows = [
        (*line("GD1", amount="500.000"), ""),
        (*line("GD2"), ""),
        (*line("R1", amount="50.000"), "GD1"),
        (*line("R2", "0987654321"), "GD2"),
        (*line("R3"), "GD-DAU"),
    ]
    path = workbook(tmp_path / "b.xlsx", rows, REVERSES)
    found = doubts_of(received_file(path, path.name, VIETNAMESE), [])
    assert (found.partial_count, found.stranger_count, found.unknown_count) == (1, 1, 1)
    assert len(list(found.sentences())) == 3


def test_the_same_payments_with_and_without_codes_are_told_as_likely_repetitions(tmp_path: Path) -> None:
    """findings/lists.md F55."""
    coded = workbook(tmp_path / "thang.xlsx", [line("GD1"), line("GD2", at="05/10/2026 10:00:00"), line("GD3", "KH-9")])
    rows = [line("", at="05/10/2026 09:00:00")[1:], line("", "KH-8")[1:]]
    without = workbook(tmp_path / "tuan.xlsx", rows, HEADING[1:])
    made = replace(VIETNAMESE, name="thu", references="made", is_exact=True, headings={
        column: (name,) for column, name in zip(
            ("paid_at", "kind", "amount_vnd", "customer", "merchant", "status"), HEADING[1:], strict=True)
    })  # fmt: skip
    month, week = (received_file(path, path.name, one) for path, one in ((coded, VIETNAMESE), (without, made)))
    assert doubts_of(week, [month]).repeat_count == 1
    assert doubts_of(month, [week]).repeat_count == 1
    assert doubts_of(month, []).repeat_count == 0


@pytest.mark.parametrize(
    ("above", "is_right"),
    [
        ("Tổng số giao dịch: 3", False),
        ("Tổng số giao dịch: 1", True),
        ("Tổng số tiền: 150.000", False),
        ("Tổng số tiền (VND): 50.000 đ", True),
        ("Tổng số giao dịch: 1   Tổng tiền: 60.000", False),
        ("Từ ngày 01/10/2026 đến ngày 31/10/2026", True),
        ("Tổng công ty 36 – báo cáo giao dịch", True),
    ],
)
def test_totals_above_the_heading_are_control_totals(tmp_path: Path, above: str, is_right: bool) -> None:
    """findings/lists.md F61."""
    path = workbook(tmp_path / "b.xlsx", [line("GD1")], above=above)
    if is_right:
        assert len(taken(path)) == 1
    else:
        with pytest.raises(ReportRefusedError, match="dòng 1"):
            taken(path)


def test_a_statement_proposes_the_money_that_came_in() -> None:
    """findings/lists.md F63."""
    heading = ("Ngày giao dịch", "Số tham chiếu", "Số tiền ghi nợ", "Số tiền ghi có", "Nội dung")
    row = ("05/10/2026 09:00:00", "FT1", "", "50.000", "QR")
    found = first_guess(Table("s.csv", "", (RawRow(1, heading), RawRow(2, row))))
    assert found is not None
    assert found.columns["amount_vnd"] == 3


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("05/10/26 09:00:00", "dmy2"),
        ("10/25/26 09:00:00", "mdy2"),
        ("10/25/2026 09:00:00", "mdy"),
        ("5-Oct-26", "dmy2"),
    ],
)
def test_the_mapping_proposes_how_days_are_written(written: str, right: str) -> None:
    rows = (RawRow(1, ("Thời gian", "Số tiền", "Khách hàng")), RawRow(2, (written, "50.000", "0912345678")))
    found = first_guess(Table("s.csv", "", rows))
    assert found is not None
    assert found.dates == right


def test_refusals_speak_of_the_file_and_not_of_the_program(tmp_path: Path) -> None:
    """findings/walk.md 27."""
    path = workbook(tmp_path / "b.xlsx", [line("GD1", at="31/11/2026 10:00:00", amount="hai chục", status="Lạ")])
    [told] = refusals(path)
    assert "cột “Thời gian” “31/11/2026 10:00:00” không đúng: viết như 22/11/2026 10:05:00" in told
    assert not any(word in told for word in ("paid_at", "amount_vnd", "status", "success", "2023-08"))


def test_the_command_tells_what_was_mended_and_what_is_odd(app: Flask, tmp_path: Path) -> None:
    path = workbook(tmp_path / "b.xlsx", [(*line("GD1", 912345678), ""), (*line("R1"), "KHONG-CO")], REVERSES)
    answer = CliRunner().invoke(report, [str(path), "--profile", "vietnamese", "--dry-run"])
    assert "Đã thêm số 0 ở đầu (bảng tính làm mất). (1 dòng)" in answer.stderr
    assert "1 dòng lấy lại một giao dịch không có trong báo cáo nào" in answer.stderr


def test_the_page_tells_them_too(as_role: Callable[..., FlaskClient], tmp_path: Path) -> None:
    path = workbook(tmp_path / "b.xlsx", [line("GD1", 912345678), line("GD2")])
    browser = as_role(COORDINATOR)
    page = browser.get(sent(browser, BytesIO(path.read_bytes()).read())).text
    assert "Máy đã sửa khi đọc" in page
    assert "Đã thêm số 0 ở đầu" in page


def several_sheets(path: Path, heading: tuple[str, ...] = HEADING, rows: Callable[..., Any] = line) -> Path:
    """A sheet of instructions, a sheet per day, and one of another shape."""
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Hướng dẫn").write(0, 0, "Báo cáo hằng ngày của đơn vị thanh toán")
        for day in ("01.10", "02.10"):
            sheet = book.add_worksheet(day)
            sheet.write_row(0, 0, heading)
            sheet.write_row(1, 0, rows(f"GD{day}"))
            sheet.write_row(2, 0, rows(f"GD{day}b", at="hôm nào"))
        book.add_worksheet("Tổng hợp").write_row(0, 0, ["Điểm bán", "Số giao dịch"])
    return path


def test_the_sheet_with_the_headings_is_read_and_the_others_are_named(app: Flask, tmp_path: Path) -> None:
    """findings/lists.md F15, F16: only the first sheet was looked at, and nothing said so."""
    path = several_sheets(tmp_path / "b.xlsx")
    options = ["--profile", "vietnamese", "--dry-run"]
    first = CliRunner().invoke(report, [str(path), *options])
    assert "2 dòng" in first.stdout
    assert "đọc trang tính “01.10”; không đọc “02.10”, “Hướng dẫn”, “Tổng hợp”" in first.stderr
    named = CliRunner().invoke(report, [str(path), "--sheet", "02.10", *options])
    assert "GD02.10b" in named.stderr
    every = CliRunner().invoke(report, [str(path), "--sheet", "*", *options])
    assert "4 dòng" in every.stdout
    assert "trang 02.10, dòng 3" in every.stderr, "a line is named as a person counts, with its sheet"
    strange = CliRunner().invoke(report, [str(path), "--sheet", "03.10", *options])
    assert "không có trang tính “03.10”" in str(strange.exception)


def test_the_sheets_of_one_shape_are_one_report_on_the_page(
    as_role: Callable[..., FlaskClient], tmp_path: Path
) -> None:
    browser = as_role(COORDINATOR)
    waits = sent(browser, several_sheets(tmp_path / "b.xlsx").read_bytes())
    first = browser.get(waits).text
    assert "Chưa đọc: 02.10, Hướng dẫn, Tổng hợp" in first
    assert "Đọc cả 2 trang cùng mẫu" in first
    together = browser.get(f"{waits}?profile=vietnamese&sheet=*").text
    assert "Đang đọc: 01.10, 02.10" in together
    assert "trang 02.10, dòng 3" in together
    post(browser, waits, profile="vietnamese", sheet="*")
    kept = db.session.scalars(db.select(Report)).one()
    assert (kept.line_count, kept.refused_count, kept.sheet) == (4, 2, "*")
    again = browser.get(f"/desk/reports/{kept.id}/lines")
    assert "GD02.10" in again.text


def test_a_canonical_workbook_has_sheets_too(tmp_path: Path) -> None:
    def canonical(reference: str, at: str = "2026-10-05T09:00:00") -> tuple[str, ...]:
        return (reference, at, "qr_payment", "50000", "0912345678", "HK-1", "", "", "", "success", "")

    path = several_sheets(tmp_path / "b.xlsx", COLUMNS, canonical)
    canon = BUILT_IN["canonical"]
    assert [row[0] for row in taken(path, canon)] == ["GD01.10"]
    assert [row[0] for row in taken(path, replace(canon, sheet="*"))] == ["GD01.10", "GD02.10"]

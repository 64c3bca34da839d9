"""Files that mean harm or were made by accident: refused soon, in at most three Vietnamese lines, leaving nothing."""

import gzip
import os
import re
import sys
import unicodedata
import zipfile
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path
from random import Random

import pytest
import xlsxwriter
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from app.actors import COORDINATOR
from app.cashback.evaluation import Task, evaluate, read_policies
from app.db import db
from app.errors import DomainError
from app.paths import resource_dir
from app.settings import Settings
from app.transactions.cli import report
from app.transactions.models import Report
from tests.cashback.test_pages import post
from tests.tables.old_workbooks import old_workbook
from tests.transactions.test_report_files import GOOD, HEADING

if sys.platform != "win32":
    import resource

As = Callable[..., FlaskClient]
MEMORY_MAX_MB = 600
SOON_S = 5  # of processor time, the reading child's too: this machine may be busy
POLICY = resource_dir("cashback") / "policies" / "data-15.yaml"


def workbook(rows: int) -> bytes:
    stream = BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADING.split(","))
        for number in range(rows):
            sheet.write_row(number + 1, 0, GOOD.format(number).split(","))
    return stream.getvalue()


def with_sheet(change: Callable[[str], str]) -> bytes:
    """A good workbook whose one sheet says something else."""
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(workbook(3))) as good, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as bad:
        for name in good.namelist():
            data = good.read(name)
            bad.writestr(name, change(data.decode()) if name == "xl/worksheets/sheet1.xml" else data)
    return stream.getvalue()


def appended(rows: str) -> bytes:
    return with_sheet(lambda xml: xml.replace("</sheetData>", f"{rows}</sheetData>"))


def bomb() -> bytes:
    return appended(f'<row r="9"><c r="A9" t="inlineStr"><is><t>{"A" * 150_000_000}</t></is></c></row>')


def full_sheet() -> bytes:
    return appended("".join(f'<row r="{at}"><c r="A{at}"><v>1</v></c></row>' for at in range(9, 1_048_577)))


def peak_mb() -> int:
    """The most memory this process has ever held."""
    if sys.platform == "win32":
        return 0
    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "zip bomb": ("r.xlsx", bomb),
    "1,048,576 rows": ("r.xlsx", full_sheet),
    "the last cell of all": ("r.xlsx", lambda: appended('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')),
    "a PDF by another name": ("r.xlsx", lambda: b"%PDF-1.7\n" + Random(1).randbytes(5000)),
    "half a workbook": ("r.xlsx", lambda: workbook(50)[:3000]),
    "noise with a workbook's mark": ("r.xlsx", lambda: b"PK\x03\x04" + Random(2).randbytes(500_000)),
    "noise with an old workbook's mark": ("r.xls", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500_000)),
    "noise": ("r.csv", lambda: Random(3).randbytes(2_000_000)),
    "one line": ("r.csv", lambda: b"x" * 9_000_000),
    "one cell": ("r.csv", f"{HEADING}\n{GOOD.format('x' * 9_000_000)}\n".encode),
    "10,000 columns": ("r.csv", (",".join(f"c{at}" for at in range(10_000)) + "\n" + "1," * 9999).encode),
    "5,000,000 columns": ("r.csv", f"{HEADING}{',' * 5_000_000}\n{GOOD.format(1)}\n".encode),
    "a row of 5,000,000 cells": ("r.csv", f"{HEADING}\n{GOOD.format(1)}{',' * 5_000_000}\n".encode),
    "150,000 cells in each row": ("r.csv", f"{HEADING}\n{(GOOD + ',' * 150_000 + chr(10)) * 100}".encode),
    "blank lines": ("r.csv", lambda: HEADING.encode() + b"\n" * 12_000_000),
    "carriage returns": ("r.csv", lambda: HEADING.encode() + b"\r" * 12_000_000),
    "scraps": ("r.csv", lambda: HEADING.encode() + b"\nx,y" * 400_000),
    "zero bytes": ("r.csv", lambda: HEADING.encode() + f"\n{GOOD}\0".encode() * 50_000),
    "a cell that never closes": ("r.csv", lambda: f'{HEADING}\n"'.encode() + f"{GOOD}\n".encode() * 300_000),
    "a packed file by another name": ("r.csv", lambda: gzip.compress(b"x" * 30_000_000)),
    "quotation marks": ("r.csv", lambda: f"{HEADING}\n".encode() + b'"' * 2_000_001),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_refused_soon_and_leaves_nothing(app: Flask, tmp_path: Path, what: str) -> None:
    name, make = HOSTILE[what]
    path = tmp_path / name
    path.write_bytes(make())
    kept: Settings = app.config["SETTINGS"]
    before = peak_mb()
    for profile in ("canonical", "vietnamese"):
        begun = sum(os.times()[:4])
        refused = CliRunner().invoke(report, [str(path), "--profile", profile]).exception
        assert sum(os.times()[:4]) - begun < SOON_S
        assert isinstance(refused, DomainError)
        assert len(str(refused).splitlines()) <= 3
        assert name in str(refused)
    assert peak_mb() - before < MEMORY_MAX_MB
    with pytest.raises(DomainError):
        evaluate(Task(read_policies([POLICY]), (path,)), tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert not db.session.scalars(db.select(Report)).all()
    assert not [each for folder in (kept.evidence_dir, kept.facts_dir) for each in folder.rglob("*") if each.is_file()]


def test_a_sheet_that_only_claims_many_rows_is_read(app: Flask, tmp_path: Path) -> None:
    claims = with_sheet(lambda xml: re.sub(r'<dimension ref="[^"]*"/>', '<dimension ref="A1:XFD1048576"/>', xml))
    (tmp_path / "r.xlsx").write_bytes(claims)
    told = CliRunner().invoke(report, [str(tmp_path / "r.xlsx")])
    assert "3 dòng, 0 trùng, 0 bị từ chối" in told.output


TONES = "\u0300\u0301\u0303\u0309\u0323"
THEIRS = "Mã giao dịch,Thời gian giao dịch,Loại giao dịch,Số tiền,Khách hàng,Mã điểm,Nguồn tiền,Kênh,Trạng thái"
THEIR_LINE = "GD{0},01/08/2023 09:30:0{0},Thanh toán QR,20.000 đ,090100000{0},M1,Ngân hàng,Ứng dụng,Thành công"


def their_report(total: str = "") -> str:
    lines = [THEIRS, *(THEIR_LINE.format(number) for number in range(5))]
    return "\n".join([*lines, f"Tổng cộng,,,{total},,,,,"] if total else lines) + "\n"


def in_cp1258(text: str) -> bytes:
    """Windows' Vietnamese code page: a letter with its hat or horn, then the tone as a mark of its own."""
    found = b""
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        tones = "".join(mark for mark in parts if mark in TONES)
        found += unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in TONES)).encode("cp1258")
        found += tones.encode("cp1258")
    return found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1258"])
def test_a_providers_file_is_read_in_any_encoding(app: Flask, tmp_path: Path, encoding: str) -> None:
    text = their_report()
    (tmp_path / "r.csv").write_bytes(in_cp1258(text) if encoding == "cp1258" else text.encode(encoding))
    told = CliRunner().invoke(report, [str(tmp_path / "r.csv"), "--profile", "vietnamese"])
    assert "5 dòng, 0 trùng, 0 bị từ chối" in told.output, told.output


def test_control_totals_must_agree(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text(their_report("99.000"), encoding="utf-8")
    refused = CliRunner().invoke(report, [str(path), "--profile", "vietnamese"]).exception
    assert "99.000\u00a0₫" in str(refused)
    assert "100.000\u00a0₫" in str(refused)
    assert not db.session.scalars(db.select(Report)).all()
    path.write_text(their_report("100.000"), encoding="utf-8")
    assert "5 dòng" in CliRunner().invoke(report, [str(path), "--profile", "vietnamese"]).output


def test_excel_serials_are_times_and_grouped_amounts_whole_dong(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "r.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        when = book.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"})
        sheet.write_row(0, 0, THEIRS.split(","))
        for number in range(3):
            sheet.write_row(number + 1, 0, THEIR_LINE.format(number).split(","))
            sheet.write_number(number + 1, 1, 45139 + (9 * 3600 + 1800 + number) / 86400, when)
            sheet.write(number + 1, 3, ["20.000", 20000, "20,000 ₫"][number])
    told = CliRunner().invoke(report, [str(path), "--profile", "vietnamese"])
    assert "3 dòng, 0 trùng, 0 bị từ chối" in told.output, told.output
    kept = db.session.scalars(db.select(Report)).one()
    assert (kept.paid_vnd, str(kept.first_day), str(kept.last_day)) == (60000, "2023-08-01", "2023-08-01")


def test_a_payment_at_midnight_is_a_payment(app: Flask, tmp_path: Path) -> None:
    """A spreadsheet keeps midnight as a whole number, which readers take for a day without a time."""
    rows = [datetime(2023, 8, 1, 23, 59, 59), datetime(2023, 8, 2), datetime(2023, 8, 3, 0, 0, 1)]  # noqa: DTZ001
    for name, heading in (("canonical", HEADING), ("vietnamese", THEIRS)):
        path = tmp_path / f"{name}.xlsx"
        with xlsxwriter.Workbook(path) as book:
            sheet, when = book.add_worksheet(), book.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"})
            sheet.write_row(0, 0, heading.split(","))
            for at, moment in enumerate(rows, start=1):
                sheet.write_row(at, 0, (GOOD if heading == HEADING else THEIR_LINE).format(at).split(","))
                sheet.write_datetime(at, 1, moment, when)
        told = CliRunner().invoke(report, [str(path), "--profile", name])
        assert "3 dòng, 0 trùng, 0 bị từ chối" in told.output, told.output
    for kept in db.session.scalars(db.select(Report)):
        assert (str(kept.first_day), str(kept.last_day)) == ("2023-08-01", "2023-08-03")


def test_an_old_workbook_comes_in_by_command_and_by_page(app: Flask, as_role: As, tmp_path: Path) -> None:
    lines = [THEIR_LINE.format(number).split(",") for number in range(5)]
    rows: list[list[str | float | datetime]] = [["BÁO CÁO THÁNG 8"], [""], [*THEIRS.split(",")]]
    for number, line in enumerate(lines):
        rows.append([line[0], datetime(2023, 8, 1 + number, 9, 30, number), line[2], 20_000 + number, *line[4:]])  # noqa: DTZ001
    (tmp_path / "bao-cao.xls").write_bytes(old_workbook(rows))
    told = CliRunner().invoke(report, [str(tmp_path / "bao-cao.xls"), "--profile", "vietnamese"])
    assert "5 dòng, 0 trùng, 0 bị từ chối" in told.output, told.output
    kept = db.session.scalars(db.select(Report)).one()
    assert (kept.paid_vnd, str(kept.first_day), str(kept.last_day)) == (100_010, "2023-08-01", "2023-08-05")
    rows[3][0] = "GD-KHAC"
    browser = as_role(COORDINATOR)
    preview = post(browser, "/desk/reports/uploads", file=(BytesIO(old_workbook(rows)), "bao-cao.xls"))
    assert "GD-KHAC" in preview.text
    taken = post(browser, preview.request.path, profile="vietnamese")
    assert "Đã nhận báo cáo." in taken.text
    assert len(db.session.scalars(db.select(Report)).all()) == 2

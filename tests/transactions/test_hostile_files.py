"""Files that mean harm or were made by accident: refused soon, in at most three Vietnamese lines, leaving nothing."""

import os
import re
import unicodedata
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from random import Random

import pytest
import xlsxwriter
from click.testing import CliRunner
from flask import Flask

from app.cashback.evaluation import Task, evaluate, read_policies
from app.db import db
from app.errors import DomainError
from app.paths import resource_dir
from app.settings import Settings
from app.transactions.cli import report
from app.transactions.models import Report
from tests.transactions.test_report_files import GOOD, HEADING

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
    "quotation marks": ("r.csv", lambda: f"{HEADING}\n".encode() + b'"' * 2_000_001),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_refused_soon_and_leaves_nothing(app: Flask, tmp_path: Path, what: str) -> None:
    name, make = HOSTILE[what]
    path = tmp_path / name
    path.write_bytes(make())
    kept: Settings = app.config["SETTINGS"]
    for profile in ("canonical", "vietnamese"):
        begun = sum(os.times()[:4])
        refused = CliRunner().invoke(report, [str(path), "--profile", profile]).exception
        assert sum(os.times()[:4]) - begun < SOON_S
        assert isinstance(refused, DomainError)
        assert len(str(refused).splitlines()) <= 3
        assert name in str(refused)
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

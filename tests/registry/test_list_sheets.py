"""Workbooks of several sheets, headings nobody knows, accounts somebody must confirm: by command and on the page."""

import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.actors import COORDINATOR
from app.db import db
from app.factory.cli import run
from app.places.models import Unit, Zone
from app.registry.models import ImportBatch, ImportRow, Merchant, PaymentAccount
from app.registry.receiving import headed_list
from app.registry.rules.lists import read_lines
from app.tables import EVERY, HeadingError, TableError
from tests.registry.scene import commune
from tests.registry.test_pages import As, post

HEADINGS = ["Họ tên", "Ngân hàng", "Số tài khoản", "Số quầy"]
GUIDE = [["Hướng dẫn"], ["Điền đủ các cột"]]
DAM = [HEADINGS, ["Lê Thị Một", "Vietcombank", "0011001234567", "1"]]
XEP: list[list[Any]] = [HEADINGS, ["Trần Văn Hai", "Vietcombank", 11001234568, "1"], ["Ngô Thị Ba", "", "", "2"]]
OTHER = [["Tên hàng", "Đơn giá"], ["Cá", "20000"]]


def book(**sheets: list[list[Any]]) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for name, rows in sheets.items():
        page = made.create_sheet(name.replace("_", " "))
        for row in rows:
            page.append(row)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


WORKBOOK = book(Hướng_dẫn=GUIDE, Chợ_Đầm=DAM, Chợ_Xép=XEP, Giá=OTHER)


def test_the_sheet_that_has_the_headings_is_read_and_the_others_are_named() -> None:
    found = headed_list(WORKBOOK, "a.xlsx")
    assert [row.cells[0] for row in found.rows] == ["Lê Thị Một"]
    assert (found.sheets.read, found.sheets.alike) == (("Chợ Đầm",), ("Chợ Xép",))
    assert found.sheets.others == ("Hướng dẫn", "Giá")


def test_sheets_of_one_shape_are_read_as_one_list_with_the_market_each_is_named_after() -> None:
    found = headed_list(WORKBOOK, "a.xlsx", [EVERY])
    assert found.sheets.read == ("Chợ Đầm", "Chợ Xép")
    lines = list(read_lines(found))
    assert [(line.sheet, line.line, line.market) for line in lines] == [
        ("Chợ Đầm", 2, "Chợ Đầm"),
        ("Chợ Xép", 2, "Chợ Xép"),
        ("Chợ Xép", 3, "Chợ Xép"),
    ]


def test_the_same_line_on_two_sheets_is_told_with_its_sheet() -> None:
    lines = list(read_lines(headed_list(book(Tổ_1=DAM, Tổ_2=DAM), "a.xlsx", [EVERY])))
    assert [line.faults for line in lines] == [(), ("Trùng hoàn toàn với Tổ 1, dòng 2.",)]


@pytest.mark.parametrize(
    ("sheets", "words"),
    [
        (["Chợ Mới"], "không có trang tính “Chợ Mới”"),
        (["Hướng dẫn"], "Hướng dẫn"),
        (["Chợ Đầm", "Giá"], "trang tính “Giá”"),
    ],
)
def test_a_sheet_that_cannot_be_read_is_told_by_name(sheets: list[str], words: str) -> None:
    with pytest.raises(TableError, match=words):
        headed_list(WORKBOOK, "a.xlsx", sheets)


def test_where_no_sheet_has_the_headings_the_nearest_one_is_told() -> None:
    with pytest.raises(HeadingError, match="trang tính “B”, dòng 1: thiếu cột Họ tên"):
        headed_list(book(A=GUIDE, B=[["Ai", "Số quầy"], ["Lê Một", "2"]]), "a.xlsx")


def test_the_command_line_names_what_was_not_read_and_takes_sheets_and_columns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHOSO_INSTANCE", str(tmp_path / "instance"))
    file = tmp_path / "a.xlsx"
    file.write_bytes(WORKBOOK)

    def told(*more: str) -> tuple[int, dict[str, Any], str]:
        code = run(["import", "merchants", str(file), "--dry-run", "--json", *more])
        said = capsys.readouterr()
        return code, json.loads(said.out or "{}"), said.err

    code, first, errors = told()
    assert (code, first["accepted"]) == (0, 1)
    assert all(name in errors for name in ("“Chợ Xép”", "“Giá”", "--sheet"))
    code, every, errors = told("--sheet", "*")
    assert (code, every["accepted"]) == (0, 3)
    assert "Chợ Xép" not in errors.partition("chưa đọc")[2]
    assert [note["line"] for note in every["notes"]] == [2]
    assert "ô là số" in every["notes"][0]["message"]
    file.write_bytes(book(A=[["Ai", "Số ĐT 1", "Số ĐT 2"], ["Lê Thị Một", "0987654321", "0912345678"]]))
    code, _, errors = told()
    assert (code, "--column" in errors, "Traceback" in errors) == (1, True, False)
    code, by_hand, errors = told("--column", "Họ tên=Ai", "--column", "Số điện thoại=C")
    assert errors == "", errors
    assert (code, by_hand["accepted"], by_hand["refused"]) == (0, 1, [])
    code, _, errors = told("--column", "Họ tên=Không có")
    assert (code, "Tệp có các cột: Ai" in errors) == (1, True)
    assert told("--column", "Lạ=Ai")[0] == 1


@pytest.fixture
def unit(app: Flask, now: datetime) -> Unit:
    return commune(now)


def test_on_the_page_sheets_are_chosen_accounts_confirmed_and_one_undo_takes_all_back(as_role: As, unit: Unit) -> None:
    browser = as_role(COORDINATOR)
    sent = post(browser, "/desk/imports", file=(io.BytesIO(WORKBOOK), "a.xlsx"))
    text = browser.get(sent.location).get_data(as_text=True)
    assert "chưa đọc Chợ Xép, Hướng dẫn, Giá" in text
    both = post(browser, f"{sent.location}/sheets", sheet=["Chợ Đầm", "Chợ Xép"])
    text = browser.get(both.location).get_data(as_text=True)
    assert "Ghi 3 hộ vào sổ" in text
    assert "1 số tài khoản chờ xác nhận" in text
    waits = browser.get(f"{both.location}?show=waits").get_data(as_text=True)
    assert "đúng như vậy" in waits
    row = db.session.scalars(select(ImportRow).where(ImportRow.account_waits)).one()
    post(browser, f"{both.location}/accounts", row=str(row.id))
    post(browser, f"{both.location}/apply")
    numbers = set(db.session.scalars(select(PaymentAccount.account_number)))
    assert numbers == {"0011001234567", "11001234568"}
    assert set(db.session.scalars(select(Zone.name))) == {"Chợ Đầm", "Chợ Xép"}
    post(browser, f"{both.location}/undo", reason="thử")
    assert db.session.scalars(select(Merchant)).all() == []


def test_a_list_without_a_known_name_is_mapped_on_the_page_and_remembered(as_role: As, unit: Unit) -> None:
    browser = as_role(COORDINATOR)

    def send(name: str) -> TestResponse:
        data = book(A=[["Ai bán", "Số ĐT 1", "Số ĐT 2"], [name, "0987654321", "0912345678"]])
        return post(browser, "/desk/imports", file=(io.BytesIO(data), "a.xlsx"), sender="Thuế cơ sở 3")

    sent = send("Lê Thị Một")
    text = browser.get(sent.location).get_data(as_text=True)
    assert "Chưa biết cột nào là họ tên" in text
    assert "Lê Thị Một" in text
    again = post(browser, f"{sent.location}/columns", **{"column-0": "holder_name", "column-1": "phone"})
    assert "Lê Thị Một" in browser.get(again.location).get_data(as_text=True)
    post(browser, f"{again.location}/apply")
    assert send("Lê Thị Hai").status_code == 302
    batch = db.session.scalars(select(ImportBatch).order_by(ImportBatch.id.desc())).first()
    assert batch is not None
    assert (batch.state, batch.columns_from, batch.accepted) == ("validated", "sender", 1)

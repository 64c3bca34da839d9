"""A commune's list on its way into the registry."""

import random
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.actors import COMMAND_LINE
from app.db import Model, db, unit_of_work
from app.errors import ConflictError, DomainError, RefusedError
from app.evidence import digest_of
from app.places.models import Unit, Zone
from app.registry.actions.accounts import approve_account
from app.registry.actions.imports import apply_batch, stage_list, undo_batch
from app.registry.models import ImportBatch, ImportRow, Merchant, MerchantState, PaymentAccount, Point, PointState
from app.registry.receiving import arranged, headed_list, refusals, unit_for_list
from app.registry.rules.list_columns import find_columns
from app.registry.rules.lists import ListLine, read_lines
from app.tables import TableError, csv_text, read_table
from app.vn.dates import format_date, local_date
from tests.registry.scene import BINH, CUC, LAN, commune

HEADINGS = [
    "STT",
    "Họ tên",
    "Tên cửa hàng",
    "Số điện thoại",
    "Ngân hàng",
    "Số tài khoản",
    "Chợ",
    "Dãy",
    "Số quầy",
]


def rows(count: int = 6) -> list[list[str]]:
    return [
        [
            str(number),
            f"Nguyễn Thị {name}",
            f"Hàng {name}",
            f"098765432{number % 10}",
            "Vietcombank",
            f"001100123456{number}",
            "Chợ Thử",
            "A01",
            f"{number:02d}",
        ]
        for number, name in enumerate((f"Mẫu {chr(65 + each)}" for each in range(count)), start=1)
    ]


def as_csv(table: list[list[str]], headings: list[str] | None = None) -> bytes:
    return csv_text(headings or HEADINGS, table).encode()


def lines_of(data: bytes) -> list[ListLine]:
    return list(read_lines(find_columns(read_table(data, name="danh-sach.csv"))))


def imported(data: bytes, now: datetime, unit: Unit | None = None) -> ImportBatch:
    headed = headed_list(data, "danh-sach.csv")
    with unit_of_work():
        place = unit or unit_for_list(LAN, now, None)
        batch = stage_list(LAN, now, headed, place, file_name="danh-sach.csv", sha256="0" * 64, size_bytes=len(data))
        apply_batch(LAN, now, batch)
    return batch


def count(model: type[Model]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_list_as_communes_send_it_is_understood() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["UBND XÃ CẨM THỬ"])
    sheet.append([])
    sheet.append(["DANH SÁCH HỘ KINH DOANH NĂM 2026"])
    sheet.append(["Số quầy", "SĐT", "Họ và tên chủ hộ", "STK", "Ngân hàng", "Tên chợ", "Lô"])
    decomposed = unicodedata.normalize("NFD", "Đặng Thị Hường")
    sheet.append([6, 987654321, decomposed, "0011001234567", "Ngân hàng Ngoại thương", "Chợ Thử", "A01"])
    sheet.append(["07", "0168.123.4567", "Lê Văn Ất", 11001234567, "970422", "Chợ Thử", "A01"])
    stream = BytesIO()
    book.save(stream)
    first, second = lines_of(stream.getvalue())
    assert (first.holder_name, first.phone, first.bank_bin) == ("Đặng Thị Hường", "+84987654321", "970436")
    assert (first.line, first.code, first.market) == (5, "A01-6", "Chợ Thử")
    assert (second.phone, second.account_number, second.bank_bin) == ("+84381234567", "11001234567", "970422")
    assert any("số 0" in note for note in first.notes)


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        (1, "", "Thiếu họ tên"),
        (1, "12345", "không có chữ"),
        (3, "09876", "thiếu"),
        (3, "0987654321234", "thừa"),
        (4, "Ngân hàng Trên Trời", "Không có ngân hàng"),
        (4, "", "thiếu ngân hàng"),
        (5, "12 34 ab!!", "không đúng"),
    ],
)
def test_a_bad_line_is_refused_with_its_reason(column: int, value: str, reason: str) -> None:
    table = rows(3)
    table[1][column] = value
    good, bad, also_good = lines_of(as_csv(table))
    assert (good.faults, also_good.faults) == ((), ())
    assert bad.line == 3
    assert reason in " ".join(bad.faults)


def test_an_exact_repetition_is_refused_by_the_line_it_repeats() -> None:
    table = rows(2)
    table.append(["9", *table[0][1:]])
    assert [line.faults for line in lines_of(as_csv(table))] == [(), (), ("Trùng hoàn toàn với dòng 2.",)]


def test_a_wallet_is_no_bank_account_but_no_reason_to_refuse_the_trader() -> None:
    table = rows(1)
    table[0][4:6] = ["Viettel Money", "0987654321"]
    (line,) = lines_of(as_csv(table))
    assert (line.faults, line.account_number) == ((), "")
    assert "quét mã QR" in line.notes[0]


@given(st.lists(st.lists(st.text(max_size=12), min_size=9, max_size=9), max_size=8))
def test_whatever_stands_in_a_line_it_is_understood_or_refused(cells: list[list[str]]) -> None:
    try:
        found = lines_of(as_csv(cells))
    except TableError:
        return
    for line in found:
        assert line.faults or line.label or line.holder_name


def test_good_lines_go_in_and_the_market_is_made(app: Flask, now: datetime) -> None:
    table = rows()
    table[2][3] = "0987"
    batch = imported(as_csv(table), now)
    assert (batch.accepted, batch.unchanged, batch.refused) == (5, 0, 1)
    assert [(each.line, "thiếu" in each.message) for each in refusals(batch)] == [(4, True)]
    assert db.session.scalars(select(Zone.name)).all() == ["Chợ Thử"]
    assert (count(Merchant), count(Point), count(PaymentAccount)) == (5, 5, 5)
    assert (count(MerchantState), count(PointState)) == (5, 5)
    assert set(db.session.scalars(select(PaymentAccount.state))) == {"proposed"}


def test_the_same_list_again_adds_nothing_in_any_order_or_parts(app: Flask, now: datetime) -> None:
    table = rows(14)
    imported(as_csv(table), now)
    shuffled = random.Random(7).sample(table, len(table))
    order = random.Random(7).sample(range(len(HEADINGS)), len(HEADINGS))
    turned = as_csv([[row[at] for at in order] for row in shuffled], [HEADINGS[at] for at in order])
    parts = [as_csv(table[start::7]) for start in range(7)]
    for data in (as_csv(table), turned, *parts):
        again = imported(data, now)
        assert (again.accepted, again.refused) == (0, 0)
        assert again.unchanged > 0
    assert count(Merchant) == 14


def test_undoing_leaves_what_was_before(app: Flask, now: datetime) -> None:
    unit = commune(now)
    imported(as_csv(rows(3)), now)
    before = _everything()
    other = [[row[0], f"{row[1]} khác", *row[2:6], "Chợ Mới", *row[7:]] for row in rows(4)]
    batch = imported(as_csv(other), now, unit)
    assert count(Merchant) == 7
    with unit_of_work():
        assert undo_batch(LAN, now, batch, "Nhầm tệp") == 0
    assert _everything() == before
    assert set(db.session.scalars(select(ImportRow.state).where(ImportRow.batch_id == batch.id))) == {"undone"}
    with pytest.raises(ConflictError), unit_of_work():
        undo_batch(LAN, now, batch)
    assert imported(as_csv(other), now, unit).accepted == 4


def test_undoing_keeps_what_people_worked_on(app: Flask, now: datetime) -> None:
    batch = imported(as_csv(rows(3)), now)
    first = db.session.scalars(select(PaymentAccount).order_by(PaymentAccount.id)).first()
    assert first is not None
    with unit_of_work():
        approve_account(BINH, now, first.id)
    with unit_of_work():
        assert undo_batch(LAN, now, batch) == 1
    assert db.session.scalars(select(Merchant.id)).all() == [first.merchant_id]
    assert count(Zone) == 1


def test_accounts_from_the_command_line_wait_for_two_people(app: Flask, now: datetime) -> None:
    headed = headed_list(as_csv(rows(1)), "danh-sach.csv")
    with unit_of_work():
        unit = unit_for_list(COMMAND_LINE, now, None)
        apply_batch(
            COMMAND_LINE,
            now,
            stage_list(COMMAND_LINE, now, headed, unit, file_name="a.csv", sha256="0" * 64, size_bytes=1),
        )
        account = db.session.scalars(select(PaymentAccount)).one()
        assert approve_account(BINH, now, account.id).state == "proposed"
        assert approve_account(CUC, now, account.id).state == "approved"


def test_two_traders_at_one_stall_both_get_in(app: Flask, now: datetime) -> None:
    table = rows(2)
    table[1][8] = table[0][8]
    imported(as_csv(table), now)
    assert sorted(db.session.scalars(select(Point.code))) == ["A01-01", "A01-01/2"]


def test_hamlets_are_found_or_made(app: Flask, now: datetime) -> None:
    headings = ["Họ tên", "Thôn", "Địa chỉ"]
    imported(
        as_csv([["Lê Thị Một", "3", "Ngõ 1"], ["Lê Thị Hai", "Thôn 3", ""], ["Lê Ba", "Xóm Đình", ""]], headings), now
    )
    hamlets = db.session.scalars(select(Unit).where(Unit.level == "hamlet").order_by(Unit.id)).all()
    assert [hamlet.title for hamlet in hamlets] == ["Thôn 3", "Xóm Đình"]
    held = db.session.execute(select(Unit.name, func.count()).join(Merchant).group_by(Unit.name))
    assert sorted(tuple(row) for row in held) == [("3", 2), ("Đình", 1)]


def test_a_number_of_the_senders_identifies_a_line(app: Flask, now: datetime) -> None:
    headings = ["Mã hộ", "Họ tên", "Số điện thoại"]
    table = [["007", "Lê Thị Một", "0987654321"], ["007", "Lê Thị Hai", "0987654322"], ["7", "Lê Thị Ba", ""]]
    batch = imported(as_csv(table, headings), now)
    assert [(each.line, each.message) for each in refusals(batch)] == [
        (3, "Mã hộ 007 đã có ở dòng 2 với nội dung khác.")
    ]
    table[0][2] = "0987654329"
    again = imported(as_csv(table[:1], headings), now)
    assert (again.accepted, again.unchanged, again.changed) == (0, 0, 1)
    assert db.session.scalar(select(Merchant.phone).where(Merchant.external_id == "007")) == "+84987654321"


def test_several_communes_leave_no_guess(app: Flask, now: datetime) -> None:
    commune(now)
    other = commune(now, "99002", "Nơi Khác")
    with pytest.raises(RefusedError, match="Hãy chọn xã của danh sách"):
        unit_for_list(LAN, now, None)
    assert unit_for_list(LAN, now, "99002").id == other.id
    with pytest.raises(DomainError):
        unit_for_list(LAN, now, "12x")


def test_columns_chosen_by_a_person_are_remembered(app: Flask, now: datetime) -> None:
    headings = ["Họ tên", "Cột lạ", "Số điện thoại"]
    data = as_csv([["Lê Thị Một", "Bún chả Một", "0987654321"]], headings)
    received(data, now, columns={"holder_name": 0, "shop_name": 1, "phone": 2})
    assert db.session.scalar(select(Merchant.shop_name)) == "Bún chả Một"
    again = received(as_csv([["Lê Thị Hai", "Phở Hai", ""]], headings), now)
    assert (again.columns["shop_name"], again.columns_from) == (1, "sender")
    assert again.headings == headings


def test_each_sender_has_their_own_columns(app: Flask, now: datetime) -> None:
    """The same headings mean what their sender means by them; somebody new is understood as the last one was."""
    headings = ["Họ tên", "Cột lạ", "Số điện thoại"]
    board, tax = "Ban quản lý chợ", "Thuế cơ sở 3"
    received(as_csv([["Lê Thị Một", "Bún Một", ""]], headings), now, board, {"holder_name": 0, "shop_name": 1})
    fresh = received(as_csv([["Lê Thị Hai", "Bún Hai", ""]], headings), now, tax)
    assert (fresh.columns_from, fresh.columns_told) == ("other", f"{board}, {LAN.name}, {format_date(local_date(now))}")
    received(as_csv([["Bún Ba", "Lê Thị Ba", ""]], headings), now, tax, {"holder_name": 1, "shop_name": 0})
    told = {}
    for sender, cells in ((board, ["Lê Thị Bốn", "Bún Bốn", ""]), (tax, ["Bún Năm", "Lê Thị Năm", ""])):
        batch = received(as_csv([cells], headings), now, sender.upper() if sender == tax else sender)
        told[sender] = (batch.columns["holder_name"], batch.columns_from)
    assert told == {board: (0, "sender"), tax: (1, "sender")}
    assert {row.holder_name for row in db.session.scalars(select(Merchant))} == {
        f"Lê Thị {each}" for each in ("Một", "Hai", "Ba", "Bốn", "Năm")
    }


def test_each_sender_counts_for_themselves_and_a_file_sent_twice_adds_nothing(app: Flask, now: datetime) -> None:
    headings = ["Mã hộ", "Họ tên", "Tên cửa hàng"]
    first = as_csv([["1", "Lê Thị Một", "Bún Một"]], headings)
    assert received(first, now, "Ban quản lý chợ").accepted == 1
    assert received(as_csv([["1", "Trần Văn Hai", ""]], headings), now, "Thuế cơ sở 3").accepted == 1
    again = received(first, now, "Thuế cơ sở 3")
    assert (again.accepted, again.unchanged, again.sender) == (0, 1, "Ban quản lý chợ")
    words = [["Phạm Thị Ba", "Cháo Ba"]]
    assert received(as_csv(words, headings[1:]), now).accepted == 1
    assert received(as_csv([*words, ["Đỗ Thị Bốn", "Xôi Bốn"]], headings[1:]), now, "Đoàn xã").accepted == 1
    with pytest.raises(RefusedError, match="tối đa 48"):
        received(first.replace(b"M", b"N"), now, "x" * 49)


def received(data: bytes, now: datetime, sender: str = "", columns: dict[str, int] | None = None) -> ImportBatch:
    """The list as page, program and command take it."""
    with unit_of_work():
        unit, digest = unit_for_list(LAN, now, None), digest_of(data)
        headed, origin = arranged(headed_list(data, "a.csv"), unit, digest, sender, columns)
        batch = stage_list(LAN, now, headed, unit, file_name="a.csv", sha256=digest, size_bytes=1, origin=origin)
        apply_batch(LAN, now, batch)
    return batch


def _everything() -> list[tuple[object, ...]]:
    tables = (Merchant, Point, PaymentAccount, MerchantState, PointState, Zone, Unit)
    return [tuple(row) for model in tables for row in db.session.execute(select(model.__table__))]


def test_the_evidence_is_found_by_its_hash(tmp_path: Path) -> None:
    from app.evidence import keep_file, kept_file  # noqa: PLC0415 - only here

    digest = keep_file(tmp_path, b"abc")
    assert keep_file(tmp_path, b"abc") == digest
    assert kept_file(tmp_path, digest) == b"abc"
    next(path for path in tmp_path.rglob("*") if path.is_file()).write_bytes(b"abd")
    with pytest.raises(DomainError):
        kept_file(tmp_path, digest)


def test_a_commune_of_before_2025_is_told_what_it_is_now(app: Flask, now: datetime) -> None:
    headings = ["Họ tên", "Xã", "Địa chỉ"]
    table = [
        ["Lê Thị Một", "Cẩm Long", ""],
        ["Lê Thị Hai", "", "Thôn 3, xã Cẩm Phú, huyện Cẩm Thủy"],
        ["Lê Thị Ba", "Cẩm Tân", "Chợ Cẩm Tân"],
    ]
    headed = headed_list(as_csv(table, headings), "a.csv")
    with unit_of_work():
        unit = unit_for_list(LAN, now, "15178")
        batch = stage_list(LAN, now, headed, unit, file_name="a.csv", sha256="1" * 64, size_bytes=1)
    assert [row.message for row in db.session.scalars(select(ImportRow).order_by(ImportRow.line))] == [
        "Xã Cẩm Long (Huyện Cẩm Thủy) nay thuộc Xã Cẩm Tân.",
        "Xã Cẩm Phú (Huyện Cẩm Thủy) nay thuộc Xã Cẩm Tân.",
        "",
    ]
    assert (batch.accepted, batch.refused) == (3, 0)


def test_the_commune_of_a_list_may_be_typed_by_name(app: Flask, now: datetime) -> None:
    with unit_of_work():
        assert unit_for_list(LAN, now, "Xã Cẩm Tân, Thanh Hóa").code == "15178"
    with pytest.raises(RefusedError, match=r"15178 \(Xã Cẩm Tân, .*trước là Xã Cẩm Long"):
        unit_for_list(LAN, now, "Cẩm Long, Cẩm Thủy")
    with pytest.raises(RefusedError, match="Không có xã, phường nào tên"):
        unit_for_list(LAN, now, "Nơi Nào Đó Xa Lắm")


def book_of(*table: Sequence[object], formats: dict[int, str] | None = None) -> bytes:
    """A workbook with these rows; `formats`: column from 0 -> number format of its data cells."""
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    for number, cells in enumerate(table, start=1):
        page.append(cells)
        for at, code in (formats or {}).items():
            if number > 1:
                page.cell(number, at + 1).number_format = code
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


PAID = ["Họ tên", "Ngân hàng", "Số tài khoản", "Số quầy"]


@pytest.mark.parametrize(
    ("account", "code", "number", "doubt"),
    [
        (11001234567, "0000000000000", "0011001234567", ""),
        (11001234567, "General", "11001234567", "ô là số"),
        ("1500201234567.0", "@", "1500201234567", "viết như số lẻ"),
        ("OO11001234567", "@", "OO11001234567", "có chữ “O”"),
        ("0011 0012 34567", "@", "0011001234567", ""),
    ],
)
def test_an_account_that_may_be_anothers_is_not_proposed_until_somebody_confirms_it(
    app: Flask, now: datetime, account: object, code: str, number: str, doubt: str
) -> None:
    data = book_of(PAID, ["Lê Thị Một", "Vietcombank", account, "7"], formats={2: code})
    (line,) = lines_of(data)
    assert (line.faults, line.account_number) == ((), number)
    assert doubt in line.account_doubt
    assert bool(line.notes) == (bool(doubt) or code == "0000000000000")
    batch = imported(data, now)
    assert (batch.accepted, count(PaymentAccount)) == (1, 0 if doubt else 1)


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        (3, datetime(2026, 2, 1), "Số quầy: ô là ngày 01/02/2026"),  # noqa: DTZ001
        (3, "1-Feb", "Số quầy: “1-Feb” là ngày tháng"),
        (2, 97043668123456789, "chữ số cuối đã mất"),
        (0, "#REF!", "Họ tên: ô báo lỗi #REF!"),
        (0, "=A1", "Họ tên: ô là công thức chưa có kết quả"),
    ],
)
def test_what_nobody_can_tell_any_more_is_refused(column: int, value: object, reason: str) -> None:
    cells: list[object] = ["Lê Thị Một", "Vietcombank", "0011001234567", "7"]
    cells[column] = value
    (line,) = lines_of(book_of(PAID, cells))
    assert reason in " ".join(line.faults)


def test_family_name_and_given_name_in_two_columns_are_one_name() -> None:
    apart = book_of(["STT", "Họ và tên đệm", "Tên", "Số quầy"], [1, "Lê Thị", "Một", "7"])
    merged = book_of(["STT", "Họ và tên", "", "Số quầy"], [1, "Lê Thị", "Một", "7"], [2, "Y", "Bưởi", "8"])
    assert [line.holder_name for line in lines_of(apart)] == ["Lê Thị Một"]
    assert [line.holder_name for line in lines_of(merged)] == ["Lê Thị Một", "Y Bưởi"]


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Tên người nộp thuế", "holder_name"),
        ("Họ tên NNT", "holder_name"),
        ("Chủ cơ sở", "holder_name"),
        ("Tên", "given_name"),
        ("Tên hộ kinh doanh", "shop_name"),
        ("HKD", "shop_name"),
    ],
)
def test_whoever_sends_a_list_their_heading_for_the_name_is_known(heading: str, field: str) -> None:
    headed = find_columns(read_table(book_of(["STT", heading], [1, "Lê Thị Một"])))
    assert headed.columns[field] == 1


def test_a_place_of_business_is_a_stall_or_an_address_as_its_cells_say() -> None:
    stalls = book_of(["Họ tên", "Điểm kinh doanh"], ["A", "A-12"], ["B", "A-13"])
    streets = book_of(["Họ tên", "Điểm kinh doanh"], ["A", "12 đường Lê Lợi"], ["B", "Thôn 3, cạnh chợ Đầm"])
    assert "stall" in find_columns(read_table(stalls)).columns
    assert "address" in find_columns(read_table(streets)).columns


def test_hidden_rows_and_columns_are_read_and_said_and_merged_places_fill_down() -> None:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    for row in (["Họ tên", "Dãy", "Số quầy"], ["Lê Thị Một", 1, "7"], ["Lê Thị Hai", None, "8"]):
        page.append(row)
    page.merge_cells("B2:B3")
    page.row_dimensions[3].hidden = True
    page.column_dimensions["C"].hidden = True
    stream = BytesIO()
    book.save(stream)
    headed = headed_list(stream.getvalue(), "a.xlsx")
    first, second = read_lines(headed)
    assert (first.code, second.code) == ("1-7", "1-8")
    assert second.notes == ("Dòng này đang bị ẩn trong bảng tính.",)
    assert headed.hidden_headings == ["Số quầy"]

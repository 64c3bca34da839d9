"""Notices of payment from the command line: each payer's own code, what is refused, what stands on paper."""

import csv
import doctest
import json
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
import xlsxwriter

from app.factory.cli import run
from app.paths import resource_dir
from app.printing.artwork import Artwork
from app.printing.design_files import design_ids, load_design
from app.printing.notices import rules
from app.printing.notices.orders import NoticeOrder, Payee
from app.printing.notices.payers import HEADINGS, REASON
from app.printing.notices.rules import FORMS, MemoError, memo_of
from app.printing.shelf import stock
from app.printing.themes import load_theme, theme_ids
from app.qr import details, inspect, vietqr
from app.qr.photo import read_photo
from app.vn import numerals
from tests.printing.test_designs import compare

FOLDER = resource_dir("printables") / "notices"
SCHOOL = ("--bin", "970436", "--account", "0011001234567", "--name", "TRUONG TIEU HOC MAU", "--payee", "Trường Mẫu")
HEADING = ["Mã học sinh", "Họ và tên", "Lớp", "Số tiền", "Khoản thu", "Hạn nộp"]
ROWS: list[list[str | int]] = [
    ["HS001", "Nguyễn Văn Mẫu", "1A", "350.000", "Học phí tháng 11", "30/11/2026"],
    ["HS002", "Trần Thị Mẫu", "1A", 1_250_000, "Học phí tháng 11/2026", "2026-11-30"],
    ["007", "Bùi Đức", "1B", "20k", "Tiền ăn", ""],
]


def book(path: Path, rows: Sequence[Sequence[object]], heading: Sequence[str] = HEADING) -> Path:
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet()
        for at, row in enumerate([heading, *rows]):
            sheet.write_row(at, 0, row)
    return path


def slips(data: Path, out: Path, *further: str) -> int:
    return run(["qr", "slips", *SCHOOL, "--data", str(data), "--out", str(out), *further])


def manifest(out: Path) -> list[dict[str, str]]:
    with (out / "manifest.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("form", FORMS)
def test_every_payer_gets_a_code_of_their_own(form: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert slips(book(tmp_path / "list.xlsx", ROWS), out, "--form", form, "--title", "Học phí") == 0
    assert {path.name for path in out.iterdir()} == {"notices.pdf", "manifest.csv", "codes.xlsx", "gate.json"}
    read = [details(inspect(code.text)) for code in read_photo(out / "notices.pdf", thorough=True)]
    assert sorted((said.bin, said.account, said.amount_vnd, said.memo) for said in read) == [
        ("970436", "0011001234567", 20_000, "007 TIEN AN"),
        ("970436", "0011001234567", 350_000, "HS001 HOC PHI THANG 11"),
        ("970436", "0011001234567", 1_250_000, "HS002 HOC PHI T11/2026"),
    ]
    gate = json.loads((out / "gate.json").read_text(encoding="utf-8"))
    assert (gate["passed"], gate["codes"], gate["codes_right"], gate["total_vnd"]) == (True, 3, 3, 1_620_000)
    text = "\n".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(out / "notices.pdf"))
    assert "350.000 ₫" in text
    assert "TRUONG TIEU HOC MAU" in text
    sheets = openpyxl.load_workbook(out / "codes.xlsx")
    assert [[cell.value for cell in row] for row in sheets["Tổng"].iter_rows(min_row=2)] == [
        ["1A", 2, 1_600_000], ["1B", 1, 20_000], ["Tất cả", 3, 1_620_000]
    ]  # fmt: skip
    assert [inspect(line["payload"]).valid for line in manifest(out)] == [True] * 3


@pytest.mark.parametrize("form", FORMS)
def test_a_form_looks_as_it_was_approved(form: str, tmp_path: Path) -> None:
    assert slips(book(tmp_path / "list.xlsx", ROWS), tmp_path, "--form", form, "--title", "Học phí tháng 11") == 0
    picture = pypdfium2.PdfDocument(tmp_path / "notices.pdf")[0].render(scale=0.4, grayscale=True).to_pil()
    compare(picture, Path(__file__).parent / "golden" / "notices" / f"{form}.png")


@pytest.mark.parametrize("theme_id", theme_ids(FOLDER.parent / "themes"))
@pytest.mark.parametrize("form", FORMS)
def test_every_theme_can_be_read_on_every_form(form: str, theme_id: str) -> None:
    shelf = stock()
    assert set(design_ids(FOLDER)) == set(FORMS)
    assert Artwork(load_design(FOLDER, form), load_theme(shelf.themes, theme_id), shelf.fonts, shelf.art).layers


BAD: dict[str, tuple[list[str | int], str]] = {
    "two readings": (["HS009", "Mẫu", "1A", "20.5", "Học phí", ""], "đọc được hai cách"),
    "nothing owed": (["HS009", "Mẫu", "1A", "0", "Học phí", ""], "lớn hơn 0"),
    "negative": (["HS009", "Mẫu", "1A", "-5000", "Học phí", ""], "số âm"),
    "too much": (["HS009", "Mẫu", "1A", "500.000.000", "Học phí", ""], "vượt mức"),
    "no code": (["", "Mẫu", "1A", "5000", "Học phí", ""], "Thiếu mã người nộp"),
    "emoji code": (["HS😀9", "Mẫu", "1A", "5000", "Học phí", ""], "không nhận"),
    "long code": (["H" * 26, "Mẫu", "1A", "5000", "Học phí", ""], "tối đa 25"),
    "no name": (["HS009", "", "1A", "5000", "Học phí", ""], "Thiếu tên"),
    "no such day": (["HS009", "Mẫu", "1A", "5000", "Học phí", "31/02/2026"], "ngày 31"),
    "foreign letters": (["HS009", "漢字", "1A", "5000", "Học phí", ""], "không in được"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_row_is_refused_by_its_line_and_can_be_mended(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row, reason = BAD[case]
    out = tmp_path / "out"
    assert slips(book(tmp_path / "list.xlsx", [ROWS[0], row, ROWS[2]]), out) == 1
    told = capsys.readouterr().err
    assert "list.xlsx, dòng 3: " in told
    assert reason in told
    assert [line["payer_code"] for line in manifest(out)] == ["HS001", "007"]
    sheet = openpyxl.load_workbook(out / "refused.xlsx").active
    assert sheet is not None
    lines = [[cell.value for cell in line] for line in sheet.iter_rows()]
    assert lines[0] == [*HEADINGS, "Dòng", REASON]
    assert (lines[1][0] or "").lstrip("'") == row[0]
    assert reason in str(lines[1][-1])
    mended = ["HS777", "Mẫu", lines[1][2], "5000", "Học phí", "", *lines[1][6:]]
    again = book(tmp_path / "mended.xlsx", [mended], [str(head) for head in lines[0]])
    assert slips(again, tmp_path / "again") == 0


def test_the_same_row_twice_is_taken_once_and_of_two_that_contradict_neither(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = [*ROWS[2][:3], "30k", *ROWS[2][4:]]
    assert slips(book(tmp_path / "list.xlsx", [ROWS[0], ROWS[0], ROWS[2], other]), tmp_path / "out") == 1
    told = capsys.readouterr().err
    assert "dòng 3: Trùng dòng 2." in told
    assert "dòng 4: Các dòng 4, 5 cùng nội dung “007 TIEN AN”" in told
    assert [line["payer_code"] for line in manifest(tmp_path / "out")] == ["HS001"]


def test_one_payer_may_owe_for_two_purposes(tmp_path: Path) -> None:
    second = [*ROWS[0][:3], "90.000", "Bảo hiểm", ""]
    assert slips(book(tmp_path / "list.xlsx", [ROWS[0], second]), tmp_path / "out") == 0
    assert len(manifest(tmp_path / "out")) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        lambda bank, account, **said: vietqr(bank, account, **said | {"amount_vnd": 1}),
        lambda bank, account, **said: vietqr(bank, account, **said | {"memo": "HS002 HOC PHI"}),
        lambda bank, account, **said: vietqr(bank, account[::-1], **said),
        lambda _bank, account, **said: vietqr("970422", account, **said),
    ],
    ids=["amount", "memo", "account", "bank"],
)
def test_a_code_that_says_something_else_than_the_row_withholds_the_file(
    wrong: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("app.printing.notices.paper.vietqr", wrong)
    (tmp_path / "notices.pdf").write_bytes(b"an older file")
    assert slips(book(tmp_path / "list.xlsx", ROWS[:1]), tmp_path) == 1
    assert "mã QR ghi sai" in capsys.readouterr().err
    assert not (tmp_path / "notices.pdf").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--bin", "971025", "--account", "1"], "MoMo không nhận chuyển khoản"),
        (["--bin", "970436", "--account", "12 34*"], "Số tài khoản chỉ gồm"),
        (["--bin", "970430000", "--account", "1"], "Không có ngân hàng"),
    ],
)
def test_a_payee_without_a_usable_account_is_refused_whole(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = book(tmp_path / "list.xlsx", ROWS), tmp_path / "out"
    assert run(["qr", "slips", *arguments, "--data", str(data), "--out", str(out)]) == 1
    assert said in capsys.readouterr().err
    assert not out.exists()


def test_a_list_without_its_columns_or_rows_writes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert slips(book(tmp_path / "list.xlsx", [["x"]], ["Ghi chú"]), out) == 1
    assert slips(book(tmp_path / "list.xlsx", [["HS1", "A", "1A", "0", "", ""]]), out) == 1
    assert slips(tmp_path / "none.xlsx", out) == 1
    assert slips(book(tmp_path / "list.xlsx", ROWS), out, "--due", "hôm qua") == 2
    assert not out.exists()


def test_a_memo_is_the_code_and_what_fits_of_the_purpose() -> None:
    assert memo_of("hs-12", "Thu tiền điện kỳ 1").text == "HS-12 THU TIEN DIEN KY 1"
    assert memo_of("A" * 25, "Học phí").text == "A" * 25
    long = memo_of("HS0001", "Học phí học kỳ 1 năm học 2026-2027 và bảo hiểm", 25)
    assert long.text == "HS0001 HOC PHI HK1 NAM"
    assert long.remark
    with pytest.raises(MemoError):
        memo_of("", "Học phí")
    assert all(len(memo_of("X1", "ba " * many).text) <= 25 for many in range(40))


def test_doctests() -> None:
    assert doctest.testmod(rules).failed == doctest.testmod(numerals).failed == 0


def test_words_of_amounts() -> None:
    assert numerals.vnd_in_words(2_000_000_005) == "Hai tỷ không trăm linh năm đồng"
    assert numerals.in_words(10_010_110) == "mười triệu không trăm mười nghìn một trăm mười"
    with pytest.raises(ValueError, match="số âm"):
        numerals.in_words(-1)


def test_the_order_says_what_every_notice_says() -> None:
    shelf = stock()
    payee = Payee("", "970436", "Vietcombank", "1", "")
    order = NoticeOrder(payee, FORMS["slip"], load_theme(shelf.themes, "default"), "01", "", date(2026, 11, 2))
    assert order.texts["payee_name"] == "Đơn vị thu tiền"
    assert order.texts["dated"] == "Ngày 02 tháng 11 năm 2026"

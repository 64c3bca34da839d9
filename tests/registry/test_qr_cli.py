"""`choso qr` as CONTRACT.md writes it."""

import json
from pathlib import Path
from typing import Any

import openpyxl
import pikepdf
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from app.qr import details, inspect, symbol, vietqr
from app.qr.drawing import image
from app.qr.photo import read_photo
from app.registry.qr_cli import qr

PAYLOAD = vietqr("970436", "0011001234567")
KEYS = {"valid", "errors", "warnings", "kind", "bin", "account", "amount_vnd", "memo", "name", "city"}


def run(*arguments: str, stdin: bytes | str = b"") -> Result:
    result = CliRunner().invoke(qr, list(arguments), input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def decoded(result: Result) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(result.stdout)
    assert set(told) >= KEYS
    return told


def test_encode_prints_one_line() -> None:
    result = run("encode", "--bin", "970436", "--account", "0011001234567")
    assert (result.exit_code, result.stdout, result.stderr) == (0, PAYLOAD + "\n", "")


def test_encode_then_decode_says_everything() -> None:
    made = run(
        *("encode", "--bin", "970422", "--account", "0900ABC", "--name", "Quán Cô Ba", "--city", "Quảng Ngãi"),
        *("--amount", "50000", "--memo", "Sạp 12"),
    )
    told = decoded(run("decode", made.stdout.strip()))
    assert {key: told[key] for key in KEYS} == {
        "valid": True,
        "errors": [],
        "warnings": [],
        "kind": "QRIBFTTA",
        "bin": "970422",
        "account": "0900ABC",
        "amount_vnd": 50000,
        "memo": "SAP 12",
        "name": "QUAN CO BA",
        "city": "QUANG NGAI",
    }


REFUSED = {
    "unknown bank": ("--bin", "970346", "--account", "1"),
    "wrong bank of a library": ("--bin", "970488", "--account", "1"),
    "account accented": ("--bin", "970436", "--account", "Đ1"),
    "account of 20": ("--bin", "970436", "--account", "1" * 20),
    "amount zero": ("--bin", "970436", "--account", "1", "--amount", "0"),
    "amount negative": ("--bin", "970436", "--account", "1", "--amount", "-5"),
    "amount in letters": ("--bin", "970436", "--account", "1", "--amount", "abc"),
    "amount ambiguous": ("--bin", "970436", "--account", "1", "--amount", "20.5"),
    "memo too long": ("--bin", "970436", "--account", "1", "--memo", "a" * 26),
    "memo of emoji": ("--bin", "970436", "--account", "1", "--memo", "🍜"),
    "surrogate": ("--bin", "970436", "--account", "\udcff"),
    "nul": ("--bin", "970436", "--account", "1\x002"),
    "list missing": ("--batch", "khong-co.csv"),
}


@pytest.mark.parametrize("arguments", REFUSED.values(), ids=REFUSED)
def test_encode_refuses_with_one_message(arguments: tuple[str, ...]) -> None:
    result = run("encode", *arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert 0 < len(result.stderr.splitlines()) <= 3


@pytest.mark.parametrize(
    "arguments",
    [
        ("encode",),
        ("encode", "--bin", "970436"),
        ("encode", "--what"),
        ("decode",),
        ("read",),
        ("draw", PAYLOAD),
        ("draw", PAYLOAD, "--out", "x.bmp"),
        ("banks", "a", "b"),
        ("nothing",),
    ],
)
def test_wrong_usage_is_exit_2(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


def test_long_name_is_cut_at_a_word_and_said_so() -> None:
    result = run("encode", "--bin", "970436", "--account", "1", "--name", "Hộ kinh doanh Nguyễn Thị Bích Ngọc")
    assert result.exit_code == 0
    assert details(inspect(result.stdout.strip())).name == "HO KINH DOANH NGUYEN THI"
    assert "HO KINH DOANH NGUYEN THI" in result.stderr


def test_a_name_never_loses_a_letter_in_silence() -> None:
    base = ("encode", "--bin", "970436", "--account", "0011001234567")
    whole = run(*base, "--name", "Y Ƀlul Êban", "--city", "Thành phố Buôn Ma Thuột")
    assert "5911Y BLUL EBAN6013BUON MA THUOT" in whole.output
    assert "BUON MA THUOT" in whole.stderr
    assert "trong mã ghi “QUAN PHO”" in run(*base, "--name", "Quán Phở 🍜").stderr


def test_longer_memo_and_unknown_bank_by_choice() -> None:
    choices = ("--unknown-bank", "--memo", "a" * 50, "--memo-max", "50")
    result = run("encode", "--bin", "970499", "--account", "1", *choices)
    assert result.exit_code == 0
    assert "970499" in result.stderr
    assert details(inspect(result.stdout.strip())).memo == "A" * 50


def test_wallet_is_made_with_a_notice() -> None:
    result = run("encode", "--bin", "971005", "--account", "0900000001")
    assert (result.exit_code, inspect(result.stdout.strip()).valid) == (0, True)
    assert "Viettel Money" in result.stderr


def batch(tmp_path: Path, content: str, *more: str) -> Result:
    file = tmp_path / "ds.csv"
    file.write_text(content, encoding="utf-8-sig")
    return run("encode", "--batch", str(file), *more)


def test_batch_gives_a_payload_a_row(tmp_path: Path) -> None:
    result = batch(tmp_path, "bin,account,name,amount,memo\n970436,0011001234567,,,\n970422,007,Cô Ba,20.000,Sạp 1\n")
    first, second = result.stdout.splitlines()
    assert (result.exit_code, first) == (0, PAYLOAD)
    said = details(inspect(second))
    assert (said.account, said.name, said.amount_vnd, said.memo) == ("007", "CO BA", 20000, "SAP 1")


def test_batch_leaves_an_empty_line_for_a_refused_row(tmp_path: Path) -> None:
    listed = "Ngân hàng;Số tài khoản;Số tiền\nVietcombank;0011001234567;\nKhông Có;1;\nMB;2;-5\nMB;3;\n"
    result = batch(tmp_path, listed)
    lines = result.stdout.split("\n")
    assert result.exit_code == 1
    assert [bool(line) for line in lines] == [True, False, False, True, False]
    assert lines[0] == PAYLOAD
    assert "dòng 3" in result.stderr
    assert "dòng 4" in result.stderr
    assert details(inspect(lines[3])).account == "3"


def test_batch_of_one_payee_takes_payer_code_amount_and_purpose(tmp_path: Path) -> None:
    result = batch(
        tmp_path,
        "Mã học sinh,Số tiền,Nội dung\nHS001,150000,Học phí T11\nHS002,120000,Học phí T11\n",
        *("--bin", "970405", "--account", "0900000000001", "--name", "Trường Tiểu học Ví Dụ"),
    )
    said = [details(inspect(line)) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert [(one.account, one.amount_vnd, one.memo) for one in said] == [
        ("0900000000001", 150000, "HS001 HOC PHI T11"),
        ("0900000000001", 120000, "HS002 HOC PHI T11"),
    ]


def test_batch_never_lends_the_common_account_to_a_row_without_one(tmp_path: Path) -> None:
    result = batch(tmp_path, "account,amount\n1,5000\n,6000\n", "--bin", "970436", "--account", "9")
    assert result.exit_code == 1
    assert [bool(line) for line in result.stdout.split("\n")] == [True, False, False]


def test_batch_without_an_account_column_is_refused_whole(tmp_path: Path) -> None:
    result = batch(tmp_path, "bin,amount\n970436,5000\n")
    assert (result.exit_code, result.stdout) == (1, "")
    assert len(result.stderr.splitlines()) <= 3


def test_batch_from_a_workbook_warns_once_of_zeros_that_number_cells_lose(tmp_path: Path) -> None:
    file = tmp_path / "ds.xlsx"
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (["bin", "account", "amount"], ["970436", 11001234567, 5000], ["970436", 11001234568, 6000.0]):
        sheet.append(row)
    book.save(file)
    result = run("encode", "--batch", str(file))
    said = [details(inspect(line)) for line in result.stdout.splitlines()]
    assert (result.exit_code, [(one.account, one.amount_vnd) for one in said]) == (
        0,
        [("11001234567", 5000), ("11001234568", 6000)],
    )
    assert result.stderr.count("số 0 đứng đầu") == 1


HOSTILE = {
    "empty": "",
    "huge": "0002" * 100_000,
    "nul": PAYLOAD[:20] + "\x00" + PAYLOAD[20:],
    "emoji": "🍜" * 30,
    "surrogate": "000201\udcff",
    "wrong crc": PAYLOAD[:-4] + "0000",
    "full-width": PAYLOAD.replace("970436", "９70436"),
    "trailing blank": PAYLOAD + " ",
    "url": "https://example.vn/",
}


@pytest.mark.parametrize("payload", HOSTILE.values(), ids=HOSTILE)
def test_decode_refuses_in_json(payload: str) -> None:
    result = run("decode", payload)
    told = decoded(result)
    assert (result.exit_code, told["valid"], told["account"]) == (1, False, None)
    assert told["errors"]


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_decode_reads_standard_input(end: bytes) -> None:
    result = run("decode", "-", stdin=PAYLOAD.encode() + end)
    assert (result.exit_code, decoded(result)["account"]) == (0, "0011001234567")


@pytest.mark.parametrize("stdin", [b"", b"\xff\xfe\x00", b"\x00" * 100, b"0" * 2_000_000, PAYLOAD.encode() + b"\n\n"])
def test_decode_survives_any_standard_input(stdin: bytes) -> None:
    result = run("decode", "-", stdin=stdin)
    assert (result.exit_code, decoded(result)["valid"]) == (1, False)


def test_warnings_are_told_and_do_not_refuse() -> None:
    payload = next(made for made in (vietqr("970436", str(n)) for n in range(99)) if not made[-4:].isdigit())
    result = run("decode", payload[:-4] + payload[-4:].lower())
    assert (result.exit_code, decoded(result)["valid"]) == (0, True)
    assert any("chữ thường" in warning for warning in decoded(result)["warnings"])


def lines_of(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_read_gives_a_line_for_each_code(tmp_path: Path) -> None:
    both = tmp_path / "hai mã.png"
    one = image(symbol(PAYLOAD), module_pixels=4).convert("L")
    other = image(symbol("https://example.vn/"), module_pixels=4).convert("L")
    board = Image.new("L", (one.width + other.width, one.height), 255)
    board.paste(one, (0, 0))
    board.paste(other, (one.width, 0))
    board.save(both)
    result = run("read", str(both))
    assert result.exit_code == 0
    assert sorted((line["file"], line["payload"], line["valid"]) for line in lines_of(result)) == [
        (str(both), PAYLOAD, True),
        (str(both), "https://example.vn/", False),
    ]


def test_read_says_null_for_an_image_without_a_code(tmp_path: Path) -> None:
    blank, broken, good = tmp_path / "trắng.jpg", tmp_path / "hỏng.jpg", tmp_path / "tốt.png"
    Image.new("L", (300, 300), 255).save(blank)
    broken.write_bytes(blank.read_bytes()[:200])
    image(symbol(PAYLOAD)).save(good)
    result = run("read", str(blank), str(broken), str(tmp_path / "không có.jpg"), str(tmp_path), str(good))
    assert result.exit_code == 1
    assert [line["payload"] for line in lines_of(result)] == [None, None, None, None, PAYLOAD]
    assert [line["valid"] for line in lines_of(result)] == [False] * 4 + [True]
    assert "chụp lại" in result.stderr


@pytest.mark.parametrize("ending", ["svg", "png", "pdf", "PDF"])
def test_draw_writes_a_file_that_reads_back(tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"mã.{ending}"
    result = run("draw", PAYLOAD, "--out", str(out))
    assert (result.exit_code, result.stdout) == (0, "")
    assert "…4567" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == [out.name]
    if ending == "svg":
        assert out.read_text(encoding="utf-8").startswith("<svg")
    else:
        assert [code.text for code in read_photo(out)] == [PAYLOAD]
    if ending == "pdf":
        with pikepdf.open(out) as pdf:
            assert "Vietcombank" in str(pdf.docinfo["/Title"])


def test_draw_refuses_what_must_not_hang_on_a_wall(tmp_path: Path) -> None:
    out = tmp_path / "x.svg"
    for payload in (PAYLOAD[:-4] + "0000", "xin chào", ""):
        assert run("draw", payload, "--out", str(out)).exit_code == 1
    assert run("draw", PAYLOAD, "--out", str(tmp_path / "no" / "x.svg")).exit_code == 1
    assert list(tmp_path.iterdir()) == []
    assert run("draw", "https://example.vn/", "--any-text", "--out", str(out)).exit_code == 0


def test_banks_are_listed_and_found() -> None:
    listed = run("banks").stdout.splitlines()
    assert len(listed) == 71
    assert any(line.startswith("970436\tVietcombank\t") for line in listed)
    assert not any(line.startswith("970488") for line in listed)
    assert run("banks", "Quân đội").stdout.startswith("970422\t")
    assert run("banks", "BVB").exit_code == 1
    assert {bank["bin"] for bank in json.loads(run("banks", "--json").stdout)} >= {"971005", "971011", "971025"}

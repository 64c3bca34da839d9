"""`choso cashback reconcile` as a provider's officer meets it: files in, files out."""

import csv
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pypdfium2
import pytest

from app.factory.cli import run
from app.tables import Sheet, write_xlsx

POLICY = """policy: qr-thu
version: 1
title: Hoàn tiền thử
source: Kế hoạch thử
from: 2023-08-01
until: 2023-08-31
when: {kind: [qr_payment], at_least_vnd: 20000, points: any}
rewards:
  - {to: customer, pay_vnd: 5000, caps: [{count: 1, per: day}]}
  - {to: merchant, pay_vnd: 3000}
"""
HEADER = "reference,paid_at,kind,amount_vnd,customer,merchant,source,channel,beneficiary,status,reverses"
LINES = [
    "T1,2023-08-01T08:00:00,qr_payment,25000,0912345678,DIEM1,viettelpay,app,,success,",
    "T2,2023-08-01T09:00:00,qr_payment,25000,0912345678,DIEM1,viettelpay,app,,success,",
    "T3,2023-08-02T09:00:00,qr_payment,19999,0987654321,DIEM2,viettelpay,app,,success,",
]


@pytest.fixture
def decisions(tmp_path: Path) -> Path:
    (tmp_path / "policy.yaml").write_text(POLICY, encoding="utf-8")
    (tmp_path / "report.csv").write_text("\n".join([HEADER, *LINES]) + "\n", encoding="utf-8")
    arguments = ["--policy", str(tmp_path / "policy.yaml"), "--report", str(tmp_path / "report.csv")]
    assert run(["cashback", "evaluate", *arguments, "--out", str(tmp_path / "run")]) == 0
    return tmp_path / "run"


def reconciled(decisions: Path, payout: Path) -> int:
    arguments = ["--decisions", str(decisions), "--payout", str(payout), "--out", str(decisions.parent / "out")]
    return run(["cashback", "reconcile", *arguments, "--to", "Đơn vị thanh toán mẫu", "--period", "Tháng 8/2023"])


def payout_file(folder: Path, *rows: Sequence[object]) -> Path:
    path = folder / "chi-tra.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["BẢNG KÊ CHI TRẢ"])
        writer.writerow(["STT", "Mã giao dịch", "Người nhận", "Số tiền đã chi", "Trạng thái"])
        writer.writerows([number, *row] for number, row in enumerate(rows, 1))
    return path


def test_our_own_list_is_no_answer_until_it_says_what_was_paid(
    decisions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = decisions.parent / "chi-tra.csv"
    heading, row = "Đối tượng,Người nhận,Trong kỳ,Điều chỉnh,Số tiền chi", "Khách hàng,0912345678,5000,0,5000"
    for column, cell, code in (("", "", 1), (",Trạng thái", ",", 1), (",Trạng thái", ",Thành công", 0)):
        own.write_text(f"{heading}{column}\n{row}{cell}\n", encoding="utf-8")
        assert reconciled(decisions, own) == code
    assert "tệp chi trả của chính mình" in capsys.readouterr().err


def test_every_class_with_count_total_and_reason(decisions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    payout = payout_file(
        decisions.parent,
        ("T1", "84912345678", "5.000 ₫", "Thành công"),
        ("T2", "0912345678", "5000", "Thành công"),
        ("T1", "DIEM1", "2.000", "Thành công"),
        ("T2", "DIEM1", "3000", "Thất bại"),
    )
    assert reconciled(decisions, payout) == 0
    out = decisions.parent / "out"
    found = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert {name: each["count"] for name, each in found["classes"].items() if each["count"]} == {
        "matched": 1, "paid_not_due": 1, "underpaid": 1, "due_not_paid": 1,
    }  # fmt: skip
    assert (found["due_vnd"], found["paid_vnd"], found["failed"]) == (11000, 12000, 1)
    assert found["payout_sha256"] == hashlib.sha256(payout.read_bytes()).hexdigest()
    book = openpyxl.load_workbook(out / "reconciliation.xlsx")
    (row,) = list(book["Trả mà không được hưởng"].iter_rows(min_row=2, values_only=True))
    assert row[1:8] == ("0912345678", "T2", 0, 5000, 5000, "không được thưởng: hết lượt trong ngày", "4")
    assert "Trả thiếu: 1 khoản" in capsys.readouterr().out
    with pypdfium2.PdfDocument(out / "letter.pdf") as pdf:
        words = " ".join("".join(page.get_textpage().get_text_range() for page in pdf).split())
    assert "ĐỐI CHIẾU CHI TRẢ HOÀN TIỀN" in words
    assert "Kính gửi: Đơn vị thanh toán mẫu." in words
    assert "Mười một nghìn đồng" in words
    assert "hết lượt trong ngày" in words


def test_a_bad_row_is_told_by_line_and_the_rest_is_done(decisions: Path) -> None:
    payout = payout_file(decisions.parent, ("T1", "0912345678", "5.00", ""), ("T1", "DIEM1", "3000", "chưa rõ"))
    assert reconciled(decisions, payout) == 1
    with (decisions.parent / "out" / "refused.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["file"], row["line"]) for row in rows] == [("chi-tra.csv", "3"), ("chi-tra.csv", "4")]
    assert "đọc được hai cách" in rows[0]["reason"]


def test_a_workbook_with_totals_that_disagree_is_refused_whole(
    decisions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    payout = decisions.parent / "chi-tra.xlsx"
    rows = [("T1", "0912345678", 5000), ("Tổng cộng", "", 9000)]
    write_xlsx(payout, [Sheet("Chi trả", ("Mã GD", "Số điện thoại", "Thành tiền"), rows)])
    assert reconciled(decisions, payout) == 1
    said = capsys.readouterr().err
    assert "tổng cộng ghi 9.000" in said
    assert len(said.strip().splitlines()) <= 3
    assert not (decisions.parent / "out").exists()


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 ...", b"ten,tien\nLan,5000\n"])
def test_what_is_no_payout_file_leaves_nothing(decisions: Path, content: bytes) -> None:
    payout = decisions.parent / "x.csv"
    payout.write_bytes(content)
    assert reconciled(decisions, payout) == 1
    assert not (decisions.parent / "out").exists()


def test_a_folder_without_a_run_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    payout = payout_file(tmp_path, ("T1", "0912345678", "5000", ""))
    (tmp_path / "empty").mkdir()
    assert reconciled(tmp_path / "empty", payout) == 1
    assert "choso cashback evaluate" in capsys.readouterr().err

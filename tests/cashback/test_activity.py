"""Who is active and what to look at: each figure of the rule from both of its sides."""

import csv
import json
from pathlib import Path

import pytest

from app.cashback.activity.checking import Findings, check_activity
from app.cashback.activity.rules import FLAG_NAMES, ActivityRules, flag_in_words, is_active
from app.factory.cli import run
from tests.cashback.reports import COLUMNS

RULES = ActivityRules()


def line(reference: str, at: str, merchant: str, customer: str, amount: int = 20000, **other: str) -> str:
    values = {
        "reference": reference, "paid_at": f"2023-08-{at}", "kind": "qr_payment", "amount_vnd": str(amount),
        "customer": customer, "merchant": merchant, "source": "bank", "channel": "app", "status": "success", **other,
    }  # fmt: skip
    return ",".join(values.get(name, "") for name in COLUMNS)


def report(folder: Path, *lines: str) -> Path:
    path = folder / "report.csv"
    path.write_text("\n".join([",".join(COLUMNS), *lines, ""]), encoding="utf-8")
    return path


def checked(folder: Path, *lines: str, related: str = "") -> Findings:
    (folder / "related.csv").write_text(f"merchant,customer,relation\n{related}", encoding="utf-8")
    return check_activity([report(folder, *lines)], folder / "related.csv", None, RULES)


TWO_DAYS = (line("T1", "01T08:00:00", "M", "A"), line("T2", "02T08:00:00", "M", "B"))


@pytest.mark.parametrize(
    ("lines", "related", "active"),
    [
        (TWO_DAYS, "", True),
        ((TWO_DAYS[0], line("T2", "01T09:00:00", "M", "B")), "", False),
        ((TWO_DAYS[0], line("T2", "02T08:00:00", "M", "A")), "", False),
        ((TWO_DAYS[0], line("T2", "02T08:00:00", "M", "B", 9999)), "", False),
        ((TWO_DAYS[0], line("T2", "02T08:00:00", "M", "B", 10000)), "", True),
        (TWO_DAYS, "M,B,nhân viên\n", False),
        (TWO_DAYS, "khác,B,nhân viên\n", True),
        ((TWO_DAYS[0], line("T2", "02T08:00:00", "M", "B", status="failed")), "", False),
        ((*TWO_DAYS, line("R1", "03T08:00:00", "M", "B", reverses="T2")), "", False),
        ((TWO_DAYS[0], line("T2", "30T08:00:00", "M", "B")), "", True),
        ((TWO_DAYS[0], line("T2", "31T08:00:00", "M", "B")), "", False),
    ],
)
def test_active_means_days_and_payers_that_count(
    tmp_path: Path, lines: tuple[str, ...], related: str, active: bool
) -> None:
    (point,) = checked(tmp_path, *lines, related=related).points
    assert is_active(point, RULES) is active


def test_what_does_not_count_is_shown_with_its_reason(tmp_path: Path) -> None:
    found = checked(tmp_path, *TWO_DAYS, line("T3", "02T09:00:00", "M", "C", 5000), related="M,B,người nhà\n")
    assert [(each.reference, each.reason) for each in found.excluded] == [("T2", "related"), ("T3", "below_floor")]
    (flag,) = found.flags
    assert (flag.flag, flag.count, flag.references) == ("self_dealing", 1, "T2")


def test_owners_who_pay_each_other_are_a_ring_and_one_way_is_none(tmp_path: Path) -> None:
    owners = "M,An,chủ\nN,Bình,chủ\n"
    there, back = line("T1", "01T08:00:00", "N", "An"), line("T2", "05T08:00:00", "M", "Bình")
    assert checked(tmp_path, there, related=owners).flags == []
    found = checked(tmp_path, there, back, related=owners).flags
    assert {(each.flag, each.merchant, each.who) for each in found} == {("ring", "M", "N"), ("ring", "N", "M")}


@pytest.mark.parametrize(
    ("amount", "times", "flags"), [(500_000, 3, 1), (500_000, 2, 0), (550_000, 3, 0), (400_000, 3, 0)]
)
def test_round_sums_again_and_again(tmp_path: Path, amount: int, times: int, flags: int) -> None:
    found = checked(tmp_path, *(line(f"T{day}", f"0{day}T08:00:00", "M", "A", amount) for day in range(1, times + 1)))
    assert [each.flag for each in found.flags] == ["cash_for_transfer"] * flags


@pytest.mark.parametrize(("minutes", "flags"), [((0, 2, 4, 6, 9), 1), ((0, 2, 4, 6, 10), 0), ((0, 1, 2, 3), 0)])
def test_many_payments_in_few_minutes(tmp_path: Path, minutes: tuple[int, ...], flags: int) -> None:
    found = checked(tmp_path, *(line(f"T{at}", f"01T08:{at:02d}:00", "M", f"K{at}") for at in minutes))
    assert [each.flag for each in found.flags] == ["burst"] * flags
    assert all(each.count == len(minutes) for each in found.flags)


def test_every_flag_asks_and_judges_nobody() -> None:
    for flag in FLAG_NAMES:
        words = flag_in_words(flag, 3, 60000, "A", RULES)
        assert words.endswith("nên hỏi điểm bán")
        assert "gian lận" not in words


def test_the_command_writes_everything_or_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = report(tmp_path, *TWO_DAYS), tmp_path / "out"
    assert run(["cashback", "activity", "--report", str(path), "--out", str(out)]) == 0
    assert "1 trên 1 điểm hoạt động" in capsys.readouterr().out
    assert json.loads((out / "summary.json").read_text(encoding="utf-8"))["active"] == 1
    with (out / "activity.csv").open(encoding="utf-8-sig") as stream:
        assert next(csv.DictReader(stream))["Diễn giải"] == "trong 30 ngày có 2 ngày và 2 người trả"
    empty = report(tmp_path, line("T1", "01T08:00:00", "M", "A", kind="other"))
    assert run(["cashback", "activity", "--report", str(empty), "--out", str(tmp_path / "none")]) == 1
    assert "không có giao dịch quét QR" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()

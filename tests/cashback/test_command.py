"""`choso cashback` from files to files: what lies in the folder, what is said, with which exit status."""

import hashlib
import json
from pathlib import Path

import duckdb
import pytest
import xlsxwriter

from app.factory.cli import run
from app.paths import resource_dir
from tests.cashback.reports import COLUMNS

POLICIES = resource_dir("cashback") / "policies"
HEADING = ",".join(COLUMNS)


def pay(
    reference: str,
    paid_at: str,
    amount: int | str = 20000,
    customer: str = "0901",
    merchant: str = "M1",
    kind: str = "qr_payment",
    more: str = "mobile_money,app,",
    status: str = "success",
    reverses: str = "",
) -> str:
    return f"{reference},{paid_at},{kind},{amount},{customer},{merchant},{more},{status},{reverses}"


def written(folder: Path, *lines: str, name: str = "r.csv") -> str:
    path = folder / name
    path.write_text("\n".join([HEADING, *lines]) + "\n", encoding="utf-8")
    return str(path)


@pytest.fixture
def points(tmp_path: Path) -> str:
    path = tmp_path / "points.csv"
    path.write_text("merchant\nM1\nM2\n", encoding="utf-8")
    return str(path)


def evaluate(folder: Path, policy: str, report: str, *more: str) -> int:
    path = policy if policy.endswith(".yaml") else str(POLICIES / f"{policy}.yaml")
    return run(["cashback", "evaluate", "--policy", path, "--report", report, "--out", str(folder / "out"), *more])


def decided(folder: Path, role: str = "customer") -> dict[str, tuple[str, int]]:
    with duckdb.connect() as db:
        rows = db.execute(
            "select reference, reason, amount_vnd from read_parquet(?) where payee_role = ?",
            [str(folder / "out" / "decisions.parquet"), role],
        ).fetchall()
    return {reference: (reason, amount) for reference, reason, amount in rows}


def test_the_folder_holds_what_the_contract_names(
    tmp_path: Path, points: str, capsys: pytest.CaptureFixture[str]
) -> None:
    report = written(tmp_path, pay("T1", "2023-08-01T09:00:00"), pay("T2", "2023-08-01T09:00:00", "20.000"))
    assert evaluate(tmp_path, "qr-experience-point", report, "--points", points, "--csv") == 1
    out = tmp_path / "out"
    assert {path.name for path in out.iterdir()} == {
        "decisions.parquet",
        "decisions.csv",
        "refused.csv",
        "summary.json",
    }
    assert out.joinpath("refused.csv").read_text(encoding="utf-8").splitlines()[0] == "file,line,reason"
    assert "r.csv,3," in out.joinpath("refused.csv").read_text(encoding="utf-8")
    summary = json.loads(out.joinpath("summary.json").read_text(encoding="utf-8"))
    assert {name: summary[name] for name in ("lines", "duplicates", "refused", "granted", "paid_vnd")} == {
        "lines": 2, "duplicates": 0, "refused": 1, "granted": 2, "paid_vnd": 10_000,
    }  # fmt: skip
    assert "refused.csv" in capsys.readouterr().err


def test_a_report_refused_whole_writes_nothing(tmp_path: Path, points: str, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("a,b\n1,2\n", encoding="utf-8")
    assert evaluate(tmp_path, "qr-experience-point", str(bad), "--points", points) == 1
    assert not (tmp_path / "out").exists()
    assert len(capsys.readouterr().err.strip().splitlines()) <= 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("policy: x\nversion: 1\nrewards: [{to: customer, pay_vnd: 5000}]\nwhen: {kinds: [qr_payment]}\n", "dòng 4"),
        ("policy: x\nversion: 1\nrewards: [{to: customer, pay_vnd: 5.000}]\n", "pay_vnd"),
        ("policy: x\nversion: 1\nrewards: [{to: customer, pay_vnd: 1, pay_percent: 5}]\n", "rewards[1]"),
        ("policy: x\nversion: 1\nfrom: 2023-02-29\nrewards: [{to: fund, pay_vnd: 1}]\n", "from"),
        ("policy: x\nversion: 1\nrewards: [\n", "dòng 4: YAML viết sai. Hãy xem lại"),
        ("version: 1\n", "p.yaml, dòng 1: thiếu khoá policy"),
        ("policy: x\npolicy: y\nversion: 1\nrewards: [{to: fund, pay_vnd: 1}]\n", "hai lần"),
        ("policy: x\nversion: 1\nrewards: [{to: fund, pay_vnd: 1, caps: [{count: 0, per: day}]}]\n", "count"),
        ("policy: x\nversion: 1\nrewards: [{to: fund, pay_vnd: 1, caps: [{count: 1, per: hour}]}]\n", "per"),
    ],
)
def test_a_policy_with_a_fault_is_refused_with_its_place(
    tmp_path: Path, text: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = tmp_path / "p.yaml"
    policy.write_text(text, encoding="utf-8")
    assert evaluate(tmp_path, str(policy), written(tmp_path, pay("T1", "2023-08-01T09:00:00"))) == 1
    said = capsys.readouterr().err
    assert told in said
    assert "p.yaml" in said
    assert not (tmp_path / "out").exists()


def test_a_folder_for_a_file_and_a_file_for_a_folder_are_called_by_their_names(
    tmp_path: Path, points: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not by the hidden name a run gives its folder until all is written."""
    report = written(tmp_path, pay("T1", "2023-08-01T09:00:00"))
    assert evaluate(tmp_path, "qr-experience-point", str(tmp_path), "--points", points) == 1
    assert f"{tmp_path} là thư mục" in capsys.readouterr().err
    assert evaluate(tmp_path, "qr-experience-point", report, "--points", str(tmp_path)) == 1
    assert f"{tmp_path.name} là thư mục" in capsys.readouterr().err
    below = Path(report) / "out"
    files = ["--policy", str(POLICIES / "qr-experience-point.yaml"), "--report", report, "--points", points]
    assert run(["cashback", "evaluate", *files, "--out", str(below)]) == 1
    assert f"Không tạo được thư mục {below}." in capsys.readouterr().err


def test_a_list_with_its_column_twice_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Else the first of the two would decide in silence who is paid."""
    twice = tmp_path / "points.csv"
    twice.write_text("merchant,merchant\nM2,M1\n", encoding="utf-8")
    report = written(tmp_path, pay("T1", "2023-08-01T09:00:00"))
    assert evaluate(tmp_path, "qr-experience-point", report, "--points", str(twice)) == 1
    assert "points.csv, dòng 1: cột merchant có hai lần" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("reference", ["weird", "\udcff", ""])
def test_explain_knows_no_reference_that_is_none(
    tmp_path: Path, points: str, reference: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A word a refusal quotes is not the reference it refuses, and bytes that are no text are no fault of ours."""
    report = written(tmp_path, pay("T1", "2023-08-01T09:00:00").replace("success", "weird"))
    assert evaluate(tmp_path, "qr-experience-point", report, "--points", points) == 1
    capsys.readouterr()
    assert run(["cashback", "explain", "--out", str(tmp_path / "out"), "--reference", "T1"]) == 0
    assert "weird" in capsys.readouterr().out
    assert run(["cashback", "explain", "--out", str(tmp_path / "out"), "--reference", reference]) == 1
    assert "Không thấy giao dịch" in capsys.readouterr().err


def test_a_quote_that_never_closes_is_named_by_the_line_where_it_opens(
    tmp_path: Path, points: str, capsys: pytest.CaptureFixture[str]
) -> None:
    report = written(tmp_path, pay("1", "2023-08-01T09:00:00"), '"2,2023-08-05T08:00:00,qr_payment', "", "x")
    assert evaluate(tmp_path, "qr-experience-point", report, "--points", points) == 1
    assert "r.csv, từ dòng 3" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_damaged_folder_holds_no_run(tmp_path: Path, points: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    report = written(tmp_path, pay("1", "2023-08-01T09:00:00"))
    assert evaluate(tmp_path, "qr-experience-point", report, "--points", points) == 0
    (out / "decisions.parquet").write_bytes(b"PAR1 cut short")
    assert run(["cashback", "explain", "--out", str(out), "--reference", "1"]) == 1
    assert "không chứa kết quả xét" in capsys.readouterr().err


def test_a_list_the_policy_needs_is_asked_for(tmp_path: Path) -> None:
    assert evaluate(tmp_path, "qr-experience-point", written(tmp_path)) == 2


def test_explain_names_the_payments_that_used_the_cap(
    tmp_path: Path, points: str, capsys: pytest.CaptureFixture[str]
) -> None:
    report = written(tmp_path, *(pay(f"T{day}", f"2023-08-{day:02d}T09:00:00") for day in range(1, 8)))
    assert evaluate(tmp_path, "qr-experience-point", report, "--points", points) == 0
    capsys.readouterr()
    assert run(["cashback", "explain", "--out", str(tmp_path / "out"), "--reference", "T6"]) == 0
    said = capsys.readouterr().out
    assert "lần thứ 6 trong tháng, tối đa 5: các lần trước là T1 (09:00:00 ngày 01/08/2023)" in said
    assert said.count("\n") == 2
    assert run(["cashback", "explain", "--out", str(tmp_path / "out"), "--reference", "no"]) == 1


def test_clause_8_3_minimum_day_month_and_point(tmp_path: Path, points: str) -> None:
    lines = [
        pay("below", "2023-08-01T08:00:00", 19999),
        pay("least", "2023-08-01T09:00:00", 20000),
        pay("second", "2023-08-01T23:59:59"),
        *(pay(f"d{day}", f"2023-08-{day:02d}T09:00:00") for day in range(2, 6)),
        pay("sixth", "2023-08-06T09:00:00"),
        pay("sixth-again", "2023-08-06T10:00:00"),
        pay("september", "2023-09-01T00:00:00"),
        *(pay(f"p{number}", "2023-08-10T10:00:00", customer=f"c{number}") for number in range(10)),
        pay("elsewhere", "2023-08-01T08:00:00", customer="x", merchant="M9"),
    ]
    assert evaluate(tmp_path, "qr-experience-point", written(tmp_path, *lines), "--points", points) == 0
    customer, point = decided(tmp_path), decided(tmp_path, "merchant")
    assert customer["below"] == ("below_minimum", 0)
    assert customer["least"] == ("granted", 5000)
    assert customer["second"] == ("daily_cap", 0)
    assert [customer[f"d{day}"][0] for day in range(2, 6)] == ["granted"] * 4
    assert customer["sixth"] == customer["sixth-again"] == ("monthly_cap", 0)
    assert customer["september"] == ("granted", 5000)
    assert customer["elsewhere"] == ("not_a_point", 0)
    assert [point[f"p{number}"][0] for number in range(3)] == ["granted", "granted", "monthly_cap"]
    assert sum(reason == "granted" for reason, _ in point.values()) == 10 + 1  # ten in August, one in September


def test_clause_8_1_over_30000_and_once_for_each_subscriber(tmp_path: Path) -> None:
    subscribers = tmp_path / "s.csv"
    subscribers.write_text("customer,installed_on\n0901,2023-08-01\n0902,2023-08-05\n", encoding="utf-8")
    lines = [
        pay("exactly", "2023-08-01T08:00:00", 30000),
        pay("over", "2023-08-01T09:00:00", 30001),
        pay("again", "2023-08-02T09:00:00", 30001, kind="electricity"),
        pay("early", "2023-08-04T23:59:59", 1, customer="0902", kind="tuition"),
        pay("that-day", "2023-08-05T00:00:00", 1, customer="0902", kind="tuition"),
        pay("unknown", "2023-08-05T00:00:00", 50000, customer="0903"),
    ]
    assert evaluate(tmp_path, "spread-fund", written(tmp_path, *lines), "--subscribers", str(subscribers)) == 0
    assert {name: reason for name, (reason, _) in decided(tmp_path, "fund").items()} == {
        "exactly": "below_minimum", "over": "granted", "again": "already_rewarded", "early": "not_new_subscriber",
        "that-day": "granted", "unknown": "not_new_subscriber",
    }  # fmt: skip


def test_clause_8_2_top_up_tuesday_and_data(tmp_path: Path) -> None:
    def top_up(name: str, paid_at: str, more: str, kind: str = "topup_prepaid") -> str:
        return pay(name, paid_at, 33333, kind=kind, more=more, merchant="")

    lines = [
        top_up("own", "2023-08-01T08:00:00", "mobile_money,ussd,0901"),
        top_up("other", "2023-08-01T09:00:00", "mobile_money,app,0902"),
        top_up("auto", "2023-08-02T08:00:00", "viettelpay,auto,0901"),
        top_up("pay-app", "2023-08-02T09:00:00", "viettelpay,app,0901"),
        top_up("data", "2023-08-02T10:00:00", "viettelpay,app,", "data_pack"),
    ]
    report = written(tmp_path, *lines)
    assert evaluate(tmp_path, "top-up-10", report) == 0
    assert decided(tmp_path) == {
        "own": ("granted", 3333), "other": ("not_own_number", 0), "auto": ("granted", 3333),
        "pay-app": ("wrong_channel", 0), "data": ("wrong_kind", 0),
    }  # fmt: skip
    assert evaluate(tmp_path, "tuesday-first-50", report) == 0
    assert decided(tmp_path)["own"] == ("granted", 16666)
    assert decided(tmp_path)["other"] == ("daily_cap", 0)
    assert evaluate(tmp_path, "data-15", report) == 0
    assert decided(tmp_path)["data"] == ("granted", 4999)


def test_a_draw_waits_for_its_seed_and_refuses_another(tmp_path: Path) -> None:
    text = (POLICIES / "qr-voucher.yaml").read_text(encoding="utf-8")
    published = text.split("seed_sha256: ")[1][:64]
    policy = tmp_path / "draw.yaml"
    text = text.replace(published, hashlib.sha256("hạt".encode()).hexdigest())
    policy.write_text(text.replace("winners: 20", "winners: 1").replace("winners: 5}", "winners: 1}"), encoding="utf-8")
    lines = [pay(f"T{at}", "2023-08-01T09:00:00", customer=f"c{at}", merchant=f"M{at}") for at in range(9)]
    report = written(tmp_path, *lines)
    assert evaluate(tmp_path, str(policy), report) == 0
    assert {reason for reason, _ in decided(tmp_path, "merchant").values()} == {"draw_pending"}
    assert evaluate(tmp_path, str(policy), report, "--seed", "khác") == 1
    assert evaluate(tmp_path, str(policy), report, "--seed", "hạt") == 0
    first = decided(tmp_path, "merchant")
    won = {name: amount for name, (reason, amount) in first.items() if reason == "granted"}
    assert sorted(won.values()) == [50_000, 200_000]
    best = max(won, key=lambda name: won[name])
    out = tmp_path / "out"
    assert run(["cashback", "verify-draw", "--out", str(out)]) == 0
    assert run(["cashback", "verify-draw", "--out", str(out), "--seed", "khác"]) == 1
    tickets = (out / "tickets.csv").read_text(encoding="utf-8")
    (out / "tickets.csv").write_text(tickets.replace(",T0,", ",T99,"), encoding="utf-8")
    assert run(["cashback", "verify-draw", "--out", str(out)]) == 1, "a changed ticket list is found out"
    taken_back = pay("back", "2023-09-01T09:00:00", reverses=best, status="reversed")
    assert evaluate(tmp_path, str(policy), written(tmp_path, *lines, taken_back), "--seed", "hạt") == 0
    after = decided(tmp_path, "merchant")
    second = next(name for name in won if name != best)
    assert after[best] == ("reversed", 0)
    assert after[second] == ("granted", 200_000), "the next moves up"


def test_lines_in_any_order_give_the_same_bytes(tmp_path: Path, points: str) -> None:
    lines = [pay(f"T{at}", f"2023-08-{at % 28 + 1:02d}T09:00:00", customer=f"c{at % 90}") for at in range(3000)]
    digests = set()
    for name, rows in (("a", lines), ("b", lines[::-1])):
        report = written(tmp_path, *rows, name=f"{name}.csv")
        assert evaluate(tmp_path, "qr-experience-point", report, "--points", points) == 0
        digests.add(hashlib.sha256((tmp_path / "out" / "decisions.parquet").read_bytes()).hexdigest())
    assert len(digests) == 1


def test_simulate_tells_cost_and_writes_nothing(
    tmp_path: Path, points: str, capsys: pytest.CaptureFixture[str]
) -> None:
    report = written(tmp_path, *(pay(f"T{day}", f"2023-08-{day:02d}T09:00:00") for day in range(1, 8)))
    before = {path.name for path in tmp_path.iterdir()}
    policy = str(POLICIES / "qr-experience-point.yaml")
    told = ["cashback", "simulate", "--policy", policy, "--report", report, "--points", points, "--json"]
    assert run(told) == 0
    [outlook] = json.loads(capsys.readouterr().out)
    assert (outlook["paid_vnd"], outlook["refused"], outlook["rewards"][0]["parties_at_cap"]) == (60_000, 0, 1)
    assert {path.name for path in tmp_path.iterdir()} == before
    assert run([*told, "--report", written(tmp_path, pay("bad", "hôm qua"), name="bad.csv")]) == 1


def test_a_reward_for_a_merchant_that_no_line_names_is_granted_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = tmp_path / "p.yaml"
    policy.write_text("policy: p\nversion: 1\nrewards:\n  - {to: merchant, pay_vnd: 5000}\n", encoding="utf-8")
    report = written(tmp_path, pay("T1", "2023-08-01T09:00:00"), pay("T2", "2023-08-01T09:00:00", merchant=""))
    assert evaluate(tmp_path, str(policy), report) == 0
    assert decided(tmp_path, "merchant") == {"T1": ("granted", 5000), "T2": ("granted", 5000)}
    assert "1 khoản (5.000\u00a0₫) thưởng cho điểm bán mà dòng không ghi" in capsys.readouterr().err
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["nameless"] == {"granted": 1, "paid_vnd": 5000}


def test_sheets_that_are_not_read_are_named(tmp_path: Path, points: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "r.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name in ("01.10", "02.10"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, COLUMNS)
            sheet.write_row(1, 0, pay(f"T{name}", "2023-08-01T09:00:00").split(","))
    assert evaluate(tmp_path, "qr-experience-point", str(path), "--points", points) == 0
    assert "không đọc trang tính “02.10”" in capsys.readouterr().err

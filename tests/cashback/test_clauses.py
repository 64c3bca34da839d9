"""Each clause of the plan (Long Thành II.8) by its own words, at its edges: 19,999 and 20,000, the sixth of a month."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from app.factory.cli import run
from app.paths import resource_dir
from tests.cashback.reports import COLUMNS

POLICIES = resource_dir("cashback") / "policies"
POINTS = "merchant\nĐIỂM\nĐIỂM2\n"
SUBSCRIBERS = "customer,installed_on\n0901,2023-08-05\n0902,2023-08-05\n0903,2023-08-05\n0904,2023-08-05\n"
OWN = "0901"
#: reference, paid_at, kind, amount, customer, merchant, source, channel, beneficiary -> (role, reason, dong)
Case = tuple[str, str, int]


class Report:
    """Lines written one by one, each with what the clause says of it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.expected: dict[tuple[str, str], tuple[str, int]] = {}

    def line(
        self, reference: str, at: str, *expected: Case, kind: str = "qr_payment", vnd: int = 20_000,
        customer: str = OWN, merchant: str = "", source: str = "mobile_money", channel: str = "app",
        beneficiary: str = "", reverses: str = "",
    ) -> "Report":  # fmt: skip
        """One payment and, for each kind of payee, the reason and the dong."""
        cells = (reference, at, kind, str(vnd), customer, merchant, source, channel, beneficiary, "success", reverses)
        self.lines.append(",".join(cells))
        self.expected |= {(reference, role): (reason, paid) for role, reason, paid in expected}
        return self


def spread_fund() -> Report:
    """8.1: 10,000 once for each subscriber: electricity, telecom, tuition, or a QR payment over 30,000."""
    report, paid = Report(), ("fund", "granted", 10_000)
    report.line("điện", "2023-08-05T08:00:00", paid, kind="electricity", vnd=1)
    report.line("lần-hai", "2023-08-06T08:00:00", ("fund", "already_rewarded", 0), kind="tuition")
    report.line("đúng-30000", "2023-08-05T08:00:00", ("fund", "below_minimum", 0), vnd=30_000, customer="0902")
    report.line("trên-30000", "2023-08-05T09:00:00", paid, vnd=30_001, customer="0902")
    report.line("viễn-thông", "2023-08-05T08:00:00", paid, kind="telecom", customer="0903")
    report.line("học-phí", "2023-08-05T08:00:00", paid, kind="tuition", customer="0904")
    report.line("chưa-cài", "2023-08-04T23:59:59", ("fund", "not_new_subscriber", 0), kind="electricity")
    report.line("người-khác", "2023-08-05T08:00:00", ("fund", "not_new_subscriber", 0), kind="tuition", customer="9")
    return report.line("nạp", "2023-08-05T08:00:00", ("fund", "wrong_kind", 0), kind="topup_prepaid", customer="0904")


def top_up_10() -> Report:
    """8.2: 10 % of a top-up or bill for the own number: Mobile Money on web, app, USSD; or ViettelPay, automatic."""
    report, at = Report(), "2023-08-05T08:00:00"
    own: dict[str, Any] = {"beneficiary": OWN}
    for channel in ("web", "app", "ussd"):
        case = ("customer", "granted", 2_501)
        report.line(f"mm-{channel}", at, case, kind="topup_prepaid", vnd=25_015, channel=channel, **own)
    report.line("trả-sau", at, ("customer", "granted", 5_000), kind="bill_postpaid", vnd=50_000, **own)
    auto: dict[str, Any] = {"source": "viettelpay", "channel": "auto", "beneficiary": OWN}
    report.line("tự-động", at, ("customer", "granted", 2_000), kind="topup_prepaid", **auto)
    report.line("tự-động-trả-sau", at, ("customer", "wrong_source", 0), kind="bill_postpaid", **auto)
    report.line("mm-tự-động", at, ("customer", "wrong_channel", 0), kind="topup_prepaid", channel="auto", **own)
    by_app: dict[str, Any] = {"source": "viettelpay", "beneficiary": OWN}
    report.line("viettelpay-app", at, ("customer", "wrong_channel", 0), kind="topup_prepaid", **by_app)
    report.line("hộ-người-khác", at, ("customer", "not_own_number", 0), kind="topup_prepaid", beneficiary="0902")
    report.line("ngân-hàng", at, ("customer", "wrong_source", 0), kind="topup_prepaid", source="bank", **own)
    return report.line("điện", at, ("customer", "wrong_kind", 0), kind="electricity", **own)


def tuesday_first_50() -> Report:
    """8.2: half of the card's face value on the first top-up by Mobile Money in the app or USSD, every Tuesday."""
    report = Report()
    card: dict[str, Any] = {"kind": "topup_prepaid", "vnd": 50_000}
    report.line("thứ-hai", "2023-08-07T23:59:59", ("customer", "not_promotion_day", 0), **card)
    report.line("thứ-ba", "2023-08-08T00:00:00", ("customer", "granted", 25_000), **card)
    report.line("lần-hai", "2023-08-08T00:00:01", ("customer", "daily_cap", 0), channel="ussd", **card)
    report.line("ussd", "2023-08-15T23:59:59", ("customer", "granted", 25_000), channel="ussd", **card)
    report.line("thứ-tư", "2023-08-16T00:00:00", ("customer", "not_promotion_day", 0), **card)
    report.line("web", "2023-08-22T08:00:00", ("customer", "wrong_channel", 0), channel="web", **card)
    report.line("viettelpay", "2023-08-22T08:00:00", ("customer", "wrong_source", 0), source="viettelpay", **card)
    report.line("sau-lần-sai", "2023-08-22T09:00:00", ("customer", "granted", 25_000), **card)
    return report.line("trả-sau", "2023-08-29T08:00:00", ("customer", "wrong_kind", 0), kind="bill_postpaid")


def data_15() -> Report:
    """8.2: 15 % of a data pack bought in the app with ViettelPay or Mobile Money."""
    report, at = Report(), "2023-08-05T08:00:00"
    report.line("mm", at, ("customer", "granted", 4_999), kind="data_pack", vnd=33_333)
    report.line("vp", at, ("customer", "granted", 13_500), kind="data_pack", vnd=90_000, source="viettelpay")
    report.line("ngân-hàng", at, ("customer", "wrong_source", 0), kind="data_pack", source="bank")
    report.line("ussd", at, ("customer", "wrong_channel", 0), kind="data_pack", channel="ussd")
    return report.line("nạp", at, ("customer", "wrong_kind", 0), kind="topup_prepaid")


def qr_experience_point() -> Report:
    """8.3: 5,000 each; from 20,000; the point at most 10 a month; the customer at most 5 a month and 1 a day."""
    report, yes = Report(), [("customer", "granted", 5_000), ("merchant", "granted", 5_000)]
    few = [("customer", "below_minimum", 0), ("merchant", "below_minimum", 0)]
    report.line("19999", "2023-08-01T08:00:00", *few, vnd=19_999, merchant="ĐIỂM")
    report.line("20000", "2023-08-01T08:00:01", *yes, vnd=20_000, merchant="ĐIỂM")
    second = [("customer", "daily_cap", 0), ("merchant", "granted", 5_000)]
    report.line("lần-hai-trong-ngày", "2023-08-01T23:59:59", *second, merchant="ĐIỂM")
    for day in range(2, 6):
        report.line(f"ngày-{day}", f"2023-08-{day:02d}T00:00:00", *yes, merchant="ĐIỂM")
    sixth = [("customer", "monthly_cap", 0), ("merchant", "granted", 5_000)]
    report.line("lần-sáu-trong-tháng", "2023-08-06T08:00:00", *sixth, merchant="ĐIỂM")
    for at in range(3):
        report.line(f"khách-{at}", f"2023-08-07T0{at}:00:00", *yes, customer=f"c{at}", merchant="ĐIỂM")
    full = [("customer", "granted", 5_000), ("merchant", "monthly_cap", 0)]
    report.line("lần-mười-một-của-điểm", "2023-08-31T23:59:59", *full, customer="c9", merchant="ĐIỂM")
    report.line("điểm-khác", "2023-08-31T23:59:59", *yes, customer="c8", merchant="ĐIỂM2")
    report.line("tháng-sau", "2023-09-01T00:00:00", *yes, merchant="ĐIỂM")
    nowhere = [("customer", "not_a_point", 0), ("merchant", "not_a_point", 0)]
    return report.line("không-phải-điểm", "2023-09-02T08:00:00", *nowhere, merchant="QUÁN")


def gold_daily() -> Report:
    """8.2: one drawn a day among top-ups and post-paid payments for the own number."""
    report, at, waits = Report(), "2023-08-05T08:00:00", ("customer", "draw_pending", 0)
    report.line("nạp", at, waits, kind="topup_prepaid", beneficiary=OWN)
    report.line("trả-sau", at, waits, kind="bill_postpaid", beneficiary=OWN, source="bank", channel="web")
    report.line("hộ", at, ("customer", "not_own_number", 0), kind="topup_prepaid", beneficiary="0902")
    return report.line("data", at, ("customer", "wrong_kind", 0), kind="data_pack", beneficiary=OWN)


def qr_voucher() -> Report:
    """8.3: a QR payment of at least 20,000 enters its merchant in the draw, wherever it sells."""
    report, at = Report(), "2023-08-05T08:00:00"
    report.line("19999", at, ("merchant", "below_minimum", 0), vnd=19_999, merchant="QUÁN")
    report.line("20000", at, ("merchant", "draw_pending", 0), vnd=20_000, merchant="QUÁN")
    return report.line("nạp", at, ("merchant", "wrong_kind", 0), kind="topup_prepaid", merchant="QUÁN")


@pytest.mark.parametrize(
    "clause", [spread_fund, top_up_10, tuesday_first_50, data_15, qr_experience_point, gold_daily, qr_voucher]
)
def test_the_plans_own_words(tmp_path: Path, clause: Callable[[], Report]) -> None:
    report = clause()
    name = getattr(clause, "__name__", "").replace("_", "-")
    files = {
        "report.csv": "\n".join([",".join(COLUMNS), *reversed(report.lines)]),
        "points.csv": POINTS,
        "subscribers.csv": SUBSCRIBERS,
    }
    for file, text in files.items():
        (tmp_path / file).write_text(text, encoding="utf-8")
    options = [f"--{each}={tmp_path / f'{each}.csv'}" for each in ("report", "points", "subscribers")]
    out = tmp_path / "out"
    assert run(["cashback", "evaluate", f"--policy={POLICIES / f'{name}.yaml'}", f"--out={out}", *options]) == 0
    with duckdb.connect() as db:
        query = "select reference, payee_role, reason, amount_vnd from read_parquet(?)"
        rows = db.execute(query, [str(out / "decisions.parquet")]).fetchall()
    assert {(reference, role): (reason, paid) for reference, role, reason, paid in rows} == report.expected


def test_every_clause_holds_from_its_first_day_to_its_last(tmp_path: Path) -> None:
    report = Report()
    for at in ("2023-07-31T23:59:59", "2023-08-01T00:00:00", "2023-12-31T23:59:59", "2024-01-01T00:00:00"):
        report.line(at, at, kind="data_pack")
    (tmp_path / "report.csv").write_text("\n".join([",".join(COLUMNS), *report.lines]), encoding="utf-8")
    out, policy = tmp_path / "out", POLICIES / "data-15.yaml"
    assert (
        run(["cashback", "evaluate", f"--policy={policy}", f"--report={tmp_path / 'report.csv'}", f"--out={out}"]) == 0
    )
    with duckdb.connect() as db:
        query = "select reason from read_parquet(?) order by paid_at"
        reasons = [reason for (reason,) in db.execute(query, [str(out / "decisions.parquet")]).fetchall()]
    assert reasons == ["outside_dates", "granted", "granted", "outside_dates"]

"""Activity from reports: who is active, what is left out and why, and what to look at. DuckDB does the counting."""

import json
import os
import shutil
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from app.cashback.activity.rules import (
    EXCLUSIONS,
    FLAG_NAMES,
    ActivityRules,
    Counted,
    activity_in_words,
    flag_in_words,
    is_active,
)
from app.cashback.engine import open_database
from app.cashback.lists import ListRefusedError
from app.cashback.rules import day_number
from app.errors import RefusedError
from app.tables import Sheet, TableError, find_heading, read_table, write_csv, write_xlsx
from app.transactions.intake import take_reports
from app.transactions.rules import KINDS, SUCCESS

_RELATED_FIELDS = {
    "merchant": ("Điểm bán", "Mã điểm bán", "Mã điểm"),
    "customer": ("Người trả", "Số điện thoại", "Khách hàng", "Thuê bao"),
    "relation": ("Quan hệ", "Vai trò"),
}
_MINUTE_US = 60_000_000
_OWNERS = ("chủ", "owner")
ACTIVITY, EXCLUDED, FLAGS, WORKBOOK, SUMMARY = (
    "activity.csv", "excluded.csv", "flags.csv", "activity.xlsx", "summary.json",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Flag:
    """Something to look at: what, at which point, the figures, and the payments behind it."""

    flag: str
    merchant: str
    who: str
    count: int
    amount_vnd: int
    references: str


@dataclass(frozen=True, slots=True)
class Excluded:
    """A payment that does not count, and why."""

    reference: str
    merchant: str
    customer: str
    amount_vnd: int
    reason: str


@dataclass(frozen=True, slots=True)
class Findings:
    """A check of one window."""

    last_day: date
    points: Sequence[Counted]
    excluded: Sequence[Excluded]
    flags: Sequence[Flag]
    refused_count: int


def check_activity(
    reports: Sequence[Path], related: Path | None, last_day: date | None, rules: ActivityRules
) -> Findings:
    """Checks the window up to `last_day` (by default the reports' last). Raises RefusedError without payments."""
    with closing(open_database()) as db:
        intake = take_reports(db, tuple(reports))
        _load_related(db, related)
        found = db.execute(f"select max(day) from facts where kind = {KINDS['qr_payment']}").fetchone()
        if found is None or found[0] is None:
            raise RefusedError("Báo cáo không có giao dịch quét QR nào.", remedy="Hãy kiểm tra lại tệp báo cáo.")
        end = last_day or date(1970, 1, 1) + timedelta(days=found[0])
        _prepare(db, day_number(end), rules)
        return Findings(end, _points(db), _excluded(db), _flags(db, rules), intake.refused_count)


def _load_related(db: duckdb.DuckDBPyConnection, path: Path | None) -> None:
    db.execute("create table related (merchant varchar, customer varchar, is_owner boolean)")
    if path is None:
        return
    try:
        headed = find_heading(read_table(path), _RELATED_FIELDS, ("merchant", "customer"))
    except TableError as error:
        raise ListRefusedError(str(error)) from error
    rows = {
        (headed.text(row, "merchant"), headed.text(row, "customer"), headed.text(row, "relation").lower() in _OWNERS)
        for row in headed.rows
        if headed.text(row, "merchant") and headed.text(row, "customer")
    }
    if rows:
        columns = [list(column) for column in zip(*sorted(rows), strict=True)]
        db.execute("insert into related select unnest(?), unnest(?), unnest(?)", columns)


def _prepare(db: duckdb.DuckDBPyConnection, last: int, rules: ActivityRules) -> None:
    """`payments`: successful QR payments of the window that were not taken back, with why they do not count."""
    db.execute(
        f"""create table payments as
            select pos, reference, merchant, customer, amount_vnd, day, epoch_us(paid_at::timestamp) as us,
                case when (merchant, customer) in (select (merchant, customer) from related) then 'related'
                    when amount_vnd < {rules.floor_vnd} then 'below_floor' end as excluded
            from facts where kind = {KINDS["qr_payment"]} and status = {SUCCESS} and not is_reversed
                and merchant <> '' and day between {last - rules.window_days + 1} and {last}"""
    )


def _points(db: duckdb.DuckDBPyConnection) -> list[Counted]:
    rows = db.execute(
        """select merchant, count(distinct day) filter (excluded is null),
                count(distinct customer) filter (excluded is null), count(*) filter (excluded is null),
                coalesce(sum(amount_vnd) filter (excluded is null), 0)::bigint, count(excluded)
            from payments group by merchant order by merchant"""
    ).fetchall()
    return [Counted(*row) for row in rows]


def _excluded(db: duckdb.DuckDBPyConnection) -> list[Excluded]:
    rows = db.execute(
        """select reference, merchant, customer, amount_vnd, excluded from payments
            where excluded is not null order by merchant, pos"""
    ).fetchall()
    return [Excluded(*row) for row in rows]


def _flags(db: duckdb.DuckDBPyConnection, rules: ActivityRules) -> list[Flag]:
    window_us = rules.burst_minutes * _MINUTE_US - 1
    references = "string_agg(reference, ' ' order by pos)"
    sums = f"count(*), sum(amount_vnd)::bigint, {references}"
    queries = {
        "self_dealing": f"select merchant, '', {sums} from payments where excluded = 'related' group by merchant",
        "ring": f"""
            with between_owners as (
                select p.*, o.merchant as payers_shop from payments p join related o
                    on o.customer = p.customer and o.is_owner and o.merchant <> p.merchant)
            select merchant, payers_shop, {sums} from between_owners b
            where exists (select 1 from between_owners r
                where r.merchant = b.payers_shop and r.payers_shop = b.merchant)
            group by merchant, payers_shop""",
        "cash_for_transfer": f"""
            select merchant, customer, {sums} from payments
            where amount_vnd >= {rules.round_from_vnd} and amount_vnd % {rules.round_step_vnd} = 0
            group by merchant, customer having count(*) >= {rules.round_times}""",
        "burst": f"""
            with counted as (select merchant, us, count(*) over (partition by merchant order by us
                    range between current row and {window_us} following) as payments from payments),
                fullest as (select merchant, us from counted where payments >= {rules.burst_payments}
                    qualify row_number() over (partition by merchant order by payments desc, us) = 1)
            select f.merchant, '', {sums} from fullest f
            join payments p on p.merchant = f.merchant and p.us between f.us and f.us + {window_us}
            group by f.merchant""",
    }
    found = []
    for flag, query in queries.items():
        found += [Flag(flag, *row) for row in db.execute(f"select * from ({query}) order by all").fetchall()]
    return found


def write_findings(found: Findings, rules: ActivityRules, out: Path) -> None:
    """The folder `out`: points, payments left out, flags, as CSV and one workbook, and the figures."""
    if out.exists() and not out.is_dir():
        raise RefusedError(f"{out} là một tệp.", remedy="Hãy chọn một thư mục cho --out.")
    sheets = {
        ACTIVITY: Sheet(
            "Hoạt động",
            ("Điểm bán", "Hoạt động", "Số ngày", "Số người trả", "Số giao dịch", "Số tiền", "Không tính", "Diễn giải"),
            [
                (
                    each.merchant, "có" if is_active(each, rules) else "chưa", each.days, each.payers, each.payments,
                    each.amount_vnd, each.excluded, activity_in_words(each, rules),
                )
                for each in found.points
            ],
        ),
        FLAGS: Sheet(
            "Nên xem lại",
            ("Điểm bán", "Dấu hiệu", "Lý do", "Mã giao dịch"),
            [
                (
                    each.merchant, FLAG_NAMES[each.flag],
                    flag_in_words(each.flag, each.count, each.amount_vnd, each.who, rules), each.references,
                )
                for each in found.flags
            ],
        ),
        EXCLUDED: Sheet(
            "Không tính",
            ("Mã giao dịch", "Điểm bán", "Người trả", "Số tiền", "Lý do"),
            [
                (each.reference, each.merchant, each.customer, each.amount_vnd, EXCLUSIONS[each.reason])
                for each in found.excluded
            ],
        ),
    }  # fmt: skip
    beside = out.parent / f".{out.name}.{os.getpid()}"
    beside.mkdir(parents=True)
    try:
        for name, sheet in sheets.items():
            write_csv(beside / name, sheet.header, sheet.rows, bom=True)
        write_xlsx(beside / WORKBOOK, list(sheets.values()))
        (beside / SUMMARY).write_text(_summary(found, rules), encoding="utf-8", newline="\n")
        out.mkdir(exist_ok=True)
        for name in (*sheets, WORKBOOK, SUMMARY):
            (beside / name).replace(out / name)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _summary(found: Findings, rules: ActivityRules) -> str:
    summary = {
        "last_day": found.last_day.isoformat(),
        "rules": asdict(rules),
        "points": len(found.points),
        "active": sum(is_active(each, rules) for each in found.points),
        "excluded": len(found.excluded),
        "refused": found.refused_count,
        "flags": {flag: sum(each.flag == flag for each in found.flags) for flag in FLAG_NAMES},
    }
    return json.dumps(summary, ensure_ascii=False, indent=2) + "\n"

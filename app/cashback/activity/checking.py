"""Activity from reports: who is active, what is left out and why, and what to look at. DuckDB does the counting."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from app.cashback.activity.rules import ActivityRules, Counted
from app.cashback.engine import open_database
from app.cashback.lists import ListRefusedError
from app.cashback.rules import day_number
from app.errors import RefusedError
from app.tables import TableError, find_heading, read_table
from app.transactions.intake import Received, take_reports
from app.transactions.rules import KINDS, SUCCESS

_RELATED_FIELDS = {
    "merchant": ("Điểm bán", "Mã điểm bán", "Mã điểm"),
    "customer": ("Người trả", "Số điện thoại", "Khách hàng", "Thuê bao"),
    "relation": ("Quan hệ", "Vai trò"),
}
_MINUTE_US = 60_000_000
_OWNERS = ("chủ", "owner")


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


@dataclass(frozen=True, slots=True)
class Known:
    """What people know besides the reports: (point, payer, is the owner) of its own people, and payments set aside."""

    related: Sequence[tuple[str, str, bool]] = ()
    set_aside: Sequence[str] = ()


def check_activity(
    reports: Sequence[Path], related: Path | None, last_day: date | None, rules: ActivityRules
) -> Findings:
    """Checks the window up to `last_day` (by default the reports' last). Raises RefusedError without payments."""
    found = examine(tuple(reports), Known(_related_in(related)), last_day, rules)
    if found is None:
        raise RefusedError("Báo cáo không có giao dịch quét QR nào.", remedy="Hãy kiểm tra lại tệp báo cáo.")
    return found


def examine(
    reports: Sequence[Path | Received], known: Known, last_day: date | None, rules: ActivityRules
) -> Findings | None:
    """The same from reports however they are kept; None where they hold no QR payment."""
    if not reports:
        return None
    with closing(open_database()) as db:
        intake = take_reports(db, reports)
        _load_known(db, known)
        found = db.execute(f"select max(day) from facts where kind = {KINDS['qr_payment']}").fetchone()
        if found is None or found[0] is None:
            return None
        end = last_day or date(1970, 1, 1) + timedelta(days=found[0])
        _prepare(db, day_number(end), rules)
        return Findings(end, _points(db), _excluded(db), _flags(db, rules), intake.refused_count)


def _load_known(db: duckdb.DuckDBPyConnection, known: Known) -> None:
    db.execute("create table related (merchant varchar, customer varchar, is_owner boolean)")
    db.execute("create table set_aside (reference varchar)")
    if known.related:
        columns = [list(column) for column in zip(*sorted(set(known.related)), strict=True)]
        db.execute("insert into related select unnest(?), unnest(?), unnest(?)", columns)
    if known.set_aside:
        db.execute("insert into set_aside select unnest(?)", [sorted(set(known.set_aside))])


def _related_in(path: Path | None) -> list[tuple[str, str, bool]]:
    """A list's rows. Raises ListRefusedError where it is none."""
    if path is None:
        return []
    try:
        headed = find_heading(read_table(path), _RELATED_FIELDS, ("merchant", "customer"))
    except TableError as error:
        raise ListRefusedError(str(error)) from error
    pairs = (
        (headed.code_seen(row, "merchant").text, headed.code_seen(row, "customer").text, headed.text(row, "relation"))
        for row in headed.rows
    )
    return [(merchant, customer, kin.lower() in _OWNERS) for merchant, customer, kin in pairs if merchant and customer]


def _prepare(db: duckdb.DuckDBPyConnection, last: int, rules: ActivityRules) -> None:
    """`payments`: successful QR payments of the window that were not taken back, with why they do not count."""
    db.execute(
        f"""create table payments as
            select pos, reference, paid_at, merchant, customer, amount_vnd, day, epoch_us(paid_at::timestamp) as us,
                case when (merchant, customer) in (select (merchant, customer) from related) then 'related'
                    when reference in (from set_aside) then 'reviewed'
                    when amount_vnd < {rules.floor_vnd} then 'below_floor' end as excluded
            from facts where kind = {KINDS["qr_payment"]} and status = {SUCCESS} and not is_reversed
                and merchant <> '' and day between {last - rules.window_days + 1} and {last}"""
    )


def _points(db: duckdb.DuckDBPyConnection) -> list[Counted]:
    rows = db.execute(
        """select merchant, count(distinct day) filter (excluded is null),
                count(distinct customer) filter (excluded is null), count(*) filter (excluded is null),
                coalesce(sum(amount_vnd) filter (excluded is null), 0)::bigint, count(excluded),
                coalesce(max(paid_at) filter (excluded is null), '')
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

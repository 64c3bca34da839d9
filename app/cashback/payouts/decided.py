"""A run's decisions, read for the ledger and for the comparison with what was paid."""

from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb

from app.cashback.engine import open_database
from app.cashback.payouts.rules.matching import Due, Refusals
from app.cashback.payouts.rules.postings import ROLES, Decision, Slot
from app.cashback.results import DECISIONS
from app.errors import RefusedError
from app.money import format_number
from app.transactions.line_sql import literal

_NEEDED = frozenset(
    {"policy", "reward", "payee_role", "payee", "reference", "paid_at", "amount_vnd", "decision", "reason"}
)
#: What no run of any program of ours ever wrote; a sum of all rows within these bounds fits 64 bits.
_BAD_ROWS = f"""select count(*) from found where coalesce(
    policy::varchar = '' or reward not between 1 and 1000 or payee is null or reference::varchar = ''
    or payee_role::varchar not in {ROLES} or decision::varchar not in ('granted', 'refused')
    or try_cast(left(paid_at::varchar, 10) as date) is null
    or (decision = 'granted' and left(paid_at::varchar, 4) not between '2000' and '2100')
    or try_cast(amount_vnd as bigint) is null or try_cast(amount_vnd as bigint) not between 0 and 999999999999999
    or reason is null, true)"""
_GRANTED = "decision = 'granted' and amount_vnd > 0"


def decisions_file(folder: Path) -> Path:
    """The decisions of a run's folder. Raises RefusedError where it holds none."""
    file = folder / DECISIONS
    if not file.is_file():
        raise RefusedError(
            f"{folder} không chứa kết quả xét ({DECISIONS}).", remedy="Hãy chạy choso cashback evaluate trước."
        )
    return file


def months_of(file: Path) -> tuple[str, str, list[str]]:
    """First month, last month and policies that a run speaks about. Raises RefusedError where it holds no line."""
    with closing(open_database()) as db:
        (first, last, policies) = _rows(
            db, file, "select min(left(paid_at, 7)), max(left(paid_at, 7)), list(distinct policy::varchar) from found"
        )[0]
    if not policies:
        raise RefusedError(f"{file.name} không có dòng nào.", remedy="Hãy kiểm tra báo cáo giao dịch rồi xét lại.")
    return first, last, sorted(policies)


def decisions_of(file: Path, versions: Mapping[str, int], posted: Iterable[Slot]) -> list[Decision]:
    """Every granted reward, and the refused ones among those `posted` before, in the order of the run."""
    slots = [list(column) for column in zip(*posted, strict=True)] or [[], [], []]
    with closing(open_database()) as db:
        db.execute("create table posted (policy varchar, reward integer, reference varchar)")
        if slots[0]:
            db.execute("insert into posted select unnest(?), unnest(?), unnest(?)", slots)
        rows = _rows(
            db,
            file,
            f"""select policy, reward, reference, left(paid_at, 10), payee_role, payee,
                    case when {_GRANTED} then amount_vnd::bigint else 0 end, reason
                from found where {_GRANTED} or (policy, reward, reference) in (from posted)
                order by policy, reward, paid_at, reference""",
        )
    return [Decision(row[0], versions.get(row[0], 0), *row[1:]) for row in rows]


#: Policy, reward, reference, role, payee and dong: what the books say somebody is granted.
Claim = tuple[str, int, str, str, str, int]


def unfounded(file: Path, claims: Iterable[Claim]) -> list[str]:
    """References of claims that a run's decisions do not grant, or not in that sum."""
    columns = [list(column) for column in zip(*claims, strict=True)]
    if not columns:
        return []
    with closing(open_database()) as db:
        db.execute(
            """create table claimed as select unnest(?) as policy, unnest(?) as reward, unnest(?) as reference,
                unnest(?) as payee_role, unnest(?) as payee, unnest(?) as amount_vnd""",
            columns,
        )
        rows = _rows(
            db,
            file,
            f"""select reference from claimed
                group by policy, reward, reference, payee_role, payee
                having sum(amount_vnd) > coalesce((
                    select max(granted.amount_vnd) from found as granted where {_GRANTED}
                        and granted.policy = claimed.policy and granted.reward = claimed.reward
                        and granted.reference = claimed.reference and granted.payee_role = claimed.payee_role
                        and granted.payee = claimed.payee), 0)
                order by reference""",
        )
    return [reference for (reference,) in rows]


def dues_of(file: Path) -> list[Due]:
    """Every granted reward, in the order of the file. Raises RefusedError for a file that holds no decisions."""
    with closing(open_database()) as db:
        rows = _rows(
            db,
            file,
            f"""select payee, reference, left(paid_at, 10), amount_vnd::bigint, payee_role from found
                where {_GRANTED} order by policy, reward, paid_at, reference""",
        )
    return [Due(*row) for row in rows]


def refusals_of(file: Path, references: Iterable[str], payees: Iterable[str]) -> Refusals:
    """Why these transactions and payees earned nothing."""
    with closing(open_database()) as db:
        db.execute("create table asked as select unnest(?) as asked", [sorted(set(references)) or [""]])
        db.execute("create table people as select unnest(?) as person", [sorted(set(payees)) or [""]])
        by_line = _rows(
            db,
            file,
            """select reference, payee, min_by(reason, (policy, reward)) from found
                where decision = 'refused' and reference in (select asked from asked)
                    and (reference, payee) not in (select (reference, payee) from found where decision = 'granted')
                group by all""",
        )
        by_payee = db.execute(
            """select payee, mode(reason order by reason) from found
                where decision = 'refused' and payee in (select person from people) group by payee"""
        ).fetchall()
    return Refusals({(reference, payee): reason for reference, payee, reason in by_line}, dict(by_payee))


def _rows(db: duckdb.DuckDBPyConnection, file: Path, query: str) -> list[tuple[Any, ...]]:
    try:
        db.execute(f"create view found as select * from read_parquet({literal(str(file))})")
        columns = {row[0] for row in db.execute("describe found").fetchall()}
    except duckdb.Error as error:
        raise RefusedError(f"{file.name} không phải kết quả xét.", remedy="Cần tệp decisions.parquet.") from error
    if missing := sorted(_NEEDED - columns):
        raise RefusedError(f"{file.name} thiếu cột {', '.join(missing)}.", remedy="Cần tệp decisions.parquet.")
    try:
        bad = db.execute(_BAD_ROWS).fetchone()
        if bad and bad[0]:
            raise RefusedError(
                f"{file.name}: {format_number(bad[0])} dòng thiếu người nhận, hay ngày, vai, số tiền không thể có.",
                remedy="Hãy xét lại từ báo cáo giao dịch.",
            )
        return db.execute(query).fetchall()
    except duckdb.Error as error:
        raise RefusedError(f"{file.name} không phải kết quả xét.", remedy="Cần tệp decisions.parquet.") from error

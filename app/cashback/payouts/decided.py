"""A run's decisions, read for the ledger and for the comparison with what was paid."""

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb

from app.cashback.engine import open_database
from app.cashback.payouts.rules.matching import Due, Refusals
from app.cashback.results import DECISIONS
from app.errors import RefusedError
from app.transactions.line_sql import literal

_NEEDED = frozenset({"policy", "reward", "payee_role", "payee", "reference", "paid_at", "amount_vnd", "reason"})
_GRANTED = "decision = 'granted' and amount_vnd > 0"


def decisions_file(folder: Path) -> Path:
    """The decisions of a run's folder. Raises RefusedError where it holds none."""
    file = folder / DECISIONS
    if not file.is_file():
        raise RefusedError(
            f"{folder} không chứa kết quả xét ({DECISIONS}).", remedy="Hãy chạy choso cashback evaluate trước."
        )
    return file


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
    return db.execute(query).fetchall()

"""The same SQL text on Spark, for a province or the nation: facts go out as Parquet, decisions come back as Parquet.

What is valid, duplicate or taken back was decided before, in one place; Spark only counts. It is an extra
(`pip install choso[spark]`) and needs Java 17.
"""

import importlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from app.cashback.compiler import outcomes_sql
from app.cashback.engine import Decided, keep_outcomes
from app.cashback.rules import Policy, why_not_sql
from app.errors import RefusedError
from app.transactions.line_sql import literal

_TABLES = ("facts", "points", "subscribers")
_PARTITIONS = "8"


def decide_on_spark(
    db: duckdb.DuckDBPyConnection, policies: Sequence[Policy], master: str, folder: Path
) -> list[Decided]:
    """Readies the decisions of every policy like `engine.decide`, counted by Spark at `master` through `folder`,
    which every worker must see at the same path. Raises RefusedError where Spark or a policy does not allow it.
    """
    for policy in policies:
        if why := why_not_sql(policy):
            raise RefusedError(
                f"Chính sách {policy.policy_id} không chạy được trên Spark: {why}.", remedy="Bỏ --engine."
            )
    spark = _session(master)
    try:
        for table in _TABLES:
            target = folder / f"{table}.parquet"
            db.execute(f"copy (select * from {table}) to {literal(str(target))} (format parquet)")
            spark.read.parquet(target.as_uri()).createOrReplaceTempView(table)
        return [
            _decided(db, spark, number, policy, folder)
            for number, policy in enumerate(sorted(policies, key=lambda policy: policy.policy_id))
        ]
    finally:
        spark.stop()


def _decided(db: duckdb.DuckDBPyConnection, spark: Any, number: int, policy: Policy, folder: Path) -> Decided:  # noqa: ANN401 - pyspark is optional
    target = folder / f"decided_{number}"
    spark.sql(outcomes_sql(policy)).write.parquet(target.as_uri())
    found = f"select * from read_parquet({literal(str(target / '*.parquet'))})"
    keep_outcomes(db, number, policy, found)
    return Decided(policy, number, "")


def _session(master: str) -> Any:  # noqa: ANN401 - pyspark is optional
    if importlib.util.find_spec("pyspark") is None:
        raise RefusedError("Chưa cài Spark.", remedy="Hãy chạy: pip install choso[spark] (cần Java 17).")
    sql = importlib.import_module("pyspark.sql")
    builder = sql.SparkSession.builder.master(master).appName("choso")
    return (
        builder.config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", _PARTITIONS)
        .config("spark.ui.enabled", "false")
        .getOrCreate()
    )

"""The same SQL text on Spark, for a province or the nation: facts go out as Parquet, decisions come back as Parquet.

What is valid, duplicate or taken back was decided before, in one place; Spark only counts. It is an extra
(`pip install choso[spark]`) and needs Java 17.
"""

import importlib
import importlib.util
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from app.cashback.compiler import outcomes_sql
from app.cashback.engine import Decided, keep_outcomes, mark_lists
from app.cashback.rules import Policy, why_not_sql
from app.errors import RefusedError
from app.transactions.line_sql import literal

#: What a policy's text asks of a fact; times as shown and words nobody counts stay at home.
_ASKED = """pos, reference, day, month, kind, amount_vnd, customer, merchant, source, channel, own_number, status,
    is_reversed, is_point, installed_day"""
_PARTITIONS = "8"  # Spark's own 200 is slow on what fits one machine; adaptive execution joins small ones
_SHOWN_MAX = 200


class SparkRefusedError(RefusedError):
    """Spark is not there, cannot be reached, or stopped on the way."""

    code = "spark"


def decide_on_spark(
    db: duckdb.DuckDBPyConnection, policies: Sequence[Policy], master: str, folder: Path
) -> list[Decided]:
    """Decides every policy like `engine.decide`, counted by Spark at `master` through `folder`, which every worker must
    see at the same path. Raises SparkRefusedError where Spark or a policy does not allow it.
    """
    ordered = sorted(policies, key=lambda policy: policy.policy_id)
    for policy in ordered:
        if why := why_not_sql(policy):
            raise SparkRefusedError(
                f"Chính sách {policy.policy_id} không chạy được trên Spark: {why}.", remedy="Bỏ --engine."
            )
    mark_lists(db)
    facts = folder / "facts.parquet"
    db.execute(f"copy (select {_ASKED} from facts order by pos) to {literal(str(facts))} (format parquet)")
    with _session(master) as spark:
        spark.read.parquet(facts.as_uri()).createOrReplaceTempView("facts")
        for number, policy in enumerate(ordered):
            spark.sql(outcomes_sql(policy)).write.parquet((folder / f"outcomes_{number}").as_uri())
    for number, policy in enumerate(ordered):
        files = literal(str(folder / f"outcomes_{number}" / "*.parquet"))
        keep_outcomes(db, number, policy, f"select * from read_parquet({files})")
    return [Decided(policy, number, "") for number, policy in enumerate(ordered)]


@contextmanager
def _session(master: str) -> Iterator[Any]:
    """A Spark session that is gone afterwards; what goes wrong inside is told in one Vietnamese message."""
    if importlib.util.find_spec("pyspark") is None:
        raise SparkRefusedError("Chưa cài Spark.", remedy="Hãy chạy: pip install choso[spark] (cần Java 17).")
    sql = importlib.import_module("pyspark.sql")
    troubles = (
        importlib.import_module("pyspark.errors").PySparkException,
        importlib.import_module("py4j.protocol").Py4JError,
    )
    try:
        spark = (
            sql.SparkSession.builder.master(master)
            .appName("choso")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.shuffle.partitions", _PARTITIONS)
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.log.level", "ERROR")
            .getOrCreate()
        )
        try:
            yield spark
        finally:
            spark.stop()
    except troubles as error:
        said = str(error).strip().splitlines()
        raise SparkRefusedError(
            f"Spark ở {master} không xét được: {said[0][:_SHOWN_MAX] if said else type(error).__name__}",
            remedy="Hãy kiểm tra Java 17 và địa chỉ cụm, hoặc bỏ --engine để xét trên máy này.",
        ) from error

"""What deciding costs, as a ratio to merely reading the same file: python benchmarks/cashback.py [--lines 1000000].

The file is like a provider's month: 2 % of its lines come twice, 3 % failed, 1 % take another back up to days later,
0.5 % are wrong, and it is nearly in the order of time. Everything runs on this machine, one after the other, best of
three: the floor (DuckDB reads all columns), `choso` itself as a person calls it, its parts, and the peers that are
here (pandas, Polars, plain Python; each only counts what the policy pays, and must find the same sum). Processor
seconds are told beside wall seconds: on a busy machine trust those.
"""

import argparse
import csv
import importlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from app.cashback.compiler import gate_sql, outcomes_sql
from app.cashback.engine import mark_lists, open_database
from app.cashback.evaluation import Task, evaluate, read_policies
from app.cashback.lists import load_lists
from app.paths import resource_dir
from app.transactions.facts import keep_facts
from app.transactions.intake import Received, take_reports
from app.transactions.profiles import BUILT_IN

POLICY = resource_dir("cashback") / "policies" / "qr-experience-point.yaml"
ROUNDS = 3
READ_ALL = "select count(*), max(columns(*)) from read_csv(?)"
FLOOR = f"import duckdb, sys; duckdb.execute('{READ_ALL}', sys.argv[1:]).fetchall()"
#: Runs the command given to it and says its peak memory in kilobytes.
WATCH = """import resource, subprocess, sys
subprocess.run(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"""


def dice(salt: int) -> str:
    return f"(hash(i, {salt}) % 1000003 / 1000003.0)"


LINE = f"""'FT' || lpad(((i * 7919) % {{wide}})::varchar, 9, '0') as reference,
    strftime(make_timestamp((1696118400 + least(greatest(
        i * 2678399 // {{lines}} + (({dice(9)} - 0.5) * 3600)::bigint, 0), 2678399)) * 1000000),
        '%Y-%m-%dT%H:%M:%S') as paid_at,
    case when {dice(1)} < 0.72 then 'qr_payment' when {dice(1)} < 0.85 then 'topup_prepaid'
        when {dice(1)} < 0.95 then 'electricity' else 'other' end as kind,
    (1000 + floor(pow({dice(2)}, 3) * 300) * 1000)::bigint::varchar as amount_vnd,
    '09' || lpad(floor(pow({dice(3)}, 2.5) * 300000)::bigint::varchar, 8, '0') as customer,
    'M' || lpad(floor(pow({dice(4)}, 4) * 5000)::bigint::varchar, 5, '0') as merchant,
    case when {dice(5)} < 0.3 then 'bank' else 'viettelpay' end as source, 'app' as channel,
    case when {dice(1)} between 0.72 and 0.85 then customer end as beneficiary,
    case when {dice(7)} < 0.03 then 'failed' else 'success' end as status, null as reverses"""
WRONG = """case hash(i, 20) % 5 when 0 then null when 1 then '20.000' when 2 then '-5000' when 3 then '1e6'
    else amount_vnd end as amount_vnd,
    case hash(i, 20) % 5 when 4 then '2023-09-31T10:00:00' else paid_at end as paid_at"""


def make_report(path: Path, points: Path, lines: int) -> None:
    line = LINE.format(lines=lines, wide=lines * 10 + 1)
    with duckdb.connect() as db:
        db.execute(f"create table base as select i, {dice(8)} as odd, {line} from range({lines}) t(i)")
        db.execute(
            f"""copy (select * exclude (i, odd, place) from (
                select i as place, * from base where odd >= 0.005
                union all select i, * replace ({WRONG}) from base where odd < 0.005
                union all select hash(i, 30) % {lines}, * from base where odd between 0.1 and 0.12
                union all select i + {lines // 30}, * replace ('R' || reference as reference, reference as reverses)
                    from base where odd between 0.2 and 0.21) order by place, reference, paid_at)
            to '{path}' (format csv, header)"""
        )
        db.execute(
            f"""copy (select 'M' || lpad(i::varchar, 5, '0') as merchant from range(5000) t(i)
                where hash(i) % 10 < 6 order by 1) to '{points}' (format csv, header)"""
        )


def measured(work: Callable[[], object], rounds: int = ROUNDS) -> tuple[float, float]:
    """Best wall and processor seconds; those of child processes count."""
    found = []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), sum(os.times()[:4])
        work()
        found.append((time.perf_counter() - wall, sum(os.times()[:4]) - cpu))
    return min(wall for wall, _ in found), min(cpu for _, cpu in found)


def read_floor(report: Path) -> None:
    with duckdb.connect() as db:
        db.execute(READ_ALL, [str(report)]).fetchall()


def command(report: Path, points: Path, out: Path) -> int:
    """`choso cashback evaluate` as a person calls it; its peak memory in MB."""
    verb = ["-m", "app", "cashback", "evaluate", "--policy", str(POLICY), "--report", str(report)]
    run = [sys.executable, "-c", WATCH, sys.executable, *verb, "--points", str(points), "--out", str(out)]
    told = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    return int(told.split()[-1]) // 1024


def plain_python(report: Path, points: Path) -> int:
    listed = set(points.read_text(encoding="utf-8").split())
    with report.open(encoding="utf-8", newline="") as file:
        rows = {row["reference"]: row for row in csv.DictReader(file) if row["amount_vnd"].isdigit()}
    gone = {row["reverses"] for row in rows.values() if row["reverses"] and row["status"] != "failed"}
    days: Counter[tuple[str, str]] = Counter()
    months: Counter[tuple[str, str]] = Counter()
    shops: Counter[tuple[str, str]] = Counter()
    paid = 0
    for row in sorted(rows.values(), key=lambda row: (row["paid_at"], row["reference"])):
        if row["status"] != "success" or row["kind"] != "qr_payment" or int(row["amount_vnd"]) < 20_000:
            continue
        if row["merchant"] not in listed or row["reference"] in gone or row["reverses"] or row["paid_at"] < "2023-10":
            continue
        day, month = (row["customer"], row["paid_at"][:10]), (row["customer"], row["paid_at"][:7])
        if days[day] < 1 and months[month] < 5:
            days[day] += 1
            months[month] += 1
            paid += 5000
        shop = row["merchant"], row["paid_at"][:7]
        if shops[shop] < 10:
            shops[shop] += 1
            paid += 5000
    return paid


def with_pandas(report: Path, points: Path) -> int:
    pandas: Any = importlib.import_module("pandas")
    rows = pandas.read_csv(report, dtype=str, keep_default_na=False)
    rows = rows[rows.amount_vnd.str.fullmatch("[0-9]{1,15}") & (rows.paid_at >= "2023-10")].drop_duplicates("reference")
    gone = rows[(rows.reverses != "") & (rows.status != "failed")].reverses
    keep = (rows.status == "success") & (rows.kind == "qr_payment") & (rows.amount_vnd.astype("int64") >= 20_000)
    keep &= rows.merchant.isin(pandas.read_csv(points).merchant) & ~rows.reference.isin(gone) & (rows.reverses == "")
    rows = rows[keep].sort_values(["paid_at", "reference"])
    rows["day"], rows["month"] = rows.paid_at.str[:10], rows.paid_at.str[:7]
    first = rows[rows.groupby(["customer", "day"]).cumcount() < 1]
    return 5000 * int(
        (first.groupby(["customer", "month"]).cumcount() < 5).sum()
        + (rows.groupby(["merchant", "month"]).cumcount() < 10).sum()
    )


def with_polars(report: Path, points: Path) -> int:
    pl: Any = importlib.import_module("polars")
    rows = pl.read_csv(report, infer_schema=False).with_columns(pl.all().fill_null("")).unique("reference")
    rows = rows.filter(pl.col("amount_vnd").str.contains("^[0-9]{1,15}$") & (pl.col("paid_at") >= "2023-10"))
    gone = rows.filter((pl.col("reverses") != "") & (pl.col("status") != "failed"))["reverses"]
    listed = pl.read_csv(points)["merchant"]
    rows = rows.filter(
        (pl.col("status") == "success") & (pl.col("kind") == "qr_payment") & (pl.col("reverses") == "")
        & (pl.col("amount_vnd").cast(pl.Int64) >= 20_000) & pl.col("merchant").is_in(listed.implode())
        & ~pl.col("reference").is_in(gone.implode())
    ).sort("paid_at", "reference")  # fmt: skip
    rows = rows.with_columns(day=pl.col("paid_at").str.head(10), month=pl.col("paid_at").str.head(7))
    first = rows.filter(pl.int_range(pl.len()).over("customer", "day") < 1)
    customers = first.filter(pl.int_range(pl.len()).over("customer", "month") < 5).height
    shops = rows.filter(pl.int_range(pl.len()).over("merchant", "month") < 10).height
    return 5000 * int(customers + shops)


def again(report: Path, points: Path, folder: Path) -> Callable[[], object]:
    """Deciding anew from kept facts: every reason's count and what is paid, nothing written."""
    [policy] = read_policies([POLICY])
    kept = keep_facts(folder, "0" * 64, BUILT_IN["canonical"], Received(report.name, report))
    db = open_database()
    load_lists(db, points, None)
    take_reports(db, [Received(report.name, report, facts=lambda: kept)])
    mark_lists(db)
    outcomes = f"select reason, count(*), sum(reward_vnd) from ({outcomes_sql(policy)}) group by all"
    gates = f"select {gate_sql(policy)} as gate, count(*) from facts group by all"
    return lambda: (db.execute(outcomes).fetchall(), db.execute(gates).fetchall())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--no-peers", action="store_true", help="only the floor and choso")
    asked = parser.parse_args()
    peers = {"pandas": with_pandas, "polars": with_polars}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        report, points, out = folder / "r.csv", folder / "p.csv", folder / "out"
        make_report(report, points, asked.lines)
        task = Task(read_policies([POLICY]), (report,), points)
        totals = evaluate(task, out)
        rows = {"DuckDB reads all columns (floor)": measured(lambda: read_floor(report))}
        memory = command(report, points, folder / "cli")
        rows["choso cashback evaluate, the whole command"] = measured(lambda: command(report, points, folder / "cli"))
        rows["the same as processes: the floor"] = measured(
            lambda: subprocess.run([sys.executable, "-c", FLOOR, str(report)], check=True, stdout=subprocess.DEVNULL)
        )
        rows["report to decisions.parquet"] = measured(lambda: evaluate(task, out))
        rows["re-decide from facts"] = measured(again(report, points, folder / "facts"))
        if not asked.no_peers:
            for name, work in peers.items():
                if importlib.util.find_spec(name):
                    assert work(report, points) == totals.paid_vnd, f"{name} counts the same"
                    rows[f"{name}, sums only"] = measured(lambda work=work: work(report, points))  # type: ignore[misc]
            assert plain_python(report, points) == totals.paid_vnd, "plain Python counts the same"
            rows["plain Python, sums only"] = measured(lambda: plain_python(report, points), 1)
        size = report.stat().st_size // 1_000_000
    print(f"{totals.lines} lines ({size} MB), {totals.granted} granted, {totals.paid_vnd} dong; the peers agree")
    print(f"{'':44}{'wall s':>9}{'cpu s':>9}{'x floor wall':>14}{'x floor cpu':>13}")
    floor = next(iter(rows.values()))
    for name, (wall, cpu) in rows.items():
        print(f"{name:44}{wall:9.3f}{cpu:9.3f}{wall / floor[0]:14.1f}{cpu / floor[1]:13.1f}")
    print(f"peak memory of the command {memory} MB; load of the machine {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()

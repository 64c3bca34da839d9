"""What deciding costs, as a ratio to merely reading the same file: python benchmarks/cashback.py [--lines 100000].

Everything runs in this process, one after the other, best of three. Plain Python decides the same policy line by line
and must find the same sums. Processor seconds are told beside wall seconds: on a busy machine trust those.
"""

import argparse
import csv
import random
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import duckdb

from app.cashback.engine import decide, open_database
from app.cashback.evaluation import Task, evaluate, read_policies
from app.cashback.lists import load_lists
from app.paths import resource_dir
from app.transactions.intake import take_reports
from app.transactions.rules import COLUMNS

POLICY = resource_dir("cashback") / "policies" / "qr-experience-point.yaml"
ROUNDS = 3


def make_report(path: Path, points: Path, lines: int) -> None:
    dice = random.Random(1)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number in range(lines):
            day = f"2023-{dice.randrange(8, 13):02d}-{dice.randrange(1, 29):02d}"
            at = f"{day}T{dice.randrange(24):02d}:{number % 60:02d}:00"
            kind = dice.choice(["qr_payment", "qr_payment", "qr_payment", "topup_prepaid"])
            customer = f"09{int(300_000 * dice.random() ** 2):08d}"
            merchant = f"M{int(5000 * dice.random() ** 2):05d}"
            status = "failed" if dice.random() < 0.03 else "success"
            amount = dice.randrange(1000, 200_000)
            writer.writerow((f"FT{number:09d}", at, kind, amount, customer, merchant, "bank", "app", "", status, ""))
    points.write_text("merchant\n" + "\n".join(f"M{number:05d}" for number in range(0, 5000, 2)), encoding="utf-8")


def measured(work: Callable[[], object]) -> tuple[float, float]:
    """Best wall and processor seconds of three rounds."""
    found = []
    for _ in range(ROUNDS):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        found.append((time.perf_counter() - wall, time.process_time() - cpu))
    return min(wall for wall, _ in found), min(cpu for _, cpu in found)


def read_floor(report: Path) -> None:
    with duckdb.connect() as db:
        db.execute("select count(*), max(columns(*)) from read_csv(?)", [str(report)]).fetchall()


def plain_python(report: Path, points: Path) -> int:
    listed = set(points.read_text(encoding="utf-8").split())
    with report.open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: (row["paid_at"], row["reference"]))
    days: Counter[tuple[str, str]] = Counter()
    months: Counter[tuple[str, str]] = Counter()
    shops: Counter[tuple[str, str]] = Counter()
    paid = 0
    for row in rows:
        if row["status"] != "success" or row["kind"] != "qr_payment" or int(row["amount_vnd"]) < 20_000:
            continue
        if row["merchant"] not in listed:
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=100_000)
    lines = parser.parse_args().lines
    with tempfile.TemporaryDirectory() as folder:
        report, points, out = (Path(folder) / name for name in ("r.csv", "p.csv", "out"))
        make_report(report, points, lines)
        task = Task(read_policies([POLICY]), (report,), points)
        totals = evaluate(task, out)
        assert totals.paid_vnd == plain_python(report, points), "both count the same"
        floor = measured(lambda: read_floor(report))
        whole = measured(lambda: evaluate(task, out))
        plain = measured(lambda: plain_python(report, points))
        db = open_database()
        load_lists(db, points, None)
        take_reports(db, [report])
        decide(db, task.policies)
        again = measured(lambda: decide(db, task.policies))
    print(f"{lines} lines, {totals.granted} granted, {totals.paid_vnd} dong, the same in plain Python")
    print(f"{'':36}{'wall s':>9}{'cpu s':>9}{'x floor wall':>14}{'x floor cpu':>13}")
    for name, (wall, cpu) in (
        ("DuckDB reads all columns (floor)", floor),
        ("report to decisions.parquet", whole),
        ("re-decide from facts", again),
        ("plain Python, sums only", plain),
    ):
        print(f"{name:36}{wall:9.3f}{cpu:9.3f}{wall / floor[0]:14.1f}{cpu / floor[1]:13.1f}")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()

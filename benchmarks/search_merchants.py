"""How long a page of the merchants' list takes with a hundred thousand of them: searched, filtered, sorted.

    python benchmarks/search_merchants.py [--rows 5000] [--copies 20] [--most-ms 300]

Imports an invented list and copies its rows in the database until there are rows x copies; exit 1 where a page with
its counts takes longer than `--most-ms`; processor time stands beside it, for a busy machine. Last, how long it takes
to look the whole registry through for the worklist (now and then, not for each page).
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from import_merchants import ROOT, write_list
from pysqlite3 import dbapi2 as sqlite

KEYS = {"merchant": "id", "merchant_state": "merchant_id", "point": "id", "point_state": "point_id"}
SHIFTED = {("point_state", "merchant_id")}
NAMED = {("merchant", "code"), ("merchant", "external_id"), ("point", "code")}
STEP = 1_000_000
#: What else a list is narrowed to and sorted by.
FILTERS: tuple[dict[str, object], ...] = (
    {"sort": "new"},
    {"sort": "stage"},
    {"sort": "checked"},
    {"stages": ("listed",)},
    {"zone_id": 1},
    {"point_kind": "stall"},
    {"line": "Rau củ"},
    {"issue": "no_phone"},
    {"issue": "overdue"},
)
TYPED = ("", "nguyen thi lan", "Nguyễn Thị Lan", "quay mau 1234", "0900000123", "khong co ai", "an")


def multiply(file: Path, copies: int) -> int:
    """Copies every merchant with point and list rows; how many there are then."""
    with sqlite.connect(file) as connection:
        for table, key in KEYS.items():
            columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
            for copy in range(1, copies):
                values = []
                for name in columns:
                    shifts = name == key or (table, name) in SHIFTED
                    values.append(
                        f'"{name}" + {copy * STEP}'
                        if shifts
                        else f"\"{name}\" || '~{copy}'"
                        if (table, name) in NAMED
                        else f'"{name}"'
                    )
                connection.execute(
                    f'INSERT INTO "{table}" ({", ".join(columns)}) SELECT {", ".join(values)} FROM "{table}" '
                    f'WHERE "{key}" < {STEP}'
                )
        return int(connection.execute("SELECT count(*) FROM merchant_state").fetchone()[0])


def slowest_ms() -> float:
    """The slowest page with its counts, in milliseconds, each taken at the second look."""
    sys.path.insert(0, str(ROOT))
    from app.actors import COMMAND_LINE  # noqa: PLC0415 - the instance is chosen first
    from app.db import unit_of_work  # noqa: PLC0415
    from app.factory import create_ready_app  # noqa: PLC0415
    from app.registry.actions.issues import sweep_issues  # noqa: PLC0415
    from app.registry.queries.merchants import (  # noqa: PLC0415
        MerchantFilter,
        lines_of_business,
        merchant_page,
        stage_counts,
    )
    from app.web.paging import Cut  # noqa: PLC0415

    slowest, now = 0.0, datetime.now(UTC)
    with create_ready_app().app_context():
        for given in ({"q": q} for q in TYPED), FILTERS:
            for each in given:
                wanted = MerchantFilter(**each, now=now)  # type: ignore[arg-type]
                for _ in range(3):
                    began, worked = time.perf_counter(), time.process_time()
                    found = merchant_page(COMMAND_LINE, wanted, Cut()).total
                    stage_counts(COMMAND_LINE, wanted)
                    lines_of_business(COMMAND_LINE)
                    took, cpu = (time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000
                words = ", ".join(f"{key} {value}" for key, value in each.items() if value) or "(all)"
                print(f"{took:6.0f} ms  {cpu:6.0f} ms cpu  {found:7} found  {words}")
                slowest = max(slowest, took)
        for words in ("first look for trouble", "again"):
            began, worked = time.perf_counter(), time.process_time()
            with unit_of_work():
                swept = sweep_issues(now)
            took, cpu = (time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000
            print(f"{took:6.0f} ms  {cpu:6.0f} ms cpu  {swept.opened:7} opened, {swept.closed} closed  {words}")
    return slowest


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000)
    parser.add_argument("--copies", type=int, default=20)
    parser.add_argument("--most-ms", type=float, default=300)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "danh-sach.csv"
        write_list(file, wanted.rows)
        os.environ["CHOSO_INSTANCE"] = str(Path(folder) / "instance")
        subprocess.run([sys.executable, "-m", "app", "import", "merchants", str(file)], cwd=ROOT, check=True)
        print(f"{multiply(Path(folder) / 'instance' / 'choso.sqlite3', wanted.copies)} merchants")
        took = slowest_ms()
    return 0 if took <= wanted.most_ms else 1


if __name__ == "__main__":
    sys.exit(main())

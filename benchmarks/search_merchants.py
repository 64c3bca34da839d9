"""How long a page of the merchants' list takes with a hundred thousand of them: searched, filtered, sorted.

    python benchmarks/search_merchants.py [--rows 5000] [--copies 20] [--most-ms 300]

Imports an invented list and copies its rows in the database until there are rows x copies, then gives many of them a
fault: no phone, a check overdue or soon, surveyed without consent, an account shared or waiting, a likely twin. Exit 1
where a page with its counts takes longer than `--most-ms`; processor time stands beside it, for a busy machine. The
look through the whole registry for the worklist (now and then, not for each page) is told but not held to it.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from import_merchants import ROOT, write_list
from pysqlite3 import dbapi2 as sqlite

KEYS = {
    "merchant": "id",
    "merchant_state": "merchant_id",
    "point": "id",
    "point_state": "point_id",
    "tenancy": "id",
    "payment_account": "id",
}
SHIFTED = {
    ("point_state", "merchant_id"),
    ("tenancy", "merchant_id"),
    ("tenancy", "point_id"),
    ("payment_account", "merchant_id"),
}
NAMED = {("merchant", "code"), ("merchant", "external_id"), ("point", "code"), ("payment_account", "account_number")}
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
#: Pages as people open them, with their frame.
PAGES = (
    "/desk/",
    "/desk/merchants?view=all",
    "/desk/merchants?issue=overdue",
    "/desk/merchants?issue=shared_account",
    "/desk/issues?view=all",
    "/desk/issues?kind=no_phone",
    "/desk/issues?who=nobody&zone=1",
    "/desk/issues?grave=1",
    "/desk/issues?show=closed",
    "/desk/issues?page=400",
    "/desk/duplicates?view=all",
    "/desk/duplicates?score=likely",
    "/desk/approvals",
    "/desk/prints",
    "/api/v1/issues",
    "/api/v1/worklist",
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


#: One in four has a twin that nobody has looked at.
TWINS = """
INSERT INTO duplicate_pair (one_id, other_id, score, reasons, state, decided_by, note)
SELECT merchant_id, merchant_id + 1000000, 60 + merchant_id % 40, '[["name", "Cùng tên", 60]]', 'open', '', ''
FROM merchant_state
WHERE merchant_id % 4 = 0 AND merchant_id + 1000000 IN (SELECT merchant_id FROM merchant_state)
"""
#: What is wrong with every so many, of 100,000 merchants: 14,000 to 50,000 troubles of each kind.
FAULTS = (
    "UPDATE merchant SET phone = NULL WHERE id % 5 = 0",
    "UPDATE merchant_state SET stage = 'active' WHERE merchant_id % 4 = 1",
    "UPDATE point_state SET stage = 'active', seen_at = datetime('now', '-400 days') WHERE merchant_id % 4 = 1",
    "UPDATE point_state SET seen_at = datetime('now', '-80 days') WHERE merchant_id % 12 = 1",
    "UPDATE merchant_state SET stage = 'surveyed' WHERE merchant_id % 7 = 2",
    "UPDATE merchant_state SET stage = 'dormant' WHERE merchant_id % 50 = 3",
    "UPDATE payment_account SET proposed_at = datetime('now', '-9 days') WHERE id % 4 = 0",
    "UPDATE payment_account SET account_number = '999' || (id % 4000) WHERE id % 10 = 7",
    TWINS,
)


def make_faults(file: Path) -> None:
    """Merchants as they are where nobody looked after them for a year."""
    with sqlite.connect(file) as connection:
        for fault in FAULTS:
            connection.execute(fault)
        connection.execute("ANALYZE")


def slowest_ms() -> float:
    """The slowest page with its counts, in milliseconds, each taken at the third look."""
    sys.path.insert(0, str(ROOT))
    from app.actors import COMMAND_LINE  # noqa: PLC0415 - the instance is chosen first
    from app.factory import create_ready_app  # noqa: PLC0415
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
        swept(now)
    return slowest


def swept(now: datetime) -> None:
    """The look through the whole registry, at first and when nothing has changed since."""
    from app.db import unit_of_work  # noqa: PLC0415 - the instance is chosen first
    from app.registry.actions.issues import sweep_if_due, sweep_issues  # noqa: PLC0415

    for words, look in (("first look for trouble", sweep_issues), ("again", sweep_issues), ("noted", sweep_if_due)):
        began, worked = time.perf_counter(), time.process_time()
        with unit_of_work():
            found = look(now)
        took, cpu = (time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000
        told = f"{found.opened:7} opened, {found.closed} closed" if found else "not due"
        print(f"{took:6.0f} ms  {cpu:6.0f} ms cpu  {told}  {words}")


def slowest_page_ms() -> float:
    """The slowest of the pages themselves, as a coordinator's browser asks for them; each at the third look."""
    from app.accounts.actions import Grant, create_user  # noqa: PLC0415 - the instance is chosen first
    from app.actors import COORDINATOR, SYSTEM, Scope  # noqa: PLC0415
    from app.db import db, unit_of_work  # noqa: PLC0415
    from app.factory import create_ready_app  # noqa: PLC0415
    from app.places.models import Unit  # noqa: PLC0415
    from app.registry.models import Merchant  # noqa: PLC0415

    slowest, app, password = 0.0, create_ready_app(), "một câu chỉ để đo"
    with app.app_context():
        commune = db.session.query(Unit).filter_by(level="commune").one().id
        with unit_of_work():
            grant = Grant(COORDINATOR, Scope("unit", commune))
            create_user(
                SYSTEM, datetime.now(UTC), "do.toc.do", "Đo", grants=[grant], password=password, must_change=False
            )
        code = db.session.query(Merchant.code).filter(Merchant.id % 20 == 5).limit(1).scalar()
        db.session.remove()
    browser = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/login").text)
    entry = {"identity": "do.toc.do", "password": password, "csrf_token": token[1] if token else ""}
    assert browser.post("/login", data=entry).status_code == 302
    for address in (*PAGES, f"/desk/merchants/{code}"):
        for _ in range(3):
            began, worked = time.perf_counter(), time.process_time()
            answer = browser.get(address)
            took, cpu = (time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000
        print(f"{took:6.0f} ms  {cpu:6.0f} ms cpu  {len(answer.data) / 1024:5.0f} kB  {answer.status_code}  {address}")
        slowest = max(slowest, took)
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
        make_faults(Path(folder) / "instance" / "choso.sqlite3")
        took = max(slowest_ms(), slowest_page_ms())
    return 0 if took <= wanted.most_ms else 1


if __name__ == "__main__":
    sys.exit(main())

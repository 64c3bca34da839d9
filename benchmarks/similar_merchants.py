"""How long it takes, among a hundred thousand merchants, to say who looks like the one being typed.

    python benchmarks/similar_merchants.py [--rows 5000] [--copies 20] [--most-ms 300]

Fills an instance as search_merchants.py does, with the keys too: every telephone and account then stands twenty times.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import search_merchants
from import_merchants import ROOT, write_list

search_merchants.KEYS["merchant_key"] = "id"
search_merchants.SHIFTED.add(("merchant_key", "merchant_id"))


def slowest_ms() -> float:
    sys.path.insert(0, str(ROOT))
    from app.actors import COMMAND_LINE  # noqa: PLC0415 - the instance is chosen first
    from app.db import db  # noqa: PLC0415
    from app.factory import create_ready_app  # noqa: PLC0415
    from app.registry.models import Merchant  # noqa: PLC0415
    from app.registry.queries.duplicates import PairFilter, pair_page, similar  # noqa: PLC0415
    from app.registry.rules.likeness import Likeness  # noqa: PLC0415
    from app.web.paging import Cut  # noqa: PLC0415

    slowest = 0.0
    with create_ready_app().app_context():
        unit_id = db.session.get_one(Merchant, 1).unit_id
        asks = {
            "a name": lambda: similar(COMMAND_LINE, Likeness("Nguyễn Thị Lan"), unit_id),
            "a telephone": lambda: similar(COMMAND_LINE, Likeness("Trần Văn Bình", phone="+84900000123"), unit_id),
            "a shop": lambda: similar(COMMAND_LINE, Likeness("Lê Thị An", "Quầy mẫu 77"), unit_id),
            "a name begun": lambda: similar(COMMAND_LINE, Likeness("nguyen t"), unit_id),
            "list of pairs": lambda: pair_page(COMMAND_LINE, PairFilter(), Cut()),
        }
        for name, ask in asks.items():
            for _ in range(2):
                began = time.perf_counter()
                ask()
                took = (time.perf_counter() - began) * 1000
            print(f"{took:6.0f} ms  {name}")
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
        os.environ["CHOSO_INSTANCE"] = f"{folder}/du-lieu"
        command = [sys.executable, "-m", "app", "import", "merchants", str(file)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        count = search_merchants.multiply(Path(folder) / "du-lieu" / "choso.sqlite3", wanted.copies)
        slowest = slowest_ms()
    print(f"{count} merchants, slowest {slowest:.0f} ms")
    return 0 if slowest <= wanted.most_ms else 1


if __name__ == "__main__":
    sys.exit(main())

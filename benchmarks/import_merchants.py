"""How long `choso import merchants` takes for a province's worth of household businesses, and that it adds them all.

    python benchmarks/import_merchants.py [--rows 20000] [--most 20]

Exit 1 where it takes more than `--most` seconds of one core or a row is missing. The list is invented.
"""

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEADINGS = ("Họ tên", "Tên cửa hàng", "Số điện thoại", "Ngân hàng", "Số tài khoản", "Chợ", "Dãy", "Số quầy")
FAMILIES = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Võ", "Đặng", "Bùi")
MIDDLES = ("Thị", "Văn", "Ngọc", "Thanh", "Minh", "Hồng")
GIVEN = ("An", "Bình", "Châu", "Dung", "Hạnh", "Lan", "Mai", "Phượng", "Sương", "Yến")
BANKS = ("Vietcombank", "MB", "BIDV", "Agribank")


def write_list(file: Path, rows: int) -> None:
    """A list of invented traders, 500 to a market."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADINGS)
        for n in range(rows):
            holder = f"{FAMILIES[n % 8]} {MIDDLES[n // 8 % 6]} {GIVEN[n // 48 % 10]}"
            place = (f"Chợ Mẫu {n // 500 + 1}", f"A{n % 500 // 25 + 1:02}", f"{n % 25 + 1:02}")
            writer.writerow((holder, f"Quầy mẫu {n}", f"09{n:08}", BANKS[n % 4], f"00{n:010}", *place))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--most", type=float, default=20)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "danh-sach.csv"
        write_list(file, wanted.rows)
        environ = {**os.environ, "CHOSO_INSTANCE": str(Path(folder) / "instance")}
        command = [sys.executable, "-m", "app", "import", "merchants", str(file), "--json"]
        began = time.perf_counter()
        answer = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True)
        took = time.perf_counter() - began
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
    accepted = json.loads(answer.stdout)["accepted"]
    cpu = used.ru_utime + used.ru_stime
    print(f"{accepted} merchants in {took:.1f} s ({cpu:.1f} s of one core, {used.ru_maxrss / 1024:.0f} MB)")
    return 0 if accepted == wanted.rows and cpu <= wanted.most else 1


if __name__ == "__main__":
    sys.exit(main())

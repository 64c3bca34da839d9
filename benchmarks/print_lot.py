"""A lot of A6 standees with the gate against the tutorial way without one: CPU ratio, bytes a piece, peak memory.

    python benchmarks/print_lot.py [PIECES]

CPU seconds of child processes are compared, start-up included, so a busy machine does not matter much.
"""

import csv
import json
import random
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FAMILY = ["Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Hoàng", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô"]
MIDDLE = ["Thị", "Văn", "Thuỳ", "Ngọc", "Quốc", "Hữu", "Đức", "Minh", "Thanh", "Bích", "Kim", "Xuân"]
GIVEN = ["Lượng", "Thoả", "Quyền", "Nguyệt", "Nghĩa", "Hường", "Khoẻ", "Thuỷ", "Yến", "Dũng", "Phượng", "Ánh"]
TRADE = ["Bún riêu", "Quần áo", "Hoa tươi", "Đồ khô", "Tạp hoá", "Trái cây", "Cá biển", "Rau sạch"]
BINS = ["970436", "970415", "970418", "970422", "970405"]
HEADINGS = ["point_code", "zone", "row", "stall", "shop_name", "holder_name", "bank_bin", "account_number"]


def write_points(path: Path, pieces: int) -> None:
    draw = random.Random(20261122)  # the same list every time
    with path.open("w", newline="", encoding="utf-8") as stream:
        sheet = csv.writer(stream)
        sheet.writerow(HEADINGS)
        for number in range(pieces):
            row, stall = f"A{number // 24 + 1:02}", f"{number % 24 + 1:02}"
            given = draw.choice(GIVEN)
            shop = f"{draw.choice(TRADE)} {draw.choice(['cô', 'chú', 'anh', 'chị'])} {given} {number % 97}"
            holder = f"{draw.choice(FAMILY)} {draw.choice(MIDDLE)} {draw.choice(MIDDLE)} {given}"
            account = "".join(draw.choices("0123456789", k=13))
            sheet.writerow([f"{row}-{stall}", "Chợ Mẫu", row, stall, shop, holder, draw.choice(BINS), account])


def run(*command: str) -> tuple[float, float]:
    """CPU seconds of one child process, and peak megabytes of the largest child so far."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *command], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, after.ru_maxrss / 1024


def main() -> None:
    pieces = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as folder:
        data, plain, lot = Path(folder, "points.csv"), Path(folder, "plain.pdf"), Path(folder, "lot")
        write_points(data, pieces)
        slow, slow_mb = run("benchmarks/print_tutorial.py", str(data), str(plain))
        order = ["--design", "standee-a6", "--data", str(data), "--out", str(lot)]
        fast, fast_mb = run("-m", "app", "print", *order)
        figures = {
            "pieces": pieces,
            "cpu_ratio": round(fast / slow, 2),
            "ms_a_piece": round(fast / pieces * 1000, 1),
            "tutorial_ms_a_piece": round(slow / pieces * 1000, 1),
            "bytes_a_piece": round((lot / "lot.pdf").stat().st_size / pieces),
            "tutorial_bytes_a_piece": round(plain.stat().st_size / pieces),
            "peak_mb": round(fast_mb),
            "tutorial_peak_mb": round(slow_mb),
            "read_back": json.loads((lot / "gate.json").read_text(encoding="utf-8"))["read_back"],
        }
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()

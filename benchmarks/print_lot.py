"""A lot of A6 standees with the gate against other ways without one: CPU, bytes a piece, peak memory.

    python benchmarks/print_lot.py [PIECES] [--peers PYTHON]

CPU seconds of child processes are compared, start-up included, so a busy machine does not matter much. The tutorial way
(qrcode, Pillow, ReportLab) always runs. `--peers` names the Python of an environment with fpdf2 and WeasyPrint, which
are no part of this project:

    python3 -m venv peers && peers/bin/pip install fpdf2 weasyprint qrcode pillow

Each way is read back afterwards by ZXing on eight of its pages, so that a fast way to draw nothing does not win.
"""

import argparse
import csv
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import pypdfium2
import zxingcpp

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.qr.vietqr import vietqr  # noqa: E402 -- found only once the clone is on the path

FAMILY = ["Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Hoàng", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô"]
MIDDLE = ["Thị", "Văn", "Thuỳ", "Ngọc", "Quốc", "Hữu", "Đức", "Minh", "Thanh", "Bích", "Kim", "Xuân"]
GIVEN = ["Lượng", "Thoả", "Quyền", "Nguyệt", "Nghĩa", "Hường", "Khoẻ", "Thuỷ", "Yến", "Dũng", "Phượng", "Ánh"]
TRADE = ["Bún riêu", "Quần áo", "Hoa tươi", "Đồ khô", "Tạp hoá", "Trái cây", "Cá biển", "Rau sạch"]
BINS = ["970436", "970415", "970418", "970422", "970405"]
HEADINGS = ["point_code", "zone", "row", "stall", "shop_name", "holder_name", "bank_bin", "account_number", "payload"]


def write_points(path: Path, pieces: int) -> list[str]:
    draw = random.Random(20261122)  # the same list every time
    payloads = []
    with path.open("w", newline="", encoding="utf-8") as stream:
        sheet = csv.writer(stream)
        sheet.writerow(HEADINGS)
        for number in range(pieces):
            row, stall = f"A{number // 24 + 1:02}", f"{number % 24 + 1:02}"
            given = draw.choice(GIVEN)
            shop = f"{draw.choice(TRADE)} {draw.choice(['cô', 'chú', 'anh', 'chị'])} {given} {number % 97}"
            holder = f"{draw.choice(FAMILY)} {draw.choice(MIDDLE)} {draw.choice(MIDDLE)} {given}"
            account = "".join(draw.choices("0123456789", k=13))
            payload = vietqr(bank := draw.choice(BINS), account)
            payloads.append(payload)
            sheet.writerow([f"{row}-{stall}", "Chợ Mẫu", row, stall, shop, holder, bank, account, payload])
    return payloads


def run(python: str, *command: str) -> tuple[float, float]:
    """CPU seconds and peak megabytes of one child process."""
    timed = ["/usr/bin/env", python, "-c", MEASURED, python, *command]
    said = subprocess.run(timed, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    cpu, peak = said.split()[-2:]
    return float(cpu), float(peak)


MEASURED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""
PEERS = {"fpdf2": "benchmarks/print_fpdf2.py", "weasyprint": "benchmarks/print_weasyprint.py"}


def seen(pdf: Path, payloads: list[str]) -> str:
    """Of eight pages, how many say what they must."""
    book = pypdfium2.PdfDocument(pdf)
    step = max(1, len(payloads) // 8)
    right = 0
    for at in range(0, len(payloads), step)[:8]:
        codes = zxingcpp.read_barcodes(book[at].render(scale=3, grayscale=True).to_pil())
        right += [code.text for code in codes] == [payloads[at]]
    return f"{right}/{len(range(0, len(payloads), step)[:8])}"


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("pieces", type=int, nargs="?", default=1000)
    options.add_argument("--peers", default="")
    wish = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data, lot = Path(folder, "points.csv"), Path(folder, "lot")
        payloads = write_points(data, wish.pieces)
        order = ["--design", "standee-a6", "--data", str(data), "--out", str(lot)]
        ways = {"choso": (sys.executable, ["-m", "app", "print", *order], lot / "lot.pdf")}
        plain = Path(folder, "tutorial.pdf")
        ways["tutorial"] = (sys.executable, ["benchmarks/print_tutorial.py", str(data), str(plain)], plain)
        for name, script in PEERS.items() if wish.peers else ():
            out = Path(folder, f"{name}.pdf")
            ways[name] = (wish.peers, [script, str(data), str(out)], out)
        figures = {}
        for name, (python, command, out) in ways.items():
            cpu, peak = run(python, *command)
            figures[name] = {
                "ms_a_piece": round(cpu / wish.pieces * 1000, 1),
                "cpu_s": round(cpu, 1),
                "bytes_a_piece": round(out.stat().st_size / wish.pieces),
                "peak_mb": round(peak),
                "pages_right": seen(out, payloads),
            }
        gate = json.loads((lot / "gate.json").read_text(encoding="utf-8"))
    ratio = round(figures["choso"]["cpu_s"] / figures["tutorial"]["cpu_s"], 2)
    print(json.dumps({"pieces": wish.pieces, "read_back": gate["read_back"], "cpu_ratio": ratio, **figures}, indent=2))


if __name__ == "__main__":
    main()

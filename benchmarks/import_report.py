"""How long a provider's workbook takes to come in, by the command line and by the page, beside merely reading it.

    python benchmarks/import_report.py [--rows 100000] [--times 3] [--most 15]

The workbook is as providers send them: a title, Vietnamese headings, times as spreadsheet dates, grouped amounts; all
people in it are invented. Processor seconds (children included) and wall seconds, each the best of `--times`. Peers in
the same run: python-calamine and openpyxl, which read every cell and keep nothing. Exit 1 where the command line or the
page (upload, preview, receive, result) takes longer than `--most` or a line is missing.
"""

import argparse
import io
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import xlsxwriter

ROOT = Path(__file__).resolve().parents[1]
HEADINGS = (
    "STT",
    "Mã giao dịch",
    "Thời gian giao dịch",
    "Loại giao dịch",
    "Số tiền",
    "Khách hàng",
    "Mã điểm",
    "Nguồn tiền",
    "Kênh",
    "Trạng thái",
)
NAME, PASSWORD = "bao.cao", "mot-cau-dai-de-thu-2026"
CALAMINE = """
import sys, python_calamine
with python_calamine.CalamineWorkbook.from_path(sys.argv[1]) as book:
    print(sum(1 for _ in book.get_sheet_by_index(0).iter_rows()))
"""
OPENPYXL = """
import sys, openpyxl
book = openpyxl.load_workbook(sys.argv[1], read_only=True)
print(sum(1 for _ in book.active.iter_rows(values_only=True)))
"""


def write_report(file: Path, rows: int, first: int = 0) -> None:
    """A workbook of `rows` payments over October 2026, numbered from `first`."""
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("Giao dịch")
        when = book.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"})
        sheet.write(0, 0, "BÁO CÁO GIAO DỊCH QR THÁNG 10/2026")
        sheet.write_row(2, 0, HEADINGS)
        start = datetime(2026, 10, 1, 6)  # noqa: DTZ001 - a spreadsheet's clock has no zone
        for at in range(rows):
            number, row = first + at, at + 3
            sheet.write_row(row, 0, [at + 1, f"FT26{number:010}"])
            sheet.write_datetime(row, 2, start + timedelta(seconds=at * 25), when)
            sheet.write(row, 3, "Thanh toán QR")
            sheet.write(row, 4, f"{20 + at % 180}.000 đ")
            payer, point = f"09{at % 9_973:08}", f"HK-{at % 300:04}"
            sheet.write_row(row, 5, [payer, point, "Ngân hàng", "Ứng dụng", "Thành công"])


def by_reader(program: str, file: Path) -> None:
    """Another library reads the file, in a process of its own as ours does."""
    subprocess.run([sys.executable, "-c", program, str(file)], check=True, capture_output=True)


def by_command(file: Path, rows: int) -> None:
    """`choso import report`, the start of the program included."""
    ran = choso("import", "report", str(file), "--profile", "vietnamese")
    expect(f"{rows} dòng, 0 trùng, 0 bị từ chối", ran.stdout)


def choso(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """One command of the program on this run's instance."""
    command = [sys.executable, "-m", "app", *arguments]
    return subprocess.run(command, cwd=ROOT, input=typed, capture_output=True, text=True, check=True)


def expect(words: str, told: str) -> None:
    """Ends the run where the program said something else."""
    if words not in told:
        sys.exit(f"“{words}” was expected, but: {told[-2000:]}")


class Desk:
    """A coordinator's browser on the program in this process, signed in through the form."""

    def __init__(self) -> None:
        sys.path.insert(0, str(ROOT))
        from app.factory import create_ready_app  # noqa: PLC0415 - the instance is chosen first

        choso("user", "add", NAME, "--role", "coordinator", "--password-stdin", typed=f"{PASSWORD}\n")
        self.client = create_ready_app().test_client()
        self.open("/login")
        self.post("/login", identity=NAME, password=PASSWORD)

    def open(self, address: str) -> None:
        """Goes to a page."""
        self.address, self.page = address, self.client.get(address).text

    def post(self, address: str, **fields: object) -> str:
        """Sends a form of the page that is open; what the next page says."""
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.page)
        assert token is not None, self.address
        answer = self.client.post(address, data={"csrf_token": token[1], **fields}, follow_redirects=True)
        self.address, self.page = answer.request.path, answer.text
        return self.page

    def receive(self, file: Path, rows: int) -> None:
        """The way a person goes: send, look at what the file would count as, receive, see the report."""
        sent = (io.BytesIO(file.read_bytes()), file.name)
        self.open("/desk/reports")
        expect(f"{rows:,}".replace(",", "."), self.post("/desk/reports/uploads", file=sent))
        expect("Đã nhận báo cáo.", self.post(self.address, profile="vietnamese"))


def best(name: str, times: int, act: Callable[[int], None]) -> float:
    """Prints and returns the fewest wall seconds of several runs; the least processor time stands beside them."""
    walls, works = [], []
    for turn in range(times):
        wall, work = time.perf_counter(), sum(os.times()[:4])
        act(turn)
        walls.append(time.perf_counter() - wall)
        works.append(sum(os.times()[:4]) - work)
    print(f"{name:34} {min(works):6.1f} s of processor {min(walls):6.1f} s", flush=True)
    return min(walls)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--most", type=float, default=15)
    wanted = parser.parse_args()
    times, rows = wanted.times, wanted.rows
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CHOSO_INSTANCE"] = str(Path(folder) / "instance")
        files = [Path(folder) / f"bao-cao-{number}.xlsx" for number in range(2 * times)]
        for number, file in enumerate(files):
            write_report(file, rows, number * rows)
        print(f"{rows} rows, {files[0].stat().st_size / 1e6:.1f} MB")
        best("python-calamine, reading only", times, lambda turn: by_reader(CALAMINE, files[turn]))
        best("openpyxl read_only, reading only", times, lambda turn: by_reader(OPENPYXL, files[turn]))
        desk = Desk()
        best("the program's start (choso doctor)", times, lambda _turn: bool(choso("doctor")))
        command = best("choso import report", times, lambda turn: by_command(files[turn], rows))
        page = best("page: send, preview, receive", times, lambda turn: desk.receive(files[times + turn], rows))
    return 0 if max(command, page) <= wanted.most else 1


if __name__ == "__main__":
    sys.exit(main())

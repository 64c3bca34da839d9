"""The program as a process of its own, to be killed, starved or raced; and lists for it to take in."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from app.factory.backup.records import check_records, counts_of

ROOT = Path(__file__).resolve().parents[2]
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
HEADINGS = ("Họ tên", "Tên cửa hàng", "Số điện thoại", "Ngân hàng", "Số tài khoản", "Chợ", "Dãy", "Số quầy")


def start(instance: Path, *arguments: str | Path) -> subprocess.Popen[str]:
    """`choso ...` on this instance, running."""
    environ = {key: value for key, value in os.environ.items() if not key.startswith("CHOSO_")}
    return subprocess.Popen(
        [sys.executable, "-m", "app", *map(str, arguments)],
        cwd=ROOT,
        env={**environ, "CHOSO_INSTANCE": str(instance)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def choso(instance: Path, *arguments: str | Path) -> tuple[int, str, str]:
    """`choso ...` run to its end: exit status, standard output, standard error."""
    process = start(instance, *arguments)
    out, err = process.communicate(timeout=300)
    assert "Traceback" not in err
    return process.returncode, out, err


def kill_after_cpu(process: subprocess.Popen[str], seconds: float) -> bool:
    """Kills (SIGKILL) once the process has computed for so long, however busy the machine; False if it ended before."""
    stat = Path(f"/proc/{process.pid}/stat")
    while process.poll() is None:
        fields = stat.read_text(encoding="ascii").rpartition(")")[2].split()
        if (int(fields[11]) + int(fields[12])) / TICKS >= seconds:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            return True
        time.sleep(0.005)
    process.communicate()
    return False


def counts(instance: Path) -> dict[str, int]:
    """How many rows each table holds; the file must be whole, and opening it is what the next start would do."""
    return counts_of(instance / "choso.sqlite3") if check_records(instance / "choso.sqlite3") else {}


def is_well(instance: Path) -> bool:
    """Whether `choso doctor` finds everything in its place, the audit chain too."""
    status, out, _ = choso(instance, "doctor", "--json")
    return status == 0 and json.loads(out)["ok"] is True


def write_list(file: Path, rows: int, market: str = "Chợ Thử") -> Path:
    """A list of invented traders of one market."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADINGS)
        for n in range(rows):
            stall = (f"{market}", f"A{n // 40 + 1:02}", f"{n % 40 + 1:02}")
            writer.writerow(("Nguyễn Thị Mẫu", f"Quầy {market} {n}", "", "Vietcombank", f"00{n:010}", *stall))
    return file

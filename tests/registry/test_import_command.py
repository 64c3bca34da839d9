"""`choso import merchants` as a person types it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pysqlite3 import dbapi2 as sqlite

from app.tables import read_table
from tests.registry.test_lists import HEADINGS, as_csv, rows

ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.startswith("CHOSO_")}


def choso(instance: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        env={**ENVIRONMENT, "CHOSO_INSTANCE": str(instance)},
        capture_output=True,
        text=True,
        check=False,
    )


def merchants(instance: Path) -> int:
    with sqlite.connect(instance / "choso.sqlite3") as connection:
        return int(connection.execute("SELECT count(*) FROM merchant").fetchone()[0])


def test_an_empty_instance_takes_a_list_and_gives_the_refused_lines_back(tmp_path: Path) -> None:
    table = rows(6)
    table[3][3] = "09"
    file = tmp_path / "danh-sach.csv"
    file.write_bytes(as_csv(table))
    told = choso(tmp_path / "instance", "import", "merchants", str(file), "--json")
    assert told.returncode == 1
    assert json.loads(told.stdout) == {
        "accepted": 5,
        "unchanged": 0,
        "changed": [],
        "notes": [],
        "refused": [{"line": 5, "message": "Số điện thoại “09” thiếu 8 chữ số. Ví dụ đúng: 0987 654 321."}],
    }
    given_back = read_table(tmp_path / "danh-sach-bi-tu-choi.csv")
    assert [str(cell) for cell in given_back.rows[0].cells] == [*HEADINGS, "Dòng trong tệp gốc", "Lý do"]
    assert [row.cells[1] for row in given_back.rows[1:]] == ["Nguyễn Thị Mẫu D"]
    table[3][3] = "0987654324"
    file.write_bytes(as_csv(table))
    again = choso(tmp_path / "instance", "import", "merchants", str(file), "--json")
    assert again.returncode == 0
    assert json.loads(again.stdout) == {"accepted": 1, "unchanged": 5, "changed": [], "notes": [], "refused": []}
    assert json.loads(choso(tmp_path / "instance", "doctor", "--json").stdout)["counts"]["merchants"] == 6


def test_a_dry_run_keeps_nothing(tmp_path: Path) -> None:
    file = tmp_path / "danh-sach.csv"
    file.write_bytes(as_csv(rows(3)))
    told = choso(tmp_path / "instance", "import", "merchants", str(file), "--dry-run", "--json")
    assert (told.returncode, json.loads(told.stdout)["accepted"]) == (0, 3)
    assert merchants(tmp_path / "instance") == 0
    assert not (tmp_path / "instance" / "evidence").exists()


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"xin chao\n1\n", b"PK\x03\x04 not a workbook"])
def test_a_file_that_is_no_list_gets_one_short_message(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "la.xlsx"
    file.write_bytes(content)
    told = choso(tmp_path / "instance", "import", "merchants", str(file))
    assert told.returncode == 1
    assert told.stdout == ""
    assert 0 < len(told.stderr.strip().splitlines()) <= 3
    assert "la.xlsx" in told.stderr
    assert "Traceback" not in told.stderr


def test_killed_at_any_moment_all_lines_are_there_or_none(tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    choso(instance, "doctor")
    file = tmp_path / "danh-sach.csv"
    table = [[str(n), "Nguyễn Thị Mẫu", f"Hàng {n}", "", "", "", "Chợ Thử", f"B{n // 40}", str(n)] for n in range(1500)]
    file.write_bytes(as_csv(table))
    command = [sys.executable, "-m", "app", "import", "merchants", str(file)]
    found = set()
    for delay in (0.9, 1.3, 1.7, 2.1):
        process = subprocess.Popen(
            command,
            env={**ENVIRONMENT, "CHOSO_INSTANCE": str(instance)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        found.add(merchants(instance))
    assert found <= {0, 1500}
    assert choso(instance, "import", "merchants", str(file)).returncode == 0
    assert merchants(instance) == 1500


def test_the_list_is_in_and_told_even_where_its_refused_lines_cannot_be_written(tmp_path: Path) -> None:
    table = rows(3)
    table[1][3] = "09"
    file = tmp_path / "danh-sach.csv"
    file.write_bytes(as_csv(table))
    (tmp_path / "danh-sach-bi-tu-choi.csv").mkdir()
    told = choso(tmp_path / "instance", "import", "merchants", str(file), "--json")
    assert told.returncode == 1
    assert json.loads(told.stdout)["accepted"] == 2
    assert f"Không ghi được tệp các dòng bị từ chối vào {tmp_path}." in told.stderr


def test_each_sender_is_told_which_columns_were_used(tmp_path: Path) -> None:
    file, headings = tmp_path / "danh-sach.csv", ["Họ tên", "Tên cửa hàng"]
    told = []
    for name in ("Một", "Hai"):
        file.write_bytes(as_csv([[f"Lê Thị {name}", ""]], headings))
        command = ("import", "merchants", str(file), "--sender", "Ban quản lý chợ")
        told.append(choso(tmp_path / "instance", *command).stdout.splitlines()[-1])
    assert told[0] == "danh-sach.csv: nơi gửi Ban quản lý chợ; cột nhận ra theo tên cột."
    assert told[1].startswith("danh-sach.csv: nơi gửi Ban quản lý chợ; cột đã nhớ của nơi gửi này (")

"""Killed in the middle: all of it, or nothing, and the next start goes on as if nothing had been."""

import sys
from pathlib import Path

import pytest

from app.factory.backup.archive import opened_archive
from tests.faults.machine import choso, counts, is_well, kill_after_cpu, start, write_list

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="đọc thời gian chạy từ /proc")
ROWS = 900
resource = pytest.importorskip("resource", reason="cần đo thời gian tính của tiến trình con")


def test_a_killed_import_leaves_all_lines_or_none(tmp_path: Path) -> None:
    instance, file = tmp_path / "instance", write_list(tmp_path / "danh-sach.csv", ROWS)
    assert is_well(instance)
    none = counts(instance)
    whole = cpu_seconds(tmp_path / "measured", "import", "merchants", file)
    killed = 0
    for share in (0.5, 0.65, 0.8, 0.95):
        killed += kill_after_cpu(start(instance, "import", "merchants", file), share * whole)
        found = counts(instance)
        assert found["merchant"] in {0, ROWS}
        if not found["merchant"]:
            assert found == none
    assert killed >= 2
    status, _, err = choso(instance, "import", "merchants", file)
    assert status == 0, err
    assert counts(instance)["merchant"] == ROWS
    assert is_well(instance)


def cpu_seconds(instance: Path, *arguments: str | Path) -> float:
    """What the command costs on this machine when nobody kills it."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert choso(instance, *arguments)[0] == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return float(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def test_a_first_start_killed_at_any_moment_does_not_spoil_the_instance(tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    for seconds in (1.4, 1.7):
        kill_after_cpu(start(instance, "doctor"), seconds)
    assert is_well(instance)


def test_a_killed_backup_or_restore_leaves_what_was(tmp_path: Path) -> None:
    here, there, file = tmp_path / "here", tmp_path / "there", tmp_path / "b.choso"
    assert choso(here, "import", "merchants", write_list(tmp_path / "danh-sach.csv", 300))[0] == 0
    assert choso(here, "backup", file)[0] == 0
    wanted = counts(here)
    assert is_well(there)
    empty = counts(there)
    for seconds in (1.6, 1.9):
        kill_after_cpu(start(here, "backup", file), seconds)
        with opened_archive(file, "") as archive:  # the one before or the new one, and whole
            assert archive.about.counts == wanted
        kill_after_cpu(start(there, "restore", file), seconds)
        assert is_well(there)
        assert counts(there) in (wanted, empty)
    assert choso(there, "restore", file)[0] == 0
    assert counts(there) == wanted

"""A full disk is told in Vietnamese, costs nothing that was there, and leaves nothing half done."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.machine import choso, counts, is_well, write_list


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Makes a disk of the given size in memory; needs root on Linux."""
    mount = shutil.which("mount")
    mounted: list[Path] = []

    def make(size: str) -> Path:
        folder = tmp_path / f"disk{len(mounted)}"
        folder.mkdir()
        command = [str(mount), "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(folder)]
        if not mount or os.name == "nt" or subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("không gắn được đĩa nhỏ (cần quyền root)")
        mounted.append(folder)
        return folder

    yield make
    for folder in mounted:
        subprocess.run(["umount", "-l", str(folder)], check=False, capture_output=True)


def fill(folder: Path, leave: int) -> Path:
    """A file that takes all room but so many bytes."""
    ballast = folder / "ballast"
    free = shutil.disk_usage(folder).free - leave
    ballast.write_bytes(b"\0" * free)
    return ballast


def test_an_import_that_finds_no_room_adds_nothing(tmp_path: Path, small_disk: Callable[[str], Path]) -> None:
    disk = small_disk("8m")
    instance = disk / "instance"
    assert is_well(instance)
    before = counts(instance)
    ballast = fill(disk, leave=500_000)
    file = write_list(tmp_path / "danh-sach.csv", 1500)
    status, out, err = choso(instance, "import", "merchants", file)
    assert (status, out) == (1, "")
    assert "Hết chỗ trên đĩa" in err
    assert len(err.splitlines()) <= 3
    assert [each.name for each in tmp_path.iterdir() if "tu-choi" in each.name] == []
    ballast.unlink()
    assert counts(instance) == before
    assert choso(instance, "import", "merchants", write_list(file, 20))[0] == 0  # and it goes on once there is room


def test_a_lot_that_finds_no_room_is_not_there(tmp_path: Path, small_disk: Callable[[str], Path]) -> None:
    disk = small_disk("64k")
    data = tmp_path / "diem.csv"
    data.write_text(
        "point_code,shop_name,holder_name,bank_bin,account_number\n"
        + "".join(f"A01-{n:02},Quầy {n},Nguyễn Thị Mẫu,970436,00110012345{n:02}\n" for n in range(12)),
        encoding="utf-8",
    )
    command = ("print", "--design", "standee-a6", "--data", data, "--out", disk / "lo")
    status, out, err = choso(tmp_path / "instance", *command)
    assert (status, out) == (1, "")
    assert "Hết chỗ trên đĩa" in err
    assert not (disk / "lo" / "lot.pdf").exists()


def test_a_backup_that_finds_no_room_keeps_the_last_one(tmp_path: Path, small_disk: Callable[[str], Path]) -> None:
    disk = small_disk("1m")
    instance, file = tmp_path / "instance", disk / "b.choso"
    assert choso(instance, "import", "merchants", write_list(tmp_path / "danh-sach.csv", 100))[0] == 0
    ballast = fill(disk, leave=20_000)
    status, _, err = choso(instance, "backup", file)
    assert status == 1
    assert "Hết chỗ trên đĩa" in err
    assert [each for each in disk.iterdir() if each != ballast] == []

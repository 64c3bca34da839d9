"""A full disk is told in Vietnamese, costs nothing that was there, and leaves nothing half done."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.accounts import unwritten
from app.accounts.actions import Grant, create_user
from app.accounts.models import User
from app.accounts.scopes import EVERYWHERE
from app.actors import ADMIN, SYSTEM
from app.db import db, unit_of_work
from tests.conftest import PROGRAM, Browser, settings_for
from tests.faults.machine import choso, counts, is_well, write_list

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


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


def fill(folder: Path, leave: int, name: str = "ballast") -> Path:
    """A file that takes all room but so many bytes."""
    ballast = folder / name
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


@pytest.fixture
def desk(sqlite_template: Path, small_disk: Callable[[str], Path]) -> Iterator[tuple[Browser, Path, str, User]]:
    """The program on a small disk, an administrator with a password and without a second factor, and the disk."""
    disk = small_disk("8m")
    settings = settings_for(disk / "instance", f"sqlite:///{disk / 'instance' / 'choso.sqlite3'}")
    shutil.copyfile(sqlite_template, disk / "instance" / "choso.sqlite3")
    app = PROGRAM.on(settings)
    with app.app_context():
        with unit_of_work():
            user, password = create_user(
                SYSTEM, NOW, "lan", "Trần Thị Lan", grants=[Grant(ADMIN, EVERYWHERE)], must_change=False, sample=True
            )
        browser = app.test_client()
        assert isinstance(browser, Browser)
        yield browser, disk, password, user
        db.session.remove()
        db.engine.dispose()


def signed_in(browser: Browser, password: str) -> str:
    """Signs in and returns the page behind."""
    form = {"csrf_token": browser.form_token(), "identity": "lan", "password": password}
    answer = browser.post("/login", data=form, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize("trouble", ["full", "read-only"])
def test_signing_in_and_reading_go_on_and_a_write_says_what_is_wrong(
    desk: tuple[Browser, Path, str, User], trouble: str
) -> None:
    browser, disk, password, _ = desk
    unwritten._tries.clear()
    assert browser.get("/").status_code == 200
    if trouble == "full":
        fill(disk, leave=0)
    else:
        db.session.remove()
        db.engine.dispose()
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        PROGRAM.on(settings_for(disk / "instance", f"sqlite:///{disk / 'instance' / 'choso.sqlite3'}"))
    try:
        assert "bạn xem được, chưa ghi được" in signed_in(browser, password)
        assert browser.get("/desk/users").status_code == 200
        told = browser.post("/desk/users/new", data={"csrf_token": browser.form_token(), "user_name": "cuc"})
        assert told.status_code == 403
        assert "Khi đĩa đã được dọn" in told.text
        again = browser.post("/logout", data={"csrf_token": browser.form_token()}, follow_redirects=True)
        assert "Đã đăng xuất" in again.text
        form = {"csrf_token": browser.form_token(), "identity": "lan", "password": "sai"}
        assert [browser.post("/login", data=form).status_code for _ in range(11)][-2:] == [401, 429]
    finally:
        if trouble == "read-only":
            subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)


def test_a_session_from_before_writes_again_when_there_is_room(desk: tuple[Browser, Path, str, User]) -> None:
    browser, disk, password, _ = desk
    assert "chưa ghi được" not in signed_in(browser, password)
    ballast = fill(disk, leave=0)
    form = {"csrf_token": browser.form_token(), "current": password, "full_name": "Trần Lan"}
    form |= {"user_name": "cuc", "role": "coordinator", "full_name": "Cúc"}
    told = browser.post("/desk/users/new", data=form)
    assert told.status_code == 507
    assert "Đĩa đã đầy" in told.text
    assert "dọn bớt đĩa" in told.text
    ballast.unlink()
    assert browser.post("/desk/users/new", data=form).status_code != 507


def test_doctor_and_backup_work_on_a_full_disk(tmp_path: Path, small_disk: Callable[[str], Path]) -> None:
    disk = small_disk("8m")
    instance = disk / "instance"
    assert is_well(instance)
    for name in ("first", "second"):  # then the reserve is gone
        fill(disk, leave=0, name=name)
        for command in (("audit", "verify"), ("backup", tmp_path / "b.choso")):
            assert choso(instance, *command)[0] == 0, command
        status, out, err = choso(instance, "doctor")
        assert (status, err) == (1, "")
        assert "Đĩa: Còn trống 0 MB: đĩa đã đầy." in out or "Đĩa: Không ghi được" in out
        assert out.count("HỎNG") == 1

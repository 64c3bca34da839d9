"""Making a backup of a running instance, and putting one in its place."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path

import pysqlite3.dbapi2 as sqlite
from sqlalchemy import Engine

from app.db import RESERVE_BYTES
from app.factory.backup.archive import About, Archive, BackupError, counts_in, is_archive, opened_archive, write_archive
from app.factory.backup.records import (
    check_records,
    counts_of,
    engine_of,
    is_known,
    load_records,
    save_records,
    update_records,
)
from app.paths import hidden_name, sweep_dead
from app.settings import DATABASE, MARKER, Settings

#: Names at the top of an instance that are no data: kept by no backup.
NO_DATA = (
    f"{DATABASE}*", "log", "choso-error.log", "doctor.json", "before-restore-*", "before-anew-*", "restored-*", ".*",
)  # fmt: skip
#: Folders of data; one that a backup has not is empty after the restore.
FOLDERS = ("evidence", "facts", "lots", "media")
SPARE_BYTES = 16 << 20
CHAIN, SHARE = "audit_event", 10
#: Acts that only a real backup holds; one that cannot be read may be such a one.
MANY = 100
#: Tables whose rows no person wrote.
BOOKKEEPING = {"alembic_version", "audit_head", "issue_sweep"}


def make_backup(engine: Engine, settings: Settings, target: Path, passphrase: str, now: datetime) -> About:
    """Writes a backup to `target`: whole and read back, or not at all. Raises BackupError, OSError.

    The records come first, then the files: whatever a record names was on the disk before it.
    """
    if target.is_dir():
        raise BackupError(f"{target} là thư mục.", remedy="Hãy ghi cả tên tệp, ví dụ sao-luu.choso.")
    if not target.parent.is_dir():
        raise BackupError(f"Không có thư mục {target.parent}.", remedy="Hãy tạo thư mục ấy trước.")
    if target.exists() and not is_archive(target):
        raise BackupError(f"{target} là tệp khác, không phải bản sao lưu.", remedy="Hãy chọn tên tệp khác.")
    # Records without a lock never lie on the disk of a locked backup, not even for a moment.
    workshop = _workshop(settings.instance) if passphrase else target.parent
    sweep_dead(target.parent, f".{target.name}.partial-", ".backup-")
    fresh = target.parent / f".{target.name}.partial-{os.getpid()}"
    with tempfile.TemporaryDirectory(prefix=hidden_name("backup"), dir=workshop) as folder:
        records = Path(folder) / DATABASE
        revision = save_records(engine, records)
        about = About(now.isoformat(timespec="seconds"), revision, counts_of(records))
        _refuse_emptied(target, passphrase, about)
        try:
            write_archive(fresh, passphrase, [(DATABASE, records), *data_files(settings.instance)], about)
            with opened_archive(fresh, passphrase):
                pass
            fresh.replace(target)
        finally:
            fresh.unlink(missing_ok=True)
    _sync(target.parent)
    return about


def _workshop(instance: Path) -> Path:
    """Where records lie for a moment without a lock: beside themselves, or (a full or read-only disk) where the system
    keeps its temporary files.
    """
    records = instance / DATABASE
    needed = records.stat().st_size if records.is_file() else 0
    has_room = shutil.disk_usage(instance).free > needed + RESERVE_BYTES and os.access(instance, os.W_OK)
    return instance if has_room else Path(tempfile.gettempdir())


def _refuse_emptied(target: Path, passphrase: str, about: About) -> None:
    """A good backup is not written over with an instance that was emptied meanwhile. Raises BackupError.

    The chain only ever grows, also where records go: one that is a tenth of what the older backup holds is another one.
    """
    if not target.exists():
        return
    acts = about.counts.get(CHAIN, 0)
    older = counts_in(target, passphrase)
    known = MANY if older is None else older.get(CHAIN, 0)
    is_empty = not _holds(about.counts)
    if (is_empty and (older is None or _holds(older))) or (known >= MANY and acts * SHARE < known):
        held = "có thể còn nguyên" if older is None else f"giữ {known} việc trong nhật ký"
        raise BackupError(
            f"{target} {held}, mà dữ liệu hiện nay chỉ có {acts} việc: không ghi đè.",
            remedy="Dữ liệu có thể đã mất: hãy chạy choso doctor. Nếu đúng là bắt đầu lại, hãy chọn tên tệp khác.",
        )


def _holds(counts: Mapping[str, int]) -> bool:
    return any(count for name, count in counts.items() if name not in BOOKKEEPING)


def data_files(instance: Path) -> Iterator[tuple[str, Path]]:
    """Every file of an instance that a backup keeps beside the records, with its path below the instance."""
    for top in sorted(instance.iterdir()):
        if any(top.match(pattern) for pattern in NO_DATA) or top.is_symlink() or (top.is_file() and is_archive(top)):
            continue
        for file in [top] if top.is_file() else sorted(top.rglob("*")):
            path = file.relative_to(instance)
            if file.is_file() and not file.is_symlink() and not any(part.startswith(".") for part in path.parts):
                yield path.as_posix(), file


def refuse_newer(archive: Archive) -> None:
    """Raises BackupError for a backup of a newer program than this."""
    if not is_known(archive.about.revision):
        raise BackupError(
            f"Bản sao lưu được ghi bằng bản Chợ Số mới hơn (bước {archive.about.revision}).",
            remedy="Hãy cập nhật chương trình rồi khôi phục lại.",
        )


def restore_backup(
    archive: Archive, settings: Settings, now: datetime, mend: Callable[[Path], None] = lambda _: None
) -> Path | None:
    """Puts a checked backup in the place of what the instance holds; returns where that was put, if there was any.
    `mend` is handed the folder of the backup laid out, before it counts: what must not come back goes there.

    Everything is laid out beside the old state and checked first. From one rename on the restore counts as done: what
    is left is moving folders, and whoever starts next after a power cut does that (`complete_restore`).
    """
    complete_restore(settings.instance)
    if shutil.disk_usage(settings.instance).free < archive.size_bytes + SPARE_BYTES:
        raise BackupError(
            f"Đĩa không đủ chỗ: cần thêm {archive.size_bytes // 1_000_000 + 1} MB.", remedy="Hãy dọn bớt rồi làm lại."
        )
    staging = Path(tempfile.mkdtemp(prefix=hidden_name("restore"), dir=settings.instance))
    try:
        files = staging / "files"
        records = _laid_out(archive, files, settings.instance)
        mend(files)
        name = now.strftime("%Y%m%d-%H%M%S")
        accept = partial(_accept, files, settings.instance / f"restored-{name}")
        if settings.sqlite:
            _close_old(settings.instance)
            accept()
        else:
            records = records.rename(staging / DATABASE)
            with engine_of(settings.database_url) as engine:
                load_records(records, engine, before_commit=accept)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    complete_restore(settings.instance)
    aside = settings.instance / f"before-restore-{name}"
    return aside if aside.exists() else None


def complete_restore(instance: Path) -> bool:
    """Moves what a restore laid out into place; True when there was something. May be cut off and called again."""
    ready = sorted(instance.glob("restored-*")) if instance.is_dir() else []
    for folder in ready:
        aside = instance / folder.name.replace("restored-", "before-restore-", 1)
        if (folder / "secret").exists():  # the mark says which key is the instance's: it goes with the old one
            _put_aside(instance / MARKER, aside)
        for item in sorted(folder.iterdir()):
            current = instance / item.name
            for end in ("-wal", "-shm", ""):
                _put_aside(current.with_name(current.name + end), aside)
            item.replace(current)
        folder.rmdir()
        _sync(instance)
    return bool(ready)


def _put_aside(old: Path, aside: Path) -> None:
    if old.exists():
        aside.mkdir(exist_ok=True, mode=0o700)
        old.replace(aside / old.name)


def _accept(files: Path, ready: Path) -> None:
    """From this rename on, what was laid out is the instance."""
    _sync(files)
    files.rename(ready)
    _sync(ready.parent)


def _laid_out(archive: Archive, files: Path, instance: Path) -> Path:
    """All files of the backup in a new folder, the records checked and brought up to date."""
    archive.extract(files)
    records = files / DATABASE
    if not records.is_file() or check_records(records) != archive.about.revision:
        raise BackupError("Bản sao lưu không chứa bản ghi.", remedy="Hãy dùng một bản sao lưu khác.")
    if counts_of(records) != archive.about.counts:
        raise BackupError("Số bản ghi khác với bảng kê của bản sao lưu.", remedy="Hãy dùng một bản sao lưu khác.")
    update_records(records)
    for folder in FOLDERS:
        if (instance / folder).exists():
            (files / folder).mkdir(exist_ok=True, mode=0o700)
    return records


def _close_old(instance: Path) -> None:
    """Brings the old records into one file, which only works when no program has them open. Raises BackupError."""
    file = instance / DATABASE
    if not file.exists():
        (instance / "secret").unlink(missing_ok=True)  # made a moment ago by the start of this very command
        return
    connection = sqlite.connect(str(file), timeout=2)
    try:
        connection.execute("PRAGMA journal_mode=DELETE").fetchone()
    except sqlite.OperationalError as error:
        if "locked" in str(error):
            raise BackupError(
                "Chợ Số đang chạy trên thư mục dữ liệu này.", remedy="Hãy dừng (Ctrl-C) rồi làm lại."
            ) from error
    except sqlite.DatabaseError:
        pass  # damaged: that is what a restore is for; it is put aside as it is
    finally:
        connection.close()


def _sync(folder: Path) -> None:
    """Makes renames in a folder last through a power cut, where the system can."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

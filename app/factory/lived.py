"""Whether an instance has lived, with which key, and how one begins anew: nobody starts empty over lost records."""

import hashlib
import hmac
import json
import os
import stat
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, inspect

from app.errors import DomainError
from app.factory.backup.archive import is_archive
from app.settings import DATABASE, MARKER, Settings

#: Folders whose files only a living instance writes, and single files of the same kind.
LIVED_FOLDERS = ("evidence", "facts", "lots", "media")
LIVED_FILES = (MARKER, "audit-anchors.txt", "erased.txt", f"{DATABASE}.before-*", "before-restore-*")
STAYS = ("log", "before-anew-*", "before-restore-*")
REMEDY = (
    "Hãy khôi phục: choso restore TỆP. Nếu đúng là muốn bắt đầu lại từ đầu: choso doctor --begin-anew "
    "(mọi thứ đang có được cất sang một bên, không xoá)."
)


class LostRecordsError(DomainError):
    """The records are gone or empty beside files that prove that there were some."""

    code = "mat-du-lieu"
    status = 503


def signs_of_life(instance: Path) -> list[str]:
    """What in the folder shows that there were records once: names of its files and folders."""
    found = [path.name for pattern in LIVED_FILES for path in sorted(instance.glob(pattern))]
    found += [name for name in LIVED_FOLDERS if has_files(instance / name)]
    return found + [path.name for path in sorted(instance.glob("*.choso")) if path.is_file() and is_archive(path)]


def lost_records(settings: Settings) -> str:
    """What a person is told where the file of the records is gone or empty and should not be; "" where all is well."""
    file = settings.instance / DATABASE
    if not settings.sqlite or (file.is_file() and file.stat().st_size):
        return ""
    signs = signs_of_life(settings.instance)
    if not signs:
        return ""
    what = "trống (0 byte)" if file.is_file() else "không còn"
    return f"Tệp dữ liệu {file} {what}, mà trong thư mục vẫn có {', '.join(signs[:4])}."


def refuse_empty(settings: Settings, engine: Engine) -> None:
    """Raises LostRecordsError where the database has no table, beside an instance that lived."""
    told = lost_records(settings)
    if not told and not inspect(engine).has_table("alembic_version") and (signs := signs_of_life(settings.instance)):
        told = f"Cơ sở dữ liệu trống, mà thư mục {settings.instance} vẫn có {', '.join(signs[:4])}."
    if told:
        raise LostRecordsError(told, remedy=REMEDY)


def mark(settings: Settings, now: datetime, *, key_changed: bool = False) -> None:
    """Notes once that this folder lives, and its key's fingerprint; `key_changed` notes the present key instead."""
    file = settings.instance / MARKER
    if file.exists() and not key_changed:
        return
    noted = {"since": now.isoformat(timespec="seconds"), "key": fingerprint(settings.secret_key)}
    with suppress(OSError):  # a full or read-only disk: the next start notes it
        file.write_text(json.dumps(noted) + "\n", encoding="utf-8")


def is_key_of(settings: Settings) -> bool:
    """Whether the key is the one with which this instance began; True where nobody noted that."""
    try:
        noted = json.loads((settings.instance / MARKER).read_text(encoding="utf-8")).get("key")
    except (OSError, ValueError, AttributeError):
        return True
    return noted is None or hmac.compare_digest(str(noted), fingerprint(settings.secret_key))


def fingerprint(secret_key: str) -> str:
    """Tells two keys apart and nothing else of them (hex)."""
    return hmac.new(secret_key.encode(), b"choso instance key", hashlib.sha256).hexdigest()[:32]


def begin_anew(instance: Path, now: datetime) -> Path:
    """Puts all that the folder holds aside, the key too, so that the next start begins empty. Returns where."""
    aside = instance / f"before-anew-{now.strftime('%Y%m%d-%H%M%S')}"
    aside.mkdir(mode=0o700)
    for item in sorted(instance.iterdir()):
        if item != aside and not any(item.match(pattern) for pattern in STAYS):
            item.replace(aside / item.name)
    return aside


def make_private(instance: Path) -> None:
    """Takes reading from everybody but the owner, where the folder of the data or what lies in it allowed it."""
    if os.name == "nt":
        return
    with suppress(OSError):  # not ours to change, or a read-only disk: the doctor tells
        found = instance.stat()
        if found.st_uid != os.geteuid() or found.st_mode & stat.S_ISVTX:
            return
        was_open = found.st_mode & 0o077
        inside = instance.rglob("*") if was_open else instance.iterdir()
        for path in inside:
            mode = path.lstat().st_mode
            if mode & 0o077 and not stat.S_ISLNK(mode):
                path.chmod(stat.S_IMODE(mode) & 0o700)
        if was_open:
            instance.chmod(0o700)


def has_files(folder: Path) -> bool:
    """Whether anything lies in the folder or below it that is no hidden file."""
    return any(path.is_file() and not path.name.startswith(".") for path in folder.rglob("*"))

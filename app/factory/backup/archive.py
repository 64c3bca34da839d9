"""The backup file: a ZIP of an instance with a list of contents, its own SHA-256 at its end, locked where wished.

Without a passphrase it is an ordinary ZIP that any program opens; its comment, the last bytes of the file, holds the
SHA-256 of all bytes before. With one, the same ZIP stands inside `sealing`'s chunks. `manifest.json` names every
member with size and SHA-256, the migration step of the records, and how many records of each kind there are.
"""

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO

from app.errors import RefusedError
from app.factory.backup.sealing import MAGIC, SealedReader, SealedWriter, SealError

MANIFEST = "manifest.json"
MANIFEST_BYTES_MAX = 64 << 20
COMMENT = "choso-backup-1 sha256:"
COMMENT_BYTES = len(COMMENT) + 64
BLOCK_BYTES = 1 << 20
PART_CHARS_MAX = 255
OTHER_COPY = "Chưa có gì bị thay đổi; hãy dùng một bản sao lưu khác."


class BackupError(RefusedError):
    """A backup that cannot be made, or a file that cannot be restored from."""

    code = "sao-luu"


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the instance: its path (with slashes, below the instance), size and SHA-256 (hex)."""

    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class About:
    """What a backup says of itself: when it was made (ISO 8601), the migration step, and the number of records."""

    made_at: str
    revision: str
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Archive:
    """A backup whose every byte has been checked."""

    about: About
    members: tuple[Member, ...]
    _zip: zipfile.ZipFile

    @property
    def size_bytes(self) -> int:
        """Room that its files take."""
        return sum(member.size_bytes for member in self.members)

    def close(self) -> None:
        """Lets go of the file."""
        self._zip.close()

    def extract(self, folder: Path) -> None:
        """Writes all files below `folder`, each to the disk before the next. Raises BackupError, OSError."""
        for member in self.members:
            target = folder.joinpath(*PurePosixPath(member.path).parts)
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._zip.open(member.path) as source, _private(target) as stream:
                if _copy(source, stream.write, limit=member.size_bytes) != (member.size_bytes, member.sha256):
                    raise _damaged(f"{member.path} khác bảng kê")
                stream.flush()
                os.fsync(stream.fileno())


def write_archive(target: Path, passphrase: str, sources: Iterable[tuple[str, Path]], about: About) -> int:
    """Writes the named files into a new backup at `target`; returns how many. Not whole until it returns."""
    with _private(target) as stream:
        locked = SealedWriter(stream, passphrase) if passphrase else None
        signed = _Signed(locked or stream)
        with zipfile.ZipFile(signed, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            members = [_add(archive, name, file) for name, file in sources]
            listed = {**asdict(about), "members": [asdict(member) for member in members]}
            archive.writestr(MANIFEST, json.dumps(listed, ensure_ascii=False, indent=1))
            archive.comment = b"-" * COMMENT_BYTES
        signed.sign()
        if locked:
            locked.close()
        stream.flush()
        os.fsync(stream.fileno())
    return len(members)


@contextmanager
def opened_archive(file: Path, passphrase: str) -> Iterator[Archive]:
    """A backup, checked to its last byte before anything of it is used. Raises BackupError, FileNotFoundError."""
    with file.open("rb") as stream:
        if stream.read(len(MAGIC)) != MAGIC:
            inside: BinaryIO = stream
        elif passphrase:
            inside = _unlocked(stream, file.name, passphrase)
        else:
            raise BackupError(
                f"{file.name} được khoá bằng mật khẩu.", remedy="Hãy đặt CHOSO_BACKUP_PASSPHRASE rồi chạy lại."
            )
        with _checked(inside, file.name) as archive:
            yield archive


def is_archive(file: Path) -> bool:
    """Whether the file looks like a backup of ours, whole or not: one that a new backup may replace."""
    size = file.stat().st_size
    with file.open("rb") as stream:
        if stream.read(len(MAGIC)) == MAGIC:
            return True
        stream.seek(max(0, size - COMMENT_BYTES))
        return stream.read(len(COMMENT)) == COMMENT.encode()


def counts_in(file: Path, passphrase: str) -> dict[str, int] | None:
    """How many records of each kind a backup says it holds; None where it cannot be read with this passphrase."""
    try:
        with file.open("rb") as stream:
            locked = stream.read(len(MAGIC)) == MAGIC
            stream.seek(0)
            inside: BinaryIO = io.BufferedReader(SealedReader(stream, passphrase)) if locked else stream
            with zipfile.ZipFile(inside) as archive:
                return dict(_listed(archive).about.counts)
    except (SealError, OSError, zipfile.BadZipFile, ValueError, KeyError, TypeError, EOFError, NotImplementedError):
        return None


def is_safe_path(path: str) -> bool:
    """Whether a member's path stays below the instance on every system: no `..`, drive, backslash or odd character."""
    parts = path.split("/")
    return all(
        0 < len(part) <= PART_CHARS_MAX
        and part not in {".", ".."}
        and not part.endswith((" ", "."))
        and part.isprintable()
        and not set(part) & set('\\:*?"<>|')
        for part in parts
    ) and not path.startswith(".")


class _Signed(io.RawIOBase):
    """Passes bytes on and hashes them, but holds back the last ones: there the hash itself is to stand."""

    def __init__(self, stream: BinaryIO | SealedWriter) -> None:
        super().__init__()
        self._stream = stream
        self._held = b""
        self._digest = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes, /) -> int:  # type: ignore[override]  # bytes are all that comes here
        held = self._held + bytes(data)
        ready, self._held = held[:-COMMENT_BYTES], held[-COMMENT_BYTES:]
        self._digest.update(ready)
        self._stream.write(ready)
        return len(data)

    def sign(self) -> None:
        """The place kept free at the end of the ZIP receives the hash of all before it."""
        self._stream.write(f"{COMMENT}{self._digest.hexdigest()}".encode())


def _unlocked(stream: BinaryIO, name: str, passphrase: str) -> BinaryIO:
    try:
        return io.BufferedReader(SealedReader(stream, passphrase))
    except SealError as wrong:
        raise BackupError(f"Không mở được {name}: {wrong}", remedy=OTHER_COPY) from wrong


@contextmanager
def _checked(inside: BinaryIO, name: str) -> Iterator[Archive]:
    try:
        _check_signature(inside)
        archive = _listed(zipfile.ZipFile(inside))
    except SealError as wrong:
        raise BackupError(f"Không mở được {name}: {wrong}", remedy=OTHER_COPY) from wrong
    except (zipfile.BadZipFile, ValueError, KeyError, TypeError, EOFError, NotImplementedError) as wrong:
        # NotImplementedError is what zipfile raises for a way of packing that it does not know
        raise BackupError(f"{name} không phải bản sao lưu nguyên vẹn của Chợ Số.", remedy=OTHER_COPY) from wrong
    try:
        yield archive
    finally:
        archive.close()


def _check_signature(stream: BinaryIO) -> None:
    left = stream.seek(0, io.SEEK_END) - COMMENT_BYTES
    if left < 0:
        raise zipfile.BadZipFile
    stream.seek(0)
    digest = hashlib.sha256()
    while left:
        block = stream.read(min(left, BLOCK_BYTES))
        if not block:
            raise EOFError
        digest.update(block)
        left -= len(block)
    if stream.read() != f"{COMMENT}{digest.hexdigest()}".encode():
        raise zipfile.BadZipFile
    stream.seek(0)


def _listed(archive: zipfile.ZipFile) -> Archive:
    """The list of contents, held against what the ZIP really holds."""
    if archive.getinfo(MANIFEST).file_size > MANIFEST_BYTES_MAX:
        raise zipfile.BadZipFile
    listed = json.loads(archive.read(MANIFEST))
    members = tuple(Member(**member) for member in listed.pop("members"))
    names = [member.path for member in members]
    if sorted([*names, MANIFEST]) != sorted(archive.namelist()) or len(set(names)) != len(names):
        raise zipfile.BadZipFile
    if not all(is_safe_path(name) for name in names):
        raise zipfile.BadZipFile
    about = About(**listed)
    datetime.fromisoformat(about.made_at)
    return Archive(about, members, archive)


def _add(archive: zipfile.ZipFile, name: str, file: Path) -> Member:
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    with file.open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
        size, digest = _copy(source, target.write)
    return Member(name, size, digest)


def _copy(source: IO[bytes], write: Callable[[bytes], object], limit: int = -1) -> tuple[int, str]:
    """Copies to the end, or until more than `limit` bytes came; returns size and SHA-256."""
    size, digest = 0, hashlib.sha256()
    while block := source.read(BLOCK_BYTES):
        size += len(block)
        if -1 < limit < size:
            break
        digest.update(block)
        write(block)
    return size, digest.hexdigest()


def _damaged(what: str) -> BackupError:
    return BackupError(f"Bản sao lưu hỏng: {what}.", remedy=OTHER_COPY)


def _private(file: Path) -> BinaryIO:
    """A new file that only its owner may read: it holds secrets and personal data."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(file, flags, 0o600), "wb")

"""Files as they were received, kept under their SHA-256: proof of what a list, a report or a signature said.

This is the only door to them: whoever asks for a file gets what was received, or a refusal that says how to mend it.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from app.errors import NotFoundError

DIGEST = re.compile(r"[0-9a-f]{64}")
GONE = "không còn trong kho"
CHANGED = "đã bị thay đổi trên đĩa"


class EvidenceError(NotFoundError):
    """The file of this SHA-256 is gone from the store, or its bytes are no longer those that were received."""

    code = "tep-goc"


def digest_of(data: bytes) -> str:
    """The name under which these bytes are kept: their SHA-256 (hex)."""
    return hashlib.sha256(data).hexdigest()


def digest_of_file(file: Path) -> str:
    """SHA-256 (hex) of a file, however large. Raises OSError."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def keep_file(folder: Path, data: bytes) -> str:
    """Stores the bytes once and returns their SHA-256 (hex). The file appears whole, on the disk, or not at all; one
    that was damaged since is whole again.
    """
    digest = digest_of(data)
    target = _path(folder, digest)
    if _fault(target, digest) is None:
        return digest
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, partial = tempfile.mkstemp(dir=target.parent, prefix=".partial-")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(partial).replace(target)
    finally:
        Path(partial).unlink(missing_ok=True)
    return digest


def path_of(folder: Path, digest: str) -> Path:
    """Where the bytes of this SHA-256 lie, for a reader that wants a file; they were checked a moment ago.

    Raises EvidenceError where the file is gone, or was changed on the disk.
    """
    path = _path(folder, digest)
    if (fault := _fault(path, digest)) is not None:
        raise _refusal(digest, fault)
    return path


def kept_file(folder: Path, digest: str) -> bytes:
    """The bytes of this SHA-256. Raises EvidenceError where the file is gone, or was changed on the disk."""
    path = _path(folder, digest)
    try:
        data = path.read_bytes()
    except OSError as wrong:
        raise _refusal(digest, _fault(path, digest) or str(wrong.strerror)) from wrong
    if digest_of(data) != digest:
        raise _refusal(digest, CHANGED)
    return data


def kept_files(folder: Path, digests: Iterable[str]) -> list[str]:
    """Which of these are still there."""
    return [digest for digest in digests if _path(folder, digest).is_file()]


def faults(folder: Path, digests: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Of these and of all that lies in the store: the SHA-256 of each file that is gone or changed, and which."""
    lying = {path.name for path in folder.glob("??/*") if DIGEST.fullmatch(path.name)}
    for digest in sorted(lying | set(digests)):
        if (fault := _fault(_path(folder, digest), digest)) is not None:
            yield digest, fault


def forget_file(folder: Path, digest: str) -> bool:
    """Removes the bytes of this SHA-256: a person is forgotten, or a period of keeping is over. False: none there."""
    path = _path(folder, digest)
    if not path.is_file():
        return False
    path.unlink()
    return True


def _path(folder: Path, digest: str) -> Path:
    if not DIGEST.fullmatch(digest):  # it may come from a form, and names a place on the disk
        raise EvidenceError("Tệp gốc không có mã đúng dạng.", remedy="Hãy chọn lại tệp.")
    return folder / digest[:2] / digest


def _fault(path: Path, digest: str) -> str | None:
    """What is wrong with a kept file; None where it is whole."""
    if not path.is_file():
        return GONE
    try:
        return None if digest_of_file(path) == digest else CHANGED
    except OSError as wrong:
        return f"không đọc được ({wrong.strerror or wrong})"


def _refusal(digest: str, fault: str) -> EvidenceError:
    return EvidenceError(f"Tệp gốc {digest[:12]}… {fault}.", remedy="Hãy khôi phục từ bản sao lưu, hoặc gửi lại tệp.")

"""Files as they were received, kept under their SHA-256: proof of what a list or a signature said."""

import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from app.errors import NotFoundError


def digest_of(data: bytes) -> str:
    """The name under which these bytes are kept: their SHA-256 (hex)."""
    return hashlib.sha256(data).hexdigest()


def keep_file(folder: Path, data: bytes) -> str:
    """Stores the bytes once and returns their SHA-256 (hex). The file appears whole, on the disk, or not at all."""
    digest = digest_of(data)
    target = _path(folder, digest)
    if target.exists():
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


def kept_file(folder: Path, digest: str) -> bytes:
    """The bytes of this SHA-256. Raises NotFoundError where the file is gone, or was changed on the disk."""
    path = _path(folder, digest)
    data = path.read_bytes() if path.is_file() else b""
    if digest_of(data) != digest:
        raise NotFoundError("Tệp gốc không còn nguyên trong kho.", remedy="Hãy khôi phục từ bản sao lưu.")
    return data


def kept_files(folder: Path, digests: Iterable[str]) -> list[str]:
    """Which of these are still there."""
    return [digest for digest in digests if _path(folder, digest).is_file()]


def _path(folder: Path, digest: str) -> Path:
    return folder / digest[:2] / digest


def forget_file(folder: Path, digest: str) -> bool:
    """Removes the bytes of this SHA-256: a person is forgotten, or a period of keeping is over. False: none there."""
    path = _path(folder, digest)
    if not path.is_file():
        return False
    path.unlink()
    return True

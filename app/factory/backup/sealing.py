"""Bytes locked with a passphrase, in chunks that can be neither changed, swapped, dropped nor added unnoticed.

AES-256-GCM over chunks of one mebibyte; the nonce holds a random prefix, the chunk's number and whether it is the last
(the STREAM construction, Hoang, Reyhanitabar, Rogaway and Vizár 2015); the key comes from the passphrase by scrypt.
"""

import hashlib
import io
import os
import unicodedata
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"CHOSO-BACKUP-1\n"
SALT_BYTES = 16
PREFIX_BYTES = 7
HEADER_BYTES = len(MAGIC) + SALT_BYTES + PREFIX_BYTES
CHUNK_BYTES = 1 << 20
TAG_BYTES = 16
SCRYPT = {"n": 1 << 15, "r": 8, "p": 1, "maxmem": 64 << 20, "dklen": 32}


class SealError(ValueError):
    """The passphrase is another one, or the file is not as it was written."""

    def __init__(self) -> None:
        super().__init__("Mật khẩu không đúng, hoặc tệp đã hỏng.")


class SealedWriter(io.RawIOBase):
    """Locks what is written to it into `stream`. `close` writes the last chunk and leaves the stream open."""

    def __init__(self, stream: BinaryIO, passphrase: str) -> None:
        super().__init__()
        self._stream = stream
        self._header = MAGIC + os.urandom(SALT_BYTES + PREFIX_BYTES)
        self._key = _key(passphrase, self._header)
        self._pending = bytearray()
        self._number = 0
        stream.write(self._header)

    def writable(self) -> bool:
        """It only takes."""
        return True

    def write(self, data: bytes, /) -> int:  # type: ignore[override]  # bytes are all that comes here
        """Takes the bytes; whole chunks go out when more is known to follow."""
        self._pending += data
        while len(self._pending) > CHUNK_BYTES:
            self._put(bytes(self._pending[:CHUNK_BYTES]), last=False)
            del self._pending[:CHUNK_BYTES]
        return len(data)

    def close(self) -> None:
        """Writes what is left as the last chunk."""
        if not self.closed:
            self._put(bytes(self._pending), last=True)
            self._pending.clear()
        super().close()

    def _put(self, chunk: bytes, *, last: bool) -> None:
        self._stream.write(self._key.encrypt(_nonce(self._header, self._number, last=last), chunk, self._header))
        self._number += 1


class SealedReader(io.RawIOBase):
    """What a SealedWriter locked, at any place of it. Raises SealError where a chunk is not as it was written."""

    def __init__(self, stream: BinaryIO, passphrase: str) -> None:
        super().__init__()
        self._stream = stream
        body = stream.seek(0, io.SEEK_END) - HEADER_BYTES
        self._chunks = -(-body // (CHUNK_BYTES + TAG_BYTES))
        self._size = body - self._chunks * TAG_BYTES
        stream.seek(0)
        self._header = stream.read(HEADER_BYTES)
        if self._chunks < 1 or self._size < 0:
            raise SealError
        self._key = _key(passphrase, self._header)
        self._at = 0
        self._held: tuple[int, bytes] = (-1, b"")

    def readable(self) -> bool:
        """It only gives."""
        return True

    def seekable(self) -> bool:
        """Any place can be read first."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Goes to a place in the unlocked bytes."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        """The place in the unlocked bytes."""
        return self._at

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]  # what BufferedReader hands over
        """Fills the buffer from one chunk; 0 at the end."""
        if self._at >= self._size:
            return 0
        number, start = divmod(self._at, CHUNK_BYTES)
        part = self._chunk(number)[start : start + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)

    def _chunk(self, number: int) -> bytes:
        if self._held[0] != number:
            self._stream.seek(HEADER_BYTES + number * (CHUNK_BYTES + TAG_BYTES))
            locked = self._stream.read(CHUNK_BYTES + TAG_BYTES)
            nonce = _nonce(self._header, number, last=number == self._chunks - 1)
            try:
                self._held = (number, self._key.decrypt(nonce, locked, self._header))
            except InvalidTag as wrong:
                raise SealError from wrong
        return self._held[1]


def _key(passphrase: str, header: bytes) -> AESGCM:
    word = unicodedata.normalize("NFC", passphrase).encode()
    salt = header[len(MAGIC) : len(MAGIC) + SALT_BYTES]
    return AESGCM(hashlib.scrypt(word, salt=salt, **SCRYPT))


def _nonce(header: bytes, number: int, *, last: bool) -> bytes:
    return header[-PREFIX_BYTES:] + number.to_bytes(4, "big") + bytes([last])

"""A seed nobody can read before its time: sealed with the key of this installation (AES-256-GCM)."""

import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.errors import RefusedError

_NONCE_BYTES = 12
_PURPOSE = b"choso draw seed\n"


def sealed(seed: str, secret_key: str, slug: str) -> bytes:
    """The seed as it may lie in the database; bound to its draw, so that two draws cannot change seeds."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + _cipher(secret_key).encrypt(nonce, seed.encode(), slug.encode())


def opened(kept: bytes, secret_key: str, slug: str) -> str:
    """The seed again. Raises RefusedError where the installation's key is another one."""
    try:
        return _cipher(secret_key).decrypt(kept[:_NONCE_BYTES], kept[_NONCE_BYTES:], slug.encode()).decode()
    except InvalidTag:
        raise RefusedError(
            "Không mở được hạt giống đã niêm phong vì khoá của máy này đã đổi.",
            remedy="Hãy đặt lại CHOSO_SECRET_KEY như lúc duyệt chính sách, hoặc phục hồi bản sao lưu.",
        ) from None


def _cipher(secret_key: str) -> AESGCM:
    return AESGCM(hashlib.sha256(_PURPOSE + secret_key.encode()).digest())

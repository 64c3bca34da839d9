"""Take a payment code apart and put it together again without losing a character.

Source: EMVCo QR Code Specification for Payment Systems, Merchant-Presented Mode, v1.1 (2020): 4.4 (objects), 4.6
(order), 4.7.3 (CRC). Lengths count characters (4.4.1.1), the CRC runs over the UTF-8 bytes.
"""

import binascii
from collections.abc import Iterable
from dataclasses import dataclass

from app.qr.findings import PayloadError, error

VALUE_CHARS_MAX = 99
HEADER_CHARS = 4
CRC_TAG = "63"


@dataclass(frozen=True, slots=True)
class Item:
    """One field: a two-digit tag, its value, and where its tag stands (characters from 0)."""

    tag: str
    value: str
    place: int = 0


@dataclass(frozen=True, slots=True)
class Payload:
    """A code's fields in the order in which they stand; nothing is dropped, merged or repaired."""

    items: tuple[Item, ...]

    def get(self, tag: str) -> str | None:
        """Value of the first field with this tag, or None."""
        return next((item.value for item in self.items if item.tag == tag), None)


def parse(text: str) -> Payload:
    """Take a code apart into its fields, so that `build(parse(text)) == text`.

    Raises PayloadError where a tag or length is not two ASCII digits or a value runs past the end. Only the root is
    taken apart; whether the code may be used is for `app.qr.check.inspect` to say.

    >>> [(item.tag, item.value) for item in parse("0002015802VN").items]
    [('00', '01'), ('58', 'VN')]
    """
    return Payload(tile(text))


def tile(text: str, *, path: str = "", start: int = 0) -> tuple[Item, ...]:
    """Fields that cover this text exactly; `path` and `start` say where it stands inside the payload."""
    items: list[Item] = []
    at = 0
    while at < len(text):
        header = text[at : at + HEADER_CHARS]
        place = start + at
        if len(header) < HEADER_CHARS:
            raise PayloadError(
                error("truncated-header", path, place, f"{_where(path)}thừa “{header}” ở ký tự {place + 1}")
            )
        if not (header.isascii() and header.isdigit()):
            message = f"{_where(path)}ký tự {place + 1}: cần 4 chữ số (số hiệu và độ dài), gặp “{header}”"
            raise PayloadError(error("header-not-digits", path, place, message))
        length = int(header[2:])
        value = text[at + HEADER_CHARS : at + HEADER_CHARS + length]
        if len(value) < length:
            message = f"{_where(path)}trường {header[:2]} ghi dài {length} ký tự nhưng chỉ còn {len(value)}"
            raise PayloadError(error("value-overrun", join(path, header[:2]), place, message))
        items.append(Item(header[:2], value, place))
        at += HEADER_CHARS + length
    return tuple(items)


def build(payload: Payload | Iterable[Item]) -> str:
    """The code's text, field after field. Raises PayloadError for a bad tag or a value longer than 99 characters."""
    items = payload.items if isinstance(payload, Payload) else payload
    return "".join(field(item.tag, item.value) for item in items)


def field(tag: str, value: str) -> str:
    """One field as text: tag, length in characters, value.

    >>> field("58", "VN")
    '5802VN'
    """
    if not (len(tag) == len("00") and tag.isascii() and tag.isdigit()):
        raise PayloadError(error("tag-not-digits", tag, 0, f"số hiệu trường phải là 2 chữ số, không phải “{tag}”"))
    if len(value) > VALUE_CHARS_MAX:
        raise PayloadError(
            error("value-too-long", tag, 0, f"trường {tag} dài {len(value)} ký tự, tối đa {VALUE_CHARS_MAX}")
        )
    return f"{tag}{len(value):02d}{value}"


def crc(text: str) -> str:
    """Four hex digits that protect a code: CRC-16, polynomial 1021, start FFFF (EMVCo MPM 4.7.3).

    >>> crc("123456789")
    '29B1'
    """
    return f"{binascii.crc_hqx(text.encode(), 0xFFFF):04X}"


def seal(text: str) -> str:
    """The text with its CRC field added.

    >>> seal("00020101021138600010A00000072701300006970403011697040311012345670208QRIBFTTC53037045802VN")[-8:]
    '63044F52'
    """
    opened = f"{text}{CRC_TAG}04"
    return opened + crc(opened)


def join(path: str, tag: str) -> str:
    """Path of a field inside another."""
    return f"{path}/{tag}" if path else tag


def _where(path: str) -> str:
    return f"Trong trường {path}: " if path else ""

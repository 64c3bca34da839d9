"""Whether a payment code may be used: EMVCo's rules as errors, Vietnam's habits as warnings.

Sources: EMVCo QRCPS-MPM v1.1 (requirement numbers in the comments); NAPAS, "Quy định về định dạng mã VietQR" v1.0
(09/2021).
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from app.qr import account_rules, rules
from app.qr.emvco import CRC_TAG, Payload, crc, parse
from app.qr.fields import Fields, open_fields
from app.qr.findings import Finding, PayloadError, Severity, error, warning
from app.qr.kinds import Kind, classify

# The largest symbol holds 7,089 digits: anything longer never came from a QR code.
TEXT_CHARS_MAX = 7089
TEXT_CHARS_ADVISED = 512


class Profile(StrEnum):
    """VN reads what Vietnamese apps read; EMVCO also reports what the standard asks and NAPAS leaves out."""

    VN = "vn"
    EMVCO = "emvco"


@dataclass(frozen=True, slots=True)
class Inspection:
    """A text with everything found in it. `payload` is None where it could not be taken apart."""

    text: str
    payload: Payload | None
    kind: Kind | None
    findings: tuple[Finding, ...]
    fields: Fields = field(default_factory=dict)

    @property
    def valid(self) -> bool:
        """Whether nothing forbids using the code."""
        return not self.errors

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What forbids using it."""
        return tuple(found for found in self.findings if found.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What the coordinator should see."""
        return tuple(found for found in self.findings if found.severity is Severity.WARNING)

    def value(self, path: str) -> str | None:
        """Text of a field by path ("38/01/01"), None where it is absent."""
        item = self.fields.get(path)
        return item.value if item else None


def inspect(text: str, profile: Profile = Profile.VN) -> Inspection:
    """Everything that is wrong or odd about a code; never raises, whatever the text.

    >>>
    inspect("00020101021138600010A00000072701300006970403011697040311012345670208QRIBFTTC53037045802VN63044F52").valid
    True
    """
    unreadable = tuple(_text_faults(text))
    if unreadable:
        return Inspection(text, None, None, unreadable)
    try:
        payload = parse(text)
    except PayloadError as fault:
        kind = None if text.startswith("0002") else Kind.NOT_PAYMENT
        first = () if kind is None else (_not_payment(),)
        return Inspection(text, None, kind, (*first, fault.finding))
    if payload.get("00") is None and payload.get(CRC_TAG) is None:
        return Inspection(text, payload, Kind.NOT_PAYMENT, (_not_payment(),))
    return _inspect_fields(text, payload, profile)


def _inspect_fields(text: str, payload: Payload, profile: Profile) -> Inspection:
    fields, nesting = open_fields(payload)
    kind = classify(fields)
    found = [*_frame(text, payload), *nesting]
    if not any(fault.severity is Severity.ERROR for fault in nesting):
        # Where the nesting is broken the inner fields are not there to be judged.
        subject = rules.Subject(fields, kind, emvco=profile is Profile.EMVCO)
        found += [*rules.findings(subject), *account_rules.findings(subject), *_wording(text)]
    return Inspection(text, payload, kind, tuple(found), fields)


def _not_payment() -> Finding:
    return error(
        "not-a-payment", "", 0, "Không phải mã thanh toán: mã EMVCo/VietQR bắt đầu bằng 000201 và kết thúc bằng 6304…"
    )


def _text_faults(text: str) -> Iterator[Finding]:
    if not text:
        yield error("empty", "", 0, "Mã trống")
    if len(text) > TEXT_CHARS_MAX:
        yield error("too-long", "", 0, f"Dài {len(text)} ký tự: không mã QR nào chứa được quá {TEXT_CHARS_MAX}")
        return
    for place, letter in enumerate(text):
        category = unicodedata.category(letter)
        if category in {"Cc", "Cs"}:
            code, name = (
                ("control-character", "điều khiển") if category == "Cc" else ("not-unicode", "không phải Unicode")
            )
            yield error(
                code, "", place, f"Ký tự {place + 1} là ký tự {name} (U+{ord(letter):04X}), không được có trong mã"
            )
            return


def _frame(text: str, payload: Payload) -> Iterator[Finding]:
    """00 stands first, 63 last, and the CRC is right (4.6.1, 4.7.3)."""
    first, last = payload.items[0], payload.items[-1]
    if first.tag != "00":
        yield error("format-not-first", "00", first.place, f"Trường 00 phải đứng đầu, gặp trường {first.tag}")
    if last.tag != CRC_TAG:
        yield error(
            "crc-not-last", CRC_TAG, last.place, f"Mã kiểm tra CRC (trường 63) phải đứng cuối, gặp trường {last.tag}"
        )
        return
    written, counted = last.value, crc(text[: last.place + len("6304")])
    if not last.place or text[last.place : last.place + 4] != "6304" or written.upper() != counted:
        message = f"CRC sai: ghi “{written}”, tính ra {counted}. Mã bị hỏng hoặc bị sửa; hãy chụp lại hoặc xin mã mới"
        yield error("crc-mismatch", CRC_TAG, last.place, message)
    elif written != counted:
        yield warning("crc-lower-case", CRC_TAG, last.place, f"Mã kiểm tra CRC viết chữ thường ({written})")


def _wording(text: str) -> Iterator[Finding]:
    if len(text) > TEXT_CHARS_ADVISED:
        yield warning("long-payload", "", 0, f"Mã dài {len(text)} ký tự, nên giữ dưới {TEXT_CHARS_ADVISED} để dễ quét")
    if not unicodedata.is_normalized("NFC", text):
        yield warning("not-composed", "", 0, "Có chữ tách dấu (không phải Unicode dựng sẵn); vài ứng dụng đọc sai")

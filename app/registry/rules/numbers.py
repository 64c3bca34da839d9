"""Phones and tax codes as a form or a list brings them. Pure."""

from app.registry.rules.entries import Faults
from app.vn.ids import IdError, parse_tax_code
from app.vn.phones import PhoneError, parse_phone


def check_phone(value: str | float, faults: Faults) -> str | None:
    """E.164, or None where nothing stands there."""
    if value == "":
        return None
    try:
        return parse_phone(value).e164
    except PhoneError as fault:
        faults.add("phone", str(fault))
        return None


def phone_note(value: str) -> str:
    """What was mended in a phone number as it was typed: an old prefix, a lost zero; "" where nothing was.

    >>> phone_note("01681234567")
    'Đã đổi đầu số cũ 0168 thành 038.'
    """
    try:
        return parse_phone(value).note if value.strip() else ""
    except PhoneError:
        return ""


def check_tax_code(value: str | float, faults: Faults) -> str | None:
    """10, 12 or 13 digits, or None where nothing stands there."""
    if value == "":
        return None
    try:
        return parse_tax_code(value).number
    except IdError as fault:
        faults.add("tax_code", str(fault))
        return None

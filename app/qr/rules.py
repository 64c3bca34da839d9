"""Rules of the fields every scheme shares: currency, amount, tip, name, city, additional data, local language.

Source: EMVCo QRCPS-MPM v1.1, tables 3.1-3.8 and chapter 4.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from app.qr.emvco import Item
from app.qr.findings import Finding, error, warning
from app.qr.kinds import FOREIGN_KINDS, TRANSFER_KINDS, Kind

AMOUNT = re.compile(r"[0-9]+(\.[0-9]*)?")
PERCENT = re.compile(r"[0-9]{1,2}(\.[0-9]{0,2})?")
AMOUNT_CHARS_MAX = 13
DONG = "704"
# Ceiling of one NAPAS 247 transfer; a larger amount is legal in the code and refused by the bank.
TRANSFER_VND_MAX = 499_999_999
NAME_CHARS_MAX, CITY_CHARS_MAX, POSTAL_CHARS_MAX, ADDITIONAL_CHARS_MAX = 25, 15, 10, 25
GROUPED_DECIMALS = 3
PERCENT_CHARS_MAX = 5


@dataclass(frozen=True, slots=True)
class Subject:
    """What a rule looks at: all fields by path, the kind of code, and whether the EMVCo profile was asked for."""

    fields: Mapping[str, Item]
    kind: Kind
    emvco: bool

    def text(self, path: str) -> str:
        """Value of a field, empty where it is absent."""
        item = self.fields.get(path)
        return item.value if item else ""

    def place(self, path: str) -> int:
        """Where a field stands; 0 where it is absent."""
        item = self.fields.get(path)
        return item.place if item else 0

    def error(self, code: str, path: str, message: str) -> Finding:
        """An error at this field."""
        return error(code, path, self.place(path), f"Trường {path} {message}")

    def warning(self, code: str, path: str, message: str) -> Finding:
        """A warning at this field."""
        return warning(code, path, self.place(path), f"Trường {path} {message}")


Rule = Callable[[Subject], Iterator[Finding]]


def findings(subject: Subject) -> Iterator[Finding]:
    """What the shared fields get wrong, in the order of their tags."""
    for rule in _RULES:
        yield from rule(subject)


def _format(subject: Subject) -> Iterator[Finding]:
    if "00" in subject.fields and subject.text("00") != "01":
        yield subject.error("format-unknown", "00", f"(định dạng) phải là 01, gặp “{subject.text('00')}”")
    initiation = subject.text("01")
    if "01" in subject.fields and initiation not in {"11", "12"}:
        yield subject.error("initiation-unknown", "01", f"(loại mã) phải là 11 hoặc 12, gặp “{initiation}”")
    if initiation == "11" and "54" in subject.fields:
        yield subject.warning("static-with-amount", "01", "ghi mã dùng nhiều lần (11) nhưng có sẵn số tiền")
    if initiation == "12" and "54" not in subject.fields:
        yield subject.warning("dynamic-without-amount", "01", "ghi mã dùng một lần (12) nhưng không có số tiền")


def _codes(subject: Subject) -> Iterator[Finding]:
    for path, chars, name in (("52", 4, "mã ngành"), ("53", 3, "tiền tệ")):
        value = subject.text(path)
        if path in subject.fields and not (len(value) == chars and _digits(value)):
            yield subject.error("not-numeric", path, f"({name}) phải là {chars} chữ số, gặp “{value}”")
    country = subject.text("58")
    if "58" in subject.fields and not (len(country) == len("VN") and country.isascii() and country.isalpha()):
        yield subject.error("country-malformed", "58", f"(nước) phải là 2 chữ cái, gặp “{country}”")
    elif country != country.upper():
        yield subject.warning("country-lower-case", "58", f"(nước) viết chữ thường: {country}")


def _amount(subject: Subject) -> Iterator[Finding]:
    if "54" not in subject.fields:
        return
    value = subject.text("54")
    fault = amount_fault(value)
    if fault:
        yield subject.error("amount-malformed", "54", f"(số tiền) {fault}, gặp “{value}”")
    elif subject.text("53") == DONG:
        yield from _dong(subject, value)


def _dong(subject: Subject, value: str) -> Iterator[Finding]:
    whole, _, fraction = value.partition(".")
    if fraction.strip("0") or len(fraction) >= GROUPED_DECIMALS or not int(whole):
        # "20.000" is twenty dong to the standard and twenty thousand to whoever wrote it.
        yield subject.error("dong-with-fraction", "54", f"(số tiền) không rõ: đồng không có số lẻ, gặp “{value}”")
    elif fraction:
        yield subject.warning("dong-with-decimals", "54", f"(số tiền) có phần lẻ thừa: “{value}”")
    if int(whole) > TRANSFER_VND_MAX:
        yield subject.warning(
            "amount-over-transfer-limit", "54", "(số tiền) vượt mức một lần chuyển nhanh (499.999.999 ₫)"
        )


def amount_fault(value: str) -> str:
    """Why a text is no EMVCo amount (tag 54 or 56), empty if it is one: digits, at most one point, not zero, 13
    characters.
    """
    if len(value) > AMOUNT_CHARS_MAX:
        return f"dài quá {AMOUNT_CHARS_MAX} ký tự"
    if not AMOUNT.fullmatch(value):
        return "chỉ được gồm chữ số và nhiều nhất một dấu chấm"
    if not value.strip("0."):
        return "phải lớn hơn 0"
    return ""


def _tip(subject: Subject) -> Iterator[Finding]:
    tip = subject.text("55")
    if "55" in subject.fields and tip not in {"01", "02", "03"}:
        yield subject.error("tip-unknown", "55", f"(phí, tiền thưởng) phải là 01, 02 hoặc 03, gặp “{tip}”")
    for path, wanted in (("56", "02"), ("57", "03")):
        if (path in subject.fields) != (tip == wanted):
            yield subject.error("tip-inconsistent", path, f"chỉ có và phải có khi trường 55 là {wanted}")
    if "56" in subject.fields and amount_fault(subject.text("56")):
        yield subject.error(
            "fee-malformed", "56", f"(phí) {amount_fault(subject.text('56'))}, gặp “{subject.text('56')}”"
        )
    percent = subject.text("57")
    if "57" in subject.fields and not (
        len(percent) <= PERCENT_CHARS_MAX and PERCENT.fullmatch(percent) and percent.strip("0.")
    ):
        yield subject.error("fee-malformed", "57", f"(phí %) phải từ 00.01 đến 99.99, gặp “{percent}”")


def _names(subject: Subject) -> Iterator[Finding]:
    # QRIS and electricity codes with longer names are printed and paid every day.
    lenient = not subject.emvco and (subject.kind in FOREIGN_KINDS or subject.kind is Kind.EVN)
    limits = (("59", NAME_CHARS_MAX, "tên"), ("60", CITY_CHARS_MAX, "nơi"), ("61", POSTAL_CHARS_MAX, "mã bưu chính"))
    for path, chars_max, name in limits:
        value = subject.text(path)
        if len(value) > chars_max:
            report = subject.warning if lenient and path != "61" else subject.error
            yield report("value-over-limit", path, f"({name}) dài {len(value)} ký tự, tối đa {chars_max}")
        if not value.isascii():
            yield subject.warning("not-ascii", path, f"({name}) có chữ ngoài bảng ASCII; vài ứng dụng đọc sai")


def _additional(subject: Subject) -> Iterator[Finding]:
    for number in range(1, 9):
        path = f"62/{number:02d}"
        value = subject.text(path)
        if len(value) > ADDITIONAL_CHARS_MAX:
            # Banks take longer memos than the standard's 25; the rest of 62 is matched by machines.
            report = subject.warning if number == 8 and not subject.emvco else subject.error  # noqa: PLR2004 - 62/08, the memo
            yield report("value-over-limit", path, f"dài {len(value)} ký tự, tối đa {ADDITIONAL_CHARS_MAX}")
        if not value.isascii():
            yield subject.warning(
                "not-ascii", path, "có chữ ngoài bảng ASCII; vài ứng dụng ngân hàng bỏ trống hoặc đọc sai"
            )
    wanted = subject.text("62/09")
    if set(wanted) - set("AME") or len(set(wanted)) < len(wanted):
        yield subject.error("data-request-malformed", "62/09", f"chỉ gồm A, M, E, mỗi chữ một lần, gặp “{wanted}”")


def _language(subject: Subject) -> Iterator[Finding]:
    if "64" not in subject.fields:
        return
    language = subject.text("64/00")
    if not (len(language) == len("VI") and language.isascii() and language.isalpha()):
        yield subject.error("language-malformed", "64/00", f"(ngôn ngữ) phải là 2 chữ cái, gặp “{language}”")
    if "64/01" not in subject.fields:
        yield subject.error("language-without-name", "64", "phải có tên (64/01)")
    for path, chars_max in (("64/01", NAME_CHARS_MAX), ("64/02", CITY_CHARS_MAX)):
        if len(subject.text(path)) > chars_max:
            yield subject.error("value-over-limit", path, f"dài {len(subject.text(path))} ký tự, tối đa {chars_max}")


def _presence(subject: Subject) -> Iterator[Finding]:
    for path, name in (("53", "tiền tệ"), ("58", "nước")):
        if path not in subject.fields:
            yield subject.error("missing", path, f"({name}) bắt buộc mà không có")
    if subject.kind in TRANSFER_KINDS and not subject.emvco:
        return  # NAPAS v1.0: a transfer code may leave out 52, 59 and 60
    for path, name in (("52", "mã ngành"), ("59", "tên"), ("60", "nơi")):
        if path not in subject.fields:
            yield subject.warning("missing", path, f"({name}) không có; EMVCo yêu cầu")


def _digits(value: str) -> bool:
    # str.isdigit alone also takes Arabic-Indic and full-width digits.
    return value.isascii() and value.isdigit()


_RULES: tuple[Rule, ...] = (_format, _codes, _amount, _tip, _names, _additional, _language, _presence)

# ruff: noqa: E501 - a payload is one line
"""Codes as banks and wallets really issue them (findings/qr.md, section 1); all accounts are invented."""

import pytest

from app.qr import Severity, inspect
from app.qr.emvco import seal
from app.qr.wording import capitals, loses_letters, place_that_fits

TECHCOMBANK = "00020101021138580010A000000727012800069704070114190312345670180208QRIBFTTA53037045802VN830084006304AC0C"
PROMPTPAY = (
    "00020101021129390016A000000677010111031514000080123456753037645802TH814000580069006E002000630061006D0020006F006E"
    "63041923"
)
ISSUED = {
    "A8": "0002010102111531313970070400520446000001234567838550010A000000727012500069704230111000123456780208QRIBFTTA52045"
    "13753037045802VN5910LE VAN MAU6006Ha Noi8707CLASSIC63045E65",
    "A9": "00020101021126220007vn.momo0207123456738630010A000000727013300069710250119PMC00000000000000120208QRIBFTTA530370"
    "45802VN6304BA3F",
    "A10": "00020101021126400010vn.zalopay0115abcdEFGH1234567020300338620010A00000072701320006970454011899ZP24001M12345678"
    "0208QRIBFTTA5204739953037045802VN630458AE",
    "A11": "00020101021138550010A000000727012500069704230111123456789010208QRIBFTTA53037045802VN80300012com.vng.zalo0110ZA"
    "BANKCARD6304800C",
}
BROKEN = {
    "empty amount": "00020101021138580010A000000727012800069704070114190312345670180208QRIBFTTA530370454005802VN830084006304"
    "C6F4",
    "empty account": "00020101021138440010A0000007270114000697040701000208QRIBFTTA53037045802VN830084006304C280",
    "empty name": seal(
        "00020101021138580010A000000727012800069704070114190312345670180208QRIBFTTA53037045802VN59008300"
    ),
    "83 twice": seal("00020101021138580010A000000727012800069704070114190312345670180208QRIBFTTA53037045802VN83008300"),
}


def test_two_empty_fields_at_the_end_are_told_and_do_not_refuse() -> None:
    """S2-1: every Techcombank code ends so; 0 of 8 were taken."""
    found = inspect(TECHCOMBANK)
    assert found.valid
    assert [(each.code, each.path) for each in found.findings] == [("empty-value", "83"), ("empty-value", "84")]
    assert found.value("38/01/01") == "19031234567018"


@pytest.mark.parametrize("payload", BROKEN.values(), ids=BROKEN)
def test_what_says_nothing_about_payee_or_amount_is_all_that_may_be_empty(payload: str) -> None:
    assert not inspect(payload).valid


def test_a_field_that_only_looks_like_a_template_is_left_closed() -> None:
    """S3-6: PromptPay's message in hexadecimal begins with 00 and two digits."""
    found = inspect(PROMPTPAY)
    assert found.valid
    assert any(each.path == "81" and each.severity is Severity.WARNING for each in found.findings)
    assert (found.value("81") or "").startswith("00580069")


@pytest.mark.parametrize("payload", ISSUED.values(), ids=ISSUED)
def test_real_looking_codes_pass(payload: str) -> None:
    assert inspect(payload).valid


@pytest.mark.parametrize(
    ("written", "right"),
    [("Y Ƀlul Êban", "Y BLUL EBAN"), ("H’Ƀơ Niê", "HBO NIE"), ("Y Ŭl", "Y UL"), ("Ksor ƀlin Čŭ", "KSOR BLIN CU")],
)
def test_names_of_the_central_highlands_lose_nothing(written: str, right: str) -> None:
    """S3-1: a dropped letter makes another person's name."""
    assert capitals(written) == right
    assert not loses_letters(written)


def test_what_becomes_something_else_is_told() -> None:
    assert loses_letters("Sạp ①②③")
    assert loses_letters("Phở 🍜")
    assert not loses_letters("Quán Bún, số 3/4 (cô Hoà)")


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("Thành phố Buôn Ma Thuột", "BUON MA THUOT"),
        ("TP. Hồ Chí Minh", "TP. HO CHI MINH"),
        ("Thành phố Hồ Chí Minh", "HO CHI MINH"),
        ("Xã Phú Xuân", "XA PHU XUAN"),
        ("Phường Hoà Khánh Bắc", "HOA KHANH BAC"),
        ("Huế", "HUE"),
    ],
)
def test_a_place_that_is_too_long_loses_its_kind_first(written: str, right: str) -> None:
    assert place_that_fits(capitals(written), 15) == right

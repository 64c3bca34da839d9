import string
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.qr import VietqrError, details, inspect, parse, vietqr
from app.qr.wording import capitals, cut_at_word, loses_letters
from tests.qr.payloads import ACCOUNT, BIN

accounts = st.text(string.ascii_letters + string.digits, min_size=1, max_size=19)
words = st.text("aăâđêôơưạầ ABCĐ0123456789./_-,", max_size=40)


@given(accounts, st.none() | st.integers(1, 9_999_999_999_999), words, words, words)
def test_what_is_made_is_valid_and_says_what_was_asked(
    account: str, amount_vnd: int | None, name: str, city: str, memo: str
) -> None:
    name, city, memo = cut_at_word(capitals(name), 25), cut_at_word(capitals(city), 15), cut_at_word(capitals(memo), 25)
    payload = vietqr(BIN, account, name=name, city=city, amount_vnd=amount_vnd, memo=memo)
    code = inspect(payload)
    said = details(code)
    assert code.errors == ()
    assert (said.bin, said.account, said.amount_vnd) == (BIN, account, amount_vnd)
    assert (said.name or "", said.city or "", said.memo or "") == (name, city, memo)
    assert code.value("01") == ("11" if amount_vnd is None else "12")
    assert [item.tag for item in parse(payload).items] == sorted(
        (item.tag for item in parse(payload).items), key=lambda tag: (tag == "63", tag)
    )


def test_same_bytes_as_the_official_dynamic_example_but_for_the_bill_number() -> None:
    assert vietqr("970403", "0011012345678", amount_vnd=180000).startswith(
        "00020101021238570010A00000072701270006970403011300110123456780208QRIBFTTA530370454061800005802VN"
    )


def test_same_bytes_as_the_official_card_example() -> None:
    assert (
        vietqr("970403", "9704031101234567", service="QRIBFTTC")
        == "00020101021138600010A00000072701300006970403011697040311012345670208QRIBFTTC53037045802VN63044F52"
    )


def test_memo_stands_in_62_08_in_capitals_without_accents() -> None:
    assert inspect(vietqr(BIN, ACCOUNT, memo="Tiền điện tháng 11")).value("62/08") == "TIEN DIEN THANG 11"


REFUSED: dict[str, tuple[str, Callable[[], str]]] = {
    "bin of five": ("bin", lambda: vietqr("97043", ACCOUNT)),
    "bin full-width": ("bin", lambda: vietqr("９70436", ACCOUNT)),
    "no account": ("account", lambda: vietqr(BIN, "")),
    "account of 20": ("account", lambda: vietqr(BIN, "1" * 20)),
    "account with blank": ("account", lambda: vietqr(BIN, "0011 0012")),
    "account accented": ("account", lambda: vietqr(BIN, "Đ123")),
    "account in arabic digits": ("account", lambda: vietqr(BIN, "٠١٢")),
    "card with letters": ("account", lambda: vietqr(BIN, "97A", service="QRIBFTTC")),
    "amount zero": ("amount_vnd", lambda: vietqr(BIN, ACCOUNT, amount_vnd=0)),
    "amount negative": ("amount_vnd", lambda: vietqr(BIN, ACCOUNT, amount_vnd=-1)),
    "amount of 14 digits": ("amount_vnd", lambda: vietqr(BIN, ACCOUNT, amount_vnd=10**13)),
    "name of 26": ("name", lambda: vietqr(BIN, ACCOUNT, name="A" * 26)),
    "city of 16": ("city", lambda: vietqr(BIN, ACCOUNT, city="A" * 16)),
    "memo of 26": ("memo", lambda: vietqr(BIN, ACCOUNT, memo="A" * 26)),
    "memo of 96 by choice": ("memo", lambda: vietqr(BIN, ACCOUNT, memo="A" * 96, memo_chars_max=99)),
    "memo of emoji": ("memo", lambda: vietqr(BIN, ACCOUNT, memo="🍜🍜")),
    "service": ("service", lambda: vietqr(BIN, ACCOUNT, service="QRIBFTTX")),
}


@pytest.mark.parametrize("case", REFUSED)
def test_limits_are_refused_and_never_cut(case: str) -> None:
    what, make = REFUSED[case]
    with pytest.raises(VietqrError) as refused:
        make()
    assert refused.value.what == what
    assert str(refused.value)


def test_longer_memo_by_choice_fills_62_to_99_characters() -> None:
    payload = vietqr(BIN, ACCOUNT, memo="A" * 95, memo_chars_max=95)
    assert inspect(payload).valid
    assert len(inspect(payload).value("62") or "") == 99


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Bún bò Huế – cô Đặng", "BUN BO HUE - CO DANG"),
        ("Hu\u031bo\u031b\u0300ng", "HUONG"),
        ("Sạp 12/A_3, chợ Đông Hà", "SAP 12/A_3 CHO DONG HA"),
        ("Cơm & Phở", "COM PHO"),
        ("１２３", "123"),
        ("D'Angelo", "DANGELO"),
        ("ĐẮK ĐOA", "DAK DOA"),
        ("  ", ""),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert capitals(text) == folded


@given(st.text(max_size=60))
def test_folded_text_is_safe_and_stays(text: str) -> None:
    folded = capitals(text)
    assert set(folded) <= set(string.ascii_uppercase + string.digits + " ._/-")
    assert capitals(folded) == folded


@pytest.mark.parametrize(
    ("text", "lost"),
    [("Quán Cô Ba (Sạp 1)", False), ("Hu\u031bo\u031bng", False), ("Phở 🍜", True), ("A & B", True), ("最佳", True)],
)
def test_lost_letters_are_noticed(text: str, lost: bool) -> None:
    assert loses_letters(text) is lost


@given(st.text("AB ", max_size=60).map(capitals), st.integers(1, 30))
def test_cut_keeps_whole_words_where_it_can(text: str, chars_max: int) -> None:
    cut = cut_at_word(text, chars_max)
    assert len(cut) <= chars_max
    assert text.startswith(cut)
    assert bool(cut) == bool(text)
    assert cut == text or text[len(cut)] == " " or " " not in text[:chars_max]

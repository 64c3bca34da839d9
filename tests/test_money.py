"""Amounts: read as written, never guessed."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import money
from app.money import VND_MAX, MoneyError, format_number, format_vnd, parse_vnd, vnd_in_words

AMOUNTS = st.integers(min_value=0, max_value=VND_MAX)


def test_doctests() -> None:
    assert doctest.testmod(money).failed == 0


@pytest.mark.parametrize(
    ("written", "amount_vnd"),
    [
        ("20.000", 20_000),
        ("20,000", 20_000),
        ("20,000 đ", 20_000),
        ("20.000đ", 20_000),
        ("20.000 đồng", 20_000),
        ("20 000 VND", 20_000),
        ("20\u00a0000\u00a0₫", 20_000),
        ("20\u202f000 ₫", 20_000),
        ("VNĐ 20.000", 20_000),
        ("₫20000", 20_000),
        (" 20000 ", 20_000),
        ("+20,000", 20_000),
        ("20k", 20_000),
        ("20K", 20_000),
        ("20 nghìn", 20_000),
        ("20 nghi\u0300n đồng", 20_000),
        ("20 ngàn", 20_000),
        ("1,5 triệu", 1_500_000),
        ("1.5tr", 1_500_000),
        ("2 tỷ", 2_000_000_000),
        ("1.234.567", 1_234_567),
        ("20.000,00", 20_000),
        ("20,000.00", 20_000),
        ("20000.0", 20_000),
        ("0", 0),
        ("0,00", 0),
        (20_000, 20_000),
        (20_000.0, 20_000),
        (999_999_999_999_999, VND_MAX),
    ],
)
def test_reads_what_people_write(written: str | float, amount_vnd: int) -> None:
    assert parse_vnd(written) == amount_vnd


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("20.5", "hai cách"),
        ("20,5", "hai cách"),
        ("20.0", "hai cách"),
        ("20.00", "hai cách"),
        ("1.500 triệu", "hai cách"),
        ("20.000.00", "hai cách"),
        ("20,000.000", "hai cách"),
        ("1.23.456", "hai cách"),
        ("0.500", "hai cách"),
        ("-20.000", "số âm"),
        ("−20.000", "số âm"),
        ("(20.000)", "số âm"),
        ("20.000-", "số âm"),
        (-1, "số âm"),
        (20_000.5, "phần lẻ"),
        ("0,0001 nghìn", "phần lẻ"),
        (float("nan"), "phần lẻ"),
        (float("inf"), "phần lẻ"),
        ("２００００", "không phải số tiền"),
        ("٢٠٠٠٠", "không phải số tiền"),
        ("20_000", "không phải số tiền"),
        ("1e6", "không phải số tiền"),
        ("hai mươi nghìn", "không phải số tiền"),
        ("20.000 USD", "không phải số tiền"),
        ("-", "không phải số tiền"),
        (True, "không phải số tiền"),
        ("", "Thiếu"),
        ("\u00a0", "Thiếu"),
        ("0987654321", "số 0"),
        ("9" * 16, "quá lớn"),
        ("9" * 5000, "quá lớn"),
        (10**15, "quá lớn"),
        (1e300, "quá lớn"),
    ],
)
def test_refuses_what_could_mean_something_else(written: str | float, says: str) -> None:
    with pytest.raises(MoneyError, match=says) as refused:
        parse_vnd(written)
    assert len(str(refused.value)) < 160


@given(AMOUNTS)
def test_what_is_shown_can_be_read_back(amount_vnd: int) -> None:
    assert parse_vnd(format_vnd(amount_vnd)) == amount_vnd
    assert parse_vnd(format_number(amount_vnd)) == amount_vnd


@given(st.integers(min_value=1000, max_value=VND_MAX))
def test_decimals_of_zero_are_nothing(amount_vnd: int) -> None:
    assert parse_vnd(f"{amount_vnd:,}.00 VND") == amount_vnd
    assert parse_vnd(f"{format_number(amount_vnd)},00 đ") == amount_vnd


@given(st.text() | st.floats() | st.integers())
def test_anything_is_read_or_refused(value: str | float) -> None:
    try:
        amount = parse_vnd(value)
    except MoneyError:
        return
    assert isinstance(amount, int)
    assert 0 <= amount <= VND_MAX


@given(st.text(alphabet="0123456789., kđ", max_size=12))
def test_an_amount_read_from_digits_has_those_digits(written: str) -> None:
    try:
        amount = parse_vnd(written)
    except MoneyError:
        return
    digits = "".join(letter for letter in written if letter.isdigit())
    assert str(amount).rstrip("0") in {digits.rstrip("0"), digits.lstrip("0").rstrip("0")}


@pytest.mark.parametrize(
    ("amount_vnd", "words"),
    [
        (0, "Không đồng"),
        (1, "Một đồng"),
        (10, "Mười đồng"),
        (15, "Mười lăm đồng"),
        (20, "Hai mươi đồng"),
        (21, "Hai mươi mốt đồng"),
        (24, "Hai mươi tư đồng"),
        (55, "Năm mươi lăm đồng"),
        (101, "Một trăm linh một đồng"),
        (105, "Một trăm linh năm đồng"),
        (110, "Một trăm mười đồng"),
        (114, "Một trăm mười bốn đồng"),
        (999, "Chín trăm chín mươi chín đồng"),
        (1_001, "Một nghìn không trăm linh một đồng"),
        (20_000, "Hai mươi nghìn đồng"),
        (1_000_000, "Một triệu đồng"),
        (1_000_005, "Một triệu không trăm linh năm đồng"),
        (2_050_000, "Hai triệu không trăm năm mươi nghìn đồng"),
        (1_000_005_000, "Một tỷ không trăm linh năm nghìn đồng"),
        (10**12, "Một nghìn tỷ đồng"),
        (1_500_000_000_000, "Một nghìn năm trăm tỷ đồng"),
        (1_000_000_000_001, "Một nghìn tỷ không trăm linh một đồng"),
        (10**15, "Một triệu tỷ đồng"),
    ],
)
def test_amount_in_words(amount_vnd: int, words: str) -> None:
    assert vnd_in_words(amount_vnd) == words


@given(AMOUNTS, AMOUNTS)
def test_different_amounts_read_differently(one: int, other: int) -> None:
    assert (vnd_in_words(one) == vnd_in_words(other)) == (one == other)


def test_words_of_a_negative_amount_are_refused() -> None:
    with pytest.raises(MoneyError):
        vnd_in_words(-1)

"""Telephone numbers as lists hold them."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.vn import phones
from app.vn.phones import Phone, PhoneError, find_phone, format_phone, is_mobile, mask_phone, parse_phone

OLD = {
    "0120": "070", "0121": "079", "0122": "077", "0126": "076", "0128": "078", "0123": "083", "0124": "084",
    "0125": "085", "0127": "081", "0129": "082", "0162": "032", "0163": "033", "0164": "034", "0165": "035",
    "0166": "036", "0167": "037", "0168": "038", "0169": "039", "0186": "056", "0188": "058", "0199": "059",
}  # fmt: skip
MOBILES = st.builds(
    "{}{:06}".format,
    st.sampled_from(["032", "038", "056", "070", "083", "086", "090", "098", "055"]),
    st.integers(1_000_000, 9_999_999).map(lambda number: number),
).map(lambda written: written[:10])


def test_doctests() -> None:
    assert doctest.testmod(phones).failed == 0


@pytest.mark.parametrize(
    "written",
    [
        "0987654321",
        "0987 654 321",
        "0987.654.321",
        "098-765-4321",
        "(098) 7654321",
        "84987654321",
        "+84987654321",
        "+84 987 654 321",
        "+84 (0)987 654 321",
        "0084987654321",
        "840987654321",
        "'0987654321",
        "\u202d0987654321\u202c",
        "0987\u00a0654\u00a0321",
        84987654321,
        84987654321.0,
    ],
)
def test_ways_of_writing_one_number(written: str | float) -> None:
    assert parse_phone(written) == Phone("+84987654321")


@pytest.mark.parametrize("written", ["987654321", 987654321, 987654321.0, "987.654.321"])
def test_a_zero_lost_in_a_spreadsheet_comes_back_with_a_note(written: str | float) -> None:
    phone = parse_phone(written)
    assert phone.e164 == "+84987654321"
    assert "số 0" in phone.note


def test_a_robbed_number_that_looks_like_a_country_code() -> None:
    assert parse_phone("849123456").e164 == "+84849123456"


@pytest.mark.parametrize(("old", "new"), OLD.items())
def test_old_prefixes_are_converted_with_a_note(old: str, new: str) -> None:
    for written in (f"{old}1234567", f"+84{old[1:]}1234567"):
        assert parse_phone(written) == Phone(f"+84{new[1:]}1234567", f"Đã đổi đầu số cũ {old} thành {new}.")
    robbed = parse_phone(int(f"{old[1:]}1234567"))
    assert robbed.e164 == f"+84{new[1:]}1234567"
    assert robbed.note.count("Đã") == 2


@pytest.mark.parametrize(
    ("written", "e164"),
    [("024 3829 4000", "+842438294000"), ("02363822222", "+842363822222"), (2438294000, "+842438294000")],
)
def test_landlines(written: str | int, e164: str) -> None:
    assert parse_phone(written).e164 == e164
    assert not is_mobile(e164)


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("", "Thiếu"),
        ("09123", "thiếu 5"),
        ("098765432", "thiếu 1"),
        ("09876543210", "thừa 1"),
        ("9" * 400, "thừa"),
        ("0123456789", "đầu số"),
        ("123456789", "đầu số"),
        ("0500123456", "đầu số"),
        ("024 3829 400", "thiếu 1"),
        ("1900 1234", "tổng đài"),
        ("18001234", "tổng đài"),
        ("0912***678", "che"),
        ("09xxxxx123", "che"),
        ("0987654321 / 0912345678", "hai số"),
        ("0987654321, 0912345678", "hai số"),
        ("0987654321 - 0912345678", "hai số"),
        ("+1 650 253 0000", "không phải số Việt Nam"),
        ("không có", "ký tự lạ"),
        ("０９８７６５４３２１", "ký tự lạ"),
        ("0987654321a", "ký tự lạ"),
        (True, "không phải"),
        (1.5, "thiếu"),
        (float("nan"), "ký tự lạ"),
        (float("inf"), "ký tự lạ"),
        (-5, "thiếu"),
    ],
)
def test_what_cannot_be_dialled_is_refused(written: str | float, says: str) -> None:
    with pytest.raises(PhoneError, match=says) as refused:
        parse_phone(written)
    assert len(str(refused.value)) < 140


@given(MOBILES)
def test_what_is_shown_is_read_back(written: str) -> None:
    e164 = parse_phone(written).e164
    assert parse_phone(format_phone(e164)) == Phone(e164)
    assert parse_phone(e164[1:]) == Phone(e164)
    assert parse_phone(int(written)).e164 == e164


@given(st.text() | st.integers() | st.floats() | st.text(alphabet="0123456789+-. ", max_size=16))
def test_anything_is_a_number_or_a_refusal(written: str | float) -> None:
    try:
        phone = parse_phone(written)
    except PhoneError:
        return
    assert phone.e164.startswith("+84")
    assert phone.e164[1:].isdigit()
    assert parse_phone(phone.e164) == Phone(phone.e164)


def test_shown_and_masked() -> None:
    assert format_phone("+84987654321") == "0987 654 321"
    assert mask_phone("+84987654321") == "0987 ••• 321"
    assert mask_phone("+842363822222") == "0236 •••• 222"
    assert mask_phone("rubbish") == "•••••••"


@pytest.mark.parametrize(
    ("cell", "kept", "rest"),
    [
        ("0912345678/0987654321", "0912 345 678", "0987654321"),
        ("0912.345.678 - 0987.654.321", "0912 345 678", "0987.654.321"),
        ("0912345678 0987654321", "0912 345 678", "0987654321"),
        ("0912 345 678 hoặc 0987 654 321", "0912 345 678", "hoặc 0987 654 321"),
        ("912345678 / 987654321", "0912 345 678", "987654321"),
        ("0912345678\n0987654321", "0912 345 678", "0987654321"),
        ("0274 0909 000 111", "0909 000 111", ""),
        ("02740909000111", "0909 000 111", ""),
        ("0274-909000111", "0909 000 111", "0274"),
        ("ĐT: 0912345678", "0912 345 678", ""),
        ("Số ĐTDĐ 0912345678", "0912 345 678", ""),
        ("0912345678 (con gái)", "0912 345 678", "(con gái)"),
        ("Anh Ba 0912345678", "0912 345 678", "Anh Ba"),
        ("0251 3844 666; 0909000111", "0909 000 111", "0251 3844 666"),
        ("02513844666-0912345678", "0912 345 678", "02513844666"),
        ("0613844666", "0251 3844 666", ""),
        ("(04) 38.22.22.22", "024 3822 2222", ""),
        ("VP 0251 3844 666 (máy lẻ 12)", "0251 3844 666", "VP; (máy lẻ 12)"),
    ],
)
def test_the_first_whole_mobile_of_a_cell_is_kept(cell: str, kept: str, rest: str) -> None:
    """F43, F44: half the rows of real lists hold more than one number."""
    found = find_phone(cell)
    assert (format_phone(found.e164), found.rest) == (kept, rest)
    assert found.note


@pytest.mark.parametrize(
    "cell", ["0912 345 67", "09123456789", "0912****78", "38222222", "Không có", "1900 1234", True]
)
def test_without_a_whole_number_nothing_is_guessed(cell: str | float) -> None:
    with pytest.raises(PhoneError):
        find_phone(cell)

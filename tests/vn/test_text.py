"""Letters: storing, searching, comparing, sorting, and a bank's screen."""

import doctest
import itertools
import unicodedata
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.vn import legacy, sorting, text
from app.vn.legacy import legacy_encoding
from app.vn.sorting import name_sort_key, sort_key, stall_sort_key
from app.vn.text import ascii_upper, fold, fold_tone, nfc, tidy

VOWELS = "aăâeêioôơuưy"
LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxy"
TONES = ["", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"]
VIETNAMESE = [unicodedata.normalize("NFC", vowel + tone) for vowel in VOWELS for tone in TONES]
SYLLABLES = st.text(alphabet="".join({*LETTERS, *VIETNAMESE}) + " ", max_size=12)


def stands_in_order(ordered: Sequence[str], key: Callable[[str], str]) -> bool:
    return all(key(one) < key(other) for one, other in itertools.pairwise(ordered))


@pytest.mark.parametrize("module", [text, sorting, legacy])
def test_doctests(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


@pytest.mark.parametrize("written", ["ĐẶNG Thị Hường", "đặng thị hường", "Dang  thi\u00a0huong", "Ðặng Thị Hường"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_search_ignores_accents_case_and_form(written: str, form: str) -> None:
    assert fold(unicodedata.normalize(form, written)) == "dang thi huong"  # type: ignore[arg-type]


def test_every_vietnamese_letter_folds_to_a_plain_one() -> None:
    for letter in [*VIETNAMESE, *"đĐ"]:
        assert fold(letter).isascii()
        assert fold(letter.upper()) == fold(letter)


@given(st.text())
def test_folding_twice_changes_nothing(anything: str) -> None:
    assert fold(fold(anything)) == fold(anything)
    assert fold(unicodedata.normalize("NFD", anything)) == fold(anything)


@pytest.mark.parametrize(
    ("old", "new"),
    [("hòa", "hoà"), ("thúy", "thuý"), ("khỏe", "khoẻ"), ("Ngọc Lụy", "Ngọc Luỵ"), ("ỦY BAN", "UỶ BAN"), ("Òa", "Oà")],
)
def test_both_places_of_the_tone_are_equal(old: str, new: str) -> None:
    assert fold_tone(old) == fold_tone(new)
    assert fold_tone(unicodedata.normalize("NFD", new)) == fold_tone(old)


@pytest.mark.parametrize("word", ["quý", "quỳ", "hoàn", "già", "suýt", "khuỷu", "toán", "quá", "ngoài", "huyền"])
def test_other_syllables_keep_their_tone_where_it_is(word: str) -> None:
    assert fold_tone(word) == word


def test_different_tones_stay_different() -> None:
    assert len({fold_tone(word) for word in ("hoa", "hoà", "hoả", "hoã", "hoá", "hoạ")}) == 6


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Nguyễn Thị Đào", "NGUYEN THI DAO"),
        ("Nguye\u0302\u0303n", "NGUYEN"),
        ("Quán “Bà Bảy” – 24/7", 'QUAN "BA BAY" - 24/7'),
        ("H’Mai Niê", "H'MAI NIE"),
        ("Phở ２４", "PHO 24"),
        ("Bún 🍜 chả", "BUN CHA"),
        ("日本", ""),
        ("straße", "STRASSE"),
    ],
)
def test_a_banks_screen_shows_plain_capitals(written: str, shown: str) -> None:
    assert ascii_upper(written) == shown


@given(st.text())
def test_a_banks_screen_never_gets_anything_else(anything: str) -> None:
    shown = ascii_upper(anything)
    assert all("\x20" <= letter <= "\x7e" for letter in shown)
    assert shown == shown.upper() == ascii_upper(shown)


def test_tidy_removes_what_cannot_be_seen() -> None:
    assert tidy("\ufeffCa\u0300 phe\u0302 \u202eSa\u0301ng\u00ad\u0000\x07 ") == "Cà phê Sáng"
    assert nfc("e\u0302\u0301") == "ế"


def test_the_alphabet_is_in_order() -> None:
    assert stands_in_order(LETTERS, sort_key)


def test_tones_are_in_order_after_letters() -> None:
    words = [unicodedata.normalize("NFC", f"ma{tone}") for tone in TONES]
    assert words == ["ma", "mà", "mả", "mã", "má", "mạ"]
    assert stands_in_order([*words, "mac", "măt"], sort_key)
    assert sort_key("hoà") == sort_key("hòa")
    assert sort_key("MẠ") == sort_key("mạ")


def test_words_go_before_letters() -> None:
    ordered = ["an", "an bình", "án", "ang", "anh", "ảnh"]
    assert stands_in_order(ordered, sort_key)


def test_numbers_go_by_value_and_before_letters() -> None:
    ordered = ["Thôn", "Thôn 1", "Thôn 2", "Thôn 10", "Thôn 100", "Thôn Đông", "Tổ 3"]
    assert stands_in_order(ordered, sort_key)


@pytest.mark.parametrize(
    "ordered",
    [
        ["A01-06", "A01-06a", "A01-07", "A2", "A10", "B1"],
        ["A1", "A-2", "A 03", "A9", "A10", "A11b", "AA1", "Ă1", "D1", "Đ1", "E1"],
        ["1", "2", "10", "99999999999999999999", "K1"],
        ["Ki-ốt 2", "Ki-ốt 12"],
    ],
)
def test_stalls_stand_in_the_order_one_walks(ordered: list[str]) -> None:
    assert stands_in_order(ordered, stall_sort_key)


def test_people_are_listed_by_given_name_then_family_then_middle() -> None:
    ordered = ["Hà", "Đặng Văn Hà", "Lê Thị Hà", "Lê Văn Hà", "Bùi Hạ", "Đỗ Hân", "An Văn Ý"]
    assert stands_in_order(ordered, name_sort_key)
    assert name_sort_key("  ") == ""


@given(SYLLABLES, SYLLABLES)
def test_keys_sort_alike_as_bytes_and_in_any_locale(one: str, other: str) -> None:
    for key in (sort_key(one), name_sort_key(one)):
        assert key.isascii()
        assert not key or (key.isalnum() and key == key.lower())
    if sort_key(one) == sort_key(other):
        assert fold(one).split() == fold(other).split()


@given(st.text(), st.text())
def test_any_text_has_a_key_that_does_not_hang_on_its_form(one: str, other: str) -> None:
    assert sort_key(one) == sort_key(unicodedata.normalize("NFD", one))
    assert sort_key(f"{one} {other}") == sort_key(one) + sort_key(other)


TCVN3 = "Hä tªn; NguyÔn V¨n Hïng; TrÇn ThÞ B×nh; chî B×nh Minh; ®\u00adêng sè 5"
VNI = "Hoï teân; Nguyeãn Vaên Huøng; Traàn Thò Bình; chôï Bình Minh; ñöôøng soá 5"


@pytest.mark.parametrize(("typed", "name"), [(TCVN3, "TCVN3"), (VNI, "VNI")])
def test_fonts_of_the_nineties_are_recognised(typed: str, name: str) -> None:
    assert legacy_encoding(typed) == name


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "Nguyen Van Hung, cho Binh Minh",
        "Nguyễn Văn Hùng, Trần Thị Bình, chợ Bình Minh, đường số 5, khoá, hoà, quý, thuỳ, ngoài, toàn, xoài",
        "NGUYỄN VĂN HÙNG, TRẦN THỊ BÌNH, CHỢ BÌNH MINH",
        "Café Noël, Häagen-Dazs, Müller, Nguyễn Thị Hòa, Trần Văn Bình, Lê Thị Hà, chợ Bình Minh, phường Hòa Bình",
        "Ä Ä Î Î Ä Û Ä Û, Straße, Häuser, Müller, garçon, élève, être, naïve, Saïgon",
        "½ kg, 20m², 30°C, «Quán Ngon»",
    ],
)
def test_unicode_text_is_left_alone(typed: str) -> None:
    assert legacy_encoding(typed) == ""


@given(st.lists(st.sampled_from(["".join(pair) for pair in itertools.product("bchklmnt", VIETNAMESE)]), max_size=30))
def test_no_vietnamese_syllable_looks_like_an_old_font(syllables: list[str]) -> None:
    assert legacy_encoding(" ".join(syllables)) == ""

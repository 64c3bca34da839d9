"""Vietnamese letters: one form for storing, one for searching, one for comparing, one for a bank's screen."""

import re
import unicodedata
from functools import lru_cache

#: Letters that do not decompose: đ, eth (a common mistyping of it), the b of Ê Đê, Gia Rai and Ba Na.
_STROKES = str.maketrans({"đ": "d", "ð": "d", "ɖ": "d", "ƀ": "b", "ɓ": "b"})
#: The mark in H'Hen, K'Brôi as telephones and word processors write it.
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼʻ´`′", "'"))
_INVISIBLE = re.compile(
    r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u034f\u115f\u1160\u180e\u2800\u3164\uffa0]"
)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LATE_TONE = re.compile(
    r"(?P<onset>^|[^\W\d_])(?P<glide>[ou])(?P<main>[àáảãạèéẻẽẹỳýỷỹỵ])(?![^\W\d_])",
    re.IGNORECASE,
)
_RHYMES = {"oa", "oe", "uy"}
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_ASCII = str.maketrans(
    {"–": "-", "—": "-", "‑": "-", "−": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "×": "x", "₫": "d", "…": "..."},
)
_CAPITAL_STROKES = str.maketrans({"Đ": "D", "Ð": "D", "Ɖ": "D", "Ƀ": "B", "Ɓ": "B"})
_NOT_PRINTABLE_ASCII = re.compile(r"[^\x20-\x7e]+")


def nfc(text: str) -> str:
    """The composed form everything is stored in: telephones and macOS often send letters and marks apart.

    >>> len(nfc("Hu\u031bo\u031b\u0300ng"))
    5
    """
    return unicodedata.normalize("NFC", text)


@lru_cache(maxsize=16_384)
def tidy(text: str) -> str:
    r"""Text of one line as it is stored: NFC, single spaces, nothing invisible (soft hyphens, marks of direction).

    >>> tidy("  Nguyễn\u00a0 Thị\u200b Hòa\n")
    'Nguyễn Thị Hòa'
    """
    return " ".join(_CONTROLS.sub(" ", nfc(_INVISIBLE.sub("", text))).split())


@lru_cache(maxsize=16_384)  # lists and likenesses ask for the same names over and over
def fold(text: str) -> str:
    """Small letters without accents, đ as d, single spaces: as typed in a hurry. For search, never a key.

    Two different names may fold alike (Văn Lăng, Văn Lang).

    >>> fold("  ĐẶNG  Thị Hường "), fold("H’Ƀă Niê Čŭ")
    ('dang thi huong', "h'ba nie cu")
    """
    small = nfc(text).translate(_APOSTROPHES).casefold().translate(_STROKES)
    bare = "".join(letter for letter in unicodedata.normalize("NFD", small) if not unicodedata.combining(letter))
    return " ".join(nfc(bare).split())


@lru_cache(maxsize=16_384)
def fold_tone(text: str) -> str:
    """The text in one spelling, accents kept: equal for hòa and hoà, thúy and thuý, and for any case.

    Only open syllables in oa, oe and uy are written both ways; quý, hoàn, già and suýt are left alone.

    >>> fold_tone("HOÀ") == fold_tone("hòa"), fold_tone("Thuý Quý") == "thúy quý", fold_tone("hoà") == fold_tone("hoa")
    (True, True, False)
    """
    return " ".join(_LATE_TONE.sub(_early_tone, nfc(nfc(text).casefold())).split())


def _early_tone(match: re.Match[str]) -> str:
    """The same syllable end with its tone on the first vowel, as most of the country types it."""
    apart = unicodedata.normalize("NFD", match["main"])
    main, tone = apart[0], "".join(mark for mark in apart[1:] if mark in _TONES)
    if match["onset"] == "q" or match["glide"] + main not in _RHYMES:
        return match[0]
    return match["onset"] + nfc(match["glide"] + tone) + main


def ascii_upper(text: str) -> str:
    """Capitals without accents in printable ASCII, as banks show a holder's name or a memo; what has none is dropped.

    >>> ascii_upper("Nguyễn Thị Đào – Phở 24/7")
    'NGUYEN THI DAO - PHO 24/7'
    """
    plain = nfc(text).translate(_ASCII).upper().translate(_CAPITAL_STROKES)
    apart = unicodedata.normalize("NFKD", plain)
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return " ".join(_NOT_PRINTABLE_ASCII.sub(" ", bare.upper()).split())

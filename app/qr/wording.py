"""Text as bank apps take it: capitals without accents, a few marks, nothing else.

Capitals are also what keeps the symbol small: one small letter switches a whole segment from 5.5 to 8 bits a character.
"""

import re
import unicodedata

# NFKD leaves these alone: đ and eth, the b of Ê Đê, Gia Rai and Ba Na, dashes.
_REPLACED = str.maketrans(
    {"đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "ɖ": "d", "Ɖ": "D", "ƀ": "b", "Ƀ": "B", "ɓ": "b", "Ɓ": "B"}
    | dict.fromkeys("–—−‑", "-")
    | dict.fromkeys("’'‘ʼ", "")
)
#: What a place is, before its name: left out where the whole is too long.
_KIND_OF_PLACE = re.compile(
    r"(?:THANH PHO|TP|TINH|QUAN|HUYEN|THI XA|TX|THI TRAN|TT|PHUONG|XA|DAC KHU)(?:\.| )\s*(?=\S)|[PQHX]\.\s*(?=\S)"
)
# Odoo (issues 127689 and 208956) and bank apps: any other mark may stop a code from being read.
_UNSAFE = re.compile(r"[^A-Z0-9 ._/-]+")
_LEFT_OUT = re.compile(r"[^\s.,;:!?'‘’\"“”()\[\]_/–—−-]")


def capitals(text: str) -> str:
    """The text in capitals without accents, other marks turned into single spaces.

    >>> capitals("  Quán Đặng Thị Hường (Sạp 12) ")
    'QUAN DANG THI HUONG SAP 12'
    """
    parted = unicodedata.normalize("NFKD", text.translate(_REPLACED))
    bare = "".join(letter for letter in parted if not unicodedata.combining(letter))
    return " ".join(_UNSAFE.sub(" ", bare.translate(_REPLACED).upper()).split())


def loses_letters(text: str) -> bool:
    """Whether `capitals` loses more than accents and punctuation: emoji, Chinese, & and +, ① that becomes 1."""
    visible = "".join(_LEFT_OUT.findall(unicodedata.normalize("NFC", text)))
    return any(not capitals(letter) or _is_another(letter) for letter in visible if not unicodedata.combining(letter))


def _is_another(letter: str) -> bool:
    return unicodedata.normalize("NFKD", letter) != unicodedata.normalize("NFD", letter)


def place_that_fits(folded: str, chars_max: int) -> str:
    """A place's name in capitals, without the word for its kind where the whole is too long; never cut.

    >>> place_that_fits("THANH PHO BUON MA THUOT", 15), place_that_fits("TP HUE", 15)
    ('BUON MA THUOT', 'TP HUE')
    """
    return folded if len(folded) <= chars_max else _KIND_OF_PLACE.sub("", folded, count=1)


def cut_at_word(text: str, chars_max: int) -> str:
    """As many whole words as fit; a single word that is too long is cut inside.

    >>> cut_at_word("HO KINH DOANH NGUYEN THI BICH NGOC", 25)
    'HO KINH DOANH NGUYEN THI'
    """
    if len(text) <= chars_max:
        return text
    head, _, _ = text[: chars_max + 1].rpartition(" ")
    return (head or text[:chars_max]).rstrip(" ./_-") or text[:chars_max]

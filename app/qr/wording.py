"""Text as bank apps take it: capitals without accents, a few marks, nothing else.

Capitals are also what keeps the symbol small: one small letter switches a whole segment from 5.5 to 8 bits a character.
"""

import re
import unicodedata

# NFKD leaves these alone.
_REPLACED = str.maketrans(
    {"đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "–": "-", "—": "-", "−": "-", "’": "", "'": "", "‘": ""}
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
    """Whether `capitals` drops more than accents and punctuation: emoji, Chinese, symbols such as & and +."""
    visible = "".join(_LEFT_OUT.findall(unicodedata.normalize("NFC", text)))
    return any(not capitals(letter) for letter in visible if not unicodedata.combining(letter))


def cut_at_word(text: str, chars_max: int) -> str:
    """As many whole words as fit; a single word that is too long is cut inside.

    >>> cut_at_word("HO KINH DOANH NGUYEN THI BICH NGOC", 25)
    'HO KINH DOANH NGUYEN THI'
    """
    if len(text) <= chars_max:
        return text
    head, _, _ = text[: chars_max + 1].rpartition(" ")
    return (head or text[:chars_max]).rstrip(" ./_-") or text[:chars_max]

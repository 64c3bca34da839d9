"""Vietnamese letters: one form for storing, one for searching, one for sorting, one for a bank's screen."""

import unicodedata

_D_STROKE = str.maketrans({"đ": "d", "ð": "d"})  # neither decomposes; eth is a common mistyping of đ


def nfc(text: str) -> str:
    """The composed form everything is stored in: telephones and macOS often send letters and marks apart.

    >>> len(nfc("Hu\u031bo\u031b\u0300ng"))
    5
    """
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Small letters without accents, đ as d, single spaces: as typed in a hurry. For search, never a key.

    Two different names may fold alike (Văn Lăng, Văn Lang).

    >>> fold("  ĐẶNG  Thị Hường ")
    'dang thi huong'
    """
    small = unicodedata.normalize("NFC", text).casefold().translate(_D_STROKE)
    bare = "".join(letter for letter in unicodedata.normalize("NFD", small) if not unicodedata.combining(letter))
    return " ".join(unicodedata.normalize("NFC", bare).split())

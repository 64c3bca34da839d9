"""What a list is searched and sorted by."""

from collections.abc import Iterable
from typing import Final

from app.vn.text import fold, nfc

TAIL_CHARS: Final = 6


def words_text(*names: str) -> str:
    """The names in small letters with their accents, for putting exact matches first."""
    return " ".join(" ".join(nfc(name).casefold().split()) for name in names if name)


def search_text(
    code: str, names: Iterable[str], *, phone: str | None, tax_code: str | None, accounts: Iterable[str]
) -> str:
    """Everything a person may type to find a merchant, folded: names, code, places, phone, tax code, account tails.

    >>> search_text("HK-7K3M9Q", ["Đặng Thị Hường"], phone="+84987654321", tax_code=None, accounts=["0011001237465"])
    'hk-7k3m9q dang thi huong 0987654321 237465'
    """
    phones = ["0" + phone.removeprefix("+84")] if phone else []
    tails = [number[-TAIL_CHARS:] for number in accounts if number]
    parts = [code, *names, *phones, tax_code or "", *tails]
    return fold(" ".join(part for part in parts if part))


def search_words(query: str) -> list[str]:
    """The words that must all be found; a number typed in groups counts as one.

    >>> search_words(" 0987 654 321"), search_words("Bún  Hường")
    (['0987654321'], ['bun', 'huong'])
    """
    squashed = "".join(query.split()).replace(".", "").removeprefix("+84")
    if squashed.isascii() and squashed.isdigit() and len(squashed) > len("0000"):
        return [squashed]
    return fold(query).split()

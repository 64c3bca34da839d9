"""Whole numbers in Vietnamese words, as amounts are written out on notices and receipts."""

DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
BILLION, MILLION, THOUSAND = 10**9, 10**6, 10**3


def in_words(number: int) -> str:
    """The number in words; raises ValueError below zero.

    >>> [in_words(number) for number in (0, 15, 21, 105, 350000)]
    ['không', 'mười lăm', 'hai mươi mốt', 'một trăm linh năm', 'ba trăm năm mươi nghìn']
    >>> in_words(1_234_004_055)
    'một tỷ hai trăm ba mươi tư triệu không trăm linh bốn nghìn không trăm năm mươi lăm'
    """
    if number < 0:
        raise ValueError(f"số âm: {number}")
    return " ".join(_words(number, whole=False)) or DIGITS[0]


def vnd_in_words(amount_vnd: int) -> str:
    """The amount as it stands behind “Bằng chữ”.

    >>> vnd_in_words(1_250_000)
    'Một triệu hai trăm năm mươi nghìn đồng'
    """
    words = in_words(amount_vnd)
    return f"{words[0].upper()}{words[1:]} đồng"


def _words(number: int, *, whole: bool) -> list[str]:
    """`whole`: higher digits stand before, so that the hundreds are said even where they are zero."""
    if number >= BILLION:
        high, rest = divmod(number, BILLION)
        return [*_words(high, whole=whole), "tỷ", *(_words(rest, whole=True) if rest else [])]
    words: list[str] = []
    for size, name in ((MILLION, "triệu"), (THOUSAND, "nghìn"), (1, "")):
        group, number = divmod(number, size)
        if group:
            words += _group(group, whole=whole or bool(words))
            words += [name] if name else []
    return words


def _group(group: int, *, whole: bool) -> list[str]:
    """Up to three digits."""
    hundreds, rest = divmod(group, 100)
    tens, ones = divmod(rest, 10)
    words = [DIGITS[hundreds], "trăm"] if hundreds or whole else []
    if tens == 1:
        words.append("mười")
    elif tens:
        words += [DIGITS[tens], "mươi"]
    elif ones and words:
        words.append("linh")
    return words + _ones(tens, ones)


def _ones(tens: int, ones: int) -> list[str]:
    if not ones:
        return []
    if tens > 1 and ones in {1, 4}:
        return ["mốt" if ones == 1 else "tư"]
    return ["lăm" if tens and ones == 5 else DIGITS[ones]]  # noqa: PLR2004 - five after tens

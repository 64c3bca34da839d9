"""Where a Vietnamese text may go on in the next line: between words, but never between a kind word and its name.

Every syllable is written as a word of its own, so a break between two of them is always possible and often wrong:
"cô / Lượng", "xóm / Đông", "quầy / A01", "20.000 / ₫". A text's author can glue two words with a no-break space.
"""

from collections.abc import Callable

GLUE = "\u00a0"
KINDS = frozenset(
    {
        "anh", "bà", "bác", "cậu", "chị", "chú", "cô", "dì", "em", "mợ", "ông", "thím", "thầy",
        "ấp", "bản", "buôn", "chợ", "dãy", "đường", "hẻm", "huyện", "khóm", "khu", "làng", "ngõ", "ngách", "phố",
        "phường", "quận", "quầy", "sạp", "số", "thôn", "tỉnh", "tổ", "xã", "xóm", "lô", "tờ", "ô", "tầng", "đội",
    }
)  # fmt: skip
"""Words that say what the name after them is a name of."""
UNITS = frozenset(
    {"₫", "đ", "đồng", "%", "m", "m²", "mm", "km", "kg", "giờ", "ngày", "tháng", "tờ", "bản", "hộ", "quầy"}
)
JOINERS = frozenset({"·", "–", "-", "&", "+", "/"})
PAUSES = ",;:.!?…–·"
LONE_LETTERS = 6
"""A last line of one word no longer than this looks lost."""


def unbroken(text: str) -> list[str]:
    """The text as pieces that stay whole, each with the blank after it.

    >>> unbroken("Bún riêu cô Lượng · quầy A01")
    ['Bún ', 'riêu ', 'cô Lượng · ', 'quầy A01 ']
    """
    pieces: list[str] = []
    glue = False
    for word in text.split(" "):
        if pieces and (glue or word in JOINERS or _is_unit(pieces[-1], word) or _is_named(pieces[-1], word)):
            pieces[-1] += f"{word} "
        else:
            pieces.append(f"{word} ")
        glue = False
    return [piece.replace(GLUE, " ") for piece in pieces]


def _is_named(before: str, word: str) -> bool:
    kind = before.rsplit(maxsplit=1)[-1].strip("(“\"'").casefold() if before.split() else ""
    return kind in KINDS and (word[:1].isupper() or word[:1].isdigit())


def _is_unit(before: str, word: str) -> bool:
    return before.rstrip()[-1:].isdigit() and word.rstrip(",.;:").casefold() in UNITS


def settled(lines: list[list[str]], width: Callable[[str], float], limit: float) -> list[list[str]]:
    """Lines as they read best: a piece after a pause begins the next line if it fits, none is left alone at the end."""
    for at in range(len(lines) - 1):
        line, following = lines[at], lines[at + 1]
        pauses = len(line) > 2 and line[-2].rstrip()[-1:] in PAUSES  # noqa: PLR2004 -- two pieces must stay
        if pauses and width("".join((line[-1], *following)).rstrip()) <= limit:
            following.insert(0, line.pop())
    if len(lines) > 1 and len(lines[-1]) == 1 and len(lines[-2]) > 2 and _is_lone(lines[-1][0]):  # noqa: PLR2004 -- same
        lines[-1].insert(0, lines[-2].pop())
    return lines


def _is_lone(piece: str) -> bool:
    return len(piece.strip()) <= LONE_LETTERS and " " not in piece.strip()

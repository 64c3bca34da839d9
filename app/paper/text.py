"""Text on paper: normalised, without characters the type lacks, set in its box by shrinking and wrapping, never cut."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from app.paper.breaking import GLUE, settled, unbroken
from app.paper.fonts import Face

SLACK = 0.995
"""Blanks are measured apart from their neighbours; this share of the width is kept free for their kerning."""


VARIANTS = range(0xFE00, 0xFE10)
"""Variation selectors: they choose emoji or text form and have no shape of their own."""
KEPT_WHOLE = 0.8
"""Share of the size that is given up to keep a name with its kind word."""
TINY = 0.5
"""Share of its size below which a text's long words are broken."""
LINE_EM = 1.05
"""Height of one line from the accents on its capitals to its descenders, nearly."""


@dataclass(frozen=True, slots=True)
class Printable:
    """Text that can be printed, and the characters that had to be left out."""

    text: str
    dropped: str = ""

    @property
    def dropped_letters(self) -> str:
        """Letters and digits among what was left out: without them a name is another name."""
        return "".join(sign for sign in self.dropped if unicodedata.category(sign)[0] in "LN")


def printable(text: str, covers: Callable[[str], bool]) -> Printable:
    """The text in NFC on one line; what the type has no shape for is replaced by its plain form or left out."""
    text = unicodedata.normalize("NFC", text)
    if text.isprintable() and text == " ".join(text.split()) and all(map(covers, text)):
        return Printable(text)  # nearly every name: no need to look at it letter by letter
    kept: list[str] = []
    dropped: list[str] = []
    for sign in text:
        kind = unicodedata.category(sign)
        if sign == GLUE:
            kept.append(GLUE)
        elif kind[0] == "Z" or sign in "\t\n\r\v\f":
            kept.append(" ")
        elif kind in {"Cc", "Cf"} or ord(sign) in VARIANTS:
            continue  # joiners, direction marks, emoji variants: no shape of their own
        elif covers(sign):
            kept.append(sign)
        else:
            plain = unicodedata.normalize("NFKC", sign)
            if plain != sign and all(map(covers, plain)):
                kept.append(plain)
            else:
                dropped.append(sign)
    words = [word for word in "".join(kept).split(" ") if word.strip(GLUE)]
    return Printable(" ".join(words), "".join(dict.fromkeys(dropped)))


@dataclass(frozen=True, slots=True)
class Setting:
    """How a text stands in its box: its lines and the size they share."""

    lines: tuple[str, ...]
    size_pt: float


def fit(
    text: str, face: Face, width_pt: float, height_pt: float, size_pt: float, *, lines: int = 1, leading: float = 1.25
) -> Setting:
    """The largest setting of the whole text in the box.

    One line while it keeps four fifths of its size, then balanced lines up to `lines`; what is still too long gets
    more and smaller lines, for a holder's name is never cut. A word is broken only where it would else become tiny.
    """
    if not text:
        return Setting((), size_pt)
    whole, text = text, text.replace(GLUE, " ")
    width = width_pt * SLACK
    size_one = min(size_pt, width / face.width(text), height_pt / face.cap_height)
    one = Setting((text,), size_one)
    if size_one >= 0.8 * size_pt:
        return one

    def wrapped(pieces: list[str], best: Setting) -> Setting:
        return _wrapped(pieces, best, face, (width, height_pt), size_pt, lines=lines, leading=leading)

    best, loose = wrapped(unbroken(whole), one), wrapped([word + " " for word in text.split(" ")], one)
    if best.size_pt < KEPT_WHOLE * loose.size_pt:
        best = loose
    return best if best.size_pt >= TINY * size_pt else wrapped(_breakable(text, face), best)


def _wrapped(
    words: list[str],
    best: Setting,
    face: Face,
    room: tuple[float, float],
    size_pt: float,
    *,
    lines: int,
    leading: float,
) -> Setting:
    """The words on as many balanced lines as give the largest size; `best` where that is larger."""
    width, height_pt = room
    count = 2
    while count <= len(words):
        broken = _balanced(words, face, count)
        widest = max(face.width("".join(line).rstrip()) for line in broken)
        size = min(size_pt, width / widest, height_pt / ((len(broken) - 1) * leading + LINE_EM))
        if size > best.size_pt:
            lines_now = settled(broken, face.width, width / size)
            best = Setting(tuple("".join(line).rstrip() for line in lines_now), size)
        elif count > lines:
            break
        count += 1
    return best


def _breakable(text: str, face: Face) -> list[str]:
    """Words, those beyond any line's length in pieces (they keep their letters, and no blank is added)."""
    longest = max(2.0, face.width(text) / 24)
    words: list[str] = []
    for word in text.split(" "):
        if face.width(word) <= longest:
            words.append(word + " ")
            continue
        piece = ""
        for sign in word:
            if piece and face.width(piece + sign) > longest:
                words.append(piece)
                piece = sign
            else:
                piece += sign
        words.append(piece + " ")
    return words


def _balanced(words: list[str], face: Face, count: int) -> list[list[str]]:
    """The words on at most `count` lines, the longest of them as short as can be."""
    widths = [face.width(word) for word in words]
    low, high = max(widths), sum(widths)
    for _ in range(24):
        middle = (low + high) / 2
        if len(_greedy(words, widths, middle)) <= count:
            high = middle
        else:
            low = middle
    return _greedy(words, widths, high)


def _greedy(words: list[str], widths: list[float], limit: float) -> list[list[str]]:
    lines: list[list[str]] = [[]]
    length = 0.0
    for word, width in zip(words, widths, strict=True):
        if lines[-1] and length + width > limit + 1e-9:
            lines.append([])
            length = 0.0
        lines[-1].append(word)
        length += width
    return lines

"""The type faces on paper: complete TrueType files, embedded, shaped with HarfBuzz, with their coverage known."""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import uharfbuzz
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from app.paper.measures import PaperError

WEIGHTS = {
    "regular": "BeVietnamPro-Regular.ttf",
    "medium": "BeVietnamPro-Medium.ttf",
    "semibold": "BeVietnamPro-SemiBold.ttf",
    "bold": "BeVietnamPro-Bold.ttf",
    "extrabold": "BeVietnamPro-ExtraBold.ttf",
}
"""Role of a text -> file in the folder of fonts that set-up fetched."""


@dataclass(frozen=True, slots=True)
class Face:
    """One weight: its name in the PDF, the characters it has, and its measure."""

    name: str
    characters: frozenset[str]
    cap_height: float
    """Height of a capital in em."""
    font: TTFont = field(repr=False, compare=False)
    shaper: Any = field(repr=False, compare=False)
    em: int

    def width(self, text: str) -> float:
        """Advance of the shaped text in em, kerning included."""
        return sum(_advance(self, word) for word in _words(text))

    def kerning(self, text: str) -> tuple[int, ...]:
        """By how much each character's place for the next is narrowed, in thousandths of an em (negative: widened)."""
        return _kerning(self, text)


@dataclass(frozen=True, slots=True)
class Fonts:
    """All weights by their role, and the characters that every one of them has."""

    faces: dict[str, Face]
    characters: frozenset[str]

    def __getitem__(self, role: str) -> Face:
        """The face for a role such as `bold`; raises PaperError naming the roles there are."""
        if role not in self.faces:
            raise PaperError(f"không có kiểu chữ {role!r}; chỉ có: {', '.join(self.faces)}")
        return self.faces[role]

    def covers(self, character: str) -> bool:
        """Whether every weight has the character."""
        return character in self.characters


@lru_cache(maxsize=4)
def load_fonts(folder: Path) -> Fonts:
    """Register every weight found in the folder; raises PaperError when one is missing."""
    faces = {role: _load(folder / name) for role, name in WEIGHTS.items()}
    return Fonts(faces, frozenset.intersection(*(face.characters for face in faces.values())))


def _load(path: Path) -> Face:
    if not path.is_file():
        raise PaperError(f"thiếu phông chữ {path.name}; hãy chạy lại python3 run.py để tải phông")
    font = TTFont(path.stem, str(path), shapable=True)
    pdfmetrics.registerFont(font)
    face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path)))
    cap = font.face.capHeight / 1000
    return Face(path.stem, frozenset(map(chr, font.face.charToGlyph)), cap, font, uharfbuzz.Font(face), face.upem)


def _words(text: str) -> list[str]:
    """Words with their blanks in between: lines share words, so each is measured once."""
    pieces: list[str] = []
    for index, word in enumerate(text.split(" ")):
        if index:
            pieces.append(" ")
        if word:
            pieces.append(word)
    return pieces


@lru_cache(maxsize=6_000)
def _advance(face: Face, word: str) -> float:
    return sum(_advances(face, word)) / face.em


def _advances(face: Face, text: str) -> list[int]:
    """The advance of each glyph in font units, kerned; in NFC every Vietnamese letter is one glyph."""
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    # Ligatures would join characters that the PDF must keep apart to stay searchable.
    uharfbuzz.shape(face.shaper, buffer, {"kern": True, "liga": False, "clig": False, "ccmp": False})
    return [position.x_advance for position in buffer.glyph_positions]


@lru_cache(maxsize=1_000)
def _kerning(face: Face, text: str) -> tuple[int, ...]:
    advances = _advances(face, text)
    widths, other = face.font.face.charWidths, face.font.face.defaultWidth
    plain = [widths.get(ord(sign), other) for sign in text]
    if len(advances) != len(plain):
        raise PaperError(f"không xếp được chữ {text!r}: phông ghép ký tự theo cách chưa hỗ trợ")
    return tuple(round(wide - step * 1000 / face.em) for wide, step in zip(plain, advances, strict=True))

"""What a design is made of: panels, pictures, texts and codes, in millimetres from the piece's top left."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.paper.measures import Box

FIELD = re.compile(r"\{(\w+)(?:\|(upper))?\}")
ROW_FIELDS = frozenset(
    {
        "point_code", "zone", "row", "stall", "place", "shop_name", "holder_name", "bank", "account_tail", "print_id",
        "note", "link",
    }
)  # fmt: skip
"""Fields that come from the point; all others are the theme's texts."""
SHARED_FIELDS = frozenset({"zone"})
"""Row fields that many pieces have in common: drawn once and reused."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A filled or outlined rectangle."""

    box: Box
    fill: str | None = None
    radius_mm: float = 0.0
    stroke: str | None = None
    stroke_mm: float = 0.4


@dataclass(frozen=True, slots=True)
class Picture:
    """An ornament from printables/art, or the theme's ornament for a role; `colours` renames its colours."""

    art: str
    box: Box
    clip: Box | None
    colours: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Words:
    """A text: the first of `texts` whose fields all have a value is set."""

    texts: tuple[str, ...]
    box: Box
    font: str
    size_pt: float
    least_pt: float
    colour: str
    ground: str
    align: str = "centre"
    lines: int = 1
    leading: float = 1.25

    @property
    def fields(self) -> set[str]:
        """Names of all fields in all its texts."""
        return {name for text in self.texts for name, _ in FIELD.findall(text)}

    @property
    def is_static(self) -> bool:
        """Whether the text is the same on every piece."""
        return not self.fields & ROW_FIELDS

    @property
    def is_shared(self) -> bool:
        """Whether many pieces have this text in common."""
        return self.fields & ROW_FIELDS <= SHARED_FIELDS

    def resolve(self, values: Mapping[str, str]) -> str:
        """The text with its fields filled in; empty when none of the alternatives can be."""
        for text in self.texts:
            names = {name for name, _ in FIELD.findall(text)}
            if all(values.get(name) for name in names):
                return FIELD.sub(lambda match: _filled(match, values), text)
        return ""


def _filled(match: re.Match[str], values: Mapping[str, str]) -> str:
    value = values[match[1]]
    return value.upper() if match[2] else value


@dataclass(frozen=True, slots=True)
class Code:
    """A QR symbol with its quiet zone; the box is white paper and holds both."""

    box: Box
    level: str
    source: str
    """`payload`: the point's own; `link`: a page address."""


Element = Panel | Picture | Words | Code


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the piece that belongs to the provider or the commune, for designs with a content ratio."""

    owner: str
    box: Box

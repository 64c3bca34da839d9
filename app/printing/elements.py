"""What a design is made of: panels, pictures, texts and codes, in millimetres from the piece's top left."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from app.paper.measures import Box
from app.qr.frame import Level

FIELD = re.compile(r"\{(\w+)(?:\|(upper))?\}")
PAYER_FIELDS = frozenset(
    {"payer_code", "payer_name", "group", "purpose", "amount", "amount_words", "due", "memo", "serial"}
)
"""Fields that come from a payer, on a notice of payment."""
ROW_FIELDS = PAYER_FIELDS | frozenset(
    {
        "point_code", "zone", "row", "stall", "place", "shop_name", "holder_name", "bank", "account_tail", "print_id",
        "place_label", "place_programme", "note", "address", "card_title", "card_words",
    }
)  # fmt: skip
"""Fields that come from the point or payer; all others are the theme's texts."""
SHARED_FIELDS = frozenset({"zone", "place_programme"})
"""Row fields that many pieces have in common: drawn once and reused."""
PAYEE_FIELDS = frozenset({"bank", "account_tail"})
"""Fields that only a payee gives."""


@dataclass(frozen=True, slots=True)
class Shift:
    """Where a design's elements stand in another design: scaled, moved, perhaps upside down for a fold."""

    scale: float = 1.0
    x: float = 0.0
    y: float = 0.0
    width: float = 0.0
    height: float = 0.0
    upside_down: bool = False
    """Turned about the middle of the face, which is `width` x `height` after scaling."""
    within: Box | None = None
    """What the face may cover: a neighbour's side of a fold is not its bleed."""

    def box(self, box: Box) -> Box:
        """The box where it stands in the other design."""
        x, y, wide, high = (part * self.scale for part in (box.x, box.y, box.width, box.height))
        if self.upside_down:
            x, y = self.width - x - wide, self.height - y - high
        return Box(x + self.x, y + self.y, wide, high)

    def kept(self, box: Box) -> Box:
        """The box where it stands, as far as the face may cover it."""
        there = self.box(box)
        return there.overlap(self.within) if self.within else there


@dataclass(frozen=True, slots=True)
class Panel:
    """A filled or outlined rectangle; with an `owner` it counts for the content ratio."""

    box: Box
    fill: str | None = None
    radius_mm: float = 0.0
    stroke: str | None = None
    stroke_mm: float = 0.4
    owner: str | None = None
    anchor: str = "left"

    def shifted(self, shift: Shift) -> "Panel":
        """The same panel in another design."""
        radius, stroke = self.radius_mm * shift.scale, self.stroke_mm * shift.scale
        return replace(self, box=shift.kept(self.box), radius_mm=radius, stroke_mm=stroke)


@dataclass(frozen=True, slots=True)
class Picture:
    """An ornament from printables/art, or the theme's ornament for a role; `colours` renames its colours."""

    art: str
    box: Box
    clip: Box | None
    colours: Mapping[str, str]
    anchor: str = "left"
    upside_down: bool = False

    def shifted(self, shift: Shift) -> "Picture":
        """The same picture in another design."""
        clip = self.clip and shift.kept(self.clip)
        return replace(self, box=shift.box(self.box), clip=clip, upside_down=self.upside_down != shift.upside_down)


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
    valign: str = "middle"
    anchor: str = "left"
    upside_down: bool = False
    group: str = ""
    """Static texts of one group are set in one size: the smallest that any of them needs."""

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
        return filled(self.texts, values)

    def shifted(self, shift: Shift) -> "Words":
        """The same text in another design."""
        size, least = self.size_pt * shift.scale, self.least_pt * min(1.0, shift.scale)
        turned = self.upside_down != shift.upside_down
        return replace(self, box=shift.box(self.box), size_pt=size, least_pt=least, upside_down=turned)


def filled(texts: tuple[str, ...], values: Mapping[str, str]) -> str:
    """The first text whose fields all have a value, filled in; else empty."""
    for text in texts:
        names = {name for name, _ in FIELD.findall(text)}
        if all(values.get(name) for name in names):
            return FIELD.sub(lambda match: _value(match, values), text)
    return ""


def _value(match: re.Match[str], values: Mapping[str, str]) -> str:
    value = values[match[1]]
    return value.upper() if match[2] else value


@dataclass(frozen=True, slots=True)
class Emblem:
    """Where a logo stands, on a plate of its own if it needs one; without a logo a text or an ornament stands there."""

    role: str
    box: Box
    ground: str
    plate: str | None = None
    radius_mm: float = 0.0
    instead: Words | Picture | None = None
    anchor: str = "left"

    def shifted(self, shift: Shift) -> "Emblem":
        """The same place in another design."""
        instead = self.instead and self.instead.shifted(shift)
        return replace(self, box=shift.box(self.box), radius_mm=self.radius_mm * shift.scale, instead=instead)


@dataclass(frozen=True, slots=True)
class Code:
    """A QR symbol with its quiet zone; the box is white paper and holds both."""

    box: Box
    level: Level
    source: str
    """`payload`: the point's own; `link`: a page address."""
    addresses: tuple[str, ...] = ()
    """For a link: the first address whose fields all have a value."""
    anchor: str = "left"
    upside_down: bool = False

    def shifted(self, shift: Shift) -> "Code":
        """The same code in another design."""
        return replace(self, box=shift.box(self.box), upside_down=self.upside_down != shift.upside_down)


@dataclass(frozen=True, slots=True)
class Eyelets:
    """Rings along the upper and lower edge of a banner, in its hem."""

    every_mm: float
    inset_mm: float
    radius_mm: float
    colour: str

    def panels(self, width_mm: float, height_mm: float) -> Iterator[Panel]:
        """The rings of a banner of this size: one in each corner, the rest evenly between."""
        inner = width_mm - 2 * self.inset_mm
        gaps = max(1, round(inner / self.every_mm))
        for at in range(gaps + 1):
            x = self.inset_mm + inner * at / gaps - self.radius_mm
            for middle in (self.inset_mm, height_mm - self.inset_mm):
                box = Box(x, middle - self.radius_mm, 2 * self.radius_mm, 2 * self.radius_mm)
                yield Panel(box, None, self.radius_mm, self.colour, self.radius_mm / 4)


Element = Panel | Picture | Words | Emblem | Code
"""All have a box, an anchor that says how they follow a wider banner, and `shifted`."""


def widened(element: Element, by_mm: float) -> Element:
    """The element in a banner that is wider by so much: it stays, moves, stays in the middle or stretches."""
    box = element.box
    move = {"left": 0.0, "centre": by_mm / 2, "right": by_mm, "stretch": 0.0}[element.anchor]
    wide = box.width + (by_mm if element.anchor == "stretch" else 0)
    there = Box(box.x + move, box.y, wide, box.height)
    if isinstance(element, Picture) and element.clip:
        clip = element.clip
        return replace(element, box=there, clip=Box(clip.x + move, clip.y, clip.width, clip.height))
    if isinstance(element, Emblem) and element.instead:
        return replace(element, box=there, instead=replace(element.instead, box=there))
    return replace(element, box=there)

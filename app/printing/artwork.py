"""A design in a theme, ready to draw: what is the same on every piece is compiled once, the rest is set per piece."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL.Image import Image

from app.paper.art import Art
from app.paper.canvas import Line, Part, standing, symbol_path
from app.paper.colours import BLACK, Cmyk, contrast, luminance
from app.paper.fonts import Fonts
from app.paper.imposition import Cell
from app.paper.legibility import Writing
from app.paper.measures import Box, number, points
from app.paper.ornaments import read_art
from app.paper.outlines import rounded, written
from app.paper.text import Setting, fit, printable
from app.printing.designs import Design, DesignError
from app.printing.elements import Code, Element, Emblem, Panel, Picture, Words
from app.printing.themes import OwnLogo, Theme
from app.qr.symbol import Symbol

QUIET = 4
"""Modules of white paper around a symbol (ISO/IEC 18004, 9.1)."""
CLIP_INSET_MM = 0.25
ONE_PLATE_PT = 12.0
"""Below it four plates a tenth of a millimetre apart fill the letters in."""
LARGE_PT, CONTRAST, CONTRAST_LARGE = 14.0, 4.5, 3.0
"""WCAG 2.2, 1.4.3: bold from 14 points counts as large."""


@dataclass(frozen=True, slots=True)
class Backdrop:
    """A run of elements that are the same on every piece."""

    key: str
    operators: str
    lines: tuple[Line, ...]
    pictures: tuple[tuple[Image, Box], ...] = ()


@dataclass(frozen=True, slots=True)
class Stamp:
    """A logo in its place: drawn, or as a picture."""

    box: Box
    operators: str
    picture: Image | None


@dataclass(frozen=True, slots=True)
class Drawn:
    """What drawing one piece found: texts that had to become small, its symbols' boxes and modules, its own lines."""

    small: tuple[str, ...]
    codes: tuple[tuple[Box, int], ...]
    lines: tuple[str, ...]
    writing: tuple[Writing, ...] = ()
    """Its own lines where they stand on the sheet."""
    logos: tuple[Box, ...] = ()
    """Where somebody else's drawings stand on the sheet."""


class Artwork:
    """A design compiled with a theme."""

    def __init__(self, design: Design, theme: Theme, fonts: Fonts, art_folder: Path, scale: float = 1.0) -> None:
        self.design, self.theme, self._fonts = design, theme, fonts
        self._scale = scale
        self._art: dict[str, Art] = {}
        self._folder = art_folder
        self._settings: dict[tuple[int, str], Line] = {}
        self._logos: list[Box] = []
        self._sizes = self._shared_sizes()
        self.layers = self._compile()
        bleed = Box(0, 0, design.width_mm, design.height_mm).grown(design.bleed_mm + 1)
        self._reach = bleed

    def _compile(self) -> tuple[Backdrop | Words | Code, ...]:
        layers: list[Backdrop | Words | Code] = []
        run: list[Element | Stamp] = []
        design = self.design
        rings = design.eyelets.panels(design.width_mm, design.height_mm) if design.eyelets else ()
        for element in self._standing((*design.elements, *rings)):
            if isinstance(element, Words):
                self._check(element)
            if isinstance(element, Code) or (isinstance(element, Words) and not element.is_static):
                if run:
                    layers.append(self._backdrop(f"backdrop {len(layers)}", run))
                    run = []
                layers.append(element)
            else:
                run.append(element)
        if run:
            layers.append(self._backdrop(f"backdrop {len(layers)}", run))
        return tuple(layers)

    def _shared_sizes(self) -> dict[str, float]:
        """The size of each group of texts: what the longest of them leaves."""
        found: dict[str, float] = {}
        grouped = [words for words in self.design.elements if isinstance(words, Words) and words.group]
        while True:  # a smaller size may put two lines on one, which then asks for a smaller size still
            before = dict(found)
            for words in grouped:
                most = found.get(words.group, words.size_pt)
                found[words.group] = self._set(words, words.resolve(self.theme.texts), most).size_pt
            if found == before:
                return found

    def _set(self, words: Words, text: str, size_pt: float) -> Setting:
        box = words.box
        return fit(
            printable(text, self._fonts.covers).text,
            self._fonts[words.font],
            points(box.width),
            points(box.height),
            size_pt,
            lines=words.lines,
            leading=words.leading,
        )

    def _check(self, words: Words) -> None:
        """Refuse a text nobody could read, or one with a field nobody fills."""
        ratio = contrast(self.theme.colour(words.colour), self.theme.colour(words.ground))
        least = CONTRAST_LARGE if words.size_pt >= LARGE_PT else CONTRAST
        if ratio < least:
            raise DesignError(
                f"Mẫu {self.design.id}, chủ đề {self.theme.id}: chữ màu {words.colour} trên nền {words.ground} khó đọc "
                f"(tương phản {ratio:.1f}, cần {least:g}).",
                remedy="Hãy chọn màu đậm hơn hoặc nhạt hơn trong chủ đề.",
            )

    def _standing(self, elements: Sequence[Element]) -> Iterator[Element | Stamp]:
        """The elements with logos where the theme has them."""
        for element in elements:
            if isinstance(element, Emblem):
                yield from self._emblem(element)
            else:
                yield element

    def _emblem(self, slot: Emblem) -> Iterator[Element | Stamp]:
        """The theme's logo with its clear space; where there is none, or it would be too small, what stands instead."""
        mark = self.theme.logos.get(slot.role)
        box = _within(slot.box, mark) if mark else None
        if mark is None or box is None:
            if slot.instead:
                yield slot.instead
            return
        ratio = mark.logo.seen_on(self.theme.colour(slot.ground))
        if ratio < CONTRAST_LARGE:
            raise DesignError(
                f"Mẫu {self.design.id}: biểu trưng {slot.role} khó thấy trên nền {slot.ground} "
                f"(tương phản {ratio:.1f}, cần {CONTRAST_LARGE:g}).",
                remedy="Xin đơn vị cấp bản biểu trưng dùng cho nền ấy.",
            )
        if slot.plate:
            yield Panel(slot.box, slot.plate, slot.radius_mm)
        self._logos.append(box)
        yield Stamp(box, mark.logo.operators(box), mark.logo.picture)

    def _backdrop(self, key: str, run: Sequence[Element | Stamp]) -> Backdrop:
        operators: list[str] = []
        lines: list[Line] = []
        stamps: list[Stamp] = []
        for element in run:
            if isinstance(element, Panel):
                operators.append(self._panel(element))
            elif isinstance(element, Picture):
                operators.append(self._picture(element))
            elif isinstance(element, Stamp):
                stamps.append(element)
                operators.append(element.operators)
            elif isinstance(element, Words):
                line = self._line(element, element.resolve(self.theme.texts))
                if line:
                    lines.append(line)
        pictures = tuple((stamp.picture, stamp.box) for stamp in stamps if stamp.picture is not None)
        return Backdrop(key, "\n".join(filter(None, operators)), tuple(lines), pictures)

    def _panel(self, panel: Panel) -> str:
        box = panel.box
        path = written(rounded(box.x, box.y, box.width, box.height, panel.radius_mm))
        fill = f"{self.theme.colour(panel.fill).operands} k " if panel.fill else ""
        stroke = f"{self.theme.colour(panel.stroke).operands} K {number(panel.stroke_mm)} w " if panel.stroke else ""
        drawn = f"{fill}{stroke}{path} {'B' if fill and stroke else 'f' if fill else 'S'}"
        return f"/{panel.owner} BMC {drawn} EMC" if panel.owner else drawn

    def _picture(self, picture: Picture) -> str:
        name = self.theme.art.get(picture.art, picture.art)
        if name not in self._art:
            path = self._folder / f"{name}.svg"
            if not path.is_file():
                raise DesignError(f"Mẫu {self.design.id}: không có hình vẽ {name!r} trong printables/art.")
            self._art[name] = read_art(path)
        art, box, clip = self._art[name], picture.box, picture.clip
        scale = (box.width / art.width, box.height / art.height)
        seen = clip and Box(
            (clip.x - box.x) / scale[0], (clip.y - box.y) / scale[1], clip.width / scale[0], clip.height / scale[1]
        )
        if seen and picture.upside_down:
            seen = Box(art.width - seen.right, art.height - seen.bottom, seen.width, seen.height)
        inner = art.operators(lambda role: self.theme.colour(picture.colours.get(role, role)), seen)
        # A renderer rounds a clip outwards to whole pixels: a little less keeps a dark ornament off light paper.
        clip = clip and clip.grown(-CLIP_INSET_MM)
        window = f"{number(clip.x)} {number(clip.y)} {number(clip.width)} {number(clip.height)} re W n " if clip else ""
        sign, x, y = (-1, box.right, box.bottom) if picture.upside_down else (1, box.x, box.y)
        matrix = f"{sign * scale[0]:.6f} 0 0 {sign * scale[1]:.6f} {number(x)} {number(y)} cm"
        return f"q {window}{matrix}\n{inner}\nQ"

    def _line(self, words: Words, text: str) -> Line | None:
        """The text set in its box; settings are kept, as many pieces share them."""
        key = (id(words), text)
        if key not in self._settings:
            face = self._fonts[words.font]
            setting = self._set(words, text, min(words.size_pt, self._sizes.get(words.group, words.size_pt)))
            colour = self._ink(words, setting.size_pt)
            if len(self._settings) > 1000:  # noqa: PLR2004 -- a long lot must not grow
                self._settings.clear()
            self._settings[key] = Line(
                words.box, face, setting, colour, words.align, words.leading, words.valign == "top", words.upside_down
            )
        line = self._settings[key]
        return line if line.setting.lines else None

    def _ink(self, words: Words, size_pt: float) -> Cmyk:
        """A text's ink; small dark type on light paper is black ink alone, which cannot be printed out of register."""
        colour, ground = self.theme.colour(words.colour), self.theme.colour(words.ground)
        is_dark_on_light = luminance(colour) < luminance(ground)
        return BLACK if is_dark_on_light and size_pt * self._scale < ONE_PLATE_PT else colour

    def size_of(self, words: Words, text: str) -> float:
        """At how many points a text of this design is set, before the piece is scaled to its sheet."""
        line = self._line(words, text)
        return line.setting.size_pt if line else words.size_pt

    def draw(self, part: Part, cell: Cell, values: Mapping[str, str], symbols: Sequence[Symbol]) -> Drawn:
        """Draw one piece into a cell; `symbols` in the order of the design's codes."""
        design = self.design
        small: list[str] = []
        codes: list[tuple[Box, int]] = []
        lines: list[str] = []
        writing: list[Writing] = []
        waiting = iter(symbols)
        part_scale = max(
            (cell.trim.height if cell.turned else cell.trim.width) / design.width_mm,
            (cell.trim.width if cell.turned else cell.trim.height) / design.height_mm,
        )
        part.enter(cell, part_scale, (design.width_mm, design.height_mm))
        for layer in self.layers:
            if isinstance(layer, Backdrop):
                part.form(layer.key, layer.operators, layer.lines, self._reach, design.height_mm, layer.pictures)
                part.reuse(layer.key)
            elif isinstance(layer, Words):
                line = self._write(part, layer, values)
                if line and line.setting.size_pt < layer.least_pt:
                    small.append(" ".join(line.setting.lines))
                if line:
                    lines.extend(line.setting.lines)
                    writing.extend(
                        Writing(text, on_sheet(box, cell, part_scale, design)) for text, box in standing(line)
                    )
            else:
                symbol = next(waiting)
                box = inner_box(layer.box, symbol.size)
                part.symbol(symbol_path(symbol.runs()), symbol.size, box, design.height_mm, turned=layer.upside_down)
                codes.append((on_sheet(box, cell, part_scale, design), symbol.size))
        part.leave()
        logos = tuple(on_sheet(box, cell, part_scale, design) for box in self._logos)
        return Drawn(tuple(small), tuple(codes), tuple(lines), tuple(writing), logos)

    def _write(self, part: Part, words: Words, values: Mapping[str, str]) -> Line | None:
        text = words.resolve(values)
        line = self._line(words, text)
        if line is None:
            return None
        if words.is_shared:
            key = f"shared {id(words)} {text}"
            part.form(key, "", (line,), self._reach, self.design.height_mm)
            part.reuse(key)
        else:
            part.text(line, self.design.height_mm)
        return line


def logo_box(slot: Box, mark: OwnLogo) -> Box:
    """Where a logo stands in its slot with its clear space around it."""
    logo = mark.logo
    clear = 2 * mark.clear * logo.height
    scale = min(slot.width / (logo.width + clear), slot.height / (logo.height + clear))
    wide, high = logo.width * scale, logo.height * scale
    return Box(slot.x + (slot.width - wide) / 2, slot.y + (slot.height - high) / 2, wide, high)


def _within(slot: Box, mark: OwnLogo) -> Box | None:
    """The same; None where it would be smaller than its owner allows, or larger than its pixels do."""
    box = logo_box(slot, mark)
    return None if box.width < mark.least_mm or box.width > mark.logo.width_at_most_mm() else box


def inner_box(box: Box, modules: int) -> Box:
    """The symbol's own box inside its white box: the quiet zone taken off."""
    quiet = box.width * QUIET / (modules + 2 * QUIET)
    return box.grown(-quiet)


def on_sheet(box: Box, cell: Cell, scale: float, design: Design) -> Box:
    """Where a box of the piece lies on the sheet, seen from the sheet's top left."""
    trim = cell.trim
    wide, high = (trim.height, trim.width) if cell.turned else (trim.width, trim.height)
    x = (wide - design.width_mm * scale) / 2 + box.x * scale
    y = (high - design.height_mm * scale) / 2 + box.y * scale
    width, height = box.width * scale, box.height * scale
    if cell.turned:  # a quarter turn anticlockwise: the piece's right edge is up
        return Box(trim.x + y, trim.bottom - x - width, height, width)
    return Box(trim.x + x, trim.y + y, width, height)

"""What a print shop would stumble over in a finished PDF, read by a library that did not draw it.

qpdf (pikepdf) reads boxes, colours, fonts and what the file says of itself; HarfBuzz looks for the shapes of letters.
The rules are those of PDF/X-1a (ISO 15930-4) that small presses meet, and two of our own: a symbol is black ink alone,
and no spot takes more ink than dries.
"""

import re
import struct
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf
import uharfbuzz
from pikepdf import Name
from PIL import Image

from app.paper.colours import INK_LIMIT


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something a print shop would stumble over; sheet 0 is the whole file."""

    sheet: int
    reason: str


def inspect(pdf: Path, *, before: int = 0, finished: bool = True) -> list[Flaw]:
    """Boxes, fonts, colours and ink of every page; an empty list when all is well.

    `before` sheets stand before this file in the lot; a part that is not yet `finished` has no output intent.
    """
    flaws: list[Flaw] = []
    seen: set[tuple[int, int]] = set()
    with pikepdf.open(pdf) as book:
        if finished:
            flaws.extend(Flaw(0, reason) for reason in _file(book))
        for sheet, page in enumerate(_leaves(book.Root.Pages), start=before + 1):
            reasons = (
                *_boxes(page),
                *_plain(page),
                *_colours(page.Contents),
                *_resources(page.get(Name.Resources), seen),
            )
            flaws.extend(Flaw(sheet, reason) for reason in dict.fromkeys(reasons))
    return flaws


def _file(book: pikepdf.Pdf) -> Iterator[str]:
    """What the file says of itself (ISO 15930-4, 6.2 to 6.5): version, condition, title, language, nothing hidden."""
    intents = book.Root.get(Name.OutputIntents)
    if not intents or intents[0].get(Name.S) != Name.GTS_PDFX:
        yield "tệp thiếu điều kiện in (OutputIntent)"
    elif not str(intents[0].get(Name.OutputConditionIdentifier, "")):
        yield "điều kiện in (OutputIntent) không có tên"
    info = book.trailer.get(Name.Info, pikepdf.Dictionary())
    if not str(info.get(Name.GTS_PDFXVersion, "")).startswith("PDF/X-1a"):
        yield "tệp không ghi chuẩn PDF/X-1a"
    if info.get(Name.Trapped) not in {Name("/True"), Name("/False")}:
        yield "tệp không ghi đã bẫy màu hay chưa (Trapped)"
    if not str(info.get(Name.Title, "")).strip():
        yield "tệp không có tiêu đề"
    if not str(book.Root.get(Name.Lang, "")).startswith("vi"):
        yield "tệp không ghi tiếng Việt (Lang)"
    if book.is_encrypted:
        yield "tệp bị khoá mật khẩu"
    if book.pdf_version > VERSION_MAX:
        yield f"tệp PDF {book.pdf_version}, PDF/X-1a:2003 là {VERSION_MAX}"
    if any(key in book.Root for key in (Name.OpenAction, Name.AA, Name.AcroForm, Name.Names)):
        yield "tệp có lệnh chạy, biểu mẫu hay tệp đính kèm"


def _plain(page: pikepdf.Object) -> Iterator[str]:
    """Nothing lies over the page, and nothing shines through."""
    if Name.Annots in page and len(page.Annots):
        yield "trang có ghi chú hay đường dẫn đè lên"
    if Name.Group in page:
        yield "trang có nhóm trong suốt"


def _leaves(node: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """The pages under a node of the page tree, in their order."""
    if Name.Kids in node:
        for kid in node.Kids:
            yield from _leaves(kid)
    else:
        yield node


def _boxes(page: pikepdf.Object) -> Iterator[str]:
    if any(key not in page for key in (Name.MediaBox, Name.BleedBox, Name.TrimBox)):
        yield "trang thiếu khung giấy (MediaBox), tràn lề (BleedBox) hoặc cắt (TrimBox)"
        return
    media, bleed, trim = ([float(edge) for edge in page[key]] for key in (Name.MediaBox, Name.BleedBox, Name.TrimBox))
    slack = 0.01
    for outer, inner in ((media, bleed), (bleed, trim)):
        if any(outer[i] > inner[i] + slack for i in (0, 1)) or any(outer[i] < inner[i] - slack for i in (2, 3)):
            yield "các khung trang không lồng nhau (khổ giấy, tràn lề, cắt)"


VERSION_MAX = "1.4"
BITS, PICTURE_PX = 8, 200
TRIMMED = 6
_MEANING = re.compile(rb"<([0-9A-Fa-f]{2})> <([0-9A-Fa-f]{4})>")
_STRINGS = re.compile(rb"\((?:[^()\\]|\\.)*\)", re.DOTALL)
_FOREIGN = frozenset(b"rg RG g G cs CS sc SC scn SCN sh gs BI".split())
"""Operators for other colours than CMYK, shadings, transparency and inline images."""
_INKS = 4
_SYMBOL = re.compile(rb"([\d.]+ [\d.]+ [\d.]+ [\d.]+) k (?:\d+ \d+ \d+ 1 re ){40,}f")
"""A symbol as it is drawn: an ink, then its dark runs, one module high."""


def _colours(contents: pikepdf.Object) -> Iterator[str]:
    """Colour operators other than CMYK's, and inks beyond the limit, in one content stream or several."""
    streams = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
    code = b"\n".join(stream.read_bytes() for stream in streams)
    words = (_STRINGS.sub(b" ", code) if b"(" in code else code).split()
    foreign = _FOREIGN.intersection(words)
    if foreign:
        yield f"có màu ngoài CMYK hoặc hiệu ứng trong suốt (lệnh {b' '.join(sorted(foreign)).decode()})"
    for inks in _SYMBOL.findall(code):
        if inks.split() != [b"0", b"0", b"0", b"1"]:
            yield "mã QR không in bằng riêng mực đen (K 100 %)"
    mixed = {tuple(words[at - _INKS : at]) for at, word in enumerate(words) if word in {b"k", b"K"}}
    for inks in mixed:
        total = sum(map(float, inks)) * 100
        if total > INK_LIMIT:
            yield f"lượng mực {total:.0f} % vượt {INK_LIMIT} %"


def _resources(resources: pikepdf.Object | None, seen: set[tuple[int, int]]) -> Iterator[str]:
    """Fonts and forms a page uses, each looked at once."""
    if resources is None:
        return
    for font in _values(resources, Name.Font, seen):
        yield from _font(font)
    for thing in _values(resources, Name.XObject, seen):
        if thing.get(Name.Subtype) == Name.Form:
            if Name.Group in thing:
                yield "có nhóm trong suốt"
            yield from _colours(thing)
            yield from _resources(thing.get(Name.Resources), seen)
        elif thing.get(Name.ColorSpace) != Name.DeviceCMYK or Name.SMask in thing:
            yield "có ảnh không phải CMYK hoặc có nền trong suốt"
        else:
            yield from _picture(thing)


def _values(resources: pikepdf.Object, kind: Name, seen: set[tuple[int, int]]) -> Iterator[pikepdf.Object]:
    for value in dict(resources.get(kind, {})).values():
        if value.objgen == (0, 0) or value.objgen not in seen:
            seen.add(value.objgen)
            yield value


def _font(font: pikepdf.Object) -> Iterator[str]:
    inner = font.DescendantFonts[0] if Name.DescendantFonts in font else font
    descriptor: Any = inner.get(Name.FontDescriptor, {})
    if not any(key in descriptor for key in (Name.FontFile, Name.FontFile2, Name.FontFile3)):
        yield f"phông chữ {font.get(Name.BaseFont)} chưa được nhúng"
    elif Name.FontFile2 in descriptor and Name.ToUnicode in font:
        blank = "".join(_blank(descriptor.FontFile2.read_bytes(), font.ToUnicode.read_bytes()))
        if blank:
            yield f"phông chữ {font.get(Name.BaseFont)} thiếu hình của {blank}"


def _blank(program: bytes, meanings: bytes) -> Iterator[str]:
    """Characters a font says it shows and has no shape for."""
    face = uharfbuzz.Face(program)
    shapes, glyphs = uharfbuzz.Font(face), _glyphs(face.reference_table("cmap").data)
    for code, meaning in _MEANING.findall(meanings):
        sign = bytes.fromhex(meaning.decode()).decode("utf-16-be", "replace")
        if unicodedata.category(sign)[0] in "CZ":  # controls and blanks have no shape
            continue
        glyph = glyphs.get(int(code, 16), 0)
        extents = shapes.get_glyph_extents(glyph) if glyph else None
        if extents is None or not (extents.width and extents.height):
            yield sign


def _glyphs(table: bytes) -> dict[int, int]:
    """Code -> glyph of an embedded subset (OpenType, cmap, formats 0 and 6: what simple fonts of a PDF carry)."""
    start = int.from_bytes(table[8:12], "big")
    kind, length = struct.unpack_from(">HH", table, start)
    if kind == 0:
        return dict(enumerate(table[start + 6 : start + length]))
    if kind != TRIMMED:
        return {}
    first, count = struct.unpack_from(">HH", table, start + 6)
    return dict(enumerate(struct.unpack_from(f">{count}H", table, start + 10), start=first))


def _picture(image: pikepdf.Object) -> Iterator[str]:
    """Whether a picture's pixels stay within the ink that dries."""
    size = (int(image.Width), int(image.Height))
    data = image.read_bytes() if int(image.get(Name.BitsPerComponent, 0)) == BITS else b""
    if len(data) != _INKS * size[0] * size[1]:
        yield "có ảnh nén theo cách chưa kiểm được"
        return
    small = Image.frombytes("CMYK", size, data)
    small.thumbnail((PICTURE_PX, PICTURE_PX), Image.Resampling.NEAREST)
    pixels = small.tobytes()
    heaviest = max(sum(pixels[at : at + _INKS]) for at in range(0, len(pixels), _INKS)) / 2.55
    if heaviest > INK_LIMIT + 1:
        yield f"ảnh có lượng mực {heaviest:.0f} % vượt {INK_LIMIT} %"

"""The finished file: parts put together and prepared to PDF/X-1a (ISO 15930-4) for a small offset shop.

Prepared, not certified: no free validator of PDF/X exists, so the gate checks the rules that matter one by one.
The file is written object by object as each part is read, so that a lot of 20,000 takes no more memory than one part.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import pikepdf
from pikepdf import Name

from app.paper.measures import PaperError, points

CONDITION = "FOGRA39"
REGISTRY = "http://www.color.org"
PRODUCER = "Cho So"
PAGE_KEYS = (Name.MediaBox, Name.BleedBox, Name.TrimBox, Name.Resources, Name.Contents)
"""What a page needs; ReportLab also writes a Trans and a CropBox, which PDF/X does not want."""
FONT_NAMES = ("/BaseFont", "/FontName")
HEADER = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"


@dataclass(frozen=True, slots=True)
class Imprint:
    """What the file says about itself."""

    title: str
    made_at: datetime
    condition: str = CONDITION
    """The registered printing condition, as the print shop names it."""


@dataclass(slots=True)
class _Book:
    """A PDF file being written: where each object begins, and the next free number."""

    stream: BinaryIO
    offsets: list[int] = field(default_factory=list)
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def reserve(self) -> int:
        """The number of an object to be written later."""
        self.offsets.append(0)
        return len(self.offsets)

    def write(self, number: int, body: bytes) -> None:
        """One object; `body` is its value as PDF writes it."""
        self.offsets[number - 1] = self.stream.tell()
        self.digest.update(body)
        self.stream.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))

    def add(self, body: bytes) -> int:
        """One object under the next free number."""
        number = self.reserve()
        self.write(number, body)
        return number

    def close(self, root: int, info: int) -> None:
        """The table of offsets and the trailer (PDF 1.4, 3.4.3 and 3.4.4)."""
        start = self.stream.tell()
        rows = [b"0000000000 65535 f \n", *(b"%010d 00000 n \n" % offset for offset in self.offsets)]
        size, mark = len(rows), self.digest.hexdigest()[:32].encode()
        self.stream.write(b"xref\n0 %d\n%s" % (size, b"".join(rows)))
        trailer = b"<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%s><%s>]>>" % (size, root, info, mark, mark)
        self.stream.write(b"trailer\n%s\nstartxref\n%d\n%%%%EOF\n" % (trailer, start))


def assemble(parts: Sequence[Path], out: Path, imprint: Imprint) -> None:
    """Write one file of all parts' pages in their order, with output intent, title and language."""
    with out.open("wb") as stream:
        stream.write(HEADER)
        book = _Book(stream)
        tree = book.reserve()
        nodes = [_append(book, part, tree) for part in parts]
        kids = b" ".join(b"%d 0 R" % node for node, _ in nodes)
        book.write(tree, b"<</Type/Pages/Count %d/Kids[%s]>>" % (sum(count for _, count in nodes), kids))
        book.close(book.add(_catalogue(book, tree, imprint)), book.add(_info(imprint)))


def shifted(pdf: Path, out: Path, right_mm: float, down_mm: float) -> None:
    """The same pages moved on their paper; raises PaperError where a piece would leave it.

    Only the frame of the paper moves: what the gate read on the page stays byte for byte.
    """
    right, down = points(right_mm), points(down_mm)
    with pikepdf.open(pdf) as book:
        for page in book.pages:
            left, lower, far, upper = map(float, page.mediabox)
            media = (left - right, lower + down, far - right, upper + down)
            bleed = [float(edge) for edge in page.bleedbox]
            if media[0] > bleed[0] or media[1] > bleed[1] or media[2] < bleed[2] or media[3] < bleed[3]:
                raise PaperError("dời như vậy thì ấn phẩm ra ngoài tờ giấy; hãy đo lại máy in")
            page.mediabox = pikepdf.Array([round(edge, 3) for edge in media])
        book.save(out)


def _append(book: _Book, part: Path, tree: int) -> tuple[int, int]:
    """Copy a part's pages and all they use; returns the number of its page tree node and its count of pages."""
    with pikepdf.open(part) as source:
        node = book.reserve()
        copier = _Copier(book)
        pages = [copier.page(page.obj, node) for page in source.pages]
        copier.finish()
    kids = b" ".join(b"%d 0 R" % page for page in pages)
    book.write(node, b"<</Type/Pages/Parent %d 0 R/Count %d/Kids[%s]>>" % (tree, len(pages), kids))
    return node, len(pages)


@dataclass(slots=True)
class _Copier:
    """Copies objects of one part, giving each a number of the book."""

    book: _Book
    numbers: dict[int, int] = field(default_factory=dict)
    waiting: list[tuple[int, pikepdf.Object]] = field(default_factory=list)

    def page(self, page: pikepdf.Object, parent: int) -> int:
        """Write a page with only what it needs."""
        entries = b"".join(b"%s %s" % (str(key).encode(), self.value(page[key])) for key in PAGE_KEYS)
        return self.book.add(b"<</Type/Page/Parent %d 0 R%s>>" % (parent, entries))

    def finish(self) -> None:
        """Write everything the pages refer to."""
        while self.waiting:
            number, thing = self.waiting.pop()
            self.book.write(number, self.content(thing))

    def value(self, thing: pikepdf.Object | float | bool | None) -> bytes:
        """A value as it stands inside another: indirect objects by their new number."""
        if not isinstance(thing, pikepdf.Object) or not thing.is_indirect:
            return self.content(thing)
        old = thing.objgen[0]
        if old not in self.numbers:
            self.numbers[old] = self.book.reserve()
            self.waiting.append((self.numbers[old], thing))
        return b"%d 0 R" % self.numbers[old]

    def content(self, thing: pikepdf.Object | float | bool | None) -> bytes:
        """An object's own value in PDF syntax."""
        if isinstance(thing, pikepdf.Stream):
            data = thing.read_raw_bytes()
            entries = self.entries(thing, without=Name.Length)
            return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(data), data)
        if isinstance(thing, pikepdf.Dictionary):
            return b"<<%s>>" % self.entries(thing)
        if isinstance(thing, pikepdf.Array):
            return b"[%s]" % b" ".join(map(self.value, thing))
        if isinstance(thing, pikepdf.Object):
            return thing.unparse()
        return str(thing).lower().encode() if thing is not None else b"null"

    def entries(self, thing: pikepdf.Object, without: Name | None = None) -> bytes:
        """A dictionary's keys and values."""
        pairs = ((key, thing[key]) for key in thing.keys() if key != without)  # noqa: SIM118 -- not a dict
        name = _subset_name(thing)
        said = ((key, name if name and key in FONT_NAMES else self.value(value)) for key, value in pairs)
        return b"".join(b"%s %s" % (Name(key).unparse(), value) for key, value in said)


def _subset_name(thing: pikepdf.Object) -> bytes:
    """The name of an embedded subset of a font with a tag of its own (PDF 1.4, 5.5.3); empty for anything else.

    ReportLab calls every part's first subset AAAAAA: a press that keeps fonts by their name would mix up the letters.
    """
    kind = thing.get(Name.Type)
    descriptor = thing if kind == Name.FontDescriptor else thing.get(Name.FontDescriptor) if kind == Name.Font else None
    file = descriptor.get(Name.FontFile2) if isinstance(descriptor, pikepdf.Dictionary) else None
    if descriptor is None or file is None or "+" not in str(descriptor.FontName):
        return b""
    number = int.from_bytes(hashlib.sha256(file.read_raw_bytes()).digest()[:8])
    tag = ""
    for _ in range(6):
        number, letter = divmod(number, 26)
        tag += chr(ord("A") + letter)
    return Name(f"/{tag}+{str(descriptor.FontName).partition('+')[2]}").unparse()


def _text(value: str) -> bytes:
    """A text string, Vietnamese included (PDF 1.4, 3.8.1)."""
    return b"<FEFF%s>" % value.encode("utf-16-be").hex().upper().encode()


def _info(imprint: Imprint) -> bytes:
    stamp = imprint.made_at.astimezone(UTC).strftime("(D:%Y%m%d%H%M%S+00'00')").encode()
    producer = b"(%s)" % PRODUCER.encode()
    entries = {
        b"Title": _text(imprint.title),
        b"Creator": producer,
        b"Producer": producer,
        b"CreationDate": stamp,
        b"ModDate": stamp,
        b"Trapped": b"/False",
        b"GTS_PDFXVersion": b"(PDF/X-1a:2003)",
    }
    return b"<<%s>>" % b"".join(b"/%s %s" % entry for entry in entries.items())


def _catalogue(book: _Book, tree: int, imprint: Imprint) -> bytes:
    condition = b"(%s)" % imprint.condition.encode("ascii", "replace").replace(b"(", b"").replace(b")", b"")
    names = (b"OutputConditionIdentifier", b"OutputCondition", b"Info")
    said = b"".join(b"/%s %s" % (name, condition) for name in names)
    intent = book.add(b"<</Type/OutputIntent/S/GTS_PDFX%s/RegistryName (%s)>>" % (said, REGISTRY.encode()))
    shown = b"/Lang(vi-VN)/ViewerPreferences<</DisplayDocTitle true>>"
    return b"<</Type/Catalog/Pages %d 0 R/OutputIntents[%d 0 R]%s>>" % (tree, intent, shown)

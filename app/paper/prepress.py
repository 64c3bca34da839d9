"""The finished file: parts put together and prepared to PDF/X-1a (ISO 15930-4) for a small offset shop.

Prepared, not certified: no free validator of PDF/X exists, so the gate checks the rules that matter one by one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, String

CONDITION = "FOGRA39"
REGISTRY = "http://www.color.org"
PRODUCER = "Cho So"


@dataclass(frozen=True, slots=True)
class Imprint:
    """What the file says about itself."""

    title: str
    made_at: datetime
    condition: str = CONDITION
    """The registered printing condition, as the print shop names it."""


def assemble(parts: Sequence[Path], out: Path, imprint: Imprint) -> None:
    """Write one file of all parts' pages in their order, with output intent, title and language."""
    pikepdf.settings.set_flate_compression_level(9)
    with pikepdf.new() as book:
        for part in parts:
            with pikepdf.open(part) as pages:
                book.pages.extend(pages.pages)
        for page in book.pages:
            for box in (Name.ArtBox, Name.CropBox, Name.Trans, Name.Rotate):
                if box in page.obj:
                    del page.obj[box]
        _declare(book, imprint)
        book.save(
            out,
            force_version="1.4",
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            recompress_flate=True,
            deterministic_id=True,
        )


def _declare(book: pikepdf.Pdf, imprint: Imprint) -> None:
    stamp = imprint.made_at.astimezone(UTC).strftime("D:%Y%m%d%H%M%S+00'00'")
    info = book.docinfo
    info[Name.Title] = String(imprint.title)
    info[Name.Creator] = info[Name.Producer] = String(PRODUCER)
    info[Name.CreationDate] = info[Name.ModDate] = String(stamp)
    info[Name.Trapped] = Name("/False")
    info[Name.GTS_PDFXVersion] = String("PDF/X-1a:2003")
    book.Root[Name.Lang] = String("vi-VN")
    book.Root[Name.ViewerPreferences] = Dictionary(DisplayDocTitle=True)
    book.Root[Name.OutputIntents] = Array(
        [
            Dictionary(
                Type=Name.OutputIntent,
                S=Name.GTS_PDFX,
                OutputConditionIdentifier=String(imprint.condition),
                OutputCondition=String(imprint.condition),
                RegistryName=String(REGISTRY),
                Info=String(imprint.condition),
            )
        ]
    )

"""What a print shop is handed: one ZIP with the lot, its cover, its pile headers and a list of cells without names."""

import tempfile
import zipfile
from pathlib import Path
from typing import IO

from app.printing.models import PrintLot
from app.printing.queries import cells_of
from app.tables import csv_text

PAPERS = ("lot.pdf", "cover.pdf", "headers.pdf")
HEADINGS = ("sheet", "cell", "point_code", "row", "print_id", "payload_crc")
"""What tells one piece from another at the knife; whose it is and where the money goes is not the shop's to know."""
README = """Lô {number}: {pieces} bản, {sheets} tờ.
lot.pdf      tệp để in, in đúng 100 %, không đổi màu
cover.pdf    phiếu lô: khổ cắt, thứ tự xếp, dãy nào ở tờ nào
headers.pdf  phiếu đặt trên từng chồng (nếu có)
manifest.csv mỗi ô của mỗi tờ là quầy nào
"""


def parcel(lot: PrintLot, folder: Path) -> IO[bytes]:
    """The ZIP as an open temporary file, at its beginning; raises FileNotFoundError where lot.pdf is gone."""
    stream = tempfile.TemporaryFile()  # noqa: SIM115 -- the answer reads and closes it
    try:
        with zipfile.ZipFile(stream, "w") as book:
            for name in PAPERS:
                if name == "lot.pdf" or (folder / name).is_file():
                    book.write(folder / name, name)  # a PDF is packed already
            book.writestr("manifest.csv", csv_text(HEADINGS, cells_of(lot.id), bom=True), zipfile.ZIP_DEFLATED)
            told = README.format(number=lot.number, pieces=lot.pieces_count, sheets=lot.sheets)
            book.writestr("doc-truoc.txt", told.encode("utf-8-sig"))
    except BaseException:
        stream.close()
        raise
    stream.seek(0)
    return stream

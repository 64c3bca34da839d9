"""Files handed out: always as attachment, with a name every system takes."""

import io
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import IO

from flask import Response, send_file, stream_with_context

from app.errors import RefusedError
from app.tables import Sheet, csv_text, write_xlsx
from app.tables.cells import Cell

WORKBOOK_ROWS_MAX = 100_000  # what a spreadsheet opens with ease
_AT_ONCE = 5_000

MIME = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".geojson": "application/geo+json",
    ".kml": "application/vnd.google-earth.kml+xml",
    ".html": "text/html",
    ".zip": "application/zip",
}


def download(content: bytes | Path | IO[bytes], name: str) -> Response:
    """The file as a download; `name` keeps Vietnamese letters, loses what file systems refuse."""
    safe = re.sub(r'[\x00-\x1f<>:"/\\|?*]+', "-", name).strip(" .") or "tep"
    mimetype = MIME.get(Path(safe).suffix.lower(), "application/octet-stream")
    source = io.BytesIO(content) if isinstance(content, bytes) else content
    response = send_file(source, mimetype=mimetype, as_attachment=True, download_name=safe)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def streamed_csv(name: str, heading: Sequence[str], rows: Iterable[Sequence[Cell | None]]) -> Response:
    """A list as CSV, sent while it is read: a million rows take little memory. `name` is plain ASCII.

    The request's database session is closed by then: rows that come one by one must ask for themselves what they need.
    """

    def pieces() -> Iterator[str]:
        yield csv_text(heading, [], bom=True)
        left = iter(rows)
        while some := list(islice(left, _AT_ONCE)):
            yield csv_text([], some).removeprefix("\n")

    response = Response(stream_with_context(pieces()), mimetype=MIME[".csv"])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def workbook(name: str, title: str, heading: Sequence[str], rows: Iterable[Sequence[Cell | None]]) -> Response:
    """The same for a spreadsheet. Raises RefusedError for more rows than one opens with ease."""
    some = list(islice(rows, WORKBOOK_ROWS_MAX + 1))
    if len(some) > WORKBOOK_ROWS_MAX:
        raise RefusedError("Hơn 100.000 dòng, bảng tính mở rất chậm.", remedy="Hãy lọc bớt, hoặc tải CSV.")
    with tempfile.TemporaryFile() as stream:
        write_xlsx(stream, [Sheet(title, heading, some)])
        stream.seek(0)
        return download(stream.read(), name)

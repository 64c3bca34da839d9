"""Files handed out: always as attachment, with a name every system takes."""

import io
import re
from pathlib import Path

from flask import Response, send_file

MIME = {
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".geojson": "application/geo+json",
    ".kml": "application/vnd.google-earth.kml+xml",
    ".html": "text/html; charset=utf-8",
}


def download(content: bytes | Path, name: str) -> Response:
    """The file as a download; `name` keeps Vietnamese letters, loses what file systems refuse."""
    safe = re.sub(r'[\x00-\x1f<>:"/\\|?*]+', "-", name).strip(" .") or "tep"
    mimetype = MIME.get(Path(safe).suffix.lower(), "application/octet-stream")
    source = io.BytesIO(content) if isinstance(content, bytes) else content
    response = send_file(source, mimetype=mimetype, as_attachment=True, download_name=safe)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response

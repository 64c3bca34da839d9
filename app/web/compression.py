"""Style sheets, scripts and drawings go out compressed, and browsers ask whether theirs is still the newest.

Only static files: a page carries secrets (form tokens), and compressing secrets together with what a stranger typed
lets the stranger guess them (BREACH, 2013). Packages under vendor/ change only with their versions and are kept for a
month.
"""

import gzip
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, current_app, request

TEXT = frozenset({"text/css", "text/javascript", "application/javascript", "image/svg+xml", "application/json"})
BYTES_WORTH = 600  # below this the answer's headers weigh more than what is saved
VENDOR_SECONDS = 30 * 24 * 3600


def prepare_static(response: Response) -> Response:
    """Compresses a static text and says how long it may be kept."""
    if request.endpoint != "static" or response.status_code >= 400:  # noqa: PLR2004 - faults are not kept
        return response
    name = str((request.view_args or {}).get("filename", ""))
    caching = response.cache_control
    caching.public = True
    caching.no_cache = None
    caching.max_age = VENDOR_SECONDS if name.startswith("vendor/") else 0
    if not name.startswith("vendor/"):
        caching.must_revalidate = True  # after an update nobody mixes old scripts with new pages
    if response.mimetype in TEXT:
        response.vary.add("Accept-Encoding")
        etag, _ = response.get_etag()
        if etag:
            response.set_etag(etag, weak=True)  # the same content in two encodings
        if response.status_code == 200 and request.accept_encodings["gzip"] > 0:  # noqa: PLR2004 - the one status with a whole body
            _compress(response, name)
    return response


def init_compression(app: Flask) -> None:
    """Lets static files of this app out compressed."""
    app.after_request(prepare_static)


def _compress(response: Response, name: str) -> None:
    file = Path(str(current_app.static_folder)) / name  # Flask has found this very file below the folder
    facts = file.stat()
    if facts.st_size < BYTES_WORTH:
        return
    packed = _packed(file, facts.st_mtime_ns, facts.st_size)
    response.close()
    response.direct_passthrough = False
    response.set_data(packed if request.method != "HEAD" else b"")
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(packed))
    response.headers.pop("Accept-Ranges", None)


@lru_cache(maxsize=128)
def _packed(file: Path, _changed_ns: int, _size_bytes: int) -> bytes:
    return gzip.compress(file.read_bytes(), compresslevel=9, mtime=0)

"""Static files go out small and are asked for again only when they changed."""

import gzip

import pytest
from flask.testing import FlaskClient

from app.paths import resource_dir

SCRIPT = "/static/vendor/leaflet/leaflet.js"
STYLE = "/static/css/base.css"


def test_a_script_is_compressed_for_who_can_read_it(client: FlaskClient) -> None:
    whole = (resource_dir("static") / "vendor/leaflet/leaflet.js").read_bytes()
    answer = client.get(SCRIPT, headers={"Accept-Encoding": "gzip, br"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert int(answer.headers["Content-Length"]) == len(answer.data) < len(whole) / 3
    assert gzip.decompress(answer.data) == whole
    for accepted in ("identity", "gzip;q=0", ""):
        plain = client.get(SCRIPT, headers={"Accept-Encoding": accepted})
        assert "Content-Encoding" not in plain.headers
        assert plain.data == whole


def test_what_has_not_changed_is_not_sent_again(client: FlaskClient) -> None:
    for encoding in ("gzip", "identity"):
        first = client.get(STYLE, headers={"Accept-Encoding": encoding})
        again = client.get(STYLE, headers={"Accept-Encoding": encoding, "If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert "Accept-Encoding" in again.headers["Vary"]


@pytest.mark.parametrize(("path", "age"), [(STYLE, "max-age=0"), (SCRIPT, "max-age=2592000")])
def test_own_files_are_asked_for_and_packages_kept(client: FlaskClient, path: str, age: str) -> None:
    caching = client.get(path).headers["Cache-Control"]
    assert age in caching
    assert "public" in caching
    assert "no-store" not in caching


def test_the_head_of_an_answer_and_a_part_of_it(client: FlaskClient) -> None:
    head = client.head(SCRIPT, headers={"Accept-Encoding": "gzip"})
    assert (head.status_code, head.data) == (200, b"")
    part = client.get(SCRIPT, headers={"Accept-Encoding": "gzip", "Range": "bytes=0-9"})
    assert part.status_code == 206
    assert "Content-Encoding" not in part.headers
    assert len(part.data) == 10


def test_pages_are_not_compressed_together_with_their_secrets(client: FlaskClient) -> None:
    page = client.get("/login", headers={"Accept-Encoding": "gzip"})
    assert page.status_code == 200
    assert "Content-Encoding" not in page.headers


def test_what_is_not_there_stays_not_there(client: FlaskClient) -> None:
    missing = client.get("/static/css/khong-co.css", headers={"Accept-Encoding": "gzip"})
    assert (missing.status_code, missing.headers["Cache-Control"]) == (404, "no-store")
    assert client.get("/static/../setup.cfg", headers={"Accept-Encoding": "gzip"}).status_code == 404

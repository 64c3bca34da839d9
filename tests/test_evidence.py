"""One door to what was received: what comes out is what came in, or a refusal in words."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.actors import COORDINATOR
from app.db import db
from app.evidence import EvidenceError, digest_of, faults, forget_file, keep_file, kept_file, kept_files, path_of
from app.paths import resource_dir
from app.settings import Settings
from app.transactions.facts import facts_files
from app.transactions.mapping.models import ReportUpload
from app.transactions.models import Report
from tests.cashback.test_pages import REPORT as TEXT
from tests.cashback.test_pages import post

APP = resource_dir("templates").parent / "app"
REPORT = TEXT.encode()
#: `evidence_dir / ...`, `evidence / ...`, `folder / sha[:2] / sha`: a path built past the door.
BUILT = re.compile(r"""evidence(_dir)?(\(\))?\s*/|\[:2\]\s*/|["']evidence["']\s*/|/\s*["']evidence["']""")


def flipped(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def test_what_comes_out_is_what_came_in(tmp_path: Path) -> None:
    digest = keep_file(tmp_path, b"mot hai ba")
    assert kept_file(tmp_path, digest) == path_of(tmp_path, digest).read_bytes() == b"mot hai ba"
    assert keep_file(tmp_path, b"mot hai ba") == digest
    assert kept_files(tmp_path, [digest, digest_of(b"x")]) == [digest]
    assert list(faults(tmp_path, [digest])) == []
    path_of(tmp_path, digest).write_bytes(b"mot hai bo")
    for ask in (kept_file, path_of):
        with pytest.raises(EvidenceError, match=f"{digest[:12]}… đã bị thay đổi trên đĩa. Hãy khôi phục"):
            ask(tmp_path, digest)
    assert list(faults(tmp_path, [])) == [(digest, "đã bị thay đổi trên đĩa")]
    keep_file(tmp_path, b"mot hai ba")
    assert kept_file(tmp_path, digest) == b"mot hai ba", "sent again, it is whole again"
    assert forget_file(tmp_path, digest)
    assert not forget_file(tmp_path, digest)
    for ask in (kept_file, path_of):
        with pytest.raises(EvidenceError, match="không còn trong kho"):
            ask(tmp_path, digest)
    assert list(faults(tmp_path, [digest])) == [(digest, "không còn trong kho")]


@pytest.mark.parametrize("name", ["", "../../secret", "a" * 63, "A" * 64, f"{'a' * 62}/.", "ä" * 64])
def test_what_is_no_sha256_names_no_file(tmp_path: Path, name: str) -> None:
    for ask in (kept_file, path_of, forget_file):
        with pytest.raises(EvidenceError, match="không có mã đúng dạng"):
            ask(tmp_path, name)


def test_nobody_builds_a_path_past_the_door() -> None:
    allowed = {"evidence.py", "settings.py"}
    found = [
        f"{file.relative_to(APP)}:{number}: {line.strip()}"
        for file in sorted(APP.rglob("*.py"))
        if str(file.relative_to(APP)) not in allowed
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if BUILT.search(line)
    ]
    assert [each for each in found if not each.startswith("transactions/facts.py")] == []


@pytest.mark.parametrize("harm", [lambda data: data.replace(b"20000", b"90000"), None], ids=["changed", "gone"])
def test_a_report_that_was_touched_on_the_disk_is_not_taken(
    app: Flask, as_role: Callable[..., FlaskClient], harm: Callable[[bytes], bytes] | None
) -> None:
    settings: Settings = app.config["SETTINGS"]
    browser = as_role(COORDINATOR)
    waits = post(browser, "/desk/reports/uploads", file=(io.BytesIO(REPORT), "r.csv")).request.path
    upload = db.session.scalars(db.select(ReportUpload)).one()
    kept = path_of(settings.evidence_dir, upload.sha256)
    if harm is None:
        kept.unlink()
    else:
        assert harm(REPORT) != REPORT
        kept.write_bytes(harm(REPORT))
    for facts in facts_files(settings.facts_dir, upload.sha256):
        facts.unlink()
    told = post(browser, waits, profile="canonical")
    assert "Tệp gốc" in told.text
    assert "Hãy khôi phục từ bản sao lưu" in told.text
    assert browser.get(waits).status_code == browser.get(f"{waits}/columns").status_code == 404
    assert db.session.scalars(db.select(Report)).all() == []
    post(browser, "/desk/reports/uploads", file=(io.BytesIO(REPORT), "r.csv"))
    assert "Đã nhận báo cáo" in post(browser, waits, profile="canonical").text, "sent again, it can be taken"

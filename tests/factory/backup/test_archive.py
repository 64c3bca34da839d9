"""A backup file is refused whole when one byte of it is wrong, whatever byte that is."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.factory.backup import sealing
from app.factory.backup.archive import COMMENT, About, BackupError, is_safe_path, opened_archive, write_archive
from app.factory.backup.sealing import MAGIC

ABOUT = About("2026-11-22T10:00:00+00:00", "20261122_0100", {"merchant": 3})
WORD = "chợ quê buổi sớm"


@pytest.fixture(autouse=True)
def quick_scrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    """The slow key is the point in use and a nuisance over thousands of tries."""
    monkeypatch.setitem(sealing.SCRYPT, "n", 2)


@pytest.fixture
def sources(tmp_path: Path) -> list[tuple[str, Path]]:
    (tmp_path / "one").write_bytes(b"mot hai ba" * 20)
    (tmp_path / "two").write_bytes("Chợ Số".encode())
    return [("choso.sqlite3", tmp_path / "one"), ("evidence/ab/abcd", tmp_path / "two")]


def extracted(file: Path, passphrase: str, folder: Path) -> dict[str, bytes]:
    with opened_archive(file, passphrase) as archive:
        assert archive.about == ABOUT
        archive.extract(folder)
    return {each.relative_to(folder).as_posix(): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


@pytest.mark.parametrize("passphrase", ["", WORD])
def test_what_goes_in_comes_out(tmp_path: Path, sources: list[tuple[str, Path]], passphrase: str) -> None:
    file = tmp_path / "b.choso"
    assert write_archive(file, passphrase, sources, ABOUT) == 2
    found = extracted(file, passphrase, tmp_path / "out")
    assert found == {name: source.read_bytes() for name, source in sources}
    assert file.stat().st_mode & 0o077 == 0
    assert zipfile.is_zipfile(file) == (not passphrase)  # without a passphrase any program opens it
    assert (b"evidence/ab/abcd" in file.read_bytes()) == (not passphrase)


@pytest.mark.parametrize("passphrase", ["", WORD])
def test_every_damaged_byte_is_noticed(tmp_path: Path, sources: list[tuple[str, Path]], passphrase: str) -> None:
    file = tmp_path / "b.choso"
    write_archive(file, passphrase, sources, ABOUT)
    whole = file.read_bytes()
    bent = tmp_path / "bent.choso"
    for place in range(len(whole)):
        bent.write_bytes(whole[:place] + bytes([whole[place] ^ (1 << place % 8)]) + whole[place + 1 :])
        with pytest.raises(BackupError), opened_archive(bent, passphrase):
            pytest.fail(f"byte {place}")


@pytest.mark.parametrize("passphrase", ["", WORD])
def test_every_cut_and_every_addition_is_noticed(
    tmp_path: Path, sources: list[tuple[str, Path]], passphrase: str
) -> None:
    file = tmp_path / "b.choso"
    write_archive(file, passphrase, sources, ABOUT)
    whole = file.read_bytes()
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        with pytest.raises(BackupError), opened_archive(file, passphrase):
            pytest.fail(f"{length} bytes")
    for more in (b"\0", b"thua", whole):
        file.write_bytes(whole + more)
        with pytest.raises(BackupError), opened_archive(file, passphrase):
            pytest.fail(f"{len(more)} more")


def test_chunks_cannot_change_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sources: list[tuple[str, Path]]
) -> None:
    monkeypatch.setattr(sealing, "CHUNK_BYTES", 64)
    file = tmp_path / "b.choso"
    write_archive(file, WORD, sources, ABOUT)
    assert extracted(file, WORD, tmp_path / "out").keys() == dict(sources).keys()
    whole = file.read_bytes()
    head, size = sealing.HEADER_BYTES, 64 + sealing.TAG_BYTES
    first, second = whole[head : head + size], whole[head + size : head + 2 * size]
    for other in (second + first + whole[head + 2 * size :], whole[head + size :], whole[head : head + 3 * size]):
        file.write_bytes(whole[:head] + other)
        with pytest.raises(BackupError), opened_archive(file, WORD):
            pytest.fail("chunks moved")


def test_the_passphrase_is_told_missing_or_wrong(tmp_path: Path, sources: list[tuple[str, Path]]) -> None:
    file = tmp_path / "b.choso"
    write_archive(file, WORD, sources, ABOUT)
    with pytest.raises(BackupError, match="CHOSO_BACKUP_PASSPHRASE"), opened_archive(file, ""):
        pass
    with pytest.raises(BackupError, match="Mật khẩu không đúng"), opened_archive(file, WORD + "!"):
        pass


def test_two_ways_to_type_one_passphrase_are_one(tmp_path: Path, sources: list[tuple[str, Path]]) -> None:
    file = tmp_path / "b.choso"
    write_archive(file, "ch\u1ee3", sources, ABOUT)
    with opened_archive(file, "cho\u031b\u0323") as archive:
        assert archive.members


def forged(file: Path, change: Callable[[dict[str, Any]], Any], extra: str = "") -> None:
    """A well-signed backup by somebody who knows the format and means harm."""
    listed: dict[str, Any] = {"made_at": ABOUT.made_at, "revision": "x", "counts": {}, "members": []}
    change(listed)
    with zipfile.ZipFile(file, "w") as archive:
        for each in listed["members"]:
            archive.writestr(each["path"], b"x")
        if extra:
            archive.writestr(extra, b"x")
        archive.writestr("manifest.json", json.dumps(listed))
        archive.comment = b"-" * (len(COMMENT) + 64)
    body = file.read_bytes()[: -(len(COMMENT) + 64)]
    file.write_bytes(body + f"{COMMENT}{hashlib.sha256(body).hexdigest()}".encode())


def member(path: str) -> dict[str, object]:
    return {"path": path, "size_bytes": 1, "sha256": hashlib.sha256(b"x").hexdigest()}


@pytest.mark.parametrize(
    "path", ["../x", "/etc/x", "a/../../x", "C:/x", "a\\..\\x", "a//x", ".git/x", "a/.", "x\n", "a/NUL:"]
)
def test_no_member_leaves_the_instance(tmp_path: Path, path: str) -> None:
    file = tmp_path / "b.choso"
    forged(file, lambda listed: listed["members"].append(member(path)))
    with pytest.raises(BackupError), opened_archive(file, ""):
        pytest.fail(path)
    assert not is_safe_path(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda listed: listed.update(made_at="hôm qua"),
        lambda listed: listed.update(la="x"),
        lambda listed: listed.pop("counts"),
        lambda listed: listed["members"].append({**member("a"), "la": 1}),
    ],
)
def test_an_odd_list_of_contents_is_refused(tmp_path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    file = tmp_path / "b.choso"
    forged(file, change)
    with pytest.raises(BackupError), opened_archive(file, ""):
        pytest.fail("accepted")


def test_a_member_nobody_listed_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "b.choso"
    forged(file, lambda listed: listed["members"].append(member("a")), extra="b")
    with pytest.raises(BackupError), opened_archive(file, ""):
        pytest.fail("accepted")


def test_a_member_longer_than_listed_stops_early(tmp_path: Path) -> None:
    file = tmp_path / "b.choso"
    forged(file, lambda listed: listed["members"].append({**member("a"), "size_bytes": 0}))
    with opened_archive(file, "") as archive, pytest.raises(BackupError):
        archive.extract(tmp_path / "out")
    assert (tmp_path / "out" / "a").read_bytes() == b""


@given(st.binary(max_size=400), st.sampled_from([b"", MAGIC, b"PK\x03\x04"]))
def test_rubbish_is_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes, start: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "rubbish.choso"
    file.write_bytes(start + data)
    with pytest.raises(BackupError), opened_archive(file, WORD):
        pytest.fail("accepted")

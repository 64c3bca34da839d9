"""The doctor notices every damage that can be noticed, says so in words, and works whatever is broken."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from flask import Flask

from app.accounts.factors import new_secret
from app.accounts.models import User
from app.actors import ADMIN, APPROVER, COORDINATOR
from app.db import db, unit_of_work
from app.evidence import digest_of
from app.factory.cli import run
from app.factory.doctor.examination import examine, kept_report
from app.factory.lived import mark
from app.printing.models import PrintLot
from app.settings import Settings
from tests.cashback.test_pages import REPORT, adopted, points_file, post, send
from tests.conftest import PROGRAM, browser_of, settings_for
from tests.registry.scene import commune

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
LOT = "IN-2611-01"
Harm = Callable[[Path], object]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """A small instance that has lived: a report with its facts, a decided run, a lot, a sealed second factor."""
    folder = tmp_path_factory.mktemp("doctor") / "whole"
    settings = settings_for(folder, f"sqlite:///{folder / 'choso.sqlite3'}")
    (folder / "secret").write_text(settings.secret_key, encoding="ascii")
    shutil.copyfile(sqlite_template, folder / "choso.sqlite3")
    app = PROGRAM.on(settings)
    with app.app_context():
        commune(NOW)
        author, approver = browser_of(app, COORDINATOR), browser_of(app, APPROVER)
        send(author, REPORT)
        version = adopted(author, approver)
        post(author, f"/desk/cashback/policies/{version.id}/run", points=points_file())
        lots = settings.lots_dir / LOT
        lots.mkdir(parents=True)
        (lots / "lot.pdf").write_bytes(b"%PDF-1.7 thu")
        with unit_of_work():
            db.session.add(
                PrintLot(
                    number=LOT, state="ready", design="standee-a6", theme="choso", sheet="a4", filling="row",
                    point_ids=[], created_at=NOW, pdf_sha256=digest_of(b"%PDF-1.7 thu"),
                )
            )  # fmt: skip
            user = db.session.scalars(db.select(User)).first()
            assert user is not None
            user.totp_secret = new_secret()
        db.session.remove()
        with db.engine.connect() as connection:
            connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()
    mark(settings, NOW)
    shutil.rmtree(folder / "log", ignore_errors=True)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    return folder


@pytest.fixture
def instance(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "instance"
    shutil.copytree(whole, folder)
    monkeypatch.setenv("CHOSO_INSTANCE", str(folder))
    return folder


def faults_in(folder: Path, at: datetime = datetime(2027, 1, 1, tzinfo=UTC)) -> dict[str, str]:
    """The checks that are not well, by id, in their words."""
    settings = settings_for(folder, f"sqlite:///{folder / 'choso.sqlite3'}")
    app = PROGRAM.on(Settings(folder, settings.database_url, 8000, (folder / "secret").read_text(encoding="ascii")))
    with app.app_context():
        try:
            return {check.id: f"{check.words} {check.remedy}" for check in examine(at) if not check.is_ok}
        finally:
            db.session.remove()
            db.engine.dispose()


def only(folder: Path, pattern: str) -> Path:
    """The one file of this pattern."""
    (found,) = [path for path in folder.glob(pattern) if path.is_file()]
    return found


def flip(path: Path, at: float = 0.5) -> None:
    """One bit somewhere in the file is another."""
    data = bytearray(path.read_bytes())
    data[int(len(data) * at)] ^= 1
    path.write_bytes(data)


def sql(folder: Path, *statements: str) -> None:
    """Somebody writes past the program."""
    with closing(sqlite3.connect(folder / "choso.sqlite3")) as connection:
        for (name,) in connection.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            connection.execute(f'drop trigger "{name}"')
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def report_of(folder: Path) -> Path:
    with closing(sqlite3.connect(folder / "choso.sqlite3")) as connection:
        digest = str(connection.execute("select sha256 from report").fetchone()[0])
    return folder / "evidence" / digest[:2] / digest


FACTS, DECIDED, PRINTED = "facts/reports/*/*.parquet", "facts/runs/1/decisions.parquet", f"lots/{LOT}/lot.pdf"
DAMAGES: dict[str, tuple[str, Harm]] = {
    "evidence flipped": ("evidence", lambda folder: flip(report_of(folder))),
    "evidence cut": ("evidence", lambda folder: report_of(folder).write_bytes(report_of(folder).read_bytes()[:-1])),
    "evidence empty": ("evidence", lambda folder: report_of(folder).write_bytes(b"")),
    "evidence gone": ("evidence", lambda folder: report_of(folder).unlink()),
    "evidence folder gone": ("evidence", lambda folder: shutil.rmtree(folder / "evidence")),
    "facts flipped": ("facts", lambda folder: flip(only(folder, FACTS))),
    "facts cut": ("facts", lambda folder: only(folder, FACTS).write_bytes(b"PAR1")),
    "facts gone": ("facts", lambda folder: only(folder, FACTS).unlink()),
    "facts folder gone": ("facts", lambda folder: shutil.rmtree(folder / "facts" / "reports")),
    "decisions flipped": ("runs", lambda folder: flip(only(folder, DECIDED))),
    "decisions cut": ("runs", lambda folder: only(folder, DECIDED).write_bytes(b"PAR1PAR1")),
    "decisions gone": ("runs", lambda folder: only(folder, DECIDED).unlink()),
    "run gone": ("runs", lambda folder: shutil.rmtree(folder / "facts" / "runs")),
    "lot flipped": ("lots", lambda folder: flip(only(folder, PRINTED))),
    "lot empty": ("lots", lambda folder: only(folder, PRINTED).write_bytes(b"")),
    "lot gone": ("lots", lambda folder: only(folder, PRINTED).unlink()),
    "lots gone": ("lots", lambda folder: shutil.rmtree(folder / "lots")),
    "another secret": ("secret", lambda folder: (folder / "secret").write_text("f" * 64)),
    "chain edited": ("audit", lambda folder: sql(folder, "update audit_event set actor_name = 'x' where id = 2")),
    "chain cut": (
        "audit",
        lambda folder: sql(folder, "delete from audit_event where id = (select max(id) from audit_event)"),
    ),
    "a lot without its record": ("orphans", lambda folder: sql(folder, "delete from print_lot")),
    "a report's record points nowhere": (
        "records",
        lambda folder: sql(folder, "update role_grant set user_id = 4711 where id = 1"),
    ),
    "a moment that is none": ("records", lambda folder: sql(folder, "update report set created_at = 'hôm qua'")),
    "database cut": (
        "records",
        lambda folder: (folder / "choso.sqlite3").write_bytes((folder / "choso.sqlite3").read_bytes()[:300_000]),
    ),
    "folder open to all": ("privacy", lambda folder: folder.chmod(0o755)),
}


def test_a_whole_instance_is_well(instance: Path) -> None:
    assert faults_in(instance) == {}


@pytest.mark.parametrize("damage", DAMAGES)
def test_every_damage_is_noticed(instance: Path, damage: str) -> None:
    check, harm = DAMAGES[damage]
    harm(instance)
    found = faults_in(instance)
    assert check in found, found
    assert "ãy" in found[check].split(".", 1)[1], "a remedy"
    if check != "records":
        assert set(found) == {check}


def test_flipped_bytes_in_the_database_are_noticed_where_they_lie_in_what_is_kept(instance: Path) -> None:
    """Bytes of a page's structure, of an index and of the chain; a letter within a name that stands nowhere else
    cannot be told from a name.
    """
    file, dice, noticed = instance / "choso.sqlite3", Random(7), 0
    data = file.read_bytes()
    for _ in range(12):
        harmed = bytearray(data)
        for _ in range(64):
            harmed[dice.randrange(100, len(harmed))] ^= dice.randrange(1, 256)
        file.write_bytes(harmed)
        noticed += bool(faults_in(instance))
    assert noticed == 12


def test_a_clock_behind_the_last_act_is_told(instance: Path) -> None:
    assert "Hãy chỉnh lại giờ" in faults_in(instance, NOW - timedelta(days=400))["clock"]


Capture = pytest.CaptureFixture[str]


def told(capsys: Capture) -> tuple[bool, dict[str, str]]:
    found = json.loads(capsys.readouterr().out)
    return found["ok"], {each["id"]: f"{each['words']} {each['remedy']}" for each in found["checks"] if not each["ok"]}


@pytest.mark.parametrize("harm", [Path.unlink, lambda file: file.write_bytes(b"")], ids=["gone", "empty"])
def test_nobody_starts_empty_over_lost_records(instance: Path, capsys: Capture, harm: Callable[[Path], object]) -> None:
    harm(instance / "choso.sqlite3")
    assert run(["doctor", "--json"]) == 1
    is_ok, faults = told(capsys)
    assert not is_ok
    assert "choso restore TỆP" in faults["records"]
    for command in (["backup", str(instance.parent / "b.choso")], ["audit", "verify"], ["serve", "--no-browser"]):
        assert run(command) == 1
        said = capsys.readouterr().err
        assert "mà trong thư mục vẫn có choso.instance" in said
        assert len(said.splitlines()) <= 3
    assert not (instance / "choso.sqlite3").exists() or not (instance / "choso.sqlite3").stat().st_size
    assert run(["doctor", "--json", "--begin-anew"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True
    (aside,) = instance.glob("before-anew-*")
    assert (aside / "secret").is_file()
    assert any((aside / "evidence").rglob("*"))


def test_beginning_anew_is_for_lost_records_alone(instance: Path, capsys: Capture) -> None:
    assert run(["doctor", "--begin-anew"]) == 2
    assert "Dữ liệu vẫn còn" in capsys.readouterr().err
    assert (instance / "choso.sqlite3").stat().st_size


def test_a_lost_key_is_told_and_none_is_made_in_silence(instance: Path, capsys: Capture) -> None:
    (instance / "secret").unlink()
    assert run(["audit", "verify"]) == 1
    assert "Khoá của dữ liệu" in capsys.readouterr().err
    assert run(["doctor", "--json"]) == 1
    assert set(told(capsys)[1]) == {"secret"}
    assert not (instance / "secret").exists()
    (instance / "secret").write_text("0123456789abcdef" * 4)
    assert run(["doctor", "--json"]) == 1
    assert "mã xác thực hai lớp của" in told(capsys)[1]["secret"]
    assert run(["doctor", "--json", "--new-key"]) == 0
    assert run(["audit", "verify"]) == 0


def test_a_lost_key_is_noticed_beside_the_records_alone(instance: Path, capsys: Capture) -> None:
    for name in ("secret", "choso.instance"):
        (instance / name).unlink()
    assert run(["audit", "verify"]) == 1
    assert "choso doctor --new-key" in capsys.readouterr().err
    assert run(["doctor", "--new-key"]) == 0
    assert (instance / "secret").is_file()


def test_lost_facts_are_made_anew_on_request(instance: Path, capsys: Capture) -> None:
    shutil.rmtree(instance / "facts" / "reports")
    assert run(["doctor"]) == 1
    assert "choso doctor --mend" in capsys.readouterr().out
    assert run(["doctor", "--mend"]) == 0
    assert "HỎNG" not in capsys.readouterr().out
    report = kept_report(instance)
    assert report is not None
    assert [each["id"] for each in report["checks"] if not each["ok"]] == []


def test_what_the_folder_lets_others_read_is_closed_at_the_start(instance: Path) -> None:
    for path in (instance, *instance.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert run(["audit", "head"]) == 0
    assert {path.stat().st_mode & 0o077 for path in (instance, *instance.rglob("*"))} == {0}


def test_an_emptied_instance_does_not_write_over_a_good_backup(
    instance: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    with closing(sqlite3.connect(instance / "choso.sqlite3")) as connection:
        acts = connection.execute("select count(*) from audit_event").fetchone()[0]
    for passphrase in ("", "một câu dài dễ nhớ"):
        monkeypatch.setenv("CHOSO_BACKUP_PASSPHRASE", passphrase)
        monkeypatch.setenv("CHOSO_INSTANCE", str(instance))
        file = tmp_path / f"dem-{len(passphrase)}.choso"
        assert run(["backup", str(file)]) == 0
        assert run(["backup", str(file)]) == 0, "the same instance goes on"
        good = file.read_bytes()
        monkeypatch.setenv("CHOSO_INSTANCE", str(tmp_path / "empty"))
        capsys.readouterr()
        assert run(["backup", str(file)]) == 1
        assert f"giữ {acts} việc trong nhật ký, mà dữ liệu hiện nay chỉ có 0 việc" in capsys.readouterr().err
        assert file.read_bytes() == good
        monkeypatch.setenv("CHOSO_BACKUP_PASSPHRASE", "một câu khác hẳn")
        assert run(["backup", str(file)]) == 1
        assert file.read_bytes() == good


def test_the_admins_first_page_tells_it(instance: Path) -> None:
    def home() -> str:
        settings = settings_for(instance, f"sqlite:///{instance / 'choso.sqlite3'}")
        app = PROGRAM.on(settings)
        with app.app_context():
            page = browser_of(app, ADMIN).get("/desk/").text
            db.session.remove()
            db.engine.dispose()
        return page

    assert "Chưa kiểm tra toàn bộ lần nào" in home()
    flip(only(instance, PRINTED))
    assert run(["doctor"]) == 1
    assert "Lô in: không ổn" in home()
    assert f"{LOT} có lot.pdf bị thay đổi" in home()


def test_an_empty_instance_is_well_on_either_database(app: Flask, now: datetime) -> None:
    app.config["SETTINGS"].instance.chmod(0o700)
    commune(now)
    assert {check.id: check.words for check in examine(datetime.now(UTC)) if not check.is_ok} == {}

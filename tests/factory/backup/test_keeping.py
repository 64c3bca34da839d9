"""Backup and restore keep every record and file, on both databases and between them; a cut leaves old or new."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite
import pytest
from flask import Flask
from sqlalchemy import Engine, select, text

from app.actors import SYSTEM
from app.audit.actions import record
from app.audit.queries import chain_break
from app.db import Base, db, unit_of_work
from app.factory import create_app
from app.factory.backup.archive import BackupError, opened_archive
from app.factory.backup.keeping import complete_restore, data_files, make_backup, restore_backup
from app.factory.backup.records import engine_of, save_records
from app.factory.cli import run
from app.jobs.actions import enqueue
from app.places.actions import create_commune, create_province
from app.settings import Settings, load_settings
from tests.conftest import ENGINES

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[3]


def fill(settings: Settings) -> None:
    """Records of many kinds, and files beside them."""
    with unit_of_work():
        province = create_province("99", "tỉnh", "Tỉnh Thử", SYSTEM, NOW)
        create_commune(province, "99001", "xã", "Xã Thử", SYSTEM, NOW)
        for number in range(3):
            record(SYSTEM, NOW, "thu", ("unit", number), before=None, after={"tên": "Chợ 'Mới'; \\ \"x\"", "n": 1.5})
        enqueue("thu", {"a": [1, None, {"b": "đ"}]}, SYSTEM, NOW)
    for name in ("evidence/ab/abcd", "lots/1/lot.pdf", "facts/x.parquet", "media/y.jpg"):
        file = settings.instance / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(name.encode() * 100)
    (settings.instance / "secret").write_text("s" * 64, encoding="ascii")


def all_rows(engine: Engine) -> dict[str, list[Any]]:
    with engine.connect() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table)).all()), key=repr)
            for table in Base.metadata.sorted_tables
        }


def all_files(instance: Path) -> dict[str, bytes]:
    return {name: file.read_bytes() for name, file in data_files(instance)}


def sqlite_settings(instance: Path) -> Settings:
    return load_settings({"CHOSO_INSTANCE": str(instance)})


@pytest.mark.parametrize("passphrase", ["", "một câu dài dễ nhớ"])
def test_a_backup_restores_elsewhere(app: Flask, settings: Settings, tmp_path: Path, passphrase: str) -> None:
    fill(settings)
    file = tmp_path / "b.choso"
    about = make_backup(db.engine, settings, file, passphrase, NOW)
    assert about.counts["unit"] == 2
    there = sqlite_settings(tmp_path / "there")
    with opened_archive(file, passphrase) as archive:
        assert restore_backup(archive, there, NOW) is None
    with engine_of(there.database_url) as engine:
        assert all_rows(engine) == all_rows(db.engine)
    assert all_files(there.instance) == all_files(settings.instance)
    leftovers = [each.name for each in [*tmp_path.iterdir(), *there.instance.iterdir()] if each.name.startswith(".")]
    assert leftovers == []
    with create_app(there).app_context():
        assert chain_break()[1] is None


def test_a_restored_chain_is_whole_and_grows(app: Flask, settings: Settings, tmp_path: Path) -> None:
    """Into the same kind of database as it came from: a laptop to a laptop, PostgreSQL to an empty PostgreSQL."""
    fill(settings)
    before, events = all_rows(db.engine), chain_break()
    file = tmp_path / "b.choso"
    make_backup(db.engine, settings, file, "", NOW)
    db.session.remove()
    if not settings.sqlite:
        with db.engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        db.engine.dispose()
    db.engine.dispose()
    with opened_archive(file, "") as archive:
        restore_backup(archive, settings, NOW)
    assert all_rows(db.engine) == before
    assert chain_break() == events
    with unit_of_work():
        create_province("98", "tỉnh", "Tỉnh Sau", SYSTEM, NOW)
        enqueue("sau", {}, SYSTEM, NOW)
    assert chain_break()[1] is None
    if not settings.sqlite:
        with db.engine.connect() as connection, pytest.raises(Exception, match=r"audit_event"):
            connection.execute(text("DELETE FROM audit_event"))


def test_json_nothing_and_json_null_stay_two_things(app: Flask, settings: Settings, tmp_path: Path) -> None:
    fill(settings)
    queries = [
        "SELECT count(*) FROM audit_event WHERE before IS NULL",
        "SELECT count(*) FROM audit_event WHERE CAST(before AS TEXT) = 'null'",
        "SELECT count(*) FROM job WHERE result IS NULL",
    ]
    with db.engine.connect() as connection:
        here = [connection.scalar(text(query)) for query in queries]
    save_records(db.engine, tmp_path / "copy.sqlite3")
    copy = sqlite.connect(str(tmp_path / "copy.sqlite3"))
    assert [copy.execute(query).fetchone()[0] for query in queries] == here
    copy.close()


@pytest.mark.parametrize("database_url", [each for each in ENGINES if each == "postgresql"], indirect=True)
def test_postgresql_with_records_is_not_written_over(app: Flask, settings: Settings, tmp_path: Path) -> None:
    fill(settings)
    file = tmp_path / "b.choso"
    make_backup(db.engine, settings, file, "", NOW)
    before = all_rows(db.engine), all_files(settings.instance)
    db.session.remove()
    with opened_archive(file, "") as archive, pytest.raises(BackupError, match="createdb"):
        restore_backup(archive, settings, NOW)
    assert (all_rows(db.engine), all_files(settings.instance)) == before
    assert [each for each in settings.instance.iterdir() if each.name.startswith((".", "restored"))] == []


@pytest.fixture
def two(tmp_path: Path, sqlite_template: Path) -> Iterator[tuple[Settings, Path]]:
    """An instance with old records and old files, and a backup of another with new ones."""
    made = []
    for name in ("new", "old"):
        instance = tmp_path / name
        settings = sqlite_settings(instance)
        shutil.copyfile(sqlite_template, instance / "choso.sqlite3")
        app = create_app(settings)
        with app.app_context():
            if name == "new":
                fill(settings)
                make_backup(db.engine, settings, tmp_path / "b.choso", "", NOW)
            else:
                (instance / "lots" / "7").mkdir(parents=True)
                (instance / "lots" / "7" / "lot.pdf").write_bytes(b"cu")
            db.session.remove()
            db.engine.dispose()
        made.append(settings)
    yield made[1], tmp_path / "b.choso"
    complete_restore(made[1].instance)


def state(instance: Path) -> tuple[int, frozenset[str]]:
    connection = sqlite.connect(str(instance / "choso.sqlite3"))
    units = connection.execute("SELECT count(*) FROM unit").fetchone()[0]
    connection.close()
    return units, frozenset(name for name, _ in data_files(instance) if name != "secret")


OLD = (0, frozenset({"lots/7/lot.pdf"}))
NEW = (2, frozenset({"evidence/ab/abcd", "lots/1/lot.pdf", "facts/x.parquet", "media/y.jpg"}))


def test_the_old_state_is_put_aside(two: tuple[Settings, Path]) -> None:
    settings, file = two
    with opened_archive(file, "") as archive:
        aside = restore_backup(archive, settings, NOW)
    assert state(settings.instance) == NEW
    assert aside is not None
    assert state(aside) == OLD


def test_a_cut_at_any_step_leaves_the_old_or_the_new_state(
    two: tuple[Settings, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The n-th change of a name fails, for every n, as if the power went; the next start tidies up."""

    class PowerCutError(BaseException):
        pass

    settings, file = two
    real = {name: getattr(Path, name) for name in ("rename", "replace", "mkdir", "rmdir")}
    seen = set()
    for n in range(60):
        instance = settings.instance.with_name(f"try{n}")
        shutil.copytree(settings.instance, instance)
        steps = 0

        def step(name: str, path: Path, *args: Any, until: int = n, **kwargs: Any) -> Any:
            nonlocal steps
            steps += 1
            if steps > until:
                raise PowerCutError
            return real[name](path, *args, **kwargs)

        with monkeypatch.context() as patched:
            for name in real:
                patched.setattr(Path, name, lambda path, *a, _name=name, **k: step(_name, path, *a, **k))
            patched.setattr(shutil, "rmtree", lambda *_args, **_kwargs: None)  # a dead process tidies nothing
            cut = True
            with suppress(PowerCutError), opened_archive(file, "") as archive:
                restore_backup(archive, sqlite_settings(instance), NOW)
                cut = False
        complete_restore(instance)
        found = state(instance)
        seen.add(found)
        assert found in {OLD, NEW}, n
        shutil.rmtree(instance)
        if not cut:
            break
    else:
        pytest.fail("never came to the end")
    assert seen == {OLD, NEW}


def test_a_disk_that_fills_up_leaves_the_old_state(two: tuple[Settings, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    settings, file = two
    usage = shutil.disk_usage(settings.instance)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=100))
    with opened_archive(file, "") as archive, pytest.raises(BackupError, match="không đủ chỗ"):
        restore_backup(archive, settings, NOW)
    assert state(settings.instance) == OLD
    assert [each for each in settings.instance.iterdir() if each.name.startswith((".", "restored"))] == []


def test_a_running_program_is_noticed(two: tuple[Settings, Path]) -> None:
    settings, file = two
    app = create_app(settings)
    with app.app_context():
        db.session.execute(text("SELECT count(*) FROM unit"))
        db.session.rollback()  # the connection goes back to the pool and stays open, as a server's does
        with opened_archive(file, "") as archive, pytest.raises(BackupError, match="đang chạy"):
            restore_backup(archive, settings, NOW)
        db.session.remove()
        db.engine.dispose()
    assert state(settings.instance) == OLD


def test_a_damaged_instance_is_what_a_restore_is_for(two: tuple[Settings, Path]) -> None:
    settings, file = two
    (settings.instance / "choso.sqlite3").write_bytes(b"khong con la co so du lieu" * 1000)
    with opened_archive(file, "") as archive:
        restore_backup(archive, settings, NOW)
    assert state(settings.instance) == NEW


def test_a_damaged_instance_is_not_backed_up(two: tuple[Settings, Path], tmp_path: Path) -> None:
    settings, _ = two
    database = settings.instance / "choso.sqlite3"
    raw = bytearray(database.read_bytes())
    raw[4096 * 3 : 4096 * 40] = b"\x55" * (4096 * 37)
    database.write_bytes(raw)
    with engine_of(settings.database_url) as engine, pytest.raises(Exception, match=r"malformed|hỏng"):
        make_backup(engine, settings, tmp_path / "x.choso", "", NOW)
    assert [each.name for each in tmp_path.iterdir() if "x.choso" in each.name] == []


def test_another_file_is_not_written_over(two: tuple[Settings, Path], tmp_path: Path) -> None:
    settings, backup = two
    work = tmp_path / "danh-sach.xlsx"
    work.write_bytes(b"PK so lieu cua toi")
    with engine_of(settings.database_url) as engine:
        with pytest.raises(BackupError, match="tệp khác"):
            make_backup(engine, settings, work, "", NOW)
        with pytest.raises(BackupError, match="thư mục"):
            make_backup(engine, settings, tmp_path, "", NOW)
        make_backup(engine, settings, tmp_path / "c.choso", "", NOW)
        make_backup(engine, settings, tmp_path / "c.choso", "", NOW)  # an older backup is what a new one may replace
        with pytest.raises(BackupError, match="không ghi đè"):
            make_backup(engine, settings, backup, "", NOW)  # but nothing is no newer state of something
    assert work.read_bytes() == b"PK so lieu cua toi"


def test_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("CHOSO_BACKUP_PASSPHRASE", "một câu dài dễ nhớ")
    monkeypatch.setenv("CHOSO_INSTANCE", str(tmp_path / "here"))
    assert run(["user", "add", "lan", "--role", "admin"]) == 0
    assert run(["doctor", "--json"]) == 0
    here = json.loads(capsys.readouterr().out.splitlines()[-1])
    file = tmp_path / "b.choso"
    assert run(["backup", str(file)]) == 0
    monkeypatch.setenv("CHOSO_INSTANCE", str(tmp_path / "there"))
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    capsys.readouterr()
    assert run(["restore", str(file)]) == 1
    told = capsys.readouterr()
    assert "hỏng" in told.err
    assert len(told.err.splitlines()) <= 3
    assert not (tmp_path / "there").exists()  # a damaged file leaves nothing behind
    file.write_bytes(whole)
    assert run(["restore", str(file)]) == 0
    capsys.readouterr()
    assert run(["doctor", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == here
    assert run(["audit", "verify"]) == 0
    assert run(["restore", str(tmp_path / "khong-co")]) == 1
    assert "Không thấy tệp" in capsys.readouterr().err


def test_a_newer_backup_waits_for_the_program(
    two: tuple[Settings, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings, file = two
    monkeypatch.setattr("app.factory.backup.keeping.is_known", lambda _revision: False)
    monkeypatch.setenv("CHOSO_INSTANCE", str(settings.instance))
    assert run(["restore", str(file)]) == 1
    assert "mới hơn" in capsys.readouterr().err
    assert state(settings.instance) == OLD


def test_an_instance_holds_no_path_of_where_it_was(two: tuple[Settings, Path], tmp_path: Path) -> None:
    _, file = two
    there = tmp_path / "there"
    environ = {"CHOSO_INSTANCE": str(there), "PATH": ""}
    command = [sys.executable, "-m", "app", "restore", str(file)]
    subprocess.run(command, cwd=ROOT, env=environ, check=True, capture_output=True)
    for each in there.rglob("*"):
        if each.is_file() and "log" not in each.parts:
            assert str(tmp_path).encode() not in each.read_bytes()


def test_a_backup_into_no_folder_names_the_folder(app: Flask, tmp_path: Path) -> None:
    target = tmp_path / "none" / "b.choso"
    with pytest.raises(BackupError, match="Không có thư mục"):
        make_backup(db.engine, app.config["SETTINGS"], target, "", NOW)

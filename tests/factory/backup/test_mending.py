"""An older backup brings nobody back who was erased since, and no account that was changed since."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from app.actors import SYSTEM
from app.audit.actions import record
from app.audit.anchors import note_anchor
from app.audit.queries import chain_break
from app.audit.rules import Anchor
from app.db import db, unit_of_work
from app.factory import create_app
from app.factory.backup.archive import opened_archive
from app.factory.backup.keeping import make_backup
from app.factory.cli import run
from app.registry.actions.accounts import approve_account
from app.registry.actions.code_approval import approve_code
from app.registry.actions.erasing import erase_person
from app.registry.actions.points import vacate_point
from app.registry.erased import note_erased, noted_codes
from app.registry.models import Merchant, Point, QrAsset, Tenancy
from app.registry.queries.printable import PointFilter, printable
from app.settings import Settings, load_settings
from tests.registry.scene import BINH, CUC, account, commune, market, merchant, stall

LONG_AGO = datetime.now(UTC) - timedelta(days=20)
OLD, NEW = "1111111111", "2222222222"


@pytest.fixture
def records(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A commune with one stall, backed up; then its account is changed and a second merchant erased."""
    folder = tmp_path / "instance"
    folder.mkdir()
    shutil.copyfile(sqlite_template, folder / "choso.sqlite3")
    monkeypatch.setenv("CHOSO_INSTANCE", str(folder))
    settings = load_settings()
    app = create_app(settings)
    with app.app_context():
        _fill(app, settings, tmp_path / "cu.choso")
        db.session.remove()
        db.engine.dispose()
    return settings


def _fill(app: Flask, settings: Settings, backup: Path) -> None:
    del app
    unit = commune(LONG_AGO)
    zone = market(LONG_AGO, unit)
    shop = merchant(LONG_AGO, unit, "Lê Thị Mẫu")
    stall(LONG_AGO, shop, zone, "A01")
    gone = merchant(LONG_AGO, unit, "Đặng Văn Quên", phone="0987654321")
    stall(LONG_AGO, gone, zone, "A02")
    with unit_of_work():
        approve_account(BINH, LONG_AGO, account(LONG_AGO, shop, OLD).id)
    make_backup(db.engine, settings, backup, "", datetime.now(UTC))
    with unit_of_work():
        approve_account(BINH, LONG_AGO, account(LONG_AGO, shop, NEW).id)
        erase_person(SYSTEM, LONG_AGO, gone, settings.secret_key)
    note_erased(settings.instance)


def test_the_erased_stay_erased_and_the_old_account_waits(
    records: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["restore", str(tmp_path / "cu.choso")]) == 0
    told = capsys.readouterr().out
    assert "Đã xoá lại dữ liệu cá nhân của 1 hồ sơ" in told
    assert "1 mã QR khác với mã in gần nhất" in told
    app = create_app(records)
    with app.app_context():
        back = db.session.query(Merchant).filter(Merchant.erased_at.is_not(None)).one()
        code = back.code
        assert (back.holder_name, back.phone) == ("Đã xoá theo yêu cầu", None)
        assert "Quên" not in str(db.session.query(Merchant.holder_name).all())
        later = datetime.now(UTC)
        assert printable(PointFilter(), later)[0] == []
        waiting = db.session.query(QrAsset).filter_by(state="proposed").one()
        with unit_of_work():
            approve_code(CUC, later, waiting.id)
        assert [row.account_number for row in printable(PointFilter(), later + timedelta(hours=24))[0]] == [OLD]
        assert chain_break()[1] is None
        db.session.remove()
        db.engine.dispose()
    assert noted_codes(records.instance) == {code}


def test_the_list_beside_the_records_is_enough(records: Settings, tmp_path: Path) -> None:
    (records.instance / "choso.sqlite3").write_bytes(b"damaged")
    assert run(["restore", str(tmp_path / "cu.choso")]) == 0
    app = create_app(records)
    with app.app_context():
        assert db.session.query(Merchant).filter(Merchant.erased_at.is_not(None)).count() == 1
        assert [row.account_number for row in printable(PointFilter(), datetime.now(UTC))[0]] == [OLD]
        db.session.remove()
        db.engine.dispose()


def test_the_same_backup_elsewhere_prints_as_it_was(
    records: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del records
    monkeypatch.setenv("CHOSO_INSTANCE", str(tmp_path / "khac"))
    assert run(["restore", str(tmp_path / "cu.choso")]) == 0
    app = create_app(load_settings())
    with app.app_context():
        assert db.session.query(Point).count() == 2
        assert [row.account_number for row in printable(PointFilter(), datetime.now(UTC))[0]] == [OLD]
        db.session.remove()
        db.engine.dispose()
    assert not (tmp_path / "khac" / "restored").exists()


def test_a_backup_carries_the_list(records: Settings, tmp_path: Path) -> None:
    app = create_app(records)
    with app.app_context():
        make_backup(db.engine, records, tmp_path / "moi.choso", "", datetime.now(UTC))
        db.engine.dispose()
    with opened_archive(tmp_path / "moi.choso", "") as archive:
        archive.extract(tmp_path / "ra")
    assert noted_codes(tmp_path / "ra") == noted_codes(records.instance) != frozenset()


def held_after(records: Settings, file: Path) -> tuple[int, int]:
    """How many codes wait and how many may be printed once this backup is in place."""
    assert run(["restore", str(file)]) == 0
    app = create_app(records)
    with app.app_context():
        waiting = db.session.query(QrAsset).filter_by(state="proposed").count()
        found = waiting, len(printable(PointFilter(), datetime.now(UTC))[0])
        db.session.remove()
        db.engine.dispose()
    return found


def changed(settings: Settings, change: Callable[[datetime], object], backup: Path | None = None) -> None:
    """Somebody does something on these records, and may make a backup of it."""
    app = create_app(settings)
    with app.app_context():
        with unit_of_work():
            change(LONG_AGO)
        if backup is not None:
            make_backup(db.engine, settings, backup, "", datetime.now(UTC))
        db.session.remove()
        db.engine.dispose()


def test_a_vacated_stalls_account_does_not_come_back_by_itself(records: Settings, tmp_path: Path) -> None:
    changed(records, vacate, tmp_path / "sau.choso")
    assert held_after(records, tmp_path / "cu.choso") == (1, 0)


def vacate(now: datetime) -> None:
    """The stall is free again, and its code ends."""
    shop = db.session.query(Merchant).filter(Merchant.erased_at.is_(None)).one()
    tenancy = db.session.query(Tenancy).filter_by(merchant_id=shop.id).one()
    vacate_point(BINH, now, db.session.get_one(Point, tenancy.point_id), now.date())


def test_a_backup_of_now_holds_nothing(records: Settings, tmp_path: Path) -> None:
    changed(records, lambda _: None, tmp_path / "nay.choso")
    assert held_after(records, tmp_path / "nay.choso") == (0, 1)


def test_a_fork_holds_every_code_although_it_began_here(
    records: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHOSO_INSTANCE", str(tmp_path / "nha"))
    assert run(["restore", str(tmp_path / "cu.choso")]) == 0
    fork = load_settings()
    changed(fork, lambda now: record(BINH, now, "note", ("point", 1)), tmp_path / "nha.choso")
    monkeypatch.setenv("CHOSO_INSTANCE", str(records.instance))
    capsys.readouterr()
    assert held_after(records, tmp_path / "nha.choso") == (1, 0)
    assert "không phải trạng thái trước đây" in capsys.readouterr().out


@pytest.mark.parametrize(("mine", "held"), [(True, (0, 1)), (False, (2, 0))])
def test_where_the_records_are_lost_the_noted_ends_tell_whose_a_backup_is(
    records: Settings, tmp_path: Path, mine: bool, held: tuple[int, int]
) -> None:
    if mine:
        assert run(["backup", str(tmp_path / "dem.choso")]) == 0
    else:
        note_anchor(records.instance, Anchor(3, "f" * 64), LONG_AGO)
        changed(records, lambda _: None, tmp_path / "dem.choso")
    (records.instance / "choso.sqlite3").unlink()
    assert held_after(records, tmp_path / "dem.choso") == held

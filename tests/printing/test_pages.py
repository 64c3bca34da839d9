"""The pages of printing: from choosing points to a lot on paper, handed over, reprinted, gone stale."""

import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pypdfium2
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.actors import APPROVER, COORDINATOR, PRINT_SHOP, VOLUNTEER, Scope
from app.approval.actions import record_key
from app.db import db, unit_of_work
from app.factory.rooms import HANDLERS
from app.factory.sweeping import sweep_leftovers
from app.jobs.models import Job
from app.jobs.worker import run_next
from app.printing import lots, ordering, press
from app.printing.actions import token_hash
from app.printing.design_files import load_design
from app.printing.models import PrintLink, PrintLot, PrintPiece
from app.printing.ordering import numbered
from app.printing.paper_advice import paper_options
from app.printing.points import Point as PrintPoint
from app.printing.queries import stale_count
from app.printing.shelf import stock
from app.registry.actions.accounts import approve_account, propose_account
from app.registry.actions.merchants import register_merchant
from app.registry.actions.points import hand_over
from app.registry.actions.states import refresh_states
from app.registry.models import Merchant, Point, PointState, QrAsset
from app.registry.queries.printable import PrintableRow
from app.registry.rules.cells import cell_of
from app.registry.rules.entries import NewAccount, NewMerchant
from app.settings import Settings
from tests.registry.scene import BINH, LAN, MB, account, commune, market, merchant, someone, stall

Browsers = Callable[..., FlaskClient]


@pytest.fixture
def stalls(app: Flask) -> list[Point]:
    """Six stalls in two rows of one market; five of them have an approved account."""
    del app
    day = datetime.now().astimezone() - timedelta(days=3)
    unit = commune(day)
    zone = market(day, unit)
    points = []
    for number in range(1, 7):
        holder = merchant(day, unit, f"Nguyễn Thị Mẫu {number}", shop_name=f"Quầy hàng {number}")
        points.append(stall(day, holder, zone, f"A{(number + 2) // 3:02}-{number:02}", row=f"A{(number + 2) // 3:02}"))
        if number < 6:
            proposed = account(day, holder, f"001100{number:07}")
            with unit_of_work():
                approve_account(BINH, day, proposed.id)
    return points


def ordered(browser: FlaskClient, **values: object) -> PrintLot:
    form = {"zone": "all", "design": "standee-a6", "theme": "default", "sheet": "a4", "filling": "row", **values}
    answer = browser.post("/desk/prints", data={**form, "csrf_token": token(browser)})
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return db.session.get_one(PrintLot, int(answer.headers["Location"].rsplit("/", 1)[1]))


def token(browser: FlaskClient) -> str:
    page = browser.get("/desk/prints/new?zone=all").get_data(as_text=True)
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


def worked(app: Flask, lot: PrintLot) -> PrintLot:
    assert run_next(app, HANDLERS)
    db.session.rollback()  # what the worker wrote is seen by a new transaction
    db.session.expire_all()
    return db.session.get_one(PrintLot, lot.id)


def test_a_lot_whose_making_broke_says_why_and_is_made_again(
    app: Flask, as_role: Browsers, stalls: list[Point], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = as_role(COORDINATOR)
    lot = ordered(browser)

    def break_down(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr(lots, "assemble", break_down)
        lot = worked(app, lot)
    assert lot.standing == "stopped"
    page = browser.get(f"/desk/prints/{lot.id}").text
    assert "Chưa làm được lô này" in page
    assert "Lỗi ngoài dự kiến" in page
    assert "data-progress" not in page
    listed = browser.get("/desk/prints?state=stopped").text
    assert lot.number in listed
    assert lot.number not in browser.get("/desk/prints?state=making").text
    assert sweep_leftovers(settings, datetime.now().astimezone() + timedelta(days=9)) == []
    drawn, draw = [], press.Press.draw

    def seen(self: press.Press, path: Path, entries: Sequence[press.Entry]) -> press.Printed:
        drawn.append(path.parent.parent.name[:9])
        return draw(self, path, entries)

    monkeypatch.setattr(press.Press, "draw", seen)
    browser.post(f"/desk/prints/{lot.id}/again", data={"csrf_token": token(browser)})
    lot = worked(app, lot)
    assert (lot.state, lot.codes_right) == ("ready", 5)
    assert drawn == [".headers-"], "the pieces were drawn before"
    assert browser.post(f"/desk/prints/{lot.id}/again", data={"csrf_token": token(browser)}).status_code == 409


def test_what_a_crash_left_is_taken_away_and_begun_work_stays(
    app: Flask, as_role: Browsers, stalls: list[Point], settings: Settings
) -> None:
    lot = ordered(as_role(COORDINATOR))
    names = ("facts/reports/ab/.partial-x", "evidence/ab/.partial-y", "lots/.lot-z/part0.pdf", "lots/.making-IN-9/p")
    kept = (f"lots/.making-{lot.number}/part0.pdf", "facts/reports/ab/whole.parquet", "lots/IN-1/lot.pdf")
    for name in (*names, *kept):
        (settings.instance / name).parent.mkdir(parents=True, exist_ok=True)
        (settings.instance / name).write_bytes(b"x")
    now = datetime.now().astimezone()
    assert sweep_leftovers(settings, now) == [], "a file that is being written is left alone"
    assert len(sweep_leftovers(settings, now + timedelta(days=1))) == 4
    assert not any((settings.instance / name).exists() for name in names)
    assert all((settings.instance / name).exists() for name in kept)


def test_from_choosing_to_the_file(app: Flask, as_role: Browsers, stalls: list[Point], settings: Settings) -> None:
    browser = as_role(COORDINATOR)
    page = browser.get("/desk/prints/new?zone=all&sheet=a4").get_data(as_text=True)
    assert "In 5 bảng" in page
    assert "Chưa có tài khoản." in page
    lot = ordered(browser)
    assert lot.state == "making"
    assert "data-progress" in browser.get(f"/desk/prints/{lot.id}").get_data(as_text=True)
    lot = worked(app, lot)
    assert (lot.state, lot.pieces_count, lot.sheets, lot.codes_right) == ("ready", 5, 2, 5)
    folder = settings.lots_dir / lot.number
    assert {path.name for path in folder.iterdir()} == {
        "lot.pdf", "cover.pdf", "headers.pdf", "manifest.csv", "manifest.xlsx", "gate.json"
    }  # fmt: skip
    assert hashlib.sha256((folder / "lot.pdf").read_bytes()).hexdigest() == lot.pdf_sha256
    pieces = db.session.scalars(db.select(PrintPiece).order_by(PrintPiece.id)).all()
    assert [(piece.sheet, piece.cell) for piece in pieces] == [(1, 1), (1, 2), (1, 3), (1, 4), (2, 1)]
    assert [piece.point_id for piece in pieces] == [point.id for point in stalls[:5]]
    assert pieces[0].print_id.startswith("CT-A0101-1-")
    page = browser.get(f"/desk/prints/{lot.id}").get_data(as_text=True)
    assert pieces[4].print_id in page
    answer = browser.get(f"/desk/prints/{lot.id}/files/lot.pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF-1.4")
    assert browser.get(f"/desk/prints/{lot.id}/files/../../choso.sqlite3").status_code == 404
    assert lot.number in browser.get("/desk/prints").get_data(as_text=True)
    told = browser.get(f"/desk/prints/{lot.id}/progress").get_json()
    assert told["state"] == "done"


def test_a_lot_tells_whose_keys_both_its_people_hold(app: Flask, as_role: Browsers, stalls: list[Point]) -> None:
    browser = as_role(COORDINATOR)
    lot = worked(app, ordered(browser))
    assert "một người cấp tài khoản" not in browser.get(f"/desk/prints/{lot.id}").get_data(as_text=True)
    with unit_of_work():
        for who in (LAN, BINH):
            assert who.id is not None
            record_key(someone(77), datetime.now().astimezone(), who.id, "password")
    page = browser.get(f"/desk/prints/{lot.id}").get_data(as_text=True)
    assert "5 bản: người đề nghị và người duyệt cả hai do người số 77 cấp tài khoản." in page


def test_a_stall_with_too_long_a_code_is_left_out_and_named(
    app: Flask, as_role: Browsers, stalls: list[Point], monkeypatch: pytest.MonkeyPatch
) -> None:
    del stalls
    browser = as_role(COORDINATOR)

    def lengthened(*given: Any) -> list[PrintPoint]:
        first, second, *rest = numbered(*given)
        payee = replace(second.payee, payload=second.payee.payload + "x" * 800)
        return [first, replace(second, payee=payee), *rest]

    monkeypatch.setattr("app.printing.actions.numbered", lengthened)
    lot = worked(app, ordered(browser))
    assert (lot.state, lot.pieces_count, lot.codes_right) == ("ready", 4, 4)
    page = browser.get(f"/desk/prints/{lot.id}").get_data(as_text=True)
    assert "A01-02" in page
    assert "Mã QR dài 894 ký tự" in page


def test_what_the_design_cannot_print_is_told_before_ordering(as_role: Browsers, stalls: list[Point]) -> None:
    del stalls
    browser = as_role(COORDINATOR)
    assert "In 5 bảng" in browser.get("/desk/prints/new?zone=all").get_data(as_text=True)
    read = ordering.point_of

    def lengthened(row: PrintableRow, *more: Any) -> PrintPoint:
        point = read(row, *more)
        return replace(point, shop_name="Bún riêu " * 120) if row.point_code == "A01-02" else point

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ordering, "point_of", lengthened)
        page = browser.get("/desk/prints/new?zone=all").get_data(as_text=True)
    assert "In 4 bảng" in page
    assert "Chữ “Bún riêu Bún riêu" in page


def test_what_hangs_already_is_not_printed_again_unless_asked(
    app: Flask, as_role: Browsers, stalls: list[Point]
) -> None:
    browser = as_role(COORDINATOR)
    worked(app, ordered(browser, only="A01"))
    page = browser.get("/desk/prints/new?zone=all").get_data(as_text=True)
    assert "In 2 bảng" in page
    assert "3 quầy đã có bản còn đúng của mẫu này" in page
    assert "1 quầy đã có bản" in browser.get("/desk/prints/new?zone=all&only=A01-02").get_data(as_text=True)
    assert "In 5 bảng" in browser.get("/desk/prints/new?zone=all&pieces=").get_data(as_text=True)
    assert "In 5 bảng" in browser.get("/desk/prints/new?zone=all&design=sticker-80").get_data(as_text=True)
    with unit_of_work():
        db.session.scalars(db.select(QrAsset).where(QrAsset.point_id == stalls[0].id)).one().state = "replaced"
        piece = db.session.scalars(db.select(PrintPiece).where(PrintPiece.point_id == stalls[1].id)).one()
        piece.state = "void"
    page = browser.get("/desk/prints/new?zone=all").get_data(as_text=True)
    assert "1 quầy đã có bản" in page, "a stale or void piece is no piece"
    lot = worked(app, ordered(browser))
    assert [piece.point_id for piece in lot.pieces] == [stalls[1].id, stalls[3].id, stalls[4].id]


def test_only_the_named_stalls(app: Flask, as_role: Browsers, stalls: list[Point]) -> None:
    del stalls
    browser = as_role(COORDINATOR)
    assert "In 2 bảng" in browser.get("/desk/prints/new?zone=all&only=a02").get_data(as_text=True)
    lot = worked(app, ordered(browser, only="A01-02..A01-03"))
    assert lot.pieces_count == 2


def test_the_preview_is_the_real_thing_and_cached(as_role: Browsers, stalls: list[Point]) -> None:
    browser = as_role(COORDINATOR)
    address = f"/desk/prints/preview.png?zone=all&theme=sen&point={stalls[0].id}"
    answer = browser.get(address)
    assert answer.mimetype == "image/png"
    assert answer.data.startswith(b"\x89PNG")
    again = browser.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = browser.get(address.replace("sen", "bien"))
    assert other.headers["ETag"] != answer.headers["ETag"]


def test_printed_and_handed_over(app: Flask, as_role: Browsers, stalls: list[Point]) -> None:
    browser = as_role(COORDINATOR)
    lot = worked(app, ordered(browser))
    shop = as_role(PRINT_SHOP)
    assert shop.post(f"/desk/prints/{lot.id}/handed", data={"csrf_token": token(browser)}).status_code in {400, 403}
    csrf = re.search(r'value="([^"]+)"', shop.get(f"/desk/prints/{lot.id}").get_data(as_text=True))
    assert csrf
    assert shop.post(f"/desk/prints/{lot.id}/printed", data={"csrf_token": csrf[1]}).status_code == 302
    db.session.expire_all()
    assert {piece.state for piece in lot.pieces} == {"printed"}
    stage = db.session.get_one(PointState, stalls[0].id).stage
    assert stage == "printed"
    browser.post(f"/desk/prints/{lot.id}/handed", data={"csrf_token": token(browser), "to": "Đội 1"})
    db.session.expire_all()
    assert (lot.state, lot.handed_to) == ("handed", "Đội 1")
    again = browser.post(f"/desk/prints/{lot.id}/printed", data={"csrf_token": token(browser)})
    assert again.status_code == 409


def test_a_changed_account_makes_pieces_stale_at_once(app: Flask, as_role: Browsers, stalls: list[Point]) -> None:
    browser = as_role(COORDINATOR)
    lot = worked(app, ordered(browser))
    assert stale_count(LAN) == 0
    now = datetime.now().astimezone()
    state = db.session.get_one(PointState, stalls[0].id)
    holder = db.session.get_one(Merchant, state.merchant_id)
    with unit_of_work():
        entry = NewAccount(bank_bin=MB, account_number="5550001112223", holder_name=holder.holder_name)
        proposed = propose_account(LAN, now, holder, entry)
    with unit_of_work():
        approve_account(BINH, now, proposed.id)
    assert stale_count(LAN) == 1
    page = browser.get("/desk/prints/pieces?stale=1").get_data(as_text=True)
    assert "Đã cũ, cần thay" in page
    assert lot.number in page
    shown = browser.get("/desk/map").get_data(as_text=True)
    assert "Chỉ điểm có bảng in đã cũ" in shown
    assert 'href="/desk/prints/pieces?stale=1"' in shown


def test_stale_pieces_are_marked_on_the_map_alone_for_the_office(
    app: Flask, as_role: Browsers, client: FlaskClient, stalls: list[Point]
) -> None:
    browser = as_role(COORDINATOR)
    worked(app, ordered(browser))
    with unit_of_work():
        for point in stalls:
            place = db.session.get_one(Point, point.id)
            place.lat, place.lng, place.cell, place.located_how = 19.8, 105.7, cell_of(19.8, 105.7), "pin"
        refresh_states(db.session.scalars(db.select(Merchant.id)).all())
    assert [spot["stale"] for spot in spots(browser)] == [False] * 6
    now = datetime.now().astimezone()
    holder = db.session.get_one(Merchant, db.session.get_one(PointState, stalls[2].id).merchant_id)
    with unit_of_work():
        entry = NewAccount(bank_bin=MB, account_number="5550001112223", holder_name=holder.holder_name)
        approve_account(BINH, now, propose_account(LAN, now, holder, entry).id)
    assert [spot["code"] for spot in spots(browser) if spot["stale"]] == ["A01-03"]
    assert [spot["code"] for spot in spots(browser, "?stale=1")] == ["A01-03"]
    plan = browser.get("/desk/map/cho-thu").get_data(as_text=True)
    assert "1 quầy có bảng in đã cũ, cần thay" in plan
    assert all("stale" not in spot for spot in spots(client))
    assert len(spots(client, "?stale=1")) == len(spots(client))


def spots(browser: FlaskClient, query: str = "") -> list[dict[str, object]]:
    found: list[dict[str, object]] = browser.get(f"/api/v1/map/cells{query}").get_json()["items"]
    return found


def test_a_stall_that_changes_hands_makes_its_piece_stale(app: Flask, as_role: Browsers, stalls: list[Point]) -> None:
    browser = as_role(COORDINATOR)
    worked(app, ordered(browser))
    now = datetime.now().astimezone()
    with unit_of_work():
        point = db.session.get_one(Point, stalls[0].id)
        newcomer = register_merchant(LAN, now, NewMerchant(holder_name="Lê Mới"), point.unit_id)
        hand_over(LAN, now, point, newcomer, now.date())
    assert stale_count(LAN) == 1


def test_a_reprint_counts_on_and_replaces(app: Flask, as_role: Browsers, stalls: list[Point]) -> None:
    del stalls
    browser = as_role(COORDINATOR)
    lot = worked(app, ordered(browser))
    piece = lot.pieces[1]
    form = {"csrf_token": token(browser), "piece": [piece.id], "reason": "bị ướt"}
    answer = browser.post(f"/desk/prints/{lot.id}/reprint", data=form)
    assert answer.status_code == 302
    again = db.session.scalars(db.select(PrintLot).order_by(PrintLot.id.desc())).first()
    assert again is not None
    again = worked(app, again)
    db.session.expire_all()
    assert piece.state == "replaced"
    assert [new.print_id for new in again.pieces] == [piece.print_id.replace("-1-", "-2-")]
    without = browser.post(f"/desk/prints/{lot.id}/reprint", data={**form, "reason": ""})
    assert without.status_code == 422


def test_a_lot_can_be_stopped_before_it_begins(as_role: Browsers, stalls: list[Point], app: Flask) -> None:
    del stalls
    browser = as_role(COORDINATOR)
    lot = ordered(browser)
    browser.post(f"/desk/prints/{lot.id}/stop", data={"csrf_token": token(browser)})
    db.session.expire_all()
    assert lot.state == "stopped"
    assert not run_next(app, HANDLERS)


def test_a_lot_stopped_while_running_leaves_no_file(
    app: Flask, as_role: Browsers, stalls: list[Point], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    del stalls
    lot = ordered(as_role(COORDINATOR))
    monkeypatch.setattr("app.printing.lots.PIECES_PER_CHUNK", 1)
    with unit_of_work():
        db.session.get_one(Job, lot.job_id).cancel_requested = True
    stopped = worked(app, lot)
    assert stopped.state == "stopped"
    assert not (settings.lots_dir / lot.number).exists()
    assert not any(settings.lots_dir.iterdir())


def test_a_lot_that_fails_the_gate_is_withheld(
    app: Flask, as_role: Browsers, stalls: list[Point], monkeypatch: pytest.MonkeyPatch
) -> None:
    del stalls
    browser = as_role(COORDINATOR)
    lot = ordered(browser)
    monkeypatch.setattr("app.paper.gate.QUIET_MODULES", 9)
    lot = worked(app, lot)
    assert lot.state == "withheld"
    assert not lot.pieces
    page = browser.get(f"/desk/prints/{lot.id}").get_data(as_text=True)
    assert "lề trắng" in page
    assert browser.get(f"/desk/prints/{lot.id}/files/lot.pdf").status_code == 404


def test_a_one_time_link_works_once_and_expires(
    app: Flask, as_role: Browsers, client: FlaskClient, stalls: list[Point]
) -> None:
    del stalls
    browser = as_role(COORDINATOR)
    lot = worked(app, ordered(browser))
    page = browser.post(f"/desk/prints/{lot.id}/link", data={"csrf_token": token(browser)}).get_data(as_text=True)
    found = re.search(r"/in/([\w-]+)", page)
    assert found
    secret = found[1]
    shown = client.get(f"/in/{secret}").get_data(as_text=True)
    assert lot.number in shown
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', shown)
    assert csrf
    assert "95×134 mm" in shown
    answer = client.post(f"/in/{secret}", data={"csrf_token": csrf[1]})
    assert answer.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
        assert book.namelist() == ["lot.pdf", "cover.pdf", "headers.pdf", "manifest.csv", "doc-truoc.txt"]
        assert hashlib.sha256(book.read("lot.pdf")).hexdigest() == lot.pdf_sha256
        listed = book.read("manifest.csv").decode("utf-8-sig")
    assert listed.startswith("sheet,cell,point_code,row,print_id,payload_crc\n1,1,A01-01,A01,")
    assert len(listed.splitlines()) == 6
    assert not [word for word in ("Nguyễn", "Quầy hàng", "0001") if word in listed]
    assert client.get(f"/in/{secret}").status_code == 404
    assert client.get("/in/khong-co").status_code == 404
    second = browser.post(f"/desk/prints/{lot.id}/link", data={"csrf_token": token(browser)}).get_data(as_text=True)
    late = re.search(r"/in/([\w-]+)", second)
    assert late
    with unit_of_work():
        row = db.session.scalars(db.select(PrintLink).where(PrintLink.token_sha256 == token_hash(late[1]))).one()
        row.expires_at -= timedelta(days=8)
    assert client.get(f"/in/{late[1]}").status_code == 404


def test_a_link_can_be_revoked_and_never_hands_out_stale_paper(
    app: Flask, as_role: Browsers, client: FlaskClient, stalls: list[Point]
) -> None:
    browser = as_role(COORDINATOR)
    lot = worked(app, ordered(browser))
    first, second = (address_of(browser, lot) for _ in range(2))
    link = db.session.scalars(db.select(PrintLink).order_by(PrintLink.id)).all()[0]
    assert "Thu hồi" in browser.get(f"/desk/prints/{lot.id}").get_data(as_text=True)
    revoke = f"/desk/prints/links/{link.id}/revoke"
    assert browser.post(revoke, data={"csrf_token": token(browser)}).status_code == 302
    assert browser.post(revoke, data={"csrf_token": token(browser)}).status_code == 409
    assert (client.get(first).status_code, client.get(second).status_code) == (404, 200)
    with unit_of_work():
        asset = db.session.scalars(db.select(QrAsset).where(QrAsset.point_id == stalls[0].id)).one()
        asset.state = "replaced"
    assert client.get(second).status_code == 409
    refused = browser.post(f"/desk/prints/{lot.id}/link", data={"csrf_token": token(browser)})
    assert "1 bản của lô này đã cũ" in refused.get_data(as_text=True)
    assert "1 bản của lô này đã cũ" in browser.get(f"/desk/prints/{lot.id}").get_data(as_text=True)


def address_of(browser: FlaskClient, lot: PrintLot) -> str:
    page = browser.post(f"/desk/prints/{lot.id}/link", data={"csrf_token": token(browser)}).get_data(as_text=True)
    found = re.search(r"/in/[\w-]+", page)
    assert found
    return found[0]


def test_what_a_print_shop_gets_names_no_phone_and_no_identity_number(
    app: Flask, as_role: Browsers, client: FlaskClient, stalls: list[Point], settings: Settings
) -> None:
    secrets = ("0987654321", "+84987654321", "0987 654 321", "987654321", "038099012345", "038099 012345")
    with unit_of_work():
        for holder in db.session.scalars(db.select(Merchant)):
            holder.phone, holder.tax_code = "+84987654321", "038099012345"
            holder.note = "gọi 0987 654 321, CCCD 038099012345"
    lot = worked(app, ordered(as_role(COORDINATOR)))
    address = address_of(as_role(COORDINATOR), lot)
    shown = client.get(address)
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', shown.get_data(as_text=True))
    assert csrf
    fetched = client.post(address, data={"csrf_token": csrf[1]})
    shop = as_role(PRINT_SHOP)
    pages = [shop.get(f"/desk/prints/{lot.id}"), shop.get("/desk/prints/pieces"), shown]
    told = [page.get_data(as_text=True) for page in pages]
    told += [f"{name}: {value}" for answer in (shown, fetched) for name, value in answer.headers]
    book = pypdfium2.PdfDocument(fetched.data)
    told += [page.get_textpage().get_text_bounded() for page in book]
    told += [str(book.get_metadata_dict()), fetched.data.decode("latin-1")]
    for file in (settings.lots_dir / lot.number).iterdir():
        told.append(file.read_bytes().decode("latin-1"))
        if file.suffix == ".xlsx":
            rows = openpyxl.load_workbook(file)
            told.append(str([cell.value for sheet in rows for row in sheet for cell in row]))
    assert len(stalls) == 6
    assert [secret for secret in secrets for text in told if secret in text] == []


def test_who_may_what(app: Flask, as_role: Browsers, client: FlaskClient, stalls: list[Point]) -> None:
    lot = worked(app, ordered(as_role(COORDINATOR)))
    assert client.get("/desk/prints").status_code in {302, 401}
    assert as_role(VOLUNTEER).get("/desk/prints").status_code == 403
    assert as_role(APPROVER).get("/desk/prints/new").status_code == 403
    columns = [as_role(role).get(f"/desk/prints/{lot.id}").text.count("In lại") for role in (PRINT_SHOP, COORDINATOR)]
    assert columns[0] == 0 < columns[1], "no empty column for whoever may not order"
    elsewhere = commune(datetime.now().astimezone(), "99002", "Nơi khác")
    stranger = as_role(COORDINATOR, scope=Scope("unit", elsewhere.id))
    assert stranger.get(f"/desk/prints/{lot.id}").status_code == 404
    assert stranger.get(f"/desk/prints/{lot.id}/files/lot.pdf").status_code == 404
    assert lot.number not in stranger.get("/desk/prints").get_data(as_text=True)
    assert "In 5 bảng" not in stranger.get("/desk/prints/new?zone=all").get_data(as_text=True)
    own = as_role(COORDINATOR, scope=Scope("unit", lot.unit_id or 0))
    assert own.get(f"/desk/prints/{lot.id}").status_code == 200
    assert stalls


def test_nothing_to_print_is_said(app: Flask, as_role: Browsers, tmp_path: Path) -> None:
    del app, tmp_path
    browser = as_role(COORDINATOR)
    page = browser.get("/desk/prints").get_data(as_text=True)
    assert "Chưa có lô in nào" in page
    assert "Chưa có điểm nào in được" in browser.get("/desk/prints/new").get_data(as_text=True)


def test_posters_with_the_communes_words(as_role: Browsers, stalls: list[Point]) -> None:
    zone = stalls[0].zone_id
    browser = as_role(COORDINATOR)
    page = browser.get("/desk/prints/posters").get_data(as_text=True)
    assert "Áp phích A3" in page
    assert "Băng rôn cổng chợ" in page
    answer = browser.get(f"/desk/prints/posters/poster-a4.pdf?zone={zone}")
    assert answer.data.startswith(b"%PDF")
    text = pypdfium2.PdfDocument(answer.data)[0].get_textpage().get_text_bounded()
    assert "XÃ CẨM THỬ" in text
    assert "/z/cho-thu" in text
    office = browser.get(f"/desk/prints/posters/poster-a4.pdf?zone={zone}&sheet=a4")
    assert "khong-cat-a4" in office.headers["Content-Disposition"]
    assert pypdfium2.PdfDocument(office.data)[0].get_size() == pytest.approx((595.3, 841.9), abs=0.1)
    wide = browser.get(f"/desk/prints/posters/banner.pdf?zone={zone}&width=3000")
    box = pypdfium2.PdfDocument(wide.data)[0].get_trimbox()
    assert box[2] - box[0] == pytest.approx(3000 * 72 / 25.4, abs=0.1)
    assert browser.get("/desk/prints/posters/banner.pdf?width=99").status_code == 422
    assert browser.get("/desk/prints/posters/standee-a6.pdf").status_code == 404
    assert as_role(PRINT_SHOP).get("/desk/prints/posters").status_code == 403


def test_points_by_row_and_by_what_they_have_on_paper(app: Flask, as_role: Browsers, stalls: list[Point]) -> None:
    assert stalls
    browser = as_role(COORDINATOR)
    page = browser.get("/desk/prints/new?zone=all&row=A02").get_data(as_text=True)
    assert "In 2 bảng" in page
    assert '<option value="A01">' in page
    worked(app, ordered(browser, row="A01"))
    assert "In 2 bảng" in browser.get("/desk/prints/new?zone=all&pieces=none").get_data(as_text=True)
    other = browser.get("/desk/prints/new?zone=all&pieces=none&design=sticker-80").get_data(as_text=True)
    assert "In 5 bảng" in other
    assert "Chưa có điểm nào in được" in browser.get("/desk/prints/new?zone=all&pieces=stale").get_data(as_text=True)
    with unit_of_work():
        db.session.scalars(db.select(PrintPiece)).all()[0].state = "void"
    assert "In 1 bảng" in browser.get("/desk/prints/new?zone=all&pieces=gone").get_data(as_text=True)


def test_themes_side_by_side(as_role: Browsers, stalls: list[Point]) -> None:
    assert stalls
    page = as_role(COORDINATOR).get("/desk/prints/compare?zone=all&row=A02&theme=sen").get_data(as_text=True)
    assert page.count("preview.png") == page.count("Chọn màu này") + 1 == 3
    assert "row=A02" in page


def test_which_paper_for_how_many(as_role: Browsers) -> None:
    browser = as_role(COORDINATOR)
    page = browser.get("/desk/prints/paper?design=standee-a6&count=5.000").get_data(as_text=True)
    assert "5.000 chiếc Bảng QR để bàn A6: SRA3 tràn lề 2 mm, 625 tờ" in page
    assert "1.250" in page
    assert "in từng chiếc một trang" in browser.get("/desk/prints/paper?design=banner&count=x").get_data(as_text=True)


def test_paper_is_counted_by_sheet_bleed_waste_and_cuts() -> None:
    design = load_design(stock().designs, "standee-a6")
    found = {(option.sheet, option.bleed_mm): option for option in paper_options(design, 5_000)}
    assert {place: option.sheets for place, option in found.items()} == {
        ("sra3", 3): 834, ("sra3", 2): 625, ("a3", 3): 1250, ("a4", 3): 2500, ("a4", 2): 1250
    }  # fmt: skip
    best = found["sra3", 2]
    assert (best.per_sheet, best.waste_percent, best.cuts) == (8, 14, 12)
    assert sum(design.width_mm * design.height_mm for _ in range(8)) / (320 * 450) == pytest.approx(0.86, abs=0.005)
    assert paper_options(design, 1)[0].waste_percent > 50

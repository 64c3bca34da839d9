"""What stands beside a code is under four eyes like the account itself (issue 11, findings S1-3, S2-7, S2-9).

Each test is a way in which one person tried to put another stall's words beside an account of their own, or another
account beside a stall's words.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.accounts.devices import issue_device
from app.actors import APPROVER, COORDINATOR, SYSTEM, VOLUNTEER, Actor
from app.approval.actions import FourEyesError, record_key
from app.audit.actions import record
from app.audit.queries import history_of
from app.db import db, unit_of_work
from app.errors import ConflictError, DomainError, RefusedError
from app.places.actions.zones import ZoneDetails, change_zone
from app.places.models import Unit, Zone
from app.qr import inspect, payees_of
from app.qr.emvco import crc
from app.registry.actions.accounts import adopt_provider_qr, approve_account, propose_account
from app.registry.actions.code_approval import approve_code
from app.registry.actions.erasing import erase_person
from app.registry.actions.label_approval import approve_label, refuse_label
from app.registry.actions.merchants import change_merchant
from app.registry.actions.points import change_point, vacate_point
from app.registry.models import CodeLabel, Merchant, PaymentAccount, Point, QrAsset, Tenancy
from app.registry.queries.approvals import waiting_labels
from app.registry.queries.issues import issues_of
from app.registry.queries.printable import PointFilter, PrintableRow, printable
from app.registry.rules.entries import NewAccount, NewMerchant, NewPoint
from app.vn.dates import local_date
from tests.conftest import Browser
from tests.registry.scene import (
    BINH,
    CUC,
    DUNG,
    LAN,
    MB,
    account,
    approved,
    commune,
    market,
    merchant,
    stall,
)
from tests.registry.test_pages import post

DAY = timedelta(hours=24)
As = Callable[..., FlaskClient]


@pytest.fixture
def unit(app: Flask, now: datetime) -> Unit:
    return commune(now)


@pytest.fixture
def zone(unit: Unit, now: datetime) -> Zone:
    return market(now, unit, "Chợ Bến")


@pytest.fixture
def victim(unit: Unit, zone: Zone, now: datetime) -> Merchant:
    """Sells at S2-39, has an approved account, and perhaps a piece on the wall."""
    shop = merchant(now, unit, "Huỳnh Thuỳ Mẫu", shop_name="Cắt tóc dì Mẫu")
    stall(now, shop, zone, "S2-39", place="Cổng bắc")
    approved(now, shop, "1111111111")
    return shop


def point_of(shop: Merchant) -> Point:
    held = select(Tenancy.point_id).where(Tenancy.merchant_id == shop.id, Tenancy.valid_to.is_(None))
    return db.session.scalars(select(Point).where(Point.id.in_(held)).order_by(Point.id)).all()[0]


def on_paper(now: datetime) -> list[PrintableRow]:
    return printable(PointFilter(), now)[0]


def reasons(now: datetime) -> list[str]:
    return [each.reason for each in printable(PointFilter(), now)[1]]


def rename(actor: Actor, now: datetime, shop: Merchant, **words: str) -> None:
    """Changes the record's own words, as the form does."""
    entry = NewMerchant(shop.holder_name, shop.shop_name, shop.kind)
    with unit_of_work():
        change_merchant(actor, now, shop, replace(entry, **words), shop.version)  # type: ignore[arg-type]


def move(actor: Actor, now: datetime, point: Point, **words: object) -> None:
    """Changes the point's words, as the form does."""
    entry = NewPoint(code=point.code, zone_id=point.zone_id, row=point.row, place=point.place)
    with unit_of_work():
        change_point(actor, now, point, replace(entry, **words))  # type: ignore[arg-type]


def changed(actor: Actor, now: datetime, shop: Merchant, field: str) -> None:
    point = point_of(shop)
    match field:
        case "zone":
            zone = db.session.get_one(Zone, point.zone_id)
            with unit_of_work():
                change_zone(zone, ZoneDetails(zone.unit_id, zone.kind, "Chợ Khác"), actor, now)
        case "code" | "place" | "row":
            move(actor, now, point, **{field: "KHÁC"})
        case _:
            rename(actor, now, shop, **{field: "Người Khác"})


def test_the_same_words_in_another_commune_are_another_stall(victim: Merchant, now: datetime) -> None:
    """A point with a code is not moved onto a market of the same name elsewhere."""
    there = market(now, commune(now, "99002", "Xã Khác"), "Chợ Bến")
    with pytest.raises(ConflictError, match="không chuyển sang xã khác được"):
        move(LAN, now, point_of(victim), zone_id=there.id, unit_id=there.unit_id)


@pytest.mark.parametrize("blank", ["\u3164", "\u2800", "\u200b\u115f"])
def test_a_holder_that_nobody_sees_is_none(unit: Unit, now: datetime, blank: str) -> None:
    shop = merchant(now, unit, "Trần Thị Nạn")
    with unit_of_work():
        entry = NewAccount(bank_bin=MB, account_number="6666666666", holder_name=blank)
        assert propose_account(LAN, now, shop, entry).holder_name == "Trần Thị Nạn"


def test_a_twin_by_a_puppet_volunteer(victim: Merchant, unit: Unit, zone: Zone, now: datetime) -> None:
    """The coordinator renames the victim's stall, makes a twin under its old code; a volunteer of theirs proposes."""
    with unit_of_work():
        record_key(LAN, now, DUNG.id or 0, "phone")
    move(LAN, now, point_of(victim), code="S2-39X")
    twin = merchant(now, unit, "Huỳnh Thuỳ Mẫu", shop_name="Cắt tóc dì Mẫu")
    stall(now, twin, zone, "s2 - 39")
    with unit_of_work():
        proposal = propose_account(DUNG, now, twin, NewAccount(bank_bin=MB, account_number="6666666666"))
    for puppeteer in (LAN, DUNG):
        with pytest.raises(DomainError), unit_of_work():
            approve_account(puppeteer, now, proposal.id)
    assert on_paper(now) == [], "nor is the renamed stall printed"
    with unit_of_work():
        assert approve_account(BINH, now, proposal.id).is_change
    assert on_paper(now) == [], "a twin rests like a change"
    assert [row.account_number for row in on_paper(now + DAY)] == ["6666666666"]


@pytest.mark.parametrize(
    ("holder", "shop_name", "code"), [("Trần Ai", "", "S02-39"), ("Huynh Thuy Mau", "Dì Mẫu cắt tóc", "B1")]
)
def test_a_twin_is_found_by_stall_or_by_name(
    victim: Merchant, unit: Unit, zone: Zone, now: datetime, holder: str, shop_name: str, code: str
) -> None:
    twin = merchant(now, unit, holder, shop_name=shop_name)
    stall(now, twin, zone, code)
    assert approved(now, twin, "6666666666").is_change
    assert [row.account_number for row in on_paper(now)] == ["1111111111"]


def test_others_are_no_twins(victim: Merchant, unit: Unit, zone: Zone, now: datetime) -> None:
    """Another person at another stall; the same code in another market; the same account."""
    other = merchant(now, unit, "Huỳnh Thuỳ Mẫu")
    stall(now, other, zone, "S2-40")
    namesake = merchant(now, unit, "Trần Ai")
    stall(now, namesake, market(now, unit, "Chợ Đình"), "S2-39")
    second = merchant(now, unit, "Huỳnh Thuỳ Mẫu", shop_name="Cắt tóc dì Mẫu")
    stall(now, second, zone, "S2-41")
    assert not approved(now, other, "2222222222").is_change
    assert not approved(now, namesake, "3333333333").is_change
    assert not approved(now, second, "1111111111").is_change
    assert len(on_paper(now)) == 4


@pytest.mark.parametrize("field", ["holder_name", "shop_name", "code", "place", "row", "zone"])
def test_relabelling_an_approved_record(victim: Merchant, now: datetime, field: str) -> None:
    assert [row.payload for row in on_paper(now)]
    changed(LAN, now, victim, field)
    assert on_paper(now + 9 * DAY) == []
    assert reasons(now + 9 * DAY)[0].startswith("Đổi tên sau khi duyệt, chờ duyệt lại:")
    (waiting,) = waiting_labels(BINH)
    assert {each.user_id for each in waiting.behind} == {LAN.id}
    assert [each.kind for each in issues_of(victim.id, now)][:1] == ["code_waits"]
    with pytest.raises(FourEyesError), unit_of_work():
        approve_label(replace(LAN, roles=frozenset({COORDINATOR, APPROVER})), now, waiting.point.id)
    with pytest.raises(ConflictError), unit_of_work():
        approve_label(BINH, now, waiting.point.id, seen="khác")
    with unit_of_work():
        approve_label(BINH, now, waiting.point.id, waiting.seen)
    assert on_paper(now) == []
    assert "chưa đủ 24 giờ" in reasons(now)[0]
    assert len(on_paper(now + DAY)) == 1
    assert history_of("point", waiting.point.id)[0].action in {"qr.label", "point.open"}
    assert waiting_labels(BINH) == []


def test_what_is_taken_back_or_no_change_binds_nobody(victim: Merchant, now: datetime) -> None:
    rename(LAN, now, victim, shop_name="Tiệm Khác")
    rename(BINH, now, victim, shop_name="Cắt tóc dì Mẫu")
    assert len(on_paper(now)) == 1
    with unit_of_work():  # written past every form: apart letters and a double blank
        victim.shop_name = "Cắt tóc  dì Mẫu"
    assert (len(on_paper(now)), waiting_labels(BINH)) == (1, [])
    rename(LAN, now, victim, shop_name="Tiệm Mới")
    (waiting,) = waiting_labels(BINH)
    assert {each.user_id for each in waiting.behind} == {LAN.id}, "what was taken back before is nobody's change"
    rename(CUC, now, victim, shop_name="Tiệm Mới Hơn")
    with pytest.raises(FourEyesError), unit_of_work():
        approve_label(CUC, now, waiting.point.id)
    with unit_of_work():
        approve_label(BINH, now, waiting.point.id)


def test_a_change_that_is_refused_waits_for_nobody(victim: Merchant, now: datetime) -> None:
    rename(LAN, now, victim, shop_name="Nhà thuốc anh Loan")
    point = point_of(victim)
    with pytest.raises(RefusedError), unit_of_work():
        refuse_label(BINH, now, point.id, " ")
    with unit_of_work():
        refuse_label(BINH, now, point.id, "Không phải tên sạp này")
    assert waiting_labels(BINH) == []
    assert "bị từ chối: Không phải tên sạp này" in reasons(now)[0]
    rename(LAN, now, victim, shop_name="Cắt tóc dì Mẫu")
    assert len(on_paper(now)) == 1


def test_a_change_that_the_audit_does_not_know_is_the_approvers(victim: Merchant, now: datetime) -> None:
    with unit_of_work():
        victim.shop_name = "Nhà thuốc anh Loan"
    assert on_paper(now) == []
    with pytest.raises(FourEyesError), unit_of_work():
        approve_label(BINH, now, point_of(victim).id)
    with unit_of_work():
        approve_label(CUC, now, point_of(victim).id)


def test_whoever_corrects_a_proposal_does_not_approve_it(
    victim: Merchant, unit: Unit, zone: Zone, now: datetime
) -> None:
    """A volunteer proposes for a friend's record; the coordinator gives it the victim's name, and says yes."""
    friend = merchant(now, unit, "Lê Bạn")
    stall(now, friend, zone, "C3")
    proposal = account(now, friend, "6666666666", by=DUNG)
    rename(LAN, now, friend, shop_name="Cắt tóc dì Mẫu", holder_name="Huỳnh Thuỳ Mẫu")
    with pytest.raises(FourEyesError, match="sửa tên"), unit_of_work():
        approve_account(LAN, now, proposal.id)
    with pytest.raises(ConflictError, match="xem riêng"), unit_of_work():
        approve_account(BINH, now, proposal.id, only_first=True)
    with unit_of_work():
        assert approve_account(BINH, now, proposal.id).is_change


def test_a_new_stall_of_an_approved_record_waits(victim: Merchant, zone: Zone, now: datetime) -> None:
    """Nobody takes a friend's approved account to a stall alone, be it the victim's or an empty one."""
    point = stall(now, victim, zone, "C3")
    assert [row.point_code for row in on_paper(now + 9 * DAY)] == ["S2-39"]
    (asset,) = db.session.scalars(select(QrAsset).where(QrAsset.state == "proposed"))
    with pytest.raises(FourEyesError), unit_of_work():
        approve_code(replace(LAN, roles=frozenset({APPROVER})), now, asset.id)
    with unit_of_work():
        approve_code(BINH, now, asset.id)
    assert {row.point_code for row in on_paper(now)} == {"S2-39", "C3"}, "nothing hung there: no rest"
    with unit_of_work():
        vacate_point(LAN, now, point, local_date(now))
        record(LAN, now, "thử", ("thử", 1))
    assert stall(now, victim, zone, "C3").id == point.id
    assert {row.point_code for row in on_paper(now)} == {"S2-39", "C3"}, "as two people agreed before"


def test_a_blank_holder_is_the_one_proposed_for_good(unit: Unit, zone: Zone, now: datetime) -> None:
    shop = merchant(now, unit, "Lê Bạn")
    stall(now, shop, zone, "C3")
    with unit_of_work():
        proposal = propose_account(LAN, now, shop, NewAccount(bank_bin=MB, account_number="6666666666"))
        approve_account(BINH, now, proposal.id)
    rename(LAN, now, shop, holder_name="Huỳnh Thuỳ Mẫu")
    with unit_of_work():
        approve_label(BINH, now, point_of(shop).id)
    assert [row.holder_name for row in on_paper(now + DAY)] == ["Lê Bạn"]


#: What an approved row may not become, whoever holds the database.
FORBIDDEN = (
    "UPDATE qr_asset SET payload = :payload",
    "UPDATE qr_asset SET payload_sha256 = 'x'",
    "UPDATE qr_asset SET print_from = NULL",
    "UPDATE payment_account SET account_number = '6666666666'",
    "UPDATE payment_account SET bank_bin = '970422'",
    "UPDATE payment_account SET holder_name = 'Khác'",
    "UPDATE payment_account SET state = 'proposed'",
    "UPDATE payment_account SET decided_by_id = 9",
    "UPDATE code_label SET shop_name = 'Khác'",
    "DELETE FROM code_label",
    "DELETE FROM qr_asset",
    "DELETE FROM payment_account",
)


def test_the_database_keeps_what_was_approved(victim: Merchant, now: datetime) -> None:
    for statement in FORBIDDEN:
        with pytest.raises(DBAPIError, match=r"kept as they were approved|FOREIGN KEY|foreign key"), unit_of_work():
            db.session.execute(text(statement), {"payload": b"x"} if ":payload" in statement else {})
    proposed = stall(now, victim, db.session.get_one(Zone, point_of(victim).zone_id), "C3")
    with pytest.raises(DBAPIError, match="kept as they were approved"), unit_of_work():
        db.session.execute(text(f"UPDATE qr_asset SET state = 'active' WHERE point_id = {proposed.id}"))
    assert len(on_paper(now)) == 1


def test_erasing_a_person_still_overwrites_them(victim: Merchant, now: datetime) -> None:
    rename(LAN, now, victim, shop_name="Tiệm Mới")
    with unit_of_work():
        erase_person(SYSTEM, now, victim, "secret")
    asset, label = db.session.scalars(select(QrAsset)).one(), db.session.scalars(select(CodeLabel)).one()
    assert (asset.payload, asset.state, db.session.scalars(select(PaymentAccount)).one().holder_name) == (
        b"",
        "replaced",
        "",
    )
    assert not any(label.label.values.values())
    assert (label.name_key, label.code_key, label.stall_key) == ("", "", "")


#: Written past the triggers, by whoever owns the file or by a failing disk -> what print says.
TAMPERED = (
    ("UPDATE qr_asset SET payload = :payload", "khác với lúc duyệt"),
    ("UPDATE qr_asset SET payload = :payload, payload_sha256 = :sum", "khác với lúc duyệt"),
    ("UPDATE payment_account SET account_number = '6666666666'", "khác với lúc duyệt"),
    ("UPDATE code_label SET shop_name = 'Nhà thuốc anh Loan'", "khác với nhật ký"),
    ("UPDATE code_label SET print_from = NULL", "khác với nhật ký"),
    ("UPDATE payment_account SET holder_name = 'Khác'", "chờ duyệt lại"),
    ("UPDATE payment_account SET holder_name = ''", "chủ tài khoản"),
)


@pytest.mark.parametrize(("statement", "said"), TAMPERED)
def test_print_follows_the_chain_again(
    victim: Merchant, unit: Unit, zone: Zone, now: datetime, statement: str, said: str
) -> None:
    other = merchant(now, unit, "Lê Bạn")
    stall(now, other, zone, "C3")
    approved(now, other, "2222222222")
    table = statement.split()[1]
    key = {"qr_asset": "account_id", "payment_account": "id", "code_label": "asset_id"}[table]
    _without_triggers(table)
    values = {"payload": b"x", "sum": "0" * 64}
    with unit_of_work():
        wanted = text(f"{statement} WHERE {key} = 1")
        db.session.execute(wanted, {name: value for name, value in values.items() if f":{name}" in statement})
    db.session.expire_all()
    assert [row.point_code for row in on_paper(now)] == ["C3"], "the rest is printed"
    assert said in reasons(now)[0]


def test_a_code_that_nobody_issued_is_not_printed(victim: Merchant, now: datetime) -> None:
    """Rows put in beside the program: the audit knows no issue, no approval."""
    asset = db.session.scalars(select(QrAsset)).one()
    copied = {column.name: getattr(asset, column.name) for column in QrAsset.__table__.columns if column.name != "id"}
    with unit_of_work():
        asset.state, asset.ended_at = "replaced", now
        db.session.flush()
        db.session.add(QrAsset(**copied | {"serial": "GIAMAO23"}))
    assert on_paper(now) == []
    assert "Nhật ký không có lượt duyệt" in reasons(now)[0]


def _without_triggers(table: str) -> None:
    with unit_of_work():
        if db.engine.dialect.name == "sqlite":
            db.session.execute(text(f"DROP TRIGGER {table}_no_update"))
        else:
            db.session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER {table}_kept"))


def napas(bank: str, number: str) -> str:
    inner = f"00{len(bank):02d}{bank}01{len(number):02d}{number}"
    body = f"0010A00000072701{len(inner):02d}{inner}0208QRIBFTTA"
    return f"{len(body):02d}{body}"


def sealed(fields: str) -> bytes:
    return f"{fields}6304{crc(fields + '6304')}".encode()


@pytest.mark.parametrize("tag", ["26", "51", "80"])
def test_a_hidden_second_account_is_refused(victim: Merchant, now: datetime, tag: str) -> None:
    both = {"38": napas("970436", "1111111111"), tag: napas("970422", "6666666666")}
    fields = "".join(f"{key}{both[key]}" for key in sorted(both))
    code = sealed(f"000201010211{fields}53037045802VN")
    assert inspect(code.decode()).valid
    with pytest.raises(RefusedError, match="hai tài khoản VietQR"), unit_of_work():
        adopt_provider_qr(LAN, now, victim, code, "khác")


#: Ordinary codes of wallets and banks (invented twins of real ones) -> whom else they name.
ORDINARY = {
    "MoMo": (
        (
            "00020101021126220007vn.momo0207123456738630010A000000727013300069710250119PMC00000000000000120208QRIBFTTA"
            "53037045802VN6304BA3F"
        ),
        ["MoMo 1234567 (trường 26)"],
    ),
    "UnionPay": (
        (
            "0002010102111531313970070400520446000001234567838550010A000000727012500069704230111000123456780208QRIBFTTA"
            "5204513753037045802VN5910LE VAN MAU6006Ha Noi8707CLASSIC63045E65"
        ),
        ["thẻ UnionPay 3139700704005204460000012345678 (trường 15)"],
    ),
    "Zalo": (
        (
            "00020101021138550010A000000727012500069704230111123456789010208QRIBFTTA53037045802VN80300012com.vng.zalo"
            "0110ZABANKCARD6304800C"
        ),
        ["Zalo ZABANKCARD (trường 80)"],
    ),
    "one account twice": (
        sealed(f"00020126{napas('970436', '1111')}38{napas('970436', '1111')}53037045802VN").decode(),
        ["Vietcombank 1111 (trường 26)"],
    ),
}


@pytest.mark.parametrize("name", ORDINARY)
def test_who_else_a_providers_code_pays_is_said(
    victim: Merchant, unit: Unit, now: datetime, as_role: As, name: str
) -> None:
    payload, others = ORDINARY[name]
    named = payees_of(inspect(payload))
    assert ([each.words for each in named.others], named.conflict) == (others, False)
    with unit_of_work():
        adopted = adopt_provider_qr(LAN, now, victim, payload.encode(), "momo")
    assert adopted.state == "proposed"
    page = as_role(APPROVER).get("/desk/approvals").get_data(as_text=True)
    assert "Mã này còn trả được vào:" in page
    assert named.others[0].reader in page


def test_a_point_is_relabelled_and_agreed_to_on_the_pages(
    client: FlaskClient, victim: Merchant, now: datetime, as_role: As, app: Flask
) -> None:
    """By PATCH of the API: the code waits, old stands beside new with who changed it, one click settles it."""
    shop_code, point = victim.code, point_of(victim)
    coordinator, approver = as_role(COORDINATOR, name="lan.doi"), as_role(APPROVER, name="binh.duyet")
    with unit_of_work():
        _, token = issue_device(SYSTEM, now, coordinator.user, "api", "thử")  # type: ignore[attr-defined]
    bearer = {"Authorization": f"Bearer {token}"}
    body: dict[str, Any] = {"version": victim.version, "shop_name": "Nhà thuốc anh Loan"}
    assert client.patch(f"/api/v1/merchants/{shop_code}", json=body, headers=bearer).status_code == 200
    assert client.patch(f"/api/v1/points/{point.id}", json={"code": "S2-19"}, headers=bearer).status_code == 200
    db.session.expire_all()
    assert on_paper(now) == []
    page = approver.get("/desk/approvals").get_data(as_text=True)
    for words in ("Đổi tên, đổi chỗ sau khi duyệt", "Cắt tóc dì Mẫu", "Nhà thuốc anh Loan", "S2-39", "S2-19"):
        assert words in page
    assert coordinator.user.full_name in page  # type: ignore[attr-defined]
    assert "không được tự duyệt" in coordinator.get("/desk/approvals").get_data(as_text=True)
    (waiting,) = waiting_labels(BINH)
    assert isinstance(approver, Browser)
    answer = post(approver, "/desk/approvals/labels", label=f"{point.id}:{waiting.seen}")
    assert answer.status_code == 302
    db.session.expire_all()
    assert waiting_labels(BINH) == []
    assert on_paper(now) == []


def test_a_volunteer_approves_no_words(victim: Merchant, now: datetime, as_role: As) -> None:
    rename(LAN, now, victim, shop_name="Tiệm Mới")
    volunteer = as_role(VOLUNTEER)
    assert isinstance(volunteer, Browser)
    assert post(volunteer, "/desk/approvals/labels", label=f"{point_of(victim).id}").status_code == 403
    with pytest.raises(DomainError), unit_of_work():
        approve_label(DUNG, now, point_of(victim).id)

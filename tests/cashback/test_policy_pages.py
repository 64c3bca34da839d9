"""Policies on the page: written in a form, decided by another person, whose they are, how one follows another."""

import hashlib
from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from app.actors import APPROVER, COORDINATOR, PROVIDER, Scope
from app.audit.models import AuditEvent
from app.cashback.drafting.actions import propose_policy
from app.cashback.drafting.document import policy_document
from app.cashback.drafting.fields import fields_of, unsealed
from app.cashback.drawing.sealing import opened
from app.cashback.models import DrawCommitment, PolicyVersion
from app.cashback.policy_file import PolicyRefusedError, parse_policy
from app.cashback.queries import known_points, shipped
from app.cashback.rules import Policy
from app.db import db
from app.errors import RefusedError
from app.settings import Settings
from tests.registry.scene import LAN, commune, market, merchant, stall

Signed = Callable[..., FlaskClient]
SHIPPED = {each.policy.policy_id: each.policy for each in shipped()}
QR = SHIPPED["qr-experience-point"]
NEW = "/desk/cashback/policies/new"


def post(browser: FlaskClient, address: str, fields: object = None, **more: str) -> TestResponse:
    data: MultiDict[str, str] = MultiDict(fields or [])  # type: ignore[arg-type]
    data.update({"csrf_token": browser.form_token(), **more})  # type: ignore[attr-defined]
    return browser.post(address, data=data, follow_redirects=True)


def kept(browser: FlaskClient, policy: Policy = QR, **changed: str) -> PolicyVersion:
    fields = MultiDict(fields_of(unsealed(policy)))
    for name, text in changed.items():
        fields[name] = text
    answer = post(browser, NEW, fields, tab="form", do="keep")
    assert "chờ người khác duyệt" in answer.text, answer.text
    return db.session.scalars(db.select(PolicyVersion).order_by(PolicyVersion.id.desc())).first()  # type: ignore[return-value]


def approved(browser: FlaskClient, version: PolicyVersion) -> PolicyVersion:
    assert "được duyệt và áp dụng" in post(browser, f"/desk/cashback/policies/{version.id}/approve").text
    return db.session.get_one(PolicyVersion, version.id, populate_existing=True)


def test_a_form_becomes_a_version_that_says_the_same(app: Flask, as_role: Signed) -> None:
    version = kept(as_role(COORDINATOR), title="Hoàn tiền chợ phiên", budget="50.000.000")
    said = parse_policy(version.document.encode(), "x")
    assert (said.title, said.budget_vnd, said.rewards) == ("Hoàn tiền chợ phiên", 50_000_000, QR.rewards)


def test_a_fault_keeps_what_was_typed_and_leads_to_its_field(app: Flask, as_role: Signed) -> None:
    fields = MultiDict(fields_of(QR))
    fields["r1-vnd"], fields["title"] = "năm nghìn", "Tên vừa gõ"
    page = post(as_role(COORDINATOR), NEW, fields, tab="form", do="keep").text
    assert 'href="#r1-vnd"' in page
    assert 'value="năm nghìn"' in page
    assert 'value="Tên vừa gõ"' in page
    assert db.session.scalars(db.select(PolicyVersion)).all() == []


def test_words_follow_as_one_types_and_parts_are_added(app: Flask, as_role: Signed) -> None:
    browser, fields = as_role(COORDINATOR), MultiDict(fields_of(QR))
    fields["r1-vnd"] = "7.000"
    part = post(browser, "/desk/cashback/policies/preview", fields, tab="form").text
    assert "Khách hàng được 7.000" in part
    assert "<html" not in part
    more = post(browser, NEW, fields, tab="form", do="add-reward").text
    assert "Phần thưởng 3" in more
    yaml = post(browser, NEW, fields, tab="form", do="as-yaml").text
    assert "pay_vnd: 7000" in yaml
    document = policy_document(QR).replace("5000", "8000")
    back = post(browser, NEW, {"document": document}, tab="yaml", do="as-form").text
    assert 'name="r1-vnd" type="text" value="8.000"' in back


def test_the_same_person_or_session_never_decides(app: Flask, as_role: Signed) -> None:
    author, approver = as_role(COORDINATOR), as_role(APPROVER)
    version = kept(author)
    refused = post(author, f"/desk/cashback/policies/{version.id}/approve").text
    assert "không được tự duyệt" in refused
    version.created_session = approver_session(approver)
    db.session.commit()
    assert "trên phiên làm việc này" in post(approver, f"/desk/cashback/policies/{version.id}/approve").text
    assert db.session.get_one(PolicyVersion, version.id, populate_existing=True).state == "draft"
    assert as_role(PROVIDER).post(f"/desk/cashback/policies/{version.id}/approve").status_code in (400, 403)


def approver_session(browser: FlaskClient) -> str:
    with browser.session_transaction() as session:
        return str(session["sid"])


def test_a_draft_is_refused_or_withdrawn_with_a_reason(app: Flask, as_role: Signed) -> None:
    author, approver = as_role(COORDINATOR), as_role(APPROVER)
    first = kept(author)
    assert "Chưa ghi lý do" in post(approver, f"/desk/cashback/policies/{first.id}/refuse").text
    page = post(approver, f"/desk/cashback/policies/{first.id}/refuse", reason="mức quá cao").text
    assert "mức quá cao" in page
    assert "rồi" in post(approver, f"/desk/cashback/policies/{first.id}/approve").text
    second = kept(author)
    assert second.version == 2
    assert "nhầm" in post(author, f"/desk/cashback/policies/{second.id}/withdraw", reason="nhầm").text
    acts = set(db.session.scalars(db.select(AuditEvent.action)))
    assert {"policy.propose", "policy.refuse", "policy.withdraw"} <= acts


def test_the_next_version_takes_over_on_its_first_day(app: Flask, as_role: Signed) -> None:
    author, approver = as_role(COORDINATOR), as_role(APPROVER)
    first = approved(approver, kept(author))
    second = kept(author, first_day="15/10/2023", budget="3.000.000")
    page = author.get(f"/desk/cashback/policies/{second.id}").text
    assert "Khác bản 1" in page
    assert "3.000.000" in page
    approved(approver, second)
    first = db.session.get_one(PolicyVersion, first.id, populate_existing=True)
    assert (first.state, str(first.ends_on)) == ("active", "2023-10-14")
    compare = author.get(f"/desk/cashback/policies/{second.id}/compare?with={first.id}").text
    assert "3.000.000" in compare
    third = approved(approver, kept(author, first_day=""))
    assert third.version == 3
    states = [each.state for each in db.session.scalars(db.select(PolicyVersion).order_by(PolicyVersion.version))]
    assert states == ["active", "retired", "active"]


def test_a_policy_belongs_to_a_commune_and_is_not_there_for_another(app: Flask, as_role: Signed, now: datetime) -> None:
    here, there = (Scope("unit", commune(now, code, name).id) for code, name in (("99001", "Một"), ("98002", "Hai")))
    author, stranger = as_role(COORDINATOR, scope=here), as_role(COORDINATOR, scope=there)
    version = approved(as_role(APPROVER, scope=here), kept(author))
    assert version.unit_id == here.id
    for part in ("", "/compare", "/policy.yaml"):
        assert author.get(f"/desk/cashback/policies/{version.id}{part}").status_code == 200
        assert stranger.get(f"/desk/cashback/policies/{version.id}{part}").status_code == 404
    for act in ("approve", "refuse", "withdraw", "run"):
        assert post(stranger, f"/desk/cashback/policies/{version.id}/{act}", reason="x").status_code == 404
    assert stranger.get(f"{NEW}?version={version.id}").status_code == 404
    assert QR.title not in stranger.get("/desk/cashback/policies").text
    assert QR.policy_id not in stranger.get("/desk/cashback/policies/versions.csv").text
    own = kept(stranger)
    assert (own.unit_id, own.version) == (there.id, 1), "each commune numbers its own"
    theirs = kept(stranger, unit_id=str(here.id))
    assert theirs.unit_id == there.id, "another commune cannot be chosen"


def test_a_policy_of_the_whole_system_is_seen_but_not_decided_by_a_commune(
    app: Flask, as_role: Signed, now: datetime
) -> None:
    here = Scope("unit", commune(now, "99001", "Một").id)
    commune(now, "98002", "Hai")
    everyones = kept(as_role(COORDINATOR))
    assert everyones.unit_id is None
    local = as_role(APPROVER, scope=here)
    assert local.get(f"/desk/cashback/policies/{everyones.id}").status_code == 200
    assert "của cả hệ thống" in post(local, f"/desk/cashback/policies/{everyones.id}/approve").text
    assert approved(as_role(APPROVER), everyones).state == "active"


def test_points_come_from_the_zones_of_the_policy(app: Flask, now: datetime) -> None:
    unit, other = commune(now, "99001", "Một"), commune(now, "98002", "Hai")
    inside, outside = market(now, unit, "Chợ Trong"), market(now, unit, "Chợ Ngoài")
    holder, neighbour = merchant(now, unit, "Nguyễn Thị Một"), merchant(now, unit, "Trần Văn Hai")
    stranger = merchant(now, other, "Lê Thị Ba")
    stall(now, holder, inside, "A01-01")
    stall(now, neighbour, outside, "B01-01")
    document = policy_document(QR).replace("rewards:", f"zones: [{inside.slug}]\nrewards:")
    for slug, unit_id in (("khong-co", unit.id), (inside.slug, other.id)):
        with pytest.raises(PolicyRefusedError, match="không có khu"):
            propose_policy(LAN, now, document.replace(inside.slug, slug), unit_id)
    assert propose_policy(LAN, now, document, unit.id).state == "draft"
    zoned = known_points(parse_policy(document.encode(), "x"), unit.id)
    assert holder.code in zoned
    assert "A01-01" in zoned
    assert neighbour.code not in zoned
    everywhere = known_points(QR, unit.id)
    assert {holder.code, neighbour.code} <= set(everywhere)
    assert stranger.code not in everywhere
    assert stranger.code in known_points(QR, None)


def test_approving_a_draw_seals_a_seed_and_publishes_its_hash(app: Flask, as_role: Signed, settings: Settings) -> None:
    author, approver = as_role(COORDINATOR), as_role(APPROVER)
    version = kept(author, SHIPPED["gold-daily"])
    assert "seed_sha256: null" in version.document
    version = approved(approver, version)
    draw = db.session.scalars(db.select(DrawCommitment)).one()
    assert draw.seed_sha256 in version.document
    assert draw.sealed_seed is not None
    seed = opened(draw.sealed_seed, settings.secret_key, draw.slug)
    assert hashlib.sha256(seed.encode()).hexdigest() == draw.seed_sha256
    assert seed.encode() not in draw.sealed_seed
    for wrong_key, slug in (("khoá khác" * 8, draw.slug), (settings.secret_key, "khác")):
        with pytest.raises(RefusedError, match="khoá của máy này"):
            opened(draw.sealed_seed, wrong_key, slug)
    assert seed not in author.get(f"/desk/cashback/policies/{version.id}").text
    following = kept(author, SHIPPED["gold-daily"])
    assert "seed_sha256: null" in following.document
    sample = next(each.document for each in shipped() if each.policy.policy_id == "qr-voucher")
    post(author, NEW, {"document": sample}, tab="yaml", do="keep")
    raw = db.session.scalars(db.select(PolicyVersion).where(PolicyVersion.policy_id == "qr-voucher")).one()
    assert "mã mẫu" in post(approver, f"/desk/cashback/policies/{raw.id}/approve").text


@pytest.mark.parametrize(
    "address", ["", "/new", "/new?from=spread-fund", "/new?from=gold-daily", "?state=draft", "?state=x"]
)
def test_empty_pages_open(app: Flask, as_role: Signed, address: str) -> None:
    assert as_role(COORDINATOR).get(f"/desk/cashback/policies{address}").status_code == 200

"""The office's pages of places."""

import io
import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.actors import ADMIN, COORDINATOR, SYSTEM, VOLUNTEER, Scope
from app.db import db, unit_of_work
from app.places import actions, queries
from app.places.actions import ZoneDetails
from app.places.models import Unit, UnitAlias, Zone

Signed = Callable[..., FlaskClient]
SQUARE = {"type": "Polygon", "coordinates": [[[105.0, 20.0], [105.1, 20.0], [105.1, 20.1], [105.0, 20.0]]]}


@pytest.fixture
def commune(app: Flask, now: datetime) -> Unit:
    with unit_of_work():
        province = actions.create_province("98", "tỉnh", "Sông Mẫu", SYSTEM, now)
        return actions.create_commune(province, "99001", "xã", "Cẩm Thử", SYSTEM, now)


@pytest.fixture
def market(commune: Unit, now: datetime) -> Zone:
    with unit_of_work():
        return actions.create_zone(ZoneDetails(commune.id, "market", "Chợ Thử"), SYSTEM, now)


def token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def send(client: FlaskClient, form: str, to: str = "", **values: object) -> str:
    """Opens a page, sends its form to `to` and answers the page one ends on."""
    csrf = token(client.get(form).text)
    answer = client.post(to or form, data={"csrf_token": csrf, **values}, follow_redirects=True)
    assert answer.status_code in {200, 422}, answer.status
    return answer.text


def test_an_empty_place_leads_to_the_catalogue_and_a_commune_comes_in(app: Flask, as_role: Signed) -> None:
    client = as_role(ADMIN)
    assert "Chưa có xã nào" in client.get("/desk/places").text
    page = client.get("/desk/places/communes?q=xa quang kim, bat xat").text
    assert "Xã Bát Xát, Tỉnh Lào Cai" in page
    assert "Trước 07/2025 là Xã Quang Kim, Huyện Bát Xát, Tỉnh Lào Cai" in page
    code = re.findall(r'name="code" value="(\d{5})"', page)[0]
    after = send(client, "/desk/places/communes?q=xa quang kim, bat xat", "/desk/places/communes", code=code)
    assert "Xã Bát Xát" in after
    assert db.session.query(UnitAlias).count() > 0


def test_a_coordinator_of_one_commune_takes_in_no_other(commune: Unit, as_role: Signed) -> None:
    client = as_role(COORDINATOR, scope=Scope("unit", commune.id))
    csrf = token(client.get("/desk/places/communes?q=cam tan").text)
    answer = client.post("/desk/places/communes", data={"csrf_token": csrf, "code": "16297"})
    assert answer.status_code == 403
    assert len(queries.communes()) == 1


def test_hamlets_come_one_a_line_and_all_or_none(commune: Unit, as_role: Signed) -> None:
    client = as_role(COORDINATOR)
    address = f"/desk/places/communes/{commune.id}/hamlets"
    send(client, address, kind="thôn", names="1\n 2 \n\nĐông  Phong\n")
    assert [unit.title for unit in queries.hamlets_of(commune.id)] == ["Thôn 1", "Thôn 2", "Thôn Đông Phong"]
    page = send(client, address, kind="thôn", names="Mới\n1")
    assert "đã có Thôn 1" in page
    assert "Mới\n1" in page, "what was typed stays"
    assert len(queries.hamlets_of(commune.id)) == 3


def test_a_hamlet_is_renamed_and_keeps_its_old_name(commune: Unit, now: datetime, as_role: Signed) -> None:
    with unit_of_work():
        hamlet = actions.create_hamlet(commune, "thôn", "1", SYSTEM, now)
    page = f"/desk/places/units/{hamlet.id}"
    after = send(as_role(COORDINATOR), page, f"{page}/name", kind="tổ dân phố", name="Bến", reason="nghị quyết")
    assert "Tổ dân phố Bến" in after
    assert "thôn 1" in after


def test_an_outline_is_uploaded_drawn_refused_and_removed(commune: Unit, as_role: Signed) -> None:
    client = as_role(COORDINATOR)
    page = f"/desk/places/units/{commune.id}"
    file = (io.BytesIO(json.dumps(SQUARE).encode()), "ranh-gioi.geojson")
    send(client, page, f"{page}/outline", file=file)
    assert db.session.get_one(Unit, commune.id, populate_existing=True).boundary == SQUARE
    assert "không phải GeoJSON" in send(client, page, f"{page}/outline", drawn="<svg/onload=alert(1)>")
    assert db.session.get_one(Unit, commune.id, populate_existing=True).boundary == SQUARE
    send(client, page, f"{page}/outline", drawn="")
    assert db.session.get_one(Unit, commune.id, populate_existing=True).boundary is None


def test_a_zone_from_form_to_plan(commune: Unit, as_role: Signed) -> None:
    client = as_role(COORDINATOR)
    page = send(
        client,
        "/desk/places/zones/new",
        name="Chợ Đầu Mối",
        kind="market",
        unit_id=commune.id,
        phase="2",
        planned_on="31/12/2026",
        target_percent="90",
        lead="Đoàn xã",
        lat="20,05",
        lng="105.6",
    )
    assert "Đã thêm Chợ Đầu Mối" in page
    zone = queries.zone_by_slug("cho-dau-moi")
    assert (zone.phase, zone.target_percent, zone.lat, str(zone.planned_on)) == (2, 90, 20.05, "2026-12-31")
    address = "/desk/places/zones/cho-dau-moi"
    after = send(client, address, f"{address}/plan", rows="2", stalls_per_row="5", letter="A", aisle_m="2,5")
    assert "Đã vẽ 10 quầy" in after
    assert 'id="letter" name="letter" type="text" value="B"' in after, "the next hall begins with the next letter"
    clash = send(client, address, f"{address}/plan", rows="1", stalls_per_row="1", letter="A")
    assert "đã có quầy A01-01" in clash
    assert "Lập sơ đồ chợ" in clash
    assert "Hoàn tác lần vẽ cuối (10 quầy)" in clash
    assert client.get(f"{address}/plan.svg").text.count("<text") == 10
    named = send(client, address, f"{address}/plan", row_names="A-D", digits="1", stalls_per_row="3")
    assert "Đã vẽ 12 quầy" in named
    assert "A-1</text>" in client.get(f"{address}/preview.svg?row_names=A-D&digits=1&stalls_per_row=3").text
    undone = send(client, address, f"{address}/plan/undo")
    assert "Đã hoàn tác lần vẽ." in undone
    listed = client.get("/desk/zones/cho-dau-moi/plan").text
    assert "Không còn quầy nào để vẽ" in listed


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", " ", "còn trống"),
        ("kind", "palace", "loại"),
        ("unit_id", "999", "xã hoặc thôn"),
        ("phase", "0", "từ 1"),
        ("target_percent", "101", "100"),
        ("planned_on", "32/12/2026", "32/12/2026"),
        ("lat", "abc", "một số"),
        ("lng", "", "cả hai"),
        ("lat", "91", "90"),
    ],
)
def test_a_wrong_field_is_told_and_what_was_typed_stays(
    commune: Unit, as_role: Signed, field: str, value: str, words: str
) -> None:
    good: dict[str, Any] = {
        "name": "Chợ <b>Mới</b>",
        "kind": "market",
        "unit_id": commune.id,
        "lat": "20",
        "lng": "105",
    }
    page = send(as_role(COORDINATOR), "/desk/places/zones/new", **{**good, field: value})
    assert "Chưa lưu được" in page
    assert words in page
    assert "Chợ &lt;b&gt;Mới&lt;/b&gt;" in page or field == "name"
    assert queries.zones() == []


def test_a_zone_is_changed_and_closed(market: Zone, as_role: Signed) -> None:
    client = as_role(COORDINATOR)
    address = "/desk/places/zones/cho-thu"
    page = send(client, f"{address}/edit", name="Chợ Thử mới", kind="market", unit_id=market.unit_id, phase="3")
    assert "Chợ Thử mới" in page
    assert db.session.get_one(Zone, market.id, populate_existing=True).phase == 3
    send(client, address, f"{address}/close", reason="dẹp")
    assert queries.zones() == []


def test_the_preview_is_a_picture_that_follows_the_figures(market: Zone, as_role: Signed) -> None:
    client = as_role(COORDINATOR)
    picture = client.get("/desk/places/zones/cho-thu/preview.svg?rows=3&stalls_per_row=7&letter=K")
    assert picture.content_type.startswith("image/svg+xml")
    assert picture.text.count("<text") == 21
    assert "K03-07" in picture.text
    assert "style" not in picture.text
    faulty = client.get("/desk/places/zones/cho-thu/preview.svg?rows=0&letter=<script>")
    assert faulty.status_code == 200
    assert "<script" not in faulty.text
    assert "1 đến 99" in faulty.text


def test_stalls_are_split_and_closed(market: Zone, as_role: Signed, now: datetime) -> None:
    with unit_of_work():
        first, _ = actions.add_stalls(market, [("A", "A-01"), ("A", "A-02")], SYSTEM, now).values()
    client = as_role(COORDINATOR)
    address = "/desk/places/zones/cho-thu"
    assert "Đã tách A-01" in send(client, address, f"{address}/stalls/{first.id}/split")
    assert "Đã đóng A-01" in send(client, address, f"{address}/stalls/{first.id}/close", reason="dẹp")
    assert [stall.code for stall in queries.stalls_of(market.id)] == ["A-01a", "A-02"]
    csrf = token(client.get(address).text)
    assert client.post(f"{address}/stalls/999/split", data={"csrf_token": csrf}).status_code == 404


def test_the_frame_names_the_commune_on_every_page_of_places(market: Zone, as_role: Signed) -> None:
    client = as_role(COORDINATOR)
    for address in (
        "",
        f"/communes/{market.unit_id}/hamlets",
        f"/units/{market.unit_id}",
        "/zones/new",
        "/zones/cho-thu",
    ):
        page = client.get(f"/desk/places{address}").text
        assert f'<span class="brand-place">{market.unit.title}</span>' in page


def test_a_stall_shows_its_past_and_is_merged_and_renamed_by_page(market: Zone, as_role: Signed, now: datetime) -> None:
    with unit_of_work():
        first, second, third = actions.add_stalls(
            market, [("A", "A-01"), ("A", "A-02"), ("A", "A-03")], SYSTEM, now
        ).values()
    client, base = as_role(COORDINATOR), "/desk/places/zones/cho-thu"
    address = f"{base}/stalls/{first.id}"
    assert "chưa từng tách, gộp hay đổi mã" in client.get(address).text
    told = send(client, address, f"{address}/merge", gone=str(second.id), reason="xây lại")
    assert "Đã gộp A-02 vào A-01." in told
    assert "A-02" in client.get(address).text
    assert "Mã này không dùng nữa" in client.get(f"{base}/stalls/{second.id}").text
    assert "Đã đổi mã A-03" in send(client, address, f"{base}/stalls/{third.id}/rename", code="A-09")
    taken = send(client, address, f"{address}/rename", code="A-02", reason="sơn lại")
    assert "đã từng dùng" in taken
    assert re.search(r'name="code"[^>]*value="A-02"[^>]*aria-invalid="true"', taken)
    assert 'value="sơn lại"' in taken
    assert "phải khác nhau" in send(client, address, f"{address}/merge", gone=str(first.id))
    page = client.get(base).text
    assert "Mã không dùng nữa" in page
    csrf = token(client.get(base).text)
    for gone in ("", "x", "999"):
        assert client.post(f"{address}/merge", data={"csrf_token": csrf, "gone": gone}).status_code == 404


def test_another_communes_places_do_not_exist(market: Zone, now: datetime, as_role: Signed) -> None:
    with unit_of_work():
        province = actions.create_province("97", "tỉnh", "Khác", SYSTEM, now)
        other = actions.create_commune(province, "99002", "xã", "Bên Cạnh", SYSTEM, now)
    client = as_role(COORDINATOR, scope=Scope("unit", other.id))
    assert "Chợ Thử" not in client.get("/desk/places").text
    csrf = token(client.get("/desk/places/zones/new").text)
    for path in ("zones/cho-thu", "zones/cho-thu/edit", "zones/cho-thu/preview.svg", f"units/{market.unit_id}"):
        assert client.get(f"/desk/places/{path}").status_code == 404, path
    for path in ("zones/cho-thu/plan", "zones/cho-thu/close", f"units/{market.unit_id}/outline"):
        assert client.post(f"/desk/places/{path}", data={"csrf_token": csrf}).status_code == 404, path
    assert (
        client.post(
            "/desk/places/zones/new",
            data={"csrf_token": csrf, "name": "X", "kind": "market", "unit_id": market.unit_id},
        ).status_code
        == 422
    )


def test_only_coordinators_and_administrators_get_in(market: Zone, as_role: Signed) -> None:
    client = as_role(VOLUNTEER)
    for path in ("", "/zones/new", "/zones/cho-thu", "/communes", f"/units/{market.unit_id}"):
        assert client.get(f"/desk/places{path}").status_code == 403


def test_pages_hold_nothing_inline(market: Zone, as_role: Signed) -> None:
    client = as_role(COORDINATOR)
    for path in ("", "/zones/new", "/zones/cho-thu", "/zones/cho-thu/edit", f"/units/{market.unit_id}", "/communes"):
        page = client.get(f"/desk/places{path}").text
        assert " style=" not in page, path
        assert " onclick" not in page, path
        for script in re.findall(r"<script\b([^>]*)>", page):
            assert "src=" in script or 'type="application/json"' in script, path

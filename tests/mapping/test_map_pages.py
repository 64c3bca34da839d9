"""The map's data and the office's map pages."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from app.actors import COORDINATOR, PRINT_SHOP, PROVINCE, VOLUNTEER, Scope
from app.db import db, unit_of_work
from app.errors import RefusedError
from app.mapping.rules import Box, coverage, parse_box
from app.places.models import Zone
from app.registry.actions.consents import withdraw_consent
from app.registry.rules.cells import cell_of
from tests.mapping import scene
from tests.registry.scene import LAN

VIEW = "105.59,20.04,105.61,20.06"
Signed = Callable[..., FlaskClient]


def cells(client: FlaskClient, **wanted: object) -> dict[str, Any]:
    answer = client.get("/api/v1/map/cells", query_string={"bbox": VIEW, "z": 18, **wanted})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def names(found: dict[str, Any]) -> list[str]:
    return [item["name"] for item in found["items"]]


@pytest.fixture
def zone(app: Flask, now: datetime) -> Zone:
    return scene.market(now)


def test_few_points_come_one_by_one_with_what_the_popup_shows(zone: Zone, now: datetime, as_role: Signed) -> None:
    merchant = scene.trader(now, zone, 0, "Bún chả Hường")
    found = cells(as_role(COORDINATOR))
    assert found["total"] == 1
    item = found["items"][0]
    assert (item["n"], item["code"], item["name"], item["stage"]) == (1, "A01-01", "Bún chả Hường", "installed")
    assert (item["zone"], item["holder"], item["merchant"]) == ("Chợ Thử", "Nguyễn Thị Mẫu 0", merchant.code)
    assert abs(item["lat"] - scene.LAT) < 0.001
    assert found["extent"] == [item["lng"], item["lat"], item["lng"], item["lat"]]


def test_strangers_get_only_who_agreed_and_takes_qr_and_no_stage_or_holder(
    zone: Zone, now: datetime, client: FlaskClient, as_role: Signed
) -> None:
    agreed = scene.trader(now, zone, 0, "Đồng ý")
    scene.trader(now, zone, 1, "Không đồng ý", consents=False)
    scene.trader(now, zone, 2, "Chưa lắp", stage="surveyed")
    assert names(cells(client)) == ["Đồng ý"]
    assert set(cells(client)["items"][0]) == {"n", "lat", "lng", "code", "name", "kind", "zone", "merchant"}
    assert names(cells(as_role(PRINT_SHOP))) == ["Đồng ý"], "a role without the map sees what residents see"
    assert names(cells(as_role(COORDINATOR), view="public")) == ["Đồng ý"]
    assert len(names(cells(as_role(COORDINATOR)))) == 3
    with unit_of_work():
        withdraw_consent(LAN, now, agreed, "public_map")
    assert names(cells(client)) == [], "a consent taken back ends at once"


def test_strangers_cannot_search_for_a_phone(zone: Zone, now: datetime, client: FlaskClient, as_role: Signed) -> None:
    scene.trader(now, zone, 0, "Có số", phone="0987654321")
    scene.trader(now, zone, 1, "Khác số", phone="0912345678")
    assert names(cells(as_role(COORDINATOR), q="0987 654 321")) == ["Có số"]
    assert len(names(cells(client, q="0987654321"))) == 2, "the filter is not heard, so it tells nothing"


def test_another_scope_is_not_on_the_map(zone: Zone, now: datetime, as_role: Signed) -> None:
    scene.trader(now, zone, 0, "Trong chợ")
    assert names(cells(as_role(VOLUNTEER, scope=Scope("zone", zone.id)))) == ["Trong chợ"]
    assert names(cells(as_role(VOLUNTEER, scope=Scope("zone", zone.id + 1)))) == []


def test_filters(zone: Zone, now: datetime, as_role: Signed) -> None:
    scene.trader(now, zone, 0, "Bún chả Hường")
    scene.trader(now, zone, 1, "Tạp hoá Đặng", stage="active")
    client = as_role(COORDINATOR)
    assert names(cells(client, stage="active")) == ["Tạp hoá Đặng"]
    assert names(cells(client, stage="active,installed")) == ["Bún chả Hường", "Tạp hoá Đặng"]
    assert names(cells(client, stage="-")) == []
    assert names(cells(client, kind="shop")) == []
    assert names(cells(client, q="bun cha")) == ["Bún chả Hường"]
    assert names(cells(client, zone="cho-thu", hamlet=zone.unit_id)) == ["Bún chả Hường", "Tạp hoá Đặng"]
    assert names(cells(client, hamlet=zone.unit_id + 999)) == []
    assert names(cells(client, bbox="100,10,101,11")) == []
    assert client.get("/api/v1/map/cells?zone=khong-co").status_code == 404


def test_many_points_come_as_clusters_that_lose_nobody(app: Flask, now: datetime, as_role: Signed) -> None:
    zone = scene.market(now, rows=16, stalls=20)
    scene.crowd(now, zone, 320)
    client = as_role(COORDINATOR)
    for zoom in (0, 6, 12, 16, 19, 22):
        found = cells(client, z=zoom)
        assert found["total"] == 320
        assert sum(item["n"] for item in found["items"]) == 320
        stages = [item["stages"] for item in found["items"] if item["n"] > 1]
        alone = [item for item in found["items"] if item["n"] == 1]
        assert sum(sum(each.values()) for each in stages) + len(alone) == 320
        assert all(item["name"] for item in alone)
    assert len(cells(client, z=6)["items"]) == 1
    assert len(cells(client, z=6)["items"]) < len(cells(client, z=19)["items"]) <= len(cells(client, z=22)["items"])
    west, south, east, north = cells(client, z=6)["extent"]
    middle = f"{west},{south},{(west + east) / 2},{north}"
    assert 0 < cells(client, bbox=middle)["total"] < 320


def test_the_answer_costs_few_queries(app: Flask, now: datetime, as_role: Signed, count_queries: list[str]) -> None:
    zone = scene.market(now, rows=16, stalls=20)
    scene.crowd(now, zone, 310)
    client = as_role(COORDINATOR)
    cells(client)
    count_queries.clear()
    cells(client)
    assert len([statement for statement in count_queries if "point_state" in statement]) <= 3


@pytest.mark.parametrize(
    "bbox", ["1,2,3", "a,b,c,d", "106,20,105,21", "105,21,106,20", "nan,1,2,3", "1,2,3,inf", "1,2,3,4,5"]
)
def test_a_box_that_is_none_is_refused_in_words(client: FlaskClient, bbox: str) -> None:
    answer = client.get("/api/v1/map/cells", query_string={"bbox": bbox})
    assert answer.status_code == 422
    assert "bbox" in answer.get_json()["detail"]


def test_a_box_beyond_the_world_is_cut(client: FlaskClient) -> None:
    assert parse_box("-500,-100,500,100") == parse_box("")
    assert client.get("/api/v1/map/cells?bbox=-500,-100,500,100&z=x").status_code == 200
    with pytest.raises(RefusedError):
        parse_box("105,20")


@given(st.floats(-179, 178), st.floats(-84, 83), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_every_place_in_a_box_has_a_cell_in_its_range(
    west: float, south: float, width: float, height: float, x: float, y: float
) -> None:
    box = Box(west, south, west + width, south + height)
    low, high = box.cells
    assert low <= cell_of(south + y * height, west + x * width) <= high


def test_coverage_is_of_traders_who_take_qr() -> None:
    covered = coverage({"installed": 1, "trained": 1, "first_paid": 1, "active": 1, "dormant": 1, "printed": 3})
    assert (covered.done, covered.total, covered.percent) == (5, 8, 62)
    assert coverage({"active": 999, "listed": 1}).percent == 99, "100 only when nobody is missing"
    assert coverage({}).percent == 0


def test_outlines_are_geojson(zone: Zone, now: datetime, client: FlaskClient) -> None:
    scene.hamlet(now, zone.unit)
    scene.trader(now, zone, 0, "Ai đó")
    found = client.get("/api/v1/map/places").get_json()
    assert [(each["properties"]["kind"], each["geometry"]["type"]) for each in found["features"]] == [
        ("hamlet", "Polygon"),
        ("zone", "Point"),
    ]


def test_the_office_map_carries_no_merchant_and_nothing_inline(zone: Zone, now: datetime, as_role: Signed) -> None:
    scene.trader(now, zone, 0, scene.HOSTILE[0])
    page = as_role(COORDINATOR).get("/desk/map")
    assert page.status_code == 200
    assert "onerror" not in page.text, "names come with the data, never in the page"
    for script in re.findall(r"<script\b([^>]*)>", page.text):
        assert "src=" in script or 'type="application/json"' in script
    assert "<style" not in page.text
    assert " style=" not in page.text
    assert "1 / 1" in page.text
    assert 'href="/desk/map/cho-thu"' in page.text


def test_an_empty_office_map_says_what_to_do(app: Flask, as_role: Signed) -> None:
    page = as_role(COORDINATOR).get("/desk/map")
    assert "Bản đồ còn trống" in page.text
    assert "/desk/places" in page.text


def test_folium_pieces_are_files_of_our_own(client: FlaskClient) -> None:
    script, style = client.get("/map/draw.js"), client.get("/map/draw.css")
    assert "L.map(" in script.text
    assert script.content_type.startswith("text/javascript")
    assert "#map_choso" in style.text
    assert style.content_type.startswith("text/css")


def test_a_floor_plan_shows_each_stall_with_its_stage_and_each_row_with_its_share(
    zone: Zone, now: datetime, as_role: Signed
) -> None:
    merchant = scene.trader(now, zone, 0, scene.HOSTILE[0])
    scene.trader(now, zone, 1, "Chưa lắp", stage="surveyed")
    page = as_role(COORDINATOR).get("/desk/map/cho-thu")
    assert "1 trên 2 điểm bán đã nhận QR; 8 quầy chưa có người bán" in " ".join(page.text.split())
    assert page.text.count('class="plan-stall') == 10
    assert f'href="/desk/merchants/{merchant.code}"' in page.text
    assert "<img src=x" not in page.text
    assert ">1/2</text>" in page.text
    assert " style=" not in page.text


def test_a_stage_opens_the_list_behind_its_number(zone: Zone, now: datetime, as_role: Signed) -> None:
    scene.trader(now, zone, 0, "Đã có bảng")
    scene.trader(now, zone, 1, "Mới khảo sát", stage="surveyed")
    page = as_role(COORDINATOR).get("/desk/map/cho-thu?stage=surveyed").text
    table = page[page.index("<tbody") :]
    assert "Mới khảo sát" in table
    assert "Đã có bảng" not in table


def test_the_province_is_led_to_no_record(zone: Zone, now: datetime, as_role: Signed) -> None:
    """It looks at the map of all; records and pieces are not its own, so nothing leads there."""
    scene.trader(now, zone, 1, "Trong chợ")
    for role, leads in ((COORDINATOR, True), (PROVINCE, False)):
        plan, desk = (as_role(role).get(address).text for address in ("/desk/map/cho-thu", "/desk/map"))
        assert 'aria-label="A01-0' in plan
        assert ("/desk/merchants/HK-" in plan) == leads
        assert ('"link": "/desk/merchants/"' in desk) == leads
        assert ("/desk/prints/pieces" in desk) == leads


def test_a_floor_plan_of_another_scope_does_not_exist(zone: Zone, now: datetime, as_role: Signed) -> None:
    scene.trader(now, zone, 0, "Ai đó")
    assert as_role(VOLUNTEER, scope=Scope("zone", zone.id)).get("/desk/map/cho-thu").status_code == 200
    assert as_role(VOLUNTEER, scope=Scope("zone", zone.id + 1)).get("/desk/map/cho-thu").status_code == 404
    assert as_role(COORDINATOR).get("/desk/map/khong-co").status_code == 404


@pytest.fixture
def count_queries(app: Flask) -> list[str]:
    seen: list[str] = []
    from_engine = db.engine

    def hear(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(from_engine, "before_cursor_execute", hear)
    return seen

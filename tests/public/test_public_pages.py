"""What residents see: only what people agreed to show, numbers with their denominators."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.actors import COORDINATOR
from app.db import unit_of_work
from app.places.models import Zone
from app.public.rules import is_web_address
from app.registry.actions.accounts import approve_account
from app.registry.actions.consents import withdraw_consent
from app.registry.actions.merging import merge_merchants
from tests.mapping import scene
from tests.registry.scene import BINH, LAN, account


@pytest.fixture
def zone(app: Flask, now: datetime) -> Zone:
    return scene.market(now)


def test_home_counts_and_leads_on(zone: Zone, now: datetime, client: FlaskClient) -> None:
    scene.trader(now, zone, 0, "Bún chả Hường")
    scene.trader(now, zone, 1, "Tạp hoá", stage="surveyed")
    page = client.get("/")
    assert page.status_code == 200
    assert "50 %" in page.text
    assert "1 / 2" in page.text
    assert 'href="/z/cho-thu"' in page.text


def test_an_empty_home_is_whole(app: Flask, client: FlaskClient) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert "%</span>" not in page.text, "no percentage of nothing"


@pytest.mark.parametrize("wanted", ["bun cha", "BÚN", "A01-01", "huong"])
def test_search_finds_names_and_stalls_in_any_spelling(
    zone: Zone, now: datetime, client: FlaskClient, wanted: str
) -> None:
    merchant = scene.trader(now, zone, 0, "Bún chả Hường")
    page = client.get("/", query_string={"q": wanted})
    assert f'href="/m/{merchant.code}"' in page.text


@pytest.mark.parametrize("wanted", ["0987654321", "0987 654 321", "654321", "1234567", "8765"])
def test_search_tells_nothing_of_phones_and_accounts(
    zone: Zone, now: datetime, client: FlaskClient, wanted: str
) -> None:
    merchant = scene.trader(now, zone, 0, "Bún chả", phone="0987654321")
    account(now, merchant, "0011001234567")
    assert merchant.code not in client.get("/", query_string={"q": wanted}).text


def test_search_finds_only_who_agreed(zone: Zone, now: datetime, client: FlaskClient) -> None:
    scene.trader(now, zone, 0, "Bún kín", consents=False)
    assert "Bún kín" not in client.get("/?q=bun").text


def test_a_traders_page_shows_the_name_to_compare_and_the_accounts_tail(
    zone: Zone, now: datetime, client: FlaskClient
) -> None:
    merchant = scene.trader(
        now,
        zone,
        0,
        "Bún chả Hường",
        phone="0987654321",
        online_shops=("https://www.voso.vn/ban-hang",),
    )
    proposed = account(now - timedelta(days=3), merchant, "0011001234567")
    with unit_of_work():
        approve_account(BINH, now - timedelta(days=2), proposed.id)
    page = client.get(f"/m/{merchant.code}")
    assert page.status_code == 200
    assert "Nguyễn Thị Mẫu 0" in page.text
    assert "4567" in page.text
    assert "0011001234567" not in page.text
    assert "654 321" not in page.text
    assert "987654321" not in page.text
    assert "voso.vn" in page.text
    assert client.get(f"/m/{merchant.code.lower()}").location == f"/m/{merchant.code}"


def test_a_printed_code_of_a_merged_record_leads_to_the_one_that_is_left(
    zone: Zone, now: datetime, client: FlaskClient
) -> None:
    first, second, last = (scene.trader(now, zone, number, "Bún chả Hường") for number in range(3))
    for kept, gone in ((second, first), (last, second)):
        with unit_of_work():
            merge_merchants(LAN, now, kept, gone)
    assert client.get(f"/m/{first.code}").location == f"/m/{last.code}"


def test_without_consent_there_is_no_page(zone: Zone, now: datetime, client: FlaskClient) -> None:
    silent = scene.trader(now, zone, 0, "Kín", consents=False)
    open_one = scene.trader(now, zone, 1, "Mở")
    assert client.get(f"/m/{silent.code}").status_code == 404
    assert client.get(f"/m/{open_one.code}").status_code == 200
    with unit_of_work():
        withdraw_consent(LAN, now, open_one, "public_map")
    gone, never = client.get(f"/m/{open_one.code}"), client.get("/m/HK-KHONGCO")
    assert gone.status_code == never.status_code == 404


def test_an_account_that_waits_is_not_shown(zone: Zone, now: datetime, client: FlaskClient) -> None:
    merchant = scene.trader(now, zone, 0, "Bún chả")
    account(now, merchant, "0011001234567")
    assert "4567" not in client.get(f"/m/{merchant.code}").text


def test_a_zones_card_has_numerator_and_denominator(zone: Zone, now: datetime, client: FlaskClient) -> None:
    for at in range(3):
        scene.trader(now, zone, at, f"Quầy {at}", stage="active" if at else "surveyed")
    scene.trader(now, zone, 5, "Dãy hai", stage="active")
    page = client.get("/z/cho-thu")
    assert "3 trên 4 điểm bán" in page.text
    assert "Dãy A01" in page.text
    assert "2 / 3" in page.text
    assert "Đoàn xã" in page.text
    assert "Quầy 1" not in page.text, "the card counts, it names nobody"
    assert client.get("/z/khong-co").status_code == 404


def test_the_residents_map(zone: Zone, now: datetime, client: FlaskClient) -> None:
    scene.trader(now, zone, 0, scene.HOSTILE[0])
    page = client.get("/map?at=20.05,105.6")
    assert page.status_code == 200
    assert '"at": [20.05, 105.6]' in page.text
    assert "onerror" not in page.text
    for nonsense in ("a,b", "1", "91,0", "nan,nan", "<script>"):
        assert '"at": null' in client.get("/map", query_string={"at": nonsense}).text


def test_the_pages_name_the_commune_and_the_sample(
    zone: Zone, now: datetime, client: FlaskClient, as_role: Callable[..., FlaskClient]
) -> None:
    assert "Xã Cẩm Thử" in client.get("/").text
    assert "/desk/" in as_role(COORDINATOR).get("/").text
    with unit_of_work():
        zone.unit.is_sample = True
    assert "mẫu" in client.get("/map").text


@pytest.mark.parametrize("address", ["javascript:alert(1)", "http://a.vn", "data:text/html,x", "//a.vn", "a.vn"])
def test_only_https_addresses_become_links(address: str) -> None:
    assert not is_web_address(address)

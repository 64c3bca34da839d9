"""By which names pages are opened, and which address may be printed."""

import socket
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.actors import COORDINATOR, VOLUNTEER
from app.audit.models import AuditEvent
from app.db import db
from app.errors import RefusedError
from app.settings import Settings, SettingsError, known_public_address, load_settings, public_address
from tests.conftest import PUBLIC_URL, Browser


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://choso.longthanh.gov.vn", "https://choso.longthanh.gov.vn"),
        (" HTTPS://Cho-So.VN/ ", "https://cho-so.vn"),
        ("http://chợsố.vn:8080", "http://xn--chs-7nz2254a.vn:8080"),
        ("https://8.8.8.8", "https://8.8.8.8"),
        ("https://[2606:4700::1]:8443", "https://[2606:4700::1]:8443"),
    ],
)
def test_an_address_that_residents_can_open(typed: str, kept: str) -> None:
    assert public_address(typed).startswith(kept[:12])
    assert public_address(public_address(typed)) == public_address(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "http://localhost:8000", "http://127.0.0.1", "http://127.1", "http://0x7f.0.0.1", "http://2130706433",
        "http://[::1]", "http://[::ffff:127.0.0.1]", "http://0.0.0.0", "http://192.168.1.5:8000", "http://10.0.0.1",
        "http://172.16.3.4", "http://100.64.0.1", "http://169.254.1.1", "http://[fe80::1]", "http://[fd00::1]",
        "http://192.0.2.7", "http://224.0.0.1", "https://choso.example", "https://example.com", "https://www.example.org",
        "https://cho-so.vi-du.vn", "https://xa.test", "https://choso.local", "https://may-chu", "https://may-chu.lan",
        "choso.vn", "ftp://choso.vn", "javascript:alert(1)", "https://", "https://a@choso.vn", "https://choso.vn/xa",
        "https://choso.vn/?a=1", "https://choso.vn#x", "https://choso.vn:99999", "https://cho so.vn", "https://a..vn",
        "https://-a.vn", "https://" + "a" * 300 + ".vn", "https://choso.vn\\@xau.vn", "https://choso\x00.vn",
    ],
)  # fmt: skip
def test_an_address_that_they_cannot(typed: str) -> None:
    with pytest.raises(RefusedError) as refused:
        public_address(typed)
    assert refused.value.remedy


def test_the_environment_is_held_to_the_same(tmp_path: object) -> None:
    with pytest.raises(SettingsError, match="CHOSO_PUBLIC_URL"):
        load_settings({"CHOSO_INSTANCE": str(tmp_path), "CHOSO_PUBLIC_URL": "http://192.168.1.2"})
    with pytest.raises(SettingsError, match="CHOSO_TRUSTED_HOSTS"):
        load_settings({"CHOSO_INSTANCE": str(tmp_path), "CHOSO_TRUSTED_HOSTS": "https://may-chu"})
    kept = load_settings({"CHOSO_INSTANCE": str(tmp_path), "CHOSO_TRUSTED_HOSTS": "May-Chu.lan, 10.1.2.3"})
    assert kept.trusted_hosts == ("may-chu.lan", "10.1.2.3")


@pytest.fixture
def bare(app: Flask) -> Settings:
    """The same instance, where the environment names no address."""
    settings: Settings = replace(app.config["SETTINGS"], public_url="", trusted_hosts=("may-chu.lan",))
    app.config["SETTINGS"] = settings
    return settings


@pytest.mark.parametrize(
    "name", ["localhost", "127.0.0.1:8000", "[::1]:8000", "MAY-CHU.lan:8000", socket.gethostname()]
)
def test_names_that_are_ours(name: str, bare: Settings, client: FlaskClient) -> None:
    assert client.get("/login", headers={"Host": name}).status_code == 200


@pytest.mark.parametrize(
    "name", ["evil.example", "127.0.0.1.evil.example", "203.0.113.9", "localhost@evil.example", "0.0.0.0"]
)
@pytest.mark.parametrize("path", ["/login", "/", "/healthz", "/api/v1/openapi.json"])
def test_names_that_are_not(name: str, path: str, bare: Settings, client: FlaskClient) -> None:
    answer = client.get(path, headers={"Host": name})
    assert answer.status_code == 400
    assert "evil" not in answer.text


def test_the_public_address_is_ours_too(client: FlaskClient, app: Flask) -> None:
    assert client.get("/login", base_url=PUBLIC_URL).status_code == 200


def test_a_coordinator_sets_it_on_the_page(as_role: Callable[..., Browser], bare: Settings) -> None:
    office = as_role(COORDINATOR)
    assert "Ghi địa chỉ công khai" in office.get("/desk/").text
    assert "Chưa có địa chỉ công khai" in office.get("/desk/settings/address").text

    def send(address: str) -> TestResponse:
        return office.post("/desk/settings/address", data={"csrf_token": office.form_token(), "address": address})

    refused = send("http://192.168.1.5")
    assert refused.status_code == 422
    assert "nội bộ" in refused.text
    assert send("https://choso.longthanh.gov.vn/").status_code == 302
    assert bare.public_address == "https://choso.longthanh.gov.vn"
    assert known_public_address({"CHOSO_INSTANCE": str(bare.instance)}) == "https://choso.longthanh.gov.vn"
    event = db.session.scalars(db.select(AuditEvent).where(AuditEvent.action == "instance.address")).one()
    assert event.actor_id == office.user.id
    assert office.get("/login", base_url="https://choso.longthanh.gov.vn").status_code == 200
    assert send("").status_code == 302
    assert bare.public_address == ""


def test_who_may_not_set_it(as_role: Callable[..., Browser], bare: Settings) -> None:
    assert as_role(VOLUNTEER).get("/desk/settings/address").status_code == 403


def test_what_is_printed_waits_for_it(as_role: Callable[..., Browser], bare: Settings) -> None:
    office = as_role(COORDINATOR)
    page = office.get("/desk/prints/posters")
    assert "Chưa có địa chỉ công khai" in page.text
    answer = office.get("/desk/prints/posters/poster-a3.pdf")
    assert answer.status_code == 409
    assert "Địa chỉ công khai" in answer.text
    assert office.get("/desk/prints/preview.png?design=poster-a3").status_code == 200

"""Every route x method x role, generated from the app itself: nothing opens that was not declared, nothing else does.

Whoever adds a page declares it (app.web.access) and is tested here by that alone. `BEYOND` fills in the variables of an
address with things that don't exist: past the guard that is a 404, never a page of somebody else.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.routing.converters import NumberConverter, UUIDConverter

from app.actors import APPROVER, COORDINATOR, PRINT_SHOP, PROVIDER, PROVINCE, ROLES, TEAM_LEAD, VOLUNTEER
from app.db import db
from app.factory import create_app
from app.registry.rules.rights import READERS
from app.settings import Settings
from app.web.access import PUBLIC, SIGNED_IN, declared
from tests.conftest import Browser, browser_of
from tests.mapping import scene

VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")
WRITING = frozenset(VERBS) - {"GET"}
ANSWERED = frozenset({"static", "healthz"})
PEOPLE = ("", *ROLES, "no_role")


@dataclass(frozen=True, slots=True)
class Door:
    endpoint: str
    method: str
    address: str
    roles: frozenset[str]

    @property
    def api(self) -> bool:
        return self.address.startswith("/api/")

    def expected(self, person: str) -> str:
        """open, sign-in, refused, no-token or no-form: what the declaration promises this person."""
        if self.api and self.method in WRITING:
            return "open" if self.roles == PUBLIC else "sign-in" if not person else "refused"
        if self.roles == PUBLIC:
            return "no-form" if self.method in WRITING else "open"
        if not person:
            return "sign-in"
        if self.roles != SIGNED_IN and person not in self.roles:
            return "refused"
        return "no-form" if self.method in WRITING else "open"


def address(rule: Rule, app: Flask) -> str:
    """An address of this rule whose variables name nothing that exists."""
    values: dict[str, object] = {}
    for name in rule.arguments:
        converter = rule._converters[name]
        values[name] = 987654321 if isinstance(converter, NumberConverter) else "khong-co"
        if isinstance(converter, UUIDConverter):
            values[name] = "00000000-0000-4000-8000-000000000000"
    with app.test_request_context():
        built = rule.build(values)
    assert built is not None
    return built[1]


def doors(app: Flask) -> Iterator[Door]:
    for rule in app.url_map.iter_rules():
        roles = declared(app, rule.endpoint)
        if rule.endpoint in ANSWERED or roles is None:
            continue
        for method in VERBS:
            if method in (rule.methods or set()):
                yield Door(rule.endpoint, method, address(rule, app), roles)


def answered(client: FlaskClient, door: Door) -> str:
    answer = client.open(door.address, method=door.method)
    if answer.status_code == 401 or (answer.status_code == 302 and (answer.location or "").startswith("/login?next=")):
        return "sign-in"
    if answer.status_code == 302 and answer.location == "/login" and door.method in WRITING:
        return "sign-in"
    if answer.status_code == 403:
        return "refused"
    if answer.status_code == 400 and "Phiên làm việc đã cũ" in answer.get_data(as_text=True):
        return "no-form"
    assert answer.status_code != 500, f"{door.method} {door.address}: {answer.get_data(as_text=True)[-300:]}"
    return "open"


def test_every_route_declares_who_may(app: Flask) -> None:
    undeclared = [rule.rule for rule in app.url_map.iter_rules() if declared(app, rule.endpoint) is None]
    assert undeclared == []


@pytest.mark.parametrize("person", PEOPLE)
def test_declarations_hold(app: Flask, as_role: Callable[..., FlaskClient], person: str) -> None:
    client = app.test_client() if not person else as_role(*([person] if person in ROLES else []))
    surprises = []
    for door in doors(app):
        if door.endpoint == "accounts.logout":
            continue  # its own test: it would end this session
        found, expected = answered(client, door), door.expected(person)
        if found != expected:
            surprises.append((door.method, door.address, "expected", expected, "found", found))
    assert surprises == []


@pytest.mark.parametrize("role", ROLES)
def test_first_page_and_help_lead_nowhere_that_refuses(
    as_role: Callable[..., FlaskClient], now: datetime, role: str
) -> None:
    zone = scene.market(now)
    for at, stage in enumerate(("surveyed", "installed", "dormant", "listed")):
        scene.trader(now, zone, at, f"Quầy {at}", stage=stage)
    browser = as_role(role)
    for address in ("/desk/", "/desk/help"):
        links = set(re.findall(r'href="(/[^"#]*)', browser.get(address).text))
        assert [link for link in links if browser.get(link).status_code not in {200, 302}] == [], address
    assert ("/desk/merchants?stage=dormant" in browser.get("/desk/").text) == (role in READERS)


def test_help_opens_with_the_cards_of_ones_own_roles(as_role: Callable[..., FlaskClient]) -> None:
    headings = {role: re.findall(r"<h2>(.*?)</h2>", as_role(role).get("/desk/help").text) for role in ROLES}
    for role in (VOLUNTEER, COORDINATOR, PROVIDER, PRINT_SHOP):
        assert headings[role][0].startswith(ROLES[role])
    assert headings[TEAM_LEAD][0].startswith("Đội trưởng")
    assert headings[PROVINCE][0].startswith("Cán bộ tỉnh")
    assert headings[APPROVER][:2] == [headings[COORDINATOR][1], "Người duyệt"]
    assert {frozenset(each) for each in headings.values()} == {frozenset(headings[COORDINATOR])}, "all are there"


def test_undeclared_view_is_closed_to_everybody(settings: Settings) -> None:
    app = create_app(settings)
    app.test_client_class = Browser
    app.add_url_rule("/quen-khai-bao", "forgotten", lambda: "mở")
    with app.app_context():
        assert app.test_client().get("/quen-khai-bao").status_code == 403
        for role in ROLES:
            assert browser_of(app, role).get("/quen-khai-bao").status_code == 403
        db.engine.dispose()


def test_sign_in_leads_back(app: Flask) -> None:
    answer = app.test_client().get("/desk/me/password?a=1&b=ê")
    assert answer.location == "/login?next=/desk/me/password?a%3D1%26b%3D%C3%AA"


def test_static_files_and_health_ask_nobody(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}
    assert client.get("/static/icons/favicon.svg").status_code == 200


def test_a_form_with_its_token_goes_through(as_role: Callable[..., FlaskClient]) -> None:
    client = as_role("volunteer")
    token = client.form_token()  # type: ignore[attr-defined]
    assert client.post("/logout").status_code == 400
    assert client.post("/logout", data={"csrf_token": token}).location == "/login"


def test_a_token_of_another_session_is_foreign(as_role: Callable[..., FlaskClient]) -> None:
    one, other = as_role("volunteer"), as_role("volunteer")
    token = one.form_token()  # type: ignore[attr-defined]
    assert other.post("/logout", data={"csrf_token": token}).status_code == 400

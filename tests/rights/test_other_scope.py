"""Every route x method x role x own or another commune's record: what is not yours does not exist, however you ask.

Generated from the app's own routes. Whoever adds a route with a variable says in `RECORDS` which record of a commune it
names, or in `SHARED` that it names none; until then the suite fails and says so. Nothing is committed here: the one
place that commits is made to flush, so each request meets the same two communes.
"""

import io
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.accounts.devices import issue_device
from app.accounts.rules import TOKEN_ROLES
from app.actors import ROLES, SYSTEM, Scope
from app.audit.models import AuditEvent
from app.db import begin_writing, db, unit_of_work
from app.factory import create_app
from app.factory.errors import PAGES
from app.web.access import PUBLIC, declared
from tests.conftest import Browser, browser_of, settings_for
from tests.rights.two_communes import MARK, Commune, two_communes

#: Variable of an address (`blueprint.variable` where a room means another thing by it) -> the record it names.
RECORDS: Mapping[str, Callable[[Mapping[str, Any]], object]] = {
    "code": lambda its: its["shop"].code,
    "serial": lambda its: its["asset"].serial,
    "registry_api.serial": lambda its: its["waiting"].serial,
    "point_id": lambda its: its["point"].id,
    "account_id": lambda its: its["proposal"].id,
    "asset_id": lambda its: its["waiting"].id,
    "milestone_id": lambda its: its["milestone"].id,
    "request_id": lambda its: its["request"].id,
    "pair_id": lambda its: its["pair"].id,
    "merge_id": lambda its: its["merge"].id,
    "consent_id": lambda its: its["consent"].id,
    "bulk_id": lambda its: its["bulk"].id,
    "issue_id": lambda its: its["issue"].id,
    "view_id": lambda its: its["view"].id,
    "batch_id": lambda its: its["batch"].id,
    "payouts.batch_id": lambda its: its["payout"].id,
    "line_id": lambda its: its["line"].id,
    "lot_id": lambda its: its["lot"].id,
    "printer_id": lambda its: its["printer"].id,
    "link_id": lambda its: its["link"].id,
    "piece_id": lambda its: its["piece"].id,
    "change_id": lambda its: its["change"].id,
    "collection_id": lambda its: its["collection"].id,
    "report_id": lambda its: its["report"].id,
    "run_id": lambda its: its["run"].id,
    "version_id": lambda its: its["policy"].id,
    "unit_id": lambda its: its["unit"].id,
    "slug": lambda its: its["zone"].slug,
    "stall_id": lambda its: its["stall"].id,
    "user_id": lambda its: its["volunteer"].id,
    "grant_id": lambda its: its["volunteer"].grants[0].id,
    "device_id": lambda its: its["device"].id,
    "event_id": lambda its: its["events"][-1].id,
    "job_id": lambda its: its["job"].id,
    "upload_id": lambda its: its["upload"].id,
    "settlement_id": lambda its: its["settlement"].id,
    "review_id": lambda its: its["review"].id,
    "related_id": lambda its: its["related"].id,
}
#: Variables that name nothing of a commune -> a value that opens something.
SHARED: Mapping[str, object] = {
    "format_name": "csv",
    "role": "commune",
    "kind": "pdf",
    "verb": "approve",
    "decision": "approve",
    "design_id": "poster-a2",
    "name": "manifest.csv",
    "list_name": "merchants",
    "logo_id": 1,
    "which": "used",
}
#: Pages of what the scene has none of: own jobs, trials, acts on many, a signature, a comparison, a lot's PDF, a logo.
NOTHING_YET = frozenset(
    {
        "trial.outcome",
        "trial.party",
        "printing.lot_for_printer",
        "printing.logo_picture",
        "registry.progress",
        "registry.bulk_done",
        "registry.bulk_progress",
        "registry_api.one_bulk",
        "registry_api.consent_signature",
        "registry.signature",
        "payouts.comparison_file",
        "funds.fund_file",
        # A commune's provider is nobody's bank: tests/rights/test_provider_scope.py
        "registry.provider_record",
        "registry_api.provider_one",
    }
)
WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
LINK = re.compile(r'href="(/[^"#?]*)')  # the path of a link within the program
VERBS = ("GET", *sorted(WRITING))
UNFIT = "say in RECORDS (tests/rights/test_other_scope.py) which record of a commune {!r} names, or in SHARED: of none"


@dataclass(frozen=True, slots=True)
class Door:
    """One route with one method, and the variables of its address that name records of a commune."""

    rule: Rule
    method: str
    roles: frozenset[str]
    named: Mapping[str, str]  #: variable -> its key in RECORDS

    @property
    def endpoint(self) -> str:
        return str(self.rule.endpoint)

    @property
    def is_api(self) -> bool:
        return self.rule.rule.startswith("/api/")

    @property
    def writes(self) -> bool:
        return self.method in WRITING


@dataclass(slots=True)
class Touched:
    """What the requests have written, before it is rolled back."""

    rows: list[object] = field(default_factory=list)

    def note(self, session: Session, *_: object) -> None:
        """What this flush writes."""
        self.rows += [*session.new, *session.dirty, *session.deleted]

    def of(self, other: Commune) -> list[str]:
        """Rows and audited acts that fell on this commune."""
        found = []
        for row in self.rows:
            if isinstance(row, AuditEvent) and (row.subject_kind, row.subject_id) in other.subjects:
                found.append(f"{row.action} {row.subject_kind} {row.subject_id}")
            elif other.owns(row):
                found.append(type(row).__name__)
        self.rows.clear()
        return found


@dataclass(frozen=True, slots=True)
class Scene:
    """The program, its two communes, and a browser and tokens for each role that works in the first."""

    app: Flask
    own: Commune
    other: Commune
    values: Mapping[str, tuple[object, object]]  #: key of RECORDS -> what it is in each commune
    touched: Touched
    browsers: Mapping[str, Browser]
    tokens: Mapping[str, str]
    spec: Mapping[str, Any]  #: what the API says of itself
    form: Mapping[str, Any]  #: every field that names a record, naming the other commune's


@pytest.fixture(scope="module")
def scene(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("rights")
    shutil.copyfile(sqlite_template, folder / "choso.sqlite3")
    app = create_app(settings_for(folder, f"sqlite:///{folder / 'choso.sqlite3'}"))
    app.test_client_class = Browser
    with app.app_context(), pytest.MonkeyPatch.context() as patch:
        begin_writing()
        own, other = two_communes(app, datetime.now(UTC))
        scope = Scope("unit", own.rows["unit"].id)
        values = {name: (record(own.rows), record(other.rows)) for name, record in RECORDS.items()}
        form = fields_of(other.rows)
        browsers = {role: browser_of(app, role, scope=scope) for role in ROLES}
        tokens = {role: token for role, browser in browsers.items() if (token := token_of(browser, role))}
        spec = app.test_client().get("/api/v1/openapi.json").get_json()
        touched = Touched()
        event.listen(db.session, "before_flush", touched.note)
        patch.setattr(db.session, "commit", db.session.flush)
        yield Scene(app, own, other, values, touched, browsers, tokens, spec, form)
        event.remove(db.session, "before_flush", touched.note)
        db.session.remove()
        db.engine.dispose()


def token_of(browser: Browser, role: str) -> str:
    """A bearer token that may act in this role; "" where no kind of token may."""
    kinds = [kind for kind, roles in TOKEN_ROLES.items() if role in roles]
    if not kinds:
        return ""
    with unit_of_work():
        return issue_device(SYSTEM, datetime.now(UTC), browser.user, kinds[-1], "thử")[1]


def fields_of(its: Mapping[str, Any]) -> dict[str, Any]:
    """Whatever a form or a JSON body may name, naming this commune's."""
    unit, zone, shop = its["unit"].id, its["zone"], its["shop"]
    return {
        **dict.fromkeys(("unit", "unit_id", "point_unit_id", "commune", "commune_id", "hamlet_id"), unit),
        **dict.fromkeys(("zone", "zone_id", "zones"), zone.id),
        **dict.fromkeys(("successor", "merchant", "merchant_code", "one", "other", "kept", "gone", "code"), shop.code),
        "point": its["point"].id,
        "point_id": its["point"].id,
        "account": its["proposal"].id,
        "account_id": its["proposal"].id,
        "merchant_id": shop.id,
        "stall_id": its["stall"].id,
        "scope": f"unit:{unit}",
        "user_id": its["volunteer"].id,
        "lot_id": its["lot"].id,
        "report": its["report"].id,
        "report_ids": its["report"].id,
        "lat": 19.8,
        "lng": 105.7,
    }


#: What else a form may ask for, so that it comes as far as it can.
PLAIN: Mapping[str, Any] = {
    "holder_name": "Trần Thị Thử",
    "full_name": "Trần Thị Thử",
    "user_name": "tran.thi.thu",
    "shop_name": "Hàng Thử",
    "name": "Tên Thử",
    "names": "Thôn Thử",
    "kind": "surveyed",
    "role": "volunteer",
    "reason": "thử",
    "bank_bin": "970436",
    "account_number": "0099009900",
    "purpose": "register",
    "method": "paper",
    "month": "2026-10",
    "design": "standee-a6",
    "theme": "default",
    "sheet": "a4",
    "filling": "row",
    "point_kind": "stall",
    "way": "password",
}


def inner(app: Flask) -> Iterator[tuple[Rule, frozenset[str]]]:
    """Routes that are neither open nor closed to all (those: tests/accounts/test_who_may_what.py), and who may."""
    for rule in app.url_map.iter_rules():
        roles = declared(app, rule.endpoint) or frozenset()
        if roles and roles != PUBLIC:
            yield rule, roles


def key_of(rule: Rule, name: str) -> str:
    """Under which key a variable of this address is explained."""
    here = f"{str(rule.endpoint).partition('.')[0]}.{name}"
    return here if here in RECORDS else name


def doors(app: Flask) -> Iterator[Door]:
    """Every route with a method and who may; one that nobody has explained has a test of its own."""
    for rule, roles in inner(app):
        keys = {name: key_of(rule, name) for name in rule.arguments}
        if all(key in RECORDS or key in SHARED for key in keys.values()):
            named = {name: key for name, key in keys.items() if key in RECORDS}
            yield from (Door(rule, method, roles, named) for method in VERBS if method in (rule.methods or set()))


def test_every_variable_of_an_address_is_explained(scene: Scene) -> None:
    known = RECORDS.keys() | SHARED.keys()
    unknown = [
        f"{rule.rule}: {UNFIT.format(name)}"
        for rule, _ in inner(scene.app)
        for name in rule.arguments
        if key_of(rule, name) not in known
    ]
    assert unknown == []


def knock(scene: Scene, role: str, door: Door, others: frozenset[str]) -> TestResponse:
    """One request of this role; the variables in `others` name the other commune's records."""
    values = {name: scene.values[key][name in others] for name, key in door.named.items()}
    values |= {name: SHARED[name] for name in door.rule.arguments if name not in values}
    with scene.app.test_request_context():
        built = door.rule.build(values)
    assert built is not None
    browser, options = scene.browsers[role], {}
    if door.is_api and door.writes:
        options = {
            "json": example_of(scene, door),
            "headers": {"Authorization": f"Bearer {scene.tokens.get(role, '')}"},
        }
    elif door.writes:
        options = {"data": {**PLAIN, **scene.form, "csrf_token": browser.form_token()}}
    return browser.open(built[1], method=door.method, **options)


def example_of(scene: Scene, door: Door) -> object:
    """The body that the API's own description shows, naming the other commune wherever it names a record."""
    path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", door.rule.rule)
    operation = scene.spec["paths"][path][door.method.lower()]
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return named_there(content.get("example", {}), scene.form)


def named_there(example: object, there: Mapping[str, Any]) -> object:
    """The same with every field that names a record naming another one."""
    if not isinstance(example, dict):
        return example
    return {
        name: there[name] if name in there and not isinstance(value, dict) else named_there(value, there)
        for name, value in example.items()
    }


def words_of(answer: TestResponse) -> str:
    """All an answer says; workbooks and archives are opened."""
    data = answer.get_data()
    if data[:4] != b"PK\x03\x04":
        return data.decode("utf-8", "replace") + (answer.headers.get("Location") or "")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return "".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


def shut(answer: TestResponse) -> bool:
    """Whether the door itself refused; an act that a person may not do to this record says why in its own words."""
    return answer.status_code == HTTPStatus.FORBIDDEN and PAGES[HTTPStatus.FORBIDDEN][1] in words_of(answer)


def may(scene: Scene, role: str, door: Door) -> bool:
    """Whether the declaration opens this door to the role at all."""
    return role in door.roles and not (door.is_api and door.writes and role not in scene.tokens)


@pytest.mark.parametrize("role", ROLES)
def test_what_is_another_communes_does_not_exist(scene: Scene, role: str) -> None:
    surprises: list[tuple[object, ...]] = []
    for door in doors(scene.app):
        if not door.named or not may(scene, role, door):
            continue
        for others in {frozenset(door.named), *(frozenset({name}) for name in door.named)}:
            answer = knock(scene, role, door, others)
            touched = scene.touched.of(scene.other)
            if answer.status_code != 404 or touched:
                surprises.append((door.method, door.rule.rule, sorted(others), answer.status_code, touched))
            elif MARK in words_of(answer):
                surprises.append((door.method, door.rule.rule, "names it all the same"))
    assert surprises == [], "\n".join(map(str, surprises))


@pytest.mark.parametrize("role", ROLES)
def test_ones_own_opens_and_shows_nothing_else(scene: Scene, role: str) -> None:
    surprises: list[tuple[object, ...]] = []
    for door in doors(scene.app):
        if not may(scene, role, door) or door.endpoint == "accounts.logout":
            continue
        answer = knock(scene, role, door, frozenset())
        missing = answer.status_code == 404 and not door.writes and door.endpoint not in NOTHING_YET
        if answer.status_code in {401, 500} or missing or shut(answer):
            surprises.append((door.method, door.rule.rule, answer.status_code, words_of(answer)[-200:]))
        if touched := scene.touched.of(scene.other):
            surprises.append((door.method, door.rule.rule, "touches", touched))
        if MARK in (words := words_of(answer)):
            at = words.index(MARK)
            surprises.append((door.method, door.rule.rule, "names", words[max(0, at - 80) : at + 30]))
    assert surprises == [], "\n".join(map(str, surprises))


@pytest.mark.parametrize("role", ROLES)
def test_no_link_leads_where_one_is_refused(scene: Scene, role: str) -> None:
    routes = scene.app.url_map.bind("")
    dead: set[tuple[str, str]] = set()
    for door in doors(scene.app):
        if door.writes or door.is_api or not may(scene, role, door) or door.endpoint == "accounts.logout":
            continue
        for address in set(LINK.findall(words_of(knock(scene, role, door, frozenset())))):
            try:
                roles = declared(scene.app, routes.match(address)[0])
            except HTTPException:
                dead.add((door.rule.rule, address))
                continue
            if roles is None or not (roles == PUBLIC or role in roles):
                dead.add((door.rule.rule, address))
    assert dead == set()

"""An administrator of one commune administers that commune: nobody else's people, no more than their own reach."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.actors import ADMIN, COORDINATOR, Scope
from app.db import db
from app.places.models import Unit
from tests.registry.scene import commune, market
from tests.registry.test_pages import page, post

As = Callable[..., FlaskClient]


@pytest.fixture
def here(app: Flask, now: datetime) -> Unit:
    return commune(now)


@pytest.fixture
def there(here: Unit, now: datetime) -> Unit:
    other = commune(now, "99002", "Kế Bên")
    market(now, other, "Chợ Kế Bên")
    return other


def test_sees_and_changes_only_people_who_work_within(as_role: As, here: Unit, there: Unit) -> None:
    admin = as_role(ADMIN, scope=Scope("unit", here.id))
    mine = as_role(COORDINATOR, scope=Scope("unit", here.id), name="cua.toi").user  # type: ignore[attr-defined]
    theirs = as_role(COORDINATOR, scope=Scope("unit", there.id), name="cua.ho").user  # type: ignore[attr-defined]
    whole = as_role(ADMIN, name="ca.he.thong").user  # type: ignore[attr-defined]
    text = page(admin, "/desk/users")
    assert "cua.toi" in text
    assert "cua.ho" not in text
    assert "ca.he.thong" not in text
    assert admin.get(f"/desk/users/{mine.id}").status_code == 200
    for other in (theirs, whole):
        assert admin.get(f"/desk/users/{other.id}").status_code == 404
        assert post(admin, f"/desk/users/{other.id}/password").status_code == 404
    assert "Kế Bên" not in page(admin, "/desk/users/new")


def test_gives_no_more_than_their_own_reach(as_role: As, here: Unit, there: Unit) -> None:
    admin = as_role(ADMIN, scope=Scope("unit", here.id))
    person = as_role(COORDINATOR, scope=Scope("unit", here.id)).user  # type: ignore[attr-defined]
    address = f"/desk/users/{person.id}/roles"
    for scope in ("all:0", f"unit:{there.id}", ""):
        post(admin, address, role=ADMIN, scope=scope)
    post(admin, f"/desk/users/{admin.user.id}/roles", role=ADMIN, scope="all:0")  # type: ignore[attr-defined]
    db.session.expire_all()
    assert {grant.scope for grant in person.grants} == {Scope("unit", here.id)}
    assert {grant.scope for grant in admin.user.grants} == {Scope("unit", here.id)}  # type: ignore[attr-defined]
    post(admin, address, role=ADMIN, scope=f"unit:{here.id}")
    db.session.expire_all()
    assert person.role_names == {ADMIN, COORDINATOR}


def test_reads_what_their_people_did(as_role: As, here: Unit, there: Unit) -> None:
    mine = as_role(COORDINATOR, scope=Scope("unit", here.id))
    theirs = as_role(COORDINATOR, scope=Scope("unit", there.id))
    for browser, unit, name in ((mine, here, "Chợ Của Ta"), (theirs, there, "Chợ Của Họ")):
        post(browser, "/desk/places/zones/new", kind="market", name=name, unit_id=unit.id)
    admin = as_role(ADMIN, scope=Scope("unit", here.id))
    seen = page(admin, "/desk/audit?action=zone.create")
    assert seen.count("/desk/audit/") == 1
    assert page(as_role(ADMIN), "/desk/audit?action=zone.create").count("/desk/audit/") == 3

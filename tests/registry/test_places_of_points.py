"""Nobody puts a point into a market or commune that is not theirs."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.actors import ADMIN, COORDINATOR, Scope
from app.db import db
from app.registry.models import Merchant, Point
from tests.registry.scene import commune, market, merchant, stall

AsRole = Callable[..., Any]


@pytest.mark.parametrize("field", ["zone_id", "point_unit_id"])
def test_a_point_in_another_commune_is_refused(app: Flask, as_role: AsRole, now: datetime, field: str) -> None:
    here, there = commune(now), commune(now, "98002", "Xa Thử")
    own, others = market(now, here, "Chợ Đây"), market(now, there, "Chợ Kia")
    known = merchant(now, here)
    point = stall(now, known, own)
    browser = as_role(COORDINATOR, scope=Scope("unit", here.id))
    form = {"csrf_token": browser.form_token(), "holder_name": "Lê Thị Thử", "unit_id": here.id, "code": "B01"}
    wrong = {field: others.id if field == "zone_id" else there.id}
    for address in ("new", f"{known.code}/points/new", f"{known.code}/points/{point.id}/edit"):
        assert browser.post(f"/desk/merchants/{address}", data={**form, **wrong}).status_code == 404, address
    assert db.session.scalar(select(func.count()).select_from(Merchant)) == 1
    assert db.session.scalars(select(Point.zone_id)).all() == [own.id]
    kept = browser.post(f"/desk/merchants/{known.code}/points/new", data={**form, "zone_id": own.id})
    assert kept.status_code == 302


@pytest.mark.parametrize("field", ["zone_id", "point_unit_id", "unit_id"])
def test_a_place_that_does_not_exist_is_not_a_fault(app: Flask, as_role: AsRole, now: datetime, field: str) -> None:
    browser = as_role(ADMIN)
    form = {"csrf_token": browser.form_token(), "holder_name": "Lê Thị Thử", "unit_id": commune(now).id, "code": "B01"}
    assert browser.post("/desk/merchants/new", data={**form, field: 999_999}).status_code == 404


def test_who_works_in_a_market_may_use_it(app: Flask, as_role: AsRole, now: datetime) -> None:
    here = commune(now)
    zone = market(now, here)
    browser = as_role(COORDINATOR, scope=Scope("zone", zone.id))
    form = {"csrf_token": browser.form_token(), "holder_name": "Lê Thị Thử", "unit_id": here.id, "code": "B01"}
    assert browser.post("/desk/merchants/new", data={**form, "zone_id": zone.id}).status_code == 302

"""What every answer keeps to, whatever is asked: readable Vietnamese, and no fault for a number nobody has."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from app.actors import ADMIN, COORDINATOR
from app.web.row_ids import ID_MAX
from tests.registry.scene import commune, market, merchant, stall

TOO_LARGE = "9" * 23


def test_api_answers_are_readable_vietnamese(app: Flask) -> None:
    answer = app.test_client().get("/api/v1/nope")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    assert "Không tìm thấy trang" in answer.text


@pytest.mark.parametrize("number", [TOO_LARGE, str(ID_MAX + 1), str(ID_MAX)])
def test_an_address_with_a_number_nobody_has_does_not_exist(
    app: Flask, as_role: Callable[..., Any], number: str
) -> None:
    browser = as_role(ADMIN)
    rules = [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and "<int:" in rule.rule]
    assert len(rules) > len("a few")
    for rule in rules:
        address = "".join(number if part.startswith("int:") else part for part in _parts(rule))
        assert browser.get(address).status_code == 404, address


@pytest.mark.parametrize("number", [TOO_LARGE, "²", "-1", "\x00", ""])
def test_a_form_with_a_number_nobody_has_is_no_fault(app: Flask, as_role: Callable[..., Any], number: str) -> None:
    browser = as_role(ADMIN)
    token = {"csrf_token": browser.form_token()}
    for address, field in (
        ("/desk/merchants/bulk", "merchant"),
        ("/desk/approvals", "account"),
        ("/desk/payouts/postings", "unit"),
        ("/desk/payouts/postings/confirm", "unit"),
        ("/desk/places/zones/new", "unit_id"),
    ):
        answer = browser.post(address, data={**token, field: number, "act": "surveyed"})
        assert answer.status_code < 500, address
    for address in (
        "/desk/merchants/similar?unit_id=",
        "/desk/merchants/similar?code=A1&zone_id=",
        "/desk/payouts?unit=",
    ):
        assert browser.get(f"{address}{number}").status_code < 500, address
    assert browser.get(f"/api/v1/merchants?zone={number}").status_code == 422


@pytest.mark.parametrize("query", ["endpoint=x", "_external=1&_scheme=javascript", "_method=POST&_anchor=a&kind=x"])
def test_a_parameter_called_like_an_argument_of_ours_is_no_fault(
    app: Flask, as_role: Callable[..., Any], now: datetime, query: str
) -> None:
    """Lists hand on what they were asked for; `endpoint` or `_scheme` must not become an argument of url_for."""
    stall(now, merchant(now, place := commune(now)), market(now, place))
    browser = as_role(ADMIN, COORDINATOR)
    lists = [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and "<" not in rule.rule]
    assert len(lists) > len("a few")
    for address in lists:
        answer = browser.get(f"{address}?{query}")
        assert answer.status_code < 500, address
        assert b"javascript://" not in answer.data, address


def _parts(rule: str) -> list[str]:
    return rule.replace("<", "|").replace(">", "|").split("|")

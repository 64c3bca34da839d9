"""Addresses compiled late are those that Werkzeug would have made at start, odd values included."""

from datetime import date

import pytest
from flask import Flask
from werkzeug.routing import BuildError, Map, Rule

from app.web.late_rules import LateRule

RULES = ("/", "/a/<int:number>", "/b/<path:rest>/c", "/d/<word>", "/e/<any(x, y):which>")
ASKED: tuple[tuple[str, dict[str, object]], ...] = (
    ("/", {}),
    ("/", {"q": "Chợ Số & co"}),
    ("/a/<int:number>", {"number": 7}),
    ("/a/<int:number>", {"number": 7, "page": 2, "sort": "ngày"}),
    ("/b/<path:rest>/c", {"rest": "một/hai ba"}),
    ("/d/<word>", {"word": "x/y?z"}),
    ("/d/<word>", {"word": date(2026, 11, 27), "none": None}),
    ("/e/<any(x, y):which>", {"which": "y"}),
)


@pytest.mark.parametrize(("endpoint", "values"), ASKED)
def test_an_address_is_the_one_werkzeug_makes(endpoint: str, values: dict[str, object]) -> None:
    def made(kind: type[Rule]) -> list[str]:
        adapter = Map([kind(rule, endpoint=rule) for rule in RULES]).bind("x")
        return [adapter.build(endpoint, values) for _ in range(2)]

    assert made(LateRule) == made(Rule)


def test_an_address_without_its_part_is_none(app: Flask) -> None:
    with pytest.raises(BuildError):
        Map([LateRule("/a/<int:number>", endpoint="a")]).bind("x").build("a", {})
    kinds = {type(rule) for rule in app.url_map.iter_rules() if rule.endpoint != "static"}
    assert kinds == {LateRule}

"""The administrator reads the chain: filtered, in pages, with before and after, and whether it is whole."""

import ast
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.actors import ADMIN, Actor
from app.audit.actions import record
from app.audit.models import AuditHead
from app.audit.words import SUBJECTS, all_acts
from app.db import db, unit_of_work

ROOM = Path(__file__).resolve().parents[2] / "app"


@pytest.fixture
def admin(as_role: Callable[..., Any], app: Flask) -> Any:
    with unit_of_work():
        for number in range(40):
            record(
                Actor(None, f"Người {number}"),
                datetime(2026, 10, 1, 17, 30, tzinfo=UTC) + timedelta(days=number % 2),
                "zone.change" if number % 2 else "merchant.change",
                ("merchant", number),
                before={"shop_name": "Bún riêu <b>"},
                after={"shop_name": "Bún riêu cô Lượng"},
                reason="Gõ nhầm" if number == 7 else "",
            )
    return as_role(ADMIN)


def test_newest_first_in_pages(admin: Any) -> None:
    page = admin.get("/desk/audit").text
    assert "Người 39" in page
    assert "Người 5<" not in page
    assert "Người 5<" in admin.get("/desk/audit?page=2").text


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("action=zone.change", 20),
        ("q=Người+7", 4),
        ("q=merchant+Người+39", 1),
        ("q=hộ+Người+39", 1),
        ("q=quầy+Người+39", 0),
        ("from=2026-10-03&to=2026-10-03", 20),
        ("from=02/10/2026&to=2026-10-02", 20),
        ("to=2026-10-01", 0),
        ("from=không+phải+ngày&action=zone.change", 20),
        ("q=%25", 0),
    ],
)
def test_filters(admin: Any, query: str, count: int) -> None:
    found = re.search(r"trong <b>(\d+)</b> sự kiện", admin.get(f"/desk/audit?{query}").text)
    assert (int(found[1]) if found else 0) == count


def test_one_act_in_full_and_harmless(admin: Any) -> None:
    page = admin.get("/desk/audit/8").text
    assert "Bún riêu &lt;b&gt;" in page
    assert "Bún riêu cô Lượng" in page
    assert "Gõ nhầm" in page
    assert admin.get("/desk/audit/9999").status_code == 404


def test_the_chain_is_verified_on_the_page(admin: Any) -> None:
    assert "Nhật ký nguyên vẹn" in admin.get("/desk/audit?verify=1").text


def test_looking_leaves_the_chain_as_it_was(admin: Any, app: Flask) -> None:
    before = list(db.session.execute(select(AuditHead.events, AuditHead.hash)))
    for address in ("/desk/audit", "/desk/audit?verify=1", "/desk/audit/8"):
        assert admin.get(address).status_code == 200
    assert list(db.session.execute(select(AuditHead.events, AuditHead.hash))) == before


def test_every_act_of_the_rooms_has_words(app: Flask) -> None:
    source = "\n".join(file.read_text(encoding="utf-8") for file in ROOM.rglob("*.py") if file.name != "words.py")
    acts = set(re.findall(r'record\(\s*[\w.]+,\s*[\w.()]+,\s*"([a-z_]+\.[a-z_]+)"', source))
    assert {"user.create", "zone.change"} <= acts
    assert acts - set(all_acts()) == set()


def test_every_kind_of_record_has_words() -> None:
    """The subjects of all `record(...)` calls, also where the kind stands in a constant of the file."""
    kinds = set()
    for file in ROOM.rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        named = {
            node.targets[0].id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Constant)
        }
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "record":
                kinds |= {
                    subject.elts[0].value
                    if isinstance(subject.elts[0], ast.Constant)
                    else named[ast.unparse(subject.elts[0])]
                    for subject in call.args
                    if isinstance(subject, ast.Tuple)
                }
    assert {"lot", "merchant_list", "user"} <= kinds
    assert kinds - set(SUBJECTS) == set()


def test_days_are_written_as_people_here_write_them(admin: Any) -> None:
    page = admin.get("/desk/audit?from=01/01/2026&to=12/31/2026").text
    assert 'value="01/01/2026"' in page
    assert "không có tháng 31" in page
    assert 'type="date"' not in page
    assert "merchant …" not in page

"""One form posted twice is one act, whichever form it is; filled in differently it is another."""

import re
import threading
from collections.abc import Callable
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import FormPost, User
from app.actors import ADMIN, COORDINATOR
from app.db import db
from app.transactions.mapping.models import ReportUpload
from tests.conftest import Browser

Open = Callable[..., Browser]


def form(page: str) -> dict[str, str]:
    """The hidden fields of a page's last form."""
    found = re.findall(r'<input type="hidden" name="(csrf_token|form_id)" value="([^"]+)">', page)
    return dict(found)


def people(name: str) -> int:
    return db.session.scalar(select(func.count()).select_from(User).where(User.full_name == name)) or 0


def test_every_form_of_a_page_has_an_id_of_its_own(as_role: Open) -> None:
    ids = re.findall(r'name="form_id" value="([^"]+)"', as_role(COORDINATOR).get("/desk/reports").text)
    assert ids
    assert len(set(ids)) == len(ids)


def test_a_form_that_led_on_leads_there_again(as_role: Open) -> None:
    admin = as_role(ADMIN)
    page = admin.get("/desk/reports").text
    upload = {**form(page), "file": (BytesIO(b"a,b\n1,2\n"), "r.csv")}
    first = admin.post("/desk/reports/uploads", data=upload)
    second = admin.post("/desk/reports/uploads", data={**upload, "file": (BytesIO(b"a,b\n1,2\n"), "r.csv")})
    other = admin.post("/desk/reports/uploads", data={**upload, "file": (BytesIO(b"a,b\n1,3\n"), "r.csv")})
    assert first.status_code == second.status_code == other.status_code == 302
    assert first.location == second.location != other.location
    assert db.session.scalar(select(func.count()).select_from(ReportUpload)) == 2
    assert "đã được gửi rồi" in admin.get(second.location).text


def test_what_was_shown_once_is_not_made_twice(as_role: Open) -> None:
    office = as_role(COORDINATOR)
    sent = {**form(office.get("/desk/team").text), "full_name": "Đỗ Thị Mới", "scope": "all:0"}
    assert office.post("/desk/team", data=sent).status_code == 200
    again = office.post("/desk/team", data=sent)
    assert again.status_code == 409
    assert "đã được gửi rồi" in again.text
    assert people("Đỗ Thị Mới") == 1
    assert office.post("/desk/team", data={**sent, "full_name": "Đỗ Thị Khác"}).status_code == 200
    assert office.post("/desk/team", data={**sent, **form(office.get("/desk/team").text)}).status_code == 200
    assert people("Đỗ Thị Mới") == 2, "a new page is a new form"


def test_a_refused_form_may_be_sent_again(as_role: Open) -> None:
    office = as_role(COORDINATOR)
    sent = {**form(office.get("/desk/team").text), "full_name": "", "scope": "all:0"}
    assert office.post("/desk/team", data=sent).status_code == 422
    assert office.post("/desk/team", data=sent).status_code == 422
    assert db.session.scalar(select(func.count()).select_from(FormPost)) == 0


def test_two_posts_at_the_same_moment(app: Flask, as_role: Open) -> None:
    office = as_role(COORDINATOR)
    sent = {**form(office.get("/desk/team").text), "full_name": "Đỗ Thị Đôi", "scope": "all:0"}
    answers: list[int] = []
    ready = threading.Barrier(2)

    def post() -> None:
        with app.app_context():
            ready.wait(10)
            answers.append(office.post("/desk/team", data=sent).status_code)

    threads = [threading.Thread(target=post) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    db.session.rollback()
    assert sorted(answers) == [200, 409]
    assert people("Đỗ Thị Đôi") == 1


@pytest.mark.parametrize("odd", ["x" * 41, ""])
def test_an_odd_id_is_no_id(as_role: Open, odd: str) -> None:
    office = as_role(COORDINATOR)
    sent = {**form(office.get("/desk/team").text), "form_id": odd, "full_name": "Đỗ Thị Lạ", "scope": "all:0"}
    assert [office.post("/desk/team", data=sent).status_code for _ in range(2)] == [200, 200]

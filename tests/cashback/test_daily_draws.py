"""A draw a day: yesterday's list is closed, its seed told, its winner known, and no later day's seed with it."""

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from app.actors import APPROVER, COORDINATOR
from app.cashback.drafting.fields import fields_of, unsealed
from app.cashback.models import DrawCommitment, DrawStep, PolicyVersion
from app.db import db
from app.factory.cli import run
from app.vn.dates import format_date, local_date
from tests.cashback.reports import COLUMNS
from tests.cashback.test_drawing import public_list, step
from tests.cashback.test_pages import send
from tests.cashback.test_policy_pages import NEW, SHIPPED, approved, kept, post

Signed = Callable[..., FlaskClient]
GOLD = SHIPPED["gold-daily"]
TODAY = local_date(datetime.now(UTC))
FIRST = TODAY - timedelta(days=4)
DAYS = 40


def payment(number: int, day: int, reverses: str = "") -> str:
    who = f"0987654{number % 30:03d}"
    name = f"L{number}" if reverses else f"P{number}"
    at = f"{FIRST + timedelta(days=day)}T09:{number // 60 % 60:02d}:{number % 60:02d}"
    return f"{name},{at},topup_prepaid,20000,{who},,bank,app,{who},success,{reverses}"


def report(*lines: str) -> str:
    return "\n".join([",".join(COLUMNS), *lines]) + "\n"


def on(day: int) -> date:
    return FIRST + timedelta(days=day)


def promised(author: FlaskClient, approver: FlaskClient, **more: str) -> tuple[PolicyVersion, DrawCommitment]:
    days = {"first_day": format_date(FIRST), "last_day": format_date(on(DAYS - 1))}
    version = approved(approver, kept(author, GOLD, **days, **{"r1-seeds": "period"}, **more))
    return version, db.session.scalars(db.select(DrawCommitment)).one()


def sha256(text: str, times: int = 1) -> str:
    for _ in range(times):
        text = hashlib.sha256(text.encode()).hexdigest()
    return text


def winners(rows: list[dict[str, str]]) -> dict[str, str]:
    return {row["period"]: row["ticket"] for row in rows if row["prize"]}


def turn(*browsers: FlaskClient, version: PolicyVersion) -> list[str]:
    """What the first page says of the draw to each."""
    link = re.compile(rf'href="/desk/cashback/policies/{version.id}".*?<b>1 lần quay ([^<]*)</b>', re.DOTALL)
    return ["".join(link.findall(browser.get("/desk/").text)) for browser in browsers]


def test_each_day_is_drawn_when_it_is_over_and_stays_as_it_was(
    app: Flask, as_role: Signed, client: FlaskClient, tmp_path: Path
) -> None:
    author, approver = as_role(COORDINATOR), as_role(APPROVER)
    version, draw = promised(author, approver)
    page, desk = f"/draws/{draw.slug}", f"/desk/cashback/policies/{version.id}"
    assert "mỗi ngày một hạt giống" in client.get(page).text
    send(author, report(*(payment(at, at % 2) for at in range(60))))
    shown = author.get(desk).text
    assert f'<option value="{on(1)}" selected>{format_date(on(1))}</option>' in shown, "as far as the report tells"
    assert f'<option value="{TODAY}"' not in shown, "today may still bring payments"
    assert "Không chốt được kỳ ấy" in step(author, version, "close", through=str(TODAY))
    assert "Đã chốt" in step(author, version, "close", through=str(on(1)))
    assert len(public_list(client, draw)) == 60
    assert "không được tự duyệt" in step(author, version, "reveal")
    assert "Đã công bố" in step(approver, version, "reveal")
    assert "công bố rồi" in step(approver, version, "reveal")
    db.session.refresh(draw)
    second_day = draw.seed or ""
    assert sha256(second_day, 2) == draw.seed_sha256
    first = public_list(client, draw)
    won = winners(first)
    assert set(won) == {str(on(0)), str(on(1))}
    for period, ticket in won.items():
        mine = [row for row in first if row["period"] == period]
        assert min(mine, key=lambda row: row["number"])["ticket"] == ticket

    late, third = payment(990, 0), [payment(100 + at, 2) for at in range(20)]
    gone = payment(int(won[str(on(0))][1:]), 2, reverses=won[str(on(0))])
    send(author, report(late, gone, *third), "sau.csv")
    assert "Đã chốt" in step(author, version, "close", through=str(on(2)))
    closed = public_list(client, draw)
    assert [row for row in closed if row["period"] < str(on(2))] == first, "what was published stays letter by letter"
    assert {row["number"] for row in closed if row["period"] == str(on(2))} == {""}
    assert "P990" not in {row["ticket"] for row in closed}
    assert "Đã công bố" in step(approver, version, "reveal")
    db.session.refresh(draw)
    assert sha256(draw.seed or "") == second_day
    now = public_list(client, draw)
    assert len(now) == 80
    assert set(winners(now)) == {str(on(0)), str(on(1)), str(on(2))}
    assert winners(now)[str(on(1))] == won[str(on(1))]
    ranked = sorted((row for row in first if row["period"] == str(on(0))), key=lambda row: row["number"])
    assert winners(now)[str(on(0))] == ranked[1]["ticket"], "who was taken back is followed by the next"
    public = client.get(page).text
    assert f"Đã quay đến hết {format_date(on(2))}" in public
    assert f"thay phiếu {won[str(on(0))]}" in public
    for each in db.session.scalars(db.select(DrawStep).where(DrawStep.kind == "list")):
        assert all(said["ticket_list_sha256"] in public for said in each.tickets)
    (tmp_path / "t.csv").write_text(client.get(f"{page}/tickets.csv").text, encoding="utf-8")
    (tmp_path / "p.yaml").write_text(client.get(f"{page}/policy.yaml").text, encoding="utf-8")
    files = ["--tickets", str(tmp_path / "t.csv"), "--policy", str(tmp_path / "p.yaml"), "--seed"]
    assert run(["cashback", "verify-draw", *files, draw.seed or ""]) == 0
    assert run(["cashback", "verify-draw", *files, sha256(second_day, 2)]) == 1


def test_the_first_page_says_what_the_draw_waits_for(app: Flask, as_role: Signed) -> None:
    author, approver = as_role(COORDINATOR), as_role(APPROVER)
    version, _ = promised(author, approver)
    assert turn(author, approver, version=version) == ["", ""], "no report tells of a day"
    send(author, report(payment(1, 0), payment(2, 1)))
    assert turn(author, approver, version=version) == ["chờ chốt danh sách phiếu", ""]
    step(author, version, "close", through=str(on(1)))
    assert turn(author, approver, version=version) == ["", "chờ công bố hạt giống"], "not by who wrote the policy"
    step(approver, version, "reveal")
    assert turn(author, approver, version=version) == ["", ""], "no report tells of the days since"


def test_a_list_may_be_closed_anew_until_its_seed_is_told(app: Flask, as_role: Signed, client: FlaskClient) -> None:
    author, approver = as_role(COORDINATOR), as_role(APPROVER)
    version, draw = promised(author, approver)
    send(author, report(payment(1, 0), payment(2, 1)))
    step(author, version, "close", through=str(on(1)))
    send(author, report(payment(3, 1), payment(4, 2)), "sau.csv")
    step(author, version, "close", through=str(on(0)))
    assert [row["ticket"] for row in public_list(client, draw)] == ["P1"]
    step(author, version, "close", through=str(on(2)))
    assert [row["ticket"] for row in public_list(client, draw)] == ["P1", "P2", "P3", "P4"]
    step(approver, version, "reveal")
    assert len(winners(public_list(client, draw))) == 3
    assert "Chưa có phiếu nào" in step(author, version, "close")
    db.session.refresh(draw)
    assert sha256(draw.seed or "", 3) == draw.seed_sha256, "an empty close told nothing"


def test_a_version_that_ends_early_is_drawn_with_the_seeds_it_promised(
    app: Flask, as_role: Signed, client: FlaskClient
) -> None:
    author, approver = as_role(COORDINATOR), as_role(APPROVER)
    version, draw = promised(author, approver)
    next_days = {"first_day": format_date(TODAY), "last_day": format_date(on(DAYS + 9))}
    approved(approver, kept(author, GOLD, **next_days, **{"r1-seeds": "period"}))
    db.session.refresh(version)
    assert version.ends_on == on(3), "the next version begins today"
    send(author, report(payment(1, 0), payment(2, 1)))
    assert "Đã chốt" in step(author, version, "close", through=str(on(1)))
    assert "Đã công bố" in step(approver, version, "reveal")
    db.session.refresh(draw)
    assert sha256(draw.seed or "", 2) == draw.seed_sha256
    assert len(winners(public_list(client, draw))) == 2


def test_the_seeds_of_a_council_are_taken_a_day_at_a_time(app: Flask, as_role: Signed, client: FlaskClient) -> None:
    author, approver = as_role(COORDINATOR), as_role(APPROVER)
    version, draw = promised(author, approver, **{"r1-seed": sha256("gốc", DAYS)})
    assert draw.sealed_seed is None
    send(author, report(payment(1, 0), payment(2, 1)))
    step(author, version, "close", through=str(on(0)))
    assert f"không khớp mã đã công bố của {format_date(on(0))}" in step(
        approver, version, "reveal", seed=sha256("gốc", DAYS - 2)
    )
    db.session.refresh(draw)
    assert draw.seed is None, "a later day's seed is not taken, nor kept"
    assert "Đã công bố" in step(approver, version, "reveal", seed=sha256("gốc", DAYS - 1))
    assert list(winners(public_list(client, draw))) == [str(on(0))]


def test_a_draft_from_the_plan_gives_every_day_its_seed(app: Flask, as_role: Signed) -> None:
    page = as_role(COORDINATOR).get(f"{NEW}?from=gold-daily").text
    assert '<option value="period" selected>' in page
    assert "mỗi ngày một hạt giống, công bố khi danh sách phiếu của kỳ ấy đã chốt" in page


def test_a_period_that_is_not_over_has_no_list(app: Flask, as_role: Signed) -> None:
    author, approver = as_role(COORDINATOR), as_role(APPROVER)
    days = {"first_day": format_date(TODAY), "last_day": format_date(TODAY + timedelta(days=9))}
    version = approved(approver, kept(author, GOLD, **days, **{"r1-seeds": "period"}))
    send(author, report(payment(1, 4)))
    assert "Kỳ đầu chưa hết" in step(author, version, "close")


def test_a_chain_without_an_end_is_told_at_its_field(app: Flask, as_role: Signed) -> None:
    fields = MultiDict(fields_of(unsealed(GOLD)))
    fields["last_day"], fields["r1-seeds"] = "", "period"
    page = post(as_role(COORDINATOR), NEW, fields, tab="form", do="keep").text
    assert "phải có ngày bắt đầu và ngày kết thúc" in page
    assert 'id="r1-seeds-error' in page or 'aria-describedby="r1-seeds' in page
    assert db.session.scalars(db.select(PolicyVersion)).all() == []

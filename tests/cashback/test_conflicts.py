"""Two files, one reference, two contents: nothing counts until somebody says which, and money moves with two people."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.actors import ADMIN, APPROVER, COORDINATOR, PROVIDER, Scope
from app.audit.models import AuditEvent
from app.cashback.models import CashbackRun
from app.db import db
from app.settings import Settings
from app.transactions.intake import Received, lines_in_conflict, take_reports
from app.transactions.models import ConflictSettlement, Report
from app.transactions.queries import received
from tests.cashback.test_pages import HEADING, adopted, payment, points_file, post, send
from tests.registry.scene import commune

As = Callable[..., FlaskClient]
ONE = f"{HEADING}\n{payment(1, 1)}\n{payment(2, 2)}\n"
TWO = f"{HEADING}\n{payment(1, 1, amount='30000')}\n{payment(3, 3)}\n"
PAGE = "/desk/reports/conflicts"


def contents(settings: Settings) -> dict[int, str]:
    """Amount -> content of the copies of T1."""
    reports = db.session.scalars(db.select(Report).where(Report.state == "received").order_by(Report.id)).all()
    with duckdb.connect() as engine:
        return {each.amount_vnd: each.content for each in lines_in_conflict(engine, received(settings, reports))}


def counted(settings: Settings) -> dict[str, int]:
    """Reference -> amount, as every reader of facts sees it now."""
    reports = db.session.scalars(db.select(Report).where(Report.state == "received").order_by(Report.id)).all()
    with duckdb.connect() as engine:
        take_reports(engine, received(settings, reports))
        return dict(engine.execute("select reference, amount_vnd from facts").fetchall())


def test_one_copy_is_kept_then_none_then_all_are_refused_again(app: Flask, as_role: As, settings: Settings) -> None:
    browser = as_role(COORDINATOR)
    send(browser, ONE)
    send(browser, TWO, "hai.csv")
    page = browser.get(PAGE).text
    assert "chưa phân xử" in page
    assert page.count("<mark>") == 2, "the amounts, and nothing else, disagree"
    assert counted(settings) == {"T2": 20_000, "T3": 20_000}
    keys = contents(settings)
    assert "Chưa ghi lý do" in post(browser, PAGE, reference="T1", content=keys[30_000], reason=" ").text
    assert "Không còn bản ấy" in post(browser, PAGE, reference="T1", content="0" * 64, reason="x").text
    post(browser, PAGE, reference="T1", content=keys[30_000], reason="Bên gửi xác nhận")
    assert counted(settings) == {"T1": 30_000, "T2": 20_000, "T3": 20_000}
    assert "được giữ" in browser.get(PAGE).text
    post(browser, PAGE, reference="T1", content="", reason="Cả hai đều sai")
    assert counted(settings) == {"T2": 20_000, "T3": 20_000}
    rows = db.session.scalars(db.select(ConflictSettlement).order_by(ConflictSettlement.id)).all()
    assert [row.state for row in rows] == ["withdrawn", "in_force"]
    post(browser, f"{PAGE}/{rows[1].id}/withdraw", reason="Xem lại")
    assert "chưa phân xử" in browser.get(PAGE).text
    acts = db.session.scalars(db.select(AuditEvent.action).where(AuditEvent.subject_kind == "conflict")).all()
    assert acts == ["conflict.settle", "conflict.settle", "conflict.withdraw"]


def test_undoing_the_file_that_held_ends_the_conflict(app: Flask, as_role: As, settings: Settings) -> None:
    browser = as_role(COORDINATOR)
    send(browser, ONE)
    send(browser, TWO, "hai.csv")
    post(browser, PAGE, reference="T1", content=contents(settings)[30_000], reason="x")
    second = db.session.scalars(db.select(Report).where(Report.file_name == "hai.csv")).one()
    post(browser, f"/desk/reports/{second.id}/undo", reason="Tệp cũ")
    assert counted(settings) == {"T1": 20_000, "T2": 20_000}
    assert "Không có mâu thuẫn nào" in browser.get(PAGE).text


def test_money_that_went_out_asks_for_a_second_person(
    app: Flask, as_role: As, settings: Settings, now: datetime
) -> None:
    unit = commune(now)
    lan, binh, provider = as_role(COORDINATOR), as_role(APPROVER), as_role(PROVIDER)
    send(lan, ONE)
    version = adopted(lan, binh)
    post(lan, f"/desk/cashback/policies/{version.id}/run", points=points_file())
    run = db.session.scalars(db.select(CashbackRun)).one()
    _pay(lan, binh, provider, unit.id, run.id)
    send(lan, TWO, "hai.csv")
    told = post(lan, PAGE, reference="T1", content=contents(settings)[30_000], reason="Bên gửi sửa").text
    assert "cần người thứ hai" in told
    assert "T1" not in counted(settings), "proposed is not settled"
    row = db.session.scalars(db.select(ConflictSettlement)).one()
    assert "không được tự duyệt" in post(lan, f"{PAGE}/{row.id}/approve").text
    assert "đang chờ người thứ hai" in post(lan, PAGE, reference="T1", content="", reason="x").text
    assert "Đã đồng ý" in post(binh, f"{PAGE}/{row.id}/approve").text
    assert counted(settings)["T1"] == 30_000
    assert "không rút lại một mình được" in post(lan, f"{PAGE}/{row.id}/withdraw", reason="x").text


def _pay(lan: FlaskClient, binh: FlaskClient, provider: FlaskClient, unit_id: int, run_id: int) -> None:
    post(lan, "/desk/payouts/postings/confirm", unit=unit_id, run=run_id)
    post(lan, "/desk/payouts", unit=unit_id, month="2023-08")
    post(binh, "/desk/payouts/1/approve")
    post(lan, "/desk/payouts/1/export")
    post(provider, "/desk/payouts/1/pay")


def test_another_communes_conflicts_do_not_exist(app: Flask, as_role: As, settings: Settings, now: datetime) -> None:
    here, there = (Scope("unit", commune(now, code, name).id) for code, name in (("99001", "Một"), ("98002", "Hai")))
    author, stranger = as_role(COORDINATOR, scope=here), as_role(COORDINATOR, scope=there)
    send(author, ONE)
    send(author, TWO, "hai.csv")
    assert "Không có mâu thuẫn nào" not in author.get(PAGE).text
    assert "Không có mâu thuẫn nào" in stranger.get(PAGE).text
    key = contents(settings)[30_000]
    assert "không còn mâu thuẫn" in post(stranger, PAGE, reference="T1", content=key, reason="x").text
    post(author, PAGE, reference="T1", content=key, reason="x")
    row = db.session.scalars(db.select(ConflictSettlement)).one()
    assert row.unit_id == here.id
    assert post(stranger, f"{PAGE}/{row.id}/withdraw", reason="x").status_code == 404
    assert as_role(PROVIDER).post(PAGE).status_code in {400, 403}
    listed = as_role(ADMIN).get(f"{PAGE}/all.csv").data.decode("utf-8-sig").splitlines()
    assert [line.rsplit(",", 1)[1] for line in listed[1:]] == ["bỏ", "giữ"]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_whatever_the_order_of_files_the_settled_copy_counts_once(tmp_path: Path, order: tuple[int, ...]) -> None:
    texts = [ONE, TWO, ONE.replace("\n", "\r\n", 1)]
    files = []
    for number in order:
        path = tmp_path / f"{number}.csv"
        path.write_text(texts[number], encoding="utf-8")
        files.append(Received(path.name, path))
    with duckdb.connect() as engine:
        keys = {each.amount_vnd: each.content for each in lines_in_conflict(engine, files)}
    settled = [Received(each.name, each.path, settled={"T1": keys[20_000]}) for each in files]
    with duckdb.connect() as engine:
        found = take_reports(engine, settled)
        assert engine.execute("select amount_vnd from facts where reference = 'T1'").fetchall() == [(20_000,)]
        reasons = engine.execute("select reason from refused_lines").fetchall()
    assert (found.duplicate_count, found.refused_count) == (2, 1)
    assert "đã phân xử" in reasons[0][0]

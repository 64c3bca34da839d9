"""Every number of a run's page opens to the decisions it counts, and the list goes along as a file."""

import csv
import html
import io
import re
from collections.abc import Callable
from datetime import datetime
from urllib.parse import parse_qsl

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import update

from app.actors import APPROVER, COORDINATOR, Scope
from app.audit.models import AuditEvent
from app.audit.queries import chain_break
from app.cashback.models import CashbackRun
from app.db import db, unit_of_work
from app.registry.models import Merchant
from app.settings import Settings
from app.vn.dates import to_local
from app.web import downloads
from tests.cashback.reports import COLUMNS
from tests.cashback.test_pages import adopted, post, send
from tests.registry.scene import commune, market, merchant, stall

Signed = Callable[..., FlaskClient]
RUN = "/desk/cashback/runs/1"
LINK = re.compile(rf'<a[^>]* href="({RUN}/decisions\?[^"]+)"[^>]*>(.*?)</a>', re.DOTALL)
SUM = re.compile(r"decisions-sum.*?</p>", re.DOTALL)


def line(number: int, day: int, who: str, shop: str, amount: int = 20_000, status: str = "success") -> str:
    at = f"2023-08-{day:02d}T09:{number // 60:02d}:{number % 60:02d}"
    return f"T{number},{at},qr_payment,{amount},{who},{shop},bank,app,,{status},"


def numbers(text: str) -> list[int]:
    plain = html.unescape(re.sub(r"<[^>]+>", " ", text)).replace("\xa0", " ")
    return [int(found.replace(".", "")) for found in re.findall(r"[0-9][0-9.]*", plain)]


@pytest.fixture
def shops(app: Flask, now: datetime) -> list[str]:
    unit = commune(now)
    zone = market(now, unit, "Chợ & Bến")
    holders = [merchant(now, unit, f"Nguyễn Thị {name}") for name in ("Một", "Hai")]
    stall(now, holders[0], zone, "A01-01")
    return [each.code for each in holders]


@pytest.fixture
def author(app: Flask, as_role: Signed, shops: list[str]) -> FlaskClient:
    found = as_role(COORDINATOR)
    paid = [line(at, 1 + at % 9, f"09000000{at % 4:02d}", shops[at % 2]) for at in range(60)]
    paid += [line(70, 3, "0900000009", shops[0], 1_000), line(71, 3, "0900000009", "LA", 30_000)]
    paid += [line(72, 4, "0900000009", shops[1], status="failed"), line(73, 4, "=1+1", shops[1])]
    send(found, "\n".join([",".join(COLUMNS), *paid]) + "\n")
    version = adopted(found, as_role(APPROVER))
    codes = io.BytesIO("\n".join(["merchant", *shops]).encode())
    post(found, f"/desk/cashback/policies/{version.id}/run", points=(codes, "diem.csv"))
    return found


def test_every_number_opens_to_what_it_counts(author: FlaskClient) -> None:
    page = author.get(RUN).text
    links = LINK.findall(page)
    told = [(html.unescape(address), numbers(words)[-1]) for address, words in links]
    asked_for = [dict(parse_qsl(address.partition("?")[2])) for address, _ in told]
    assert {"reason": "granted", "day": "01/08/2023"} in asked_for
    assert {"zone": "Chợ & Bến", "reward": "2"} in asked_for
    assert {"reward": "1", "reason": "daily_cap"} in asked_for
    for (address, shown), asked in zip(told, asked_for, strict=True):
        opened = SUM.search(author.get(address).text)
        assert opened, address
        decisions, _, parties, paid = numbers(opened[0])
        match asked:
            case {"reward": _, "reason": _}:
                assert shown == parties, address
            case {"q": _} | {"day": _}:
                assert shown == paid, address
            case {"reason": "granted"}:
                assert shown in {decisions, paid}, address
            case _:
                assert shown == decisions, address


def test_the_list_is_filtered_and_says_why(author: FlaskClient, shops: list[str]) -> None:
    def rows(asked: str) -> list[list[str]]:
        body = author.get(f"{RUN}/decisions.csv?{asked}").text.removeprefix("\ufeff")
        return list(csv.reader(io.StringIO(body)))[1:]

    every = rows("")
    assert len(every) == 2 * 64
    assert {row[3] for row in rows("q=0900 000 009")} == {"T70", "T71", "T72"}
    assert {row[7] for row in rows("q=T71")} == {"không phải điểm trong danh sách"}
    assert {row[2] for row in rows(f"zone=Chợ %26 Bến&q={shops[0]}")} == {shops[0]}
    assert rows(f"zone=Chợ %26 Bến&q={shops[1]}") == []
    assert {row[4][:10] for row in rows("day=3/8/2023")} == {"2023-08-03"}
    assert {row[2] for row in rows("q=T73&reward=1")} == {"'=1+1"}, "a spreadsheet must not run it"
    capped = next(row for row in rows("reason=daily_cap") if row[0] == "1")
    assert capped[8:11] == ["trong ngày", "1", "1"]
    assert len(rows("reason=granted")) + len(rows("reason=daily_cap")) + len(rows("reason=monthly_cap")) < len(every)
    page = author.get(f"{RUN}/decisions?reason=daily_cap").text
    assert "lần thứ 2 trong ngày, tối đa 1" in page
    assert "Không có quyết định nào khớp" in author.get(f"{RUN}/decisions?q=không-có").text


def test_a_day_that_is_none_is_told_and_nothing_else_is_lost(author: FlaskClient) -> None:
    page = author.get(f"{RUN}/decisions?day=31/02/2023&q=T70").text
    assert 'id="day-error"' in page
    assert 'value="T70"' in page
    for words in ("reason=lạ", "reward=999999999", "reward=²", "role=x", "page=-1", "zone=" + "x" * 500, "q=%00%27"):
        assert author.get(f"{RUN}/decisions?{words}").status_code == 200
    assert author.get(f"{RUN}/decisions.csv?day=31/02/2023").status_code == 404


def test_the_workbook_holds_the_same_rows_until_they_are_too_many(
    author: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = load_workbook(io.BytesIO(author.get(f"{RUN}/decisions.xlsx?reason=granted").data), read_only=True)
    listed = list(csv.reader(io.StringIO(author.get(f"{RUN}/decisions.csv?reason=granted").text)))
    assert [row[3] for row in book.active.iter_rows(values_only=True)] == [row[3] for row in listed]
    monkeypatch.setattr(downloads, "WORKBOOK_ROWS_MAX", 3)
    led = author.get(f"{RUN}/decisions.xlsx?reason=granted", follow_redirects=True)
    assert "Hãy lọc bớt, hoặc tải CSV" in led.text
    assert led.request.path == f"{RUN}/decisions"


def test_another_commune_has_no_such_list(author: FlaskClient, as_role: Signed, now: datetime) -> None:
    stranger = as_role(COORDINATOR, scope=Scope("unit", commune(now, "98002", "Khác").id))
    for name in ("decisions", "decisions.csv", "decisions.xlsx"):
        assert stranger.get(f"{RUN}/{name}").status_code == 404


def test_runs_are_listed_by_policy_and_asking_leads_to_the_list(author: FlaskClient) -> None:
    def runs(asked: str) -> list[list[str]]:
        return list(csv.reader(io.StringIO(author.get(f"/desk/cashback/runs.csv?{asked}").text)))[1:]

    assert [(row[0], row[1], row[7]) for row in runs("")] == [("1", "qr-experience-point", "64")]
    assert runs("policy=qr-experience-point") == runs("")
    assert runs("policy=x") == []
    assert "Mọi chính sách" in author.get("/desk/cashback?policy=x").text
    told = author.get("/desk/cashback/explain?q=0900000001").text
    assert f'href="{RUN}/decisions?q=0900000001"' in told


def test_the_runs_are_sent_after_the_request_is_over_as_a_server_does(author: FlaskClient) -> None:
    answer = author.get("/desk/cashback/runs.csv")
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [row[1] for row in rows] == ["Mã chính sách", "qr-experience-point"]
    run = db.session.get_one(CashbackRun, 1)
    assert rows[1][4] == f"{to_local(run.created_at):%Y-%m-%d %H:%M:%S}"


def test_what_is_taken_out_is_written_down(author: FlaskClient) -> None:
    for name in ("decisions.csv?q=0900000001", "decisions.xlsx", "decisions.parquet"):
        assert author.get(f"{RUN}/{name}").status_code == 200
    author.get(f"{RUN}/decisions?q=0900000001")
    query = db.select(AuditEvent.after).where(AuditEvent.action == "cashback.export").order_by(AuditEvent.id)
    assert list(db.session.scalars(query)) == [
        {"format": "csv", "q": "0900000001"}, {"format": "xlsx"}, {"format": "parquet"},
    ]  # fmt: skip
    assert chain_break()[1] is None


@pytest.mark.parametrize("asked", ["q=%00", "q=%ff%fe", "q=%ED%A0%80", "format=x", "q=" + "a" * 5000])
def test_whatever_is_asked_the_file_comes_and_is_written_down(author: FlaskClient, asked: str) -> None:
    for name in ("decisions.csv", "decisions.xlsx"):
        assert author.get(f"{RUN}/{name}?{asked}").status_code == 200, name
    query = db.select(AuditEvent.after).where(AuditEvent.action == "cashback.export").order_by(AuditEvent.id)
    assert [after and after["format"] for after in db.session.scalars(query)] == ["csv", "xlsx"]
    assert chain_break()[1] is None


def test_parameters_called_like_our_own_arguments_change_nothing(author: FlaskClient) -> None:
    told = author.get(f"{RUN}/decisions?run_id=7&kind=x&endpoint=y&_external=1&_scheme=javascript")
    assert told.status_code == 200
    assert f'href="{RUN}/decisions.csv?run_id=7' in told.text


def test_a_run_whose_file_is_gone_says_what_to_do(author: FlaskClient, settings: Settings) -> None:
    for file in (settings.facts_dir / "runs" / "1").iterdir():
        file.unlink()
    for name in ("", "/decisions", "/decisions.csv", "/decisions.xlsx", "/decisions.parquet", "/refused.csv"):
        answer = author.get(f"{RUN}{name}")
        assert answer.status_code == 404, name
        assert "Hãy xét lại báo cáo" in answer.text, name
    assert author.get("/api/v1/runs/1/decisions").status_code == 404


def test_a_traders_own_telephone_leads_to_what_the_shop_sold(
    author: FlaskClient, as_role: Signed, shops: list[str], now: datetime
) -> None:
    with unit_of_work():
        for code, phone in zip(shops, ("+84987654321", "+84900000001"), strict=True):
            db.session.execute(update(Merchant).where(Merchant.code == code).values(phone=phone))
    told = author.get("/desk/cashback/explain?q=0987.654.321").text
    assert "Nguyễn Thị Một đã được gì" in told
    assert f'href="{RUN}/decisions?q={shops[0]}"' in told
    assert told.count(f'>{shops[0]}</a> <span class="soft">Nguyễn Thị Một</span>') == 10  # a page of its sales
    both = author.get("/desk/cashback/explain?q=0900000001").text  # a customer's number, and the other trader's
    assert ", 0900 000 001 đã được gì" in both.replace("\xa0", " ")
    assert ", Nguyễn Thị Hai đã được gì" in both
    stranger = as_role(COORDINATOR, scope=Scope("unit", commune(now, "98002", "Khác").id))
    assert "Không thấy 0987654321" in stranger.get("/desk/cashback/explain?q=0987654321").text


def test_codes_are_found_however_they_are_typed(author: FlaskClient, shops: list[str]) -> None:
    assert "<h2>T70</h2>" in author.get("/desk/cashback/explain?q=t70").text
    assert "Nguyễn Thị Một đã được gì" in author.get(f"/desk/cashback/explain?q={shops[0].lower()}").text
    assert "Nguyễn Thị Một đã được gì" in author.get("/desk/cashback/explain?q=a01-01").text  # the stall's code

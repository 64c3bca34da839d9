"""A draw from promise to winners: nothing known before its time, nothing changed after, checked by anybody."""

import csv
import hashlib
import hmac
import io
import json
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.actors import APPROVER, COORDINATOR
from app.audit.models import AuditEvent
from app.cashback.drawing.rules import masked, party_name
from app.cashback.models import DrawCommitment, DrawStep, PolicyVersion
from app.cashback.queries import shipped
from app.cashback.verification import DrawRefusedError, published_hashes, verified_list, verified_winners
from app.db import db
from app.factory.cli import run
from app.settings import Settings
from tests.cashback.reports import COLUMNS
from tests.cashback.test_pages import send
from tests.cashback.test_policy_pages import SHIPPED, approved, kept, post

Signed = Callable[..., FlaskClient]
HEADING = ",".join(COLUMNS)
VOUCHER = SHIPPED["qr-voucher"]


def payment(number: int, day: int = 1, merchant: str = "", reverses: str = "") -> str:
    at = f"2023-08-{day:02d}T09:00:{number % 60:02d}"
    shop = merchant or f"HK-{number % 40:04d}"
    who = f"R{number}{'B' if reverses else ''},{at},qr_payment,20000,0987654{number % 1000:03d},{shop}"
    return f"{who},bank,app,,success,{reverses}"


def report(*numbers: int) -> str:
    return "\n".join([HEADING, *(payment(number) for number in numbers)]) + "\n"


def promised(author: FlaskClient, approver: FlaskClient) -> tuple[PolicyVersion, DrawCommitment]:
    version = approved(approver, kept(author, VOUCHER, last_day="31/08/2023"))
    return version, db.session.scalars(db.select(DrawCommitment)).one()


def step(browser: FlaskClient, version: PolicyVersion, act: str, **fields: str) -> str:
    return post(browser, f"/desk/cashback/draws/{version.id}/{act}", **fields).text


def public_list(browser: FlaskClient, draw: DrawCommitment) -> list[dict[str, str]]:
    text = browser.get(f"/draws/{draw.slug}/tickets.csv").text
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_from_the_promise_to_winners_that_anybody_can_check(
    app: Flask, as_role: Signed, client: FlaskClient, settings: Settings, tmp_path: Path
) -> None:
    author, approver = as_role(COORDINATOR), as_role(APPROVER)
    version, draw = promised(author, approver)
    page = f"/draws/{draw.slug}"
    assert draw.seed_sha256 in client.get(page).text
    assert "Chưa chốt danh sách phiếu" in step(approver, version, "reveal")
    assert "Chưa có báo cáo" in step(author, version, "close")
    send(author, report(*range(60)))
    assert "Đã chốt" in step(author, version, "close")
    before = public_list(client, draw)
    assert len(before) == 60
    assert set(before[0]) == {"reward", "period", "ticket", "party", "masked"}
    listed = tmp_path / "truoc.csv"
    listed.write_text(client.get(f"{page}/tickets.csv").text, encoding="utf-8")
    [(_, _, sha256)] = published_hashes(listed, VOUCHER)
    assert sha256 in client.get(page).text
    assert "không được tự duyệt" in step(author, version, "reveal")
    assert "Đã công bố hạt giống" in step(approver, version, "reveal")
    db.session.refresh(draw)
    assert draw.seed is not None
    assert hashlib.sha256(draw.seed.encode()).hexdigest() == draw.seed_sha256
    shown = client.get(page).text
    assert draw.seed in shown
    after = public_list(client, draw)
    expected = sorted(before, key=lambda row: hand_number(draw.seed or "", row))[:1][0]
    assert next(row for row in after if row["ticket"] == expected["ticket"])["prize"] == "Voucher 200.000"
    assert len([row for row in after if row["prize"]]) == len({row["party"] for row in after if row["prize"]}) == 25
    files = {"ds.csv": client.get(f"{page}/tickets.csv").text, "p.yaml": client.get(f"{page}/policy.yaml").text}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    options = ["--tickets", str(tmp_path / "ds.csv"), "--policy", str(tmp_path / "p.yaml"), "--seed"]
    assert run(["cashback", "verify-draw", *options, draw.seed]) == 0
    assert run(["cashback", "verify-draw", *options, "khác"]) == 1
    acts = list(db.session.scalars(db.select(AuditEvent.action)))
    assert {"draw.commit", "draw.close", "draw.reveal"} <= set(acts)


def hand_number(seed: str, row: dict[str, str]) -> str:
    message = f"qr-voucher\n{row['period']}\n{row['ticket']}"
    return hmac.new(seed.encode(), message.encode(), hashlib.sha256).hexdigest()


def test_a_winner_taken_back_is_replaced_and_a_late_ticket_takes_no_part(
    app: Flask, as_role: Signed, client: FlaskClient
) -> None:
    author, approver = as_role(COORDINATOR), as_role(APPROVER)
    version, draw = promised(author, approver)
    send(author, report(*range(60)))
    step(author, version, "close")
    step(approver, version, "reveal")
    db.session.refresh(draw)
    first = public_list(client, draw)
    ranked = sorted(first, key=lambda row: row["number"])
    winner = ranked[0]
    number = int(winner["ticket"].removeprefix("R"))
    better = next(
        at
        for at in count(1000)
        if hand_number(draw.seed or "", {"period": "2023-08", "ticket": f"R{at}"}) < winner["number"]
    )
    for _ in range(2):
        assert "Không có gì đổi" in step(approver, version, "again")
    assert [each.kind for each in db.session.scalars(db.select(DrawStep))] == ["list", "winners"]
    lines = [HEADING, payment(number, 2, reverses=winner["ticket"]), payment(better, 3)]
    send(author, "\n".join(lines) + "\n", "sau.csv")
    assert "không được tự duyệt" in step(author, version, "again")
    assert "Quay lại ngày" not in client.get(f"/draws/{draw.slug}").text
    assert "Đã quay lại" in step(approver, version, "again")
    assert "Không có gì đổi" in step(approver, version, "again")
    now = public_list(client, draw)
    assert len(now) == 60, "the closed list stays as it was published"
    gone = next(row for row in now if row["ticket"] == winner["ticket"])
    assert (gone["taken_back"], gone["prize"]) == ("yes", "")
    assert f"R{better}" not in {row["ticket"] for row in now}
    assert sum(bool(row["prize"]) for row in now) == 25
    page = client.get(f"/draws/{draw.slug}").text
    assert f"thay phiếu {winner['ticket']}" in page
    assert "5. Quay lại ngày" in page
    assert "6. Quay lại ngày" not in page
    assert f"bị lấy lại: phiếu {winner['ticket']} rơi ra, phiếu R" in page
    assert "Hạt giống đã công bố" in step(author, version, "close")
    assert "công bố rồi" in step(approver, version, "reveal")


def test_nothing_is_closed_while_payments_may_come(app: Flask, as_role: Signed, client: FlaskClient) -> None:
    author, approver = as_role(COORDINATOR), as_role(APPROVER)
    version = approved(approver, kept(author, VOUCHER, first_day="01/01/2026", last_day="31/12/2099"))
    send(author, report(1, 2))
    assert "vẫn có thể thêm phiếu" in step(author, version, "close")
    draw = db.session.scalars(db.select(DrawCommitment)).one()
    assert client.get(f"/draws/{draw.slug}/tickets.csv").status_code == 404
    assert client.get("/draws").status_code == 200
    assert client.get("/draws/khong-co").status_code == 404
    assert "đang nhận phiếu" in client.get(f"/draws/{draw.slug}").text


def test_a_seed_held_outside_must_fit_and_no_phone_is_shown(app: Flask, as_role: Signed, client: FlaskClient) -> None:
    author, approver = as_role(COORDINATOR), as_role(APPROVER)
    seed = "phong bì của hội đồng"
    fields = {"r1-ticket": "customer", "r1-to": "customer", "last_day": "31/08/2023"}
    fields["r1-seed"] = hashlib.sha256(seed.encode()).hexdigest()
    version = approved(approver, kept(author, VOUCHER, **fields))
    draw = db.session.scalars(db.select(DrawCommitment)).one()
    assert draw.sealed_seed is None
    send(author, report(*range(40)))
    step(author, version, "close")
    assert "không khớp mã" in step(approver, version, "reveal", seed="đoán mò")
    assert "Đã công bố" in step(approver, version, "reveal", seed=f" {seed} ")
    for text in (client.get(f"/draws/{draw.slug}").text, client.get(f"/draws/{draw.slug}/tickets.csv").text):
        assert "0987654" not in text
        assert "0987•••" in text
    assert all(row["ticket"] == "" and row["number"] for row in public_list(client, draw))


def test_caps_and_budgets_of_a_draw_are_checked_as_they_were_drawn(tmp_path: Path) -> None:
    document = next(each.document for each in shipped() if each.policy.policy_id == "gold-daily")
    seed = "hạt"
    old = document.split("seed_sha256: ")[1][:64]
    document = document.replace(old, hashlib.sha256(seed.encode()).hexdigest())
    capped = document.replace("caps: []", "caps: [{count: 1, per: month}]")
    poor = document.replace("budget_vnd: null", "budget_vnd: 200000000")
    lines = [
        f"T{day}{at},2023-08-{day:02d}T09:00:00,topup_prepaid,20000,c{at},,bank,app,c{at},success,"
        for day in range(1, 9)
        for at in range(4)
    ]
    (tmp_path / "r.csv").write_text("\n".join([HEADING, *lines]), encoding="utf-8")
    for name, text, winners in (("capped", capped, 4), ("poor", poor, 2)):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
        options = ["--policy", str(tmp_path / f"{name}.yaml"), "--report", str(tmp_path / "r.csv")]
        assert run(["cashback", "draw", *options, "--out", str(tmp_path / name), "--seed", seed]) == 0
        found = verified_winners(tmp_path / name)
        summary = json.loads((tmp_path / name / "summary.json").read_text(encoding="utf-8"))
        assert summary["granted"] == winners
        assert len({one.payee for one in found}) <= 4
    assert len(verified_winners(tmp_path / "capped")) == 4


def test_a_list_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(DrawRefusedError, match="không phải danh sách phiếu"):
        verified_list(path, VOUCHER, "x")
    with pytest.raises(DrawRefusedError, match="Không đọc được"):
        verified_list(tmp_path / "none.csv", VOUCHER, "x")
    assert run(["cashback", "verify-draw", "--tickets", str(path)]) == 2


def test_a_party_keeps_one_name_that_says_nothing() -> None:
    assert party_name(b"a" * 32, "0987654321") == party_name(b"a" * 32, "0987654321")
    assert party_name(b"a" * 32, "0987654321") != party_name(b"b" * 32, "0987654321")
    assert masked("+84987654321") == "+849•••321"
    assert masked("Tạp hoá Cô Lan") == "T• h• C• L•"

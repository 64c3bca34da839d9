"""Lists that come again: our own export, corrections, the same people from somebody else (findings F07, F09, F11)."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.actors import COORDINATOR
from app.db import db, unit_of_work
from app.errors import ConflictError
from app.evidence import digest_of
from app.places.actions import lay_out_market, undo_drawing
from app.places.models import Stall, Unit, Zone
from app.places.rules import Layout
from app.registry.actions.accounts import approve_account, refuse_account
from app.registry.actions.imports import apply_batch, stage_list, undo_batch
from app.registry.actions.list_changes import add_as_new, apply_changes
from app.registry.actions.plan_drawing import draw_listed, listed_rows
from app.registry.exports import write_export
from app.registry.models import ImportBatch, ImportRow, Merchant, PaymentAccount, Point
from app.registry.queries.list_plans import plan_fits
from app.registry.queries.merchants import MerchantFilter
from app.registry.receiving import arranged, changes, headed_list, unit_for_list
from app.tables import read_table
from tests.registry.scene import BINH, LAN, commune, market, stall
from tests.registry.test_lists import HEADINGS, as_csv, rows

Signed = Callable[..., FlaskClient]
CODED = ["Mã hộ", *HEADINGS[1:]]


def brought(data: bytes, now: datetime, sender: str = "", name: str = "a.csv", *, apply: bool = True) -> ImportBatch:
    with unit_of_work():
        unit, digest = unit_for_list(LAN, now, None), digest_of(data)
        headed, origin = arranged(headed_list(data, name), unit, digest, sender)
        batch = stage_list(LAN, now, headed, unit, file_name=name, sha256=digest, size_bytes=1, origin=origin)
        if apply:
            apply_batch(LAN, now, batch)
    return batch


def told(batch: ImportBatch) -> dict[int, tuple[str, ...]]:
    return {each.line: each.fields for each in changes(batch)}


def token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def counts(batch: ImportBatch) -> tuple[int, int, int, int]:
    return batch.accepted, batch.unchanged, batch.changed, batch.refused


def only(holder: str) -> Merchant:
    return db.session.scalars(select(Merchant).where(Merchant.holder_name == holder)).one()


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_our_own_export_is_known_row_by_row(app: Flask, now: datetime, tmp_path: Path, kind: str) -> None:
    """F07: with and without the sender's numbers; two stalls of one trader, two traders at one stall, off the plan."""
    zone = market(now, commune(now))
    with unit_of_work():
        lay_out_market(zone, Layout(rows=1, stalls_per_row=9), LAN, now)
    table = [["H01", *rows(3)[0][1:]], ["H02", *rows(3)[1][1:]], ["H03", *rows(3)[2][1:]]]
    table[1][8] = "1"
    table[2][7:9] = ["hàng cá", "cổng sau"]
    brought(as_csv(table, CODED), now, "Ban quản lý chợ")
    brought(as_csv([["9", "H'Ƀă Niê", "", "0912345678", "", "", "", "", ""]]), now)
    stall(now, only("Nguyễn Thị Mẫu A"), zone, "B-07", place="Cổng Đông")
    for account in db.session.scalars(select(PaymentAccount)).all():
        with unit_of_work():
            approve_account(BINH, now, account.id)
    before = sorted(db.session.scalars(select(Point.code)))
    later = now + timedelta(days=3)
    file = tmp_path / f"xuat.{kind}"
    with unit_of_work():
        assert write_export(LAN, later, MerchantFilter(), file) == 5
    assert "0011001234561" in {str(cell) for row in read_table(file).rows for cell in row.cells}
    again = brought(file.read_bytes(), later, name=file.name)
    assert (counts(again), told(again)) == ((0, 5, 0, 0), {})
    assert sorted(db.session.scalars(select(Point.code))) == before
    changed = file.read_bytes().replace(b"H01", b"H77") if kind == "csv" else file.read_bytes()
    assert counts(brought(changed, later, "Thuế cơ sở 3", file.name))[0] == 0


def test_a_corrected_line_says_where_and_its_account_becomes_a_proposal(app: Flask, now: datetime) -> None:
    """F09: the account waits for a second person, the harmless rest for a button, nothing is dropped."""
    table = [["H01", *rows(2)[0][1:]], ["H02", *rows(2)[1][1:]]]
    brought(as_csv(table, CODED), now, "Ban quản lý chợ")
    table[0][2:6] = ["Hàng mới", "0912000111", "Vietcombank", "0011009999999"]
    table[0][8] = "5"
    data = as_csv(table, CODED)
    staged = brought(data, now, "Ban quản lý chợ", apply=False)
    assert told(staged) == {2: ("shop_name", "phone", "account_number", "stall")}
    (row,) = [row for row in staged.rows if row.state == "changed"]
    assert "khác ở: tên cửa hàng, điện thoại, số tài khoản, quầy." in row.message
    batch = brought(data, now, "Ban quản lý chợ")
    assert counts(batch) == (0, 1, 1, 0)
    merchant = only("Nguyễn Thị Mẫu A")
    proposed = db.session.scalars(select(PaymentAccount).where(PaymentAccount.account_number == "0011009999999")).one()
    assert (proposed.merchant_id, proposed.state, proposed.batch_id) == (merchant.id, "proposed", batch.id)
    assert (merchant.phone, merchant.shop_name) == ("+84987654321", "Hàng Mẫu A")
    with unit_of_work():
        assert apply_changes(LAN, now, batch) == 1
    assert (merchant.phone, merchant.shop_name) == ("+84912000111", "Hàng mới")
    assert [row.state for row in batch.rows] == ["unchanged", "unchanged"]
    assert db.session.scalars(select(Point.code).order_by(Point.code)).all() == ["A01-02", "A01-5"]
    again = brought(data, now, "Ban quản lý chợ")
    assert counts(again) == (0, 2, 0, 0)
    with unit_of_work():
        undo_batch(LAN, now, batch)
    assert proposed.state == "withdrawn"


def test_a_refused_account_is_told_and_not_proposed_again(app: Flask, now: datetime) -> None:
    table = [["H01", *rows(1)[0][1:]]]
    brought(as_csv(table, CODED), now)
    table[0][5] = "0011009999999"
    brought(as_csv(table, CODED), now)
    account = db.session.scalars(select(PaymentAccount).where(PaymentAccount.account_number == "0011009999999")).one()
    with unit_of_work():
        refuse_account(BINH, now, account.id, "Không phải của họ")
    batch = brought(as_csv(table, CODED), now)
    assert told(batch) == {2: ("account_number",)}
    assert "từng bị từ chối" in changes(batch)[0].message
    assert len(db.session.scalars(select(PaymentAccount)).all()) == 2


def test_without_a_number_the_same_person_is_offered_and_not_doubled(app: Flask, now: datetime) -> None:
    """F11: same stall and phone, same name and phone, same name and stall; another person at the stall is another."""
    brought(as_csv(rows(4)), now)
    table = rows(4)
    table[0][5] = "0011009999999"
    table[1][3] = "0912000222"
    table[2][1], table[2][3] = "Trần Văn Khác", "0912000333"
    table[3][7:9] = ["A1", "004"]
    batch = brought(as_csv(table), now)
    assert counts(batch) == (1, 1, 2, 0)
    assert told(batch) == {2: ("account_number",), 3: ("phone",)}
    assert {row.state for row in batch.rows if row.differs} == {"alike"}
    assert len(db.session.scalars(select(PaymentAccount)).all()) == 5
    with unit_of_work():
        assert apply_changes(LAN, now, batch) == 2
    assert only("Nguyễn Thị Mẫu B").phone == "+84912000222"
    assert db.session.scalar(select(PaymentAccount.state).where(PaymentAccount.account_number == "0011009999999"))


def test_who_looks_alike_and_is_another_is_added_when_somebody_says_so(app: Flask, now: datetime) -> None:
    brought(as_csv(rows(1)), now)
    table = rows(1)
    table[0][1] = "Trần Thị Con Gái"
    batch = brought(as_csv(table), now, apply=False)
    (row,) = batch.rows
    assert (row.state, row.differs) == ("alike", ["holder_name"])
    with unit_of_work():
        add_as_new(row)
        apply_batch(LAN, now, batch)
    assert sorted(db.session.scalars(select(Merchant.holder_name))) == ["Nguyễn Thị Mẫu A", "Trần Thị Con Gái"]
    assert batch.accepted == 1


def test_two_people_of_one_name_stay_two_however_often_the_list_comes(app: Flask, now: datetime) -> None:
    """F27 again: whole, in parts, in another order, with a column more."""
    headings = ["Họ tên", "Thôn", "Ngành hàng", "Mã cơ sở"]
    table = [
        ["Nguyễn Thanh Sơn", "Thôn 3", trade, code]
        for trade, code in (("Tạp hóa", "1"), ("Cơ khí", "2"), ("Tạp hóa", "3"))
    ]
    assert counts(brought(as_csv(table, headings), now)) == (3, 0, 0, 0)
    more = [[*row, "đã gặp"] for row in reversed(table)]
    for data in (as_csv(table[::-1], headings), as_csv(table[1:], headings), as_csv(more, [*headings, "Kết quả"])):
        assert brought(data, now).accepted == 0
    assert len(db.session.scalars(select(Merchant)).all()) == 3


def test_a_list_undone_forgets_whom_its_lines_meant(app: Flask, now: datetime) -> None:
    first = brought(as_csv(rows(2)), now)
    brought(as_csv([*rows(2), ["3", "Lê Thị Ba", "", "", "", "", "", "", ""]]), now)
    with unit_of_work():
        assert undo_batch(LAN, now, first) == 0
    assert db.session.scalars(select(Merchant.holder_name)).all() == ["Lê Thị Ba"]
    assert not db.session.scalars(
        select(ImportRow).where(ImportRow.batch_id == first.id, ImportRow.merchant_id.is_not(None))
    ).all()


def test_stalls_of_a_list_are_found_on_the_plan_however_written(app: Flask, now: datetime) -> None:
    """Walk 3, F38: A01/6, A1/"07", "08", A01-09, Dãy A01/Quầy 10, all in a market planned as A01-01 … A01-12."""
    unit: Unit = commune(now)
    zone: Zone = market(now, unit)
    with unit_of_work():
        lay_out_market(zone, Layout(rows=1, stalls_per_row=12), LAN, now)
    said = [
        ("A01", "6"),
        ("A1", "07"),
        ("A01", "08"),
        ("", "A01-09"),
        ("Dãy A01", "Quầy 10"),
        ("", "a1-11"),
        ("B", "1"),
    ]
    table = [["1", f"Lê Thị {at}", "", "", "", "", "Chợ Thử", *each] for at, each in zip("ABCDEFG", said, strict=True)]
    brought(as_csv(table), now)
    found = db.session.execute(select(Point.code, Stall.code).outerjoin(Stall, Stall.id == Point.stall_id))
    assert sorted(tuple(row) for row in found) == [
        ("A01-06", "A01-06"), ("A01-07", "A01-07"), ("A01-08", "A01-08"), ("A01-09", "A01-09"),
        ("A01-10", "A01-10"), ("A01-11", "A01-11"), ("B-1", None),
    ]  # fmt: skip


def test_a_plan_is_drawn_from_the_list_and_taken_back(app: Flask, now: datetime) -> None:
    """Walk 3, 4: list first, plan after; two traders of one stall stand on it both."""
    unit: Unit = commune(now)
    zone: Zone = market(now, unit)
    said = [("A", "1"), ("A", "2"), ("A", "10"), ("B", "1"), ("B", "01"), ("hàng cá", "3"), ("", "")]
    table = [[str(at), f"Lê Thị {at}", "", "", "", "", "Chợ Thử", *each] for at, each in enumerate(said)]
    brought(as_csv(table), now)
    found = listed_rows(zone)
    assert found.rows == (("A", ("A-1", "A-2", "A-10")), ("B", ("B-1",)), ("CÁ", ("CÁ-3",)))
    with unit_of_work():
        assert draw_listed(LAN, now, zone) == (5, 6)
    linked = select(Point.code, Stall.code).join(Stall, Stall.id == Point.stall_id).order_by(Point.id)
    assert [tuple(row) for row in db.session.execute(linked)] == [
        ("A-1", "A-1"), ("A-2", "A-2"), ("A-10", "A-10"), ("B-1", "B-1"), ("B-01/2", "B-1"), ("CÁ-3", "CÁ-3")
    ]  # fmt: skip
    with pytest.raises(ConflictError), unit_of_work():
        draw_listed(LAN, now, zone)
    with unit_of_work():
        assert undo_drawing(zone, LAN, now) == 5
    assert db.session.execute(linked).all() == []
    assert listed_rows(zone).rows == found.rows


def test_a_market_written_otherwise_is_the_same_market(app: Flask, now: datetime) -> None:
    """F40: no second market beside the first; where it may be two, nothing is guessed."""
    unit: Unit = commune(now)
    market(now, unit, "Chợ Sông Mây")
    names = ["Sông Mây", "CHỢ SÔNG MÂY", "Chợ Đầm", "Đầm", "Phố Đầm"]
    table = [[f"Lê Thị {at}", name] for at, name in zip("ABCDE", names, strict=True)]
    data = as_csv(table, ["Họ tên", "Chợ"])
    batch = brought(data, now)
    assert sorted(db.session.scalars(select(Zone.name))) == ["Chợ Sông Mây", "Chợ Đầm", "Phố Đầm"]
    assert [row.message for row in batch.rows][:4] == [
        "“Sông Mây” hiểu là Chợ Sông Mây.",
        "",
        "",
        "“Đầm” hiểu là Chợ Đầm.",
    ]
    assert counts(brought(data, now)) == (0, 5, 0, 0)


def test_lines_are_left_out_by_a_tick_and_the_page_counts_the_plan(app: Flask, now: datetime, as_role: Signed) -> None:
    """Walk 3 and 7: the preview says how many stalls the plan has; a line nobody wants stays out, and comes back."""
    unit: Unit = commune(now)
    zone: Zone = market(now, unit)
    with unit_of_work():
        lay_out_market(zone, Layout(rows=1, stalls_per_row=3), LAN, now)
    brought(as_csv([["H01", *rows(1)[0][1:]]], CODED), now)
    table = [[f"H0{at}", *row[1:]] for at, row in enumerate(rows(6), start=1)]
    table[0][3] = "0912000111"
    batch = brought(as_csv(table, CODED), now, apply=False)
    assert [fit.words for fit in plan_fits(batch)] == ["Chợ Thử: 2 quầy có trong sơ đồ, 3 không."]
    client = as_role(COORDINATOR)
    address = f"/desk/imports/{batch.id}"
    page = client.get(f"{address}?show=new").text
    assert "2 quầy có trong sơ đồ, 3 không." in page
    ticked = [row.id for row in batch.rows if row.state == "new"][:2]
    csrf = token(page)

    def send(to: str, **values: object) -> str:
        answer = client.post(f"{address}/{to}", data={"csrf_token": csrf, **values}, follow_redirects=True)
        assert answer.status_code == 200
        return answer.text

    assert "Đã bỏ 2 dòng ra." in send("lines", act="leave", row=ticked)
    assert "Đã đưa 1 dòng vào lại." in send("lines", act="take", row=ticked[0])
    assert "Chưa đánh dấu" in send("lines", act="leave")
    assert "Đã thêm 4 hộ" in send("apply")
    assert "khác ở: điện thoại" in client.get(f"{address}?show=changed").text
    assert "Đã sửa 1 hộ." in send("changes")
    db.session.expire_all()
    assert only("Nguyễn Thị Mẫu A").phone == "+84912000111"
    assert (batch.accepted, batch.changed, batch.unchanged) == (4, 0, 1)

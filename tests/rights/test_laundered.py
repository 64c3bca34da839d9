"""What one person brought does not become another's because somebody else pressed the last button (issue 11)."""

from datetime import datetime, timedelta

import pytest
from flask import Flask

from app.accounts.actions import Grant, create_user
from app.accounts.guard import actor_of
from app.actors import ADMIN, APPROVER, COORDINATOR, SYSTEM, Actor
from app.approval.actions import FourEyesError, record_key, record_proof
from app.audit.queries import history_of
from app.db import db, unit_of_work
from app.errors import ConflictError
from app.places.models import Unit
from app.printing.notices.actions import CollectionWish, open_collection, order_notices
from app.printing.notices.payers import Payer, PayerList
from app.printing.notices.queries import outdated, payee_now
from app.printing.shelf import stock
from app.registry.actions.accounts import approve_account
from app.registry.actions.code_approval import approve_code
from app.registry.actions.imports import apply_batch, stage_list
from app.registry.actions.label_approval import approve_label
from app.registry.actions.list_doubts import confirm_accounts
from app.registry.actions.merchants import change_merchant
from app.registry.actions.merging import merge_merchants
from app.registry.actions.points import hand_over
from app.registry.models import ImportRow, PaymentAccount, QrAsset
from app.registry.receiving import headed_list
from app.registry.rules.entries import NewMerchant
from app.vn.dates import local_date
from tests.registry.scene import BINH, CUC, LAN, account, approved, commune, market, merchant, someone, stall
from tests.registry.test_lists import as_csv, rows

DAY = timedelta(hours=24)
MINH = someone(7, "coordinator")


@pytest.fixture
def unit(app: Flask, now: datetime) -> Unit:
    return commune(now)


def refused(actor: Actor, now: datetime, proposal: PaymentAccount, why: str) -> None:
    """This person may not, is told why, and the try is written down."""
    with pytest.raises(FourEyesError, match=why), unit_of_work():
        approve_account(actor, now, proposal.id)
    told = [each.reason for each in history_of("payment_account", proposal.id) if each.action == "approval.refused"]
    assert told
    assert proposal.state == "proposed"


def test_who_sent_a_list_or_confirmed_its_numbers_does_not_approve_it(unit: Unit, now: datetime) -> None:
    """M sends the file, a colleague presses the button that writes it into the books."""
    data = as_csv(rows(1))
    headed = headed_list(data, "danh-sach.csv")
    with unit_of_work():
        batch = stage_list(LAN, now, headed, unit, file_name="a.csv", sha256="0" * 64, size_bytes=len(data))
        db.session.query(ImportRow).filter_by(batch_id=batch.id).update({"account_waits": True})
        confirm_accounts(CUC, now, batch, None)
    with unit_of_work():
        apply_batch(MINH, now, batch)
    proposal = db.session.query(PaymentAccount).one()
    assert proposal.proposed_by_id == MINH.id
    refused(LAN, now, proposal, "người gửi danh sách")
    refused(CUC, now, proposal, "người gửi danh sách")
    with unit_of_work():
        assert approve_account(BINH, now, proposal.id).state == "approved"


def test_who_proposed_for_a_record_does_not_approve_it_after_a_colleague_merged_it(unit: Unit, now: datetime) -> None:
    """M makes a twin of a trader with an account of M's own; a colleague merges the two in good faith."""
    trader = merchant(now, unit, "Trần Thị Nạn")
    double = merchant(now, unit, "Trần Thị Nạn")
    account(now, double, "6666666666", by=CUC)
    with unit_of_work():
        merge_merchants(MINH, now, trader, double)
    proposal = db.session.query(PaymentAccount).filter_by(merchant_id=trader.id).one()
    assert (proposal.proposed_by_id, proposal.state) == (MINH.id, "proposed")
    refused(CUC, now, proposal, "người đề nghị ở hồ sơ đã gộp")
    with unit_of_work():
        assert approve_account(BINH, now, proposal.id).state == "approved"


def test_the_samples_passwords_bring_nothing_onto_a_real_communes_paper(unit: Unit, now: datetime) -> None:
    """Whoever has the sample's passwords gives its people roles everywhere, plays two of them, or one and oneself."""
    with unit_of_work():
        boss, lan, mai, real = (
            create_user(SYSTEM, now, name, name.title(), grants=[Grant(role)], sample=name != "em", must_change=False)[
                0
            ]
            for name, role in (("mot", ADMIN), ("hai", COORDINATOR), ("ba", APPROVER), ("em", ADMIN))
        )
    whole = [actor_of(each, "web", each.user_name) for each in (boss, lan, mai, real)]
    for number, (one, other) in enumerate(((1, 2), (1, 0), (0, 3))):
        shop = merchant(now, unit, f"Trần Thị {'ABC'[number]}")
        proposal = account(now, shop, f"666666666{number}", by=whole[one])
        refused(whole[other], now, proposal, "là tài khoản mẫu, ai cũng vào được")
    invented = commune(now, "99002", "Xã Mẫu", is_sample=True)
    proposal = account(now, merchant(now, invented, "Lê Mẫu"), by=whole[1])
    with unit_of_work():
        assert approve_account(whole[2], now, proposal.id).state == "approved"


def test_a_first_word_counts_not_the_last(unit: Unit, now: datetime) -> None:
    """A puppet renames, its person proves to be somebody and then touches the same record: the keeper still may not."""
    shop = merchant(now, unit, "Trần Thị Nạn", shop_name="Hàng Nạn")
    point = stall(now, shop, market(now, unit))
    approved(now, shop)
    with unit_of_work():
        record_key(CUC, now, MINH.id or 0, "password")
    entry = NewMerchant("Trần Thị Nạn", "Hàng Khác", shop.kind)
    with unit_of_work():
        change_merchant(MINH, now, shop, entry, shop.version)
    later = now + timedelta(hours=1)
    with unit_of_work():
        record_proof(later, MINH.id or 0, None)
    with unit_of_work():
        entry = NewMerchant("Trần Thị Nạn", "Hàng Khác Nữa", shop.kind)
        change_merchant(MINH, later + timedelta(hours=1), shop, entry, shop.version)
    with pytest.raises(FourEyesError, match="vì lúc ấy chưa tự xác nhận"), unit_of_work():
        approve_label(CUC, later + DAY, point.id)
    with unit_of_work():
        assert approve_label(BINH, later + DAY, point.id)


def test_a_collection_opened_for_one_payee_is_not_made_for_the_next(unit: Unit, now: datetime) -> None:
    """Notices that name a school never carry the account of whoever took over the school's point."""
    school = merchant(now, unit, "TRUONG MAU", shop_name="Trường Mẫu", kind="public_body")
    friend = merchant(now, unit, "Phạm Văn Bạn", shop_name="Hàng Bạn")
    point = stall(now, school, market(now, unit))
    approved(now, school, "1111111111")
    approved(now, friend, "6666666666")
    payee = payee_now(point.id, now)
    assert payee is not None
    payer = Payer(2, "HS01", "Bé Mẫu", "1A", "Học phí", 1000, None, "HS01")
    with unit_of_work():
        wish = CollectionWish(payee, "Học phí", None)
        collection = open_collection(LAN, now, wish, PayerList("a.csv", (payer,), (), ()))
    with unit_of_work():
        hand_over(LAN, now, point, friend, local_date(now))
    waiting = db.session.query(QrAsset).filter_by(point_id=point.id, state="proposed").one()
    with unit_of_work():
        approve_code(BINH, now, waiting.id)
    later = now + 2 * DAY
    assert payee_now(point.id, later) is not None
    with pytest.raises(ConflictError, match="nay của Hàng Bạn, không còn của Trường Mẫu"), unit_of_work():
        order_notices(LAN, later, collection, "third", "default", stock())
    assert outdated([collection], later) == {collection.id}

"""Two records made one, and taken apart again; never a code on paper by it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.audit.queries import chain_break
from app.db import Model, db, unit_of_work
from app.errors import ConflictError, DomainError, RefusedError
from app.places.models import Unit, Zone
from app.registry.actions.accounts import approve_account
from app.registry.actions.code_approval import approve_code
from app.registry.actions.consents import give_consent, withdraw_consent
from app.registry.actions.merging import ask_again, merge_merchants, set_apart, undo_merge
from app.registry.actions.milestones import record_milestone
from app.registry.actions.points import open_point
from app.registry.actions.states import rebuild_states, refresh_states
from app.registry.models import DuplicatePair, Merchant, MerchantState, Merge, PointState, QrAsset
from app.registry.queries.printable import PointFilter, printable
from app.registry.rules.entries import NewConsent, NewPoint
from tests.registry.scene import BINH, CUC, LAN, MB, account, approved, commune, market, merchant, stall

DAY = timedelta(hours=24)
#: What a merge and its undoing may leave behind.
TRACES = {"audit_event", "audit_head", "merchant_merge", "alembic_version"}


@pytest.fixture
def unit(app: Flask, now: datetime) -> Unit:
    return commune(now)


@pytest.fixture
def zone(unit: Unit, now: datetime) -> Zone:
    return market(now, unit)


def snapshot() -> dict[str, list[dict[str, object]]]:
    """Every row that matters, without what says that somebody was here."""
    db.session.expire_all()
    found = {}
    for table in Model.metadata.sorted_tables:
        if table.name in TRACES or table.name == "merchant_key":
            continue
        rows = [dict(row._mapping) for row in db.session.execute(select(table).order_by(*table.primary_key.columns))]
        for row in rows:
            for name in ("version", "updated_at"):
                row.pop(name, None) if table.name == "merchant" else None
            if table.name == "duplicate_pair":
                row.pop("id")
        found[table.name] = sorted(rows, key=repr) if table.name == "duplicate_pair" else rows
    return found


def on_paper(now: datetime) -> dict[str, str]:
    return {row.point_code: row.account_number for row in printable(PointFilter(), now)[0]}


def test_points_milestones_and_consents_move_and_blanks_are_filled(unit: Unit, zone: Zone, now: datetime) -> None:
    kept = merchant(now, unit, "Nguyễn Thị Hoà")
    gone = merchant(now, unit, "NGUYEN THI HOA", phone="0987654321", shop_name="Bún cô Hoà")
    point = stall(now, gone, zone)
    approved(now, gone, "0011001234567")
    with unit_of_work():
        record_milestone(LAN, now, gone, "installed", now, point=point)
        give_consent(LAN, now, gone, NewConsent("public_map", "paper", "2026-11"))
        merge_merchants(LAN, now, kept, gone, "Cùng một người")
    assert (kept.phone, kept.shop_name, gone.merged_into_id) == ("+84987654321", "Bún cô Hoà", kept.id)
    state = db.session.get_one(PointState, point.id)
    assert (state.merchant_id, state.stage) == (kept.id, "installed")
    assert state.public_until is not None
    assert db.session.get(MerchantState, gone.id) is None
    assert chain_break()[1] is None


def test_a_no_said_later_counts_for_the_one_person(unit: Unit, zone: Zone, now: datetime) -> None:
    kept, gone = merchant(now, unit, "Lê Hoà"), merchant(now, unit, "Lê Hòa")
    stall(now, kept, zone)
    with unit_of_work():
        give_consent(LAN, now, kept, NewConsent("public_map", "paper", "2026-11"))
        give_consent(LAN, now, gone, NewConsent("public_map", "paper", "2026-11"))
        withdraw_consent(LAN, now + DAY, gone, "public_map")
        merge = merge_merchants(LAN, now + 2 * DAY, kept, gone)
    assert db.session.scalar(select(PointState.public_until)) is None
    with unit_of_work():
        undo_merge(LAN, now + 3 * DAY, merge.id)
    assert db.session.scalar(select(PointState.public_until)) is not None


def test_merging_puts_nobody_elses_account_on_paper(unit: Unit, zone: Zone, now: datetime) -> None:
    victim, fake = merchant(now, unit, "Nguyễn Thị Hoà"), merchant(now, unit, "Nguyễn Thị Hòa")
    stall(now, victim, zone, "A01-01")
    stall(now, fake, zone, "A01-02")
    approved(now, victim, "1111111111")
    approved(now, fake, "2222222222", bank_bin=MB)
    with unit_of_work():
        merge = merge_merchants(LAN, now, victim, fake)
        open_point(LAN, now, victim, NewPoint(code="A01-03", zone_id=zone.id))
    later = now + 10 * DAY
    assert on_paper(later) == {"A01-01": "1111111111"}, "at a point of theirs that nobody else has agreed to neither"
    with unit_of_work():
        undo_merge(LAN, later, merge.id)
    assert on_paper(later) == {"A01-01": "1111111111", "A01-02": "2222222222"}


def test_a_point_without_a_code_waits_for_a_second_person_too(unit: Unit, zone: Zone, now: datetime) -> None:
    kept, gone = merchant(now, unit, "Lê Hoà"), merchant(now, unit, "Lê Hòa")
    stall(now, gone, zone, "A01-02")
    approved(now, kept, "1111111111")
    with unit_of_work():
        merge_merchants(LAN, now, kept, gone)
    asset = db.session.scalars(select(QrAsset)).one()
    assert (asset.state, on_paper(now + 10 * DAY)) == ("proposed", {})
    with unit_of_work():
        approve_code(BINH, now, asset.id)
    assert on_paper(now + DAY) == {"A01-02": "1111111111"}


def test_the_only_account_is_proposed_again_for_somebody_else_to_approve(unit: Unit, zone: Zone, now: datetime) -> None:
    kept, gone = merchant(now, unit, "Lê Hoà"), merchant(now, unit, "Lê Hòa")
    stall(now, kept, zone, "A01-01")
    approved(now, gone, "2222222222")
    with unit_of_work():
        merge = merge_merchants(BINH, now, kept, gone)
    assert on_paper(now + 10 * DAY) == {}
    with pytest.raises(DomainError), unit_of_work():
        approve_account(BINH, now, merge.moved["proposed"])
    with unit_of_work():
        approve_account(CUC, now, merge.moved["proposed"])
    assert on_paper(now + DAY) == {"A01-01": "2222222222"}


def test_undoing_does_not_bring_an_older_account_back_alone(unit: Unit, zone: Zone, now: datetime) -> None:
    kept, gone = merchant(now, unit, "Lê Hoà"), merchant(now, unit, "Lê Hòa")
    stall(now, gone, zone, "A01-02")
    approved(now, kept, "1111111111")
    approved(now, gone, "2222222222")
    with unit_of_work():
        merge = merge_merchants(LAN, now, kept, gone)
    waiting = db.session.scalars(select(QrAsset).where(QrAsset.state == "proposed")).one()
    with unit_of_work():
        approve_code(BINH, now, waiting.id)
    assert on_paper(now + DAY) == {"A01-02": "1111111111"}
    with unit_of_work():
        undo_merge(LAN, now + 2 * DAY, merge.id)
    assert on_paper(now + 9 * DAY) == {}
    assert db.session.scalars(select(QrAsset).where(QrAsset.state == "proposed")).one().account.merchant_id == gone.id


def test_what_cannot_be_one_is_refused(unit: Unit, now: datetime) -> None:
    one = merchant(now, unit, "Lê Hoà", tax_code="001201001234")
    other = merchant(now, unit, "Lê Hòa", tax_code="001201009999")
    third = merchant(now, unit, "Lê Hoà")
    with pytest.raises(ConflictError, match="mã số thuế"), unit_of_work():
        merge_merchants(LAN, now, one, other)
    with pytest.raises(RefusedError), unit_of_work():
        merge_merchants(LAN, now, one, one)
    with unit_of_work():
        first = merge_merchants(LAN, now, one, third)
    with pytest.raises(ConflictError), unit_of_work():
        merge_merchants(LAN, now, other, third)
    with unit_of_work():
        undo_merge(LAN, now, first.id)
    with pytest.raises(ConflictError), unit_of_work():
        undo_merge(LAN, now, first.id)


def test_not_the_same_is_remembered(unit: Unit, now: datetime) -> None:
    one = merchant(now, unit, "Nguyễn Thị Hoà", phone="0987654321")
    merchant(now, unit, "Nguyễn Thị Hoà", phone="0987654321")
    pair = db.session.scalars(select(DuplicatePair)).one()
    with unit_of_work():
        set_apart(LAN, now, pair, "Hai chị em")
    rebuild_states()
    db.session.expire_all()
    assert (pair.state, pair.note, pair.decided_by) == ("apart", "Hai chị em", LAN.name)
    with unit_of_work():
        ask_again(LAN, now, pair)
    assert pair.state == "open"
    assert one.version == 1


STEPS = st.lists(
    st.sampled_from(["phone", "stall", "account", "approve", "consent", "withdraw", "trained", "other_stall"]),
    max_size=6,
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mine=STEPS, theirs=STEPS)
def test_undone_at_once_all_is_as_it_was(
    unit: Unit, zone: Zone, now: datetime, mine: list[str], theirs: list[str]
) -> None:
    """Whatever both records went through before, merge and undo leave every row as it was."""
    number = len(db.session.scalars(select(Merchant.id)).all())
    own = "".join(chr(ord("a") + int(digit)) for digit in f"{number:03d}")
    kept, gone = merchant(now, unit, f"Nguyễn Thị Hoà {own}"), merchant(now, unit, f"NGUYEN THI HOA {own}")
    for holder, steps in ((kept, mine), (gone, theirs)):
        for index, step in enumerate(steps):
            with unit_of_work():
                _act(step, now + timedelta(hours=index), holder, zone, f"{number:03d}-{holder.id}-{index}")
    refresh_states([kept.id, gone.id])
    db.session.commit()
    before, paper = snapshot(), on_paper(now + 9 * DAY)
    with unit_of_work():
        merge = merge_merchants(LAN, now + 8 * DAY, kept, gone)
    assert set(on_paper(now + 9 * DAY).items()) <= set(paper.items())
    with unit_of_work():
        undo_merge(LAN, now + 8 * DAY, merge.id)
    after = snapshot()
    for leftovers in ("payment_account", "qr_asset"):
        kept_rows = {row["id"]: row for row in before[leftovers]}
        ended = {"withdrawn", "replaced"}
        assert all(row["id"] in kept_rows or row["state"] in ended for row in after[leftovers])
        after[leftovers] = [row for row in after[leftovers] if row["id"] in kept_rows]
    assert after == before
    assert on_paper(now + 9 * DAY) == paper
    assert db.session.scalar(select(Merge.id).where(Merge.id == merge.id)) is not None


def _act(step: str, now: datetime, holder: Merchant, zone: Zone, mark: str) -> None:
    acts: dict[str, Callable[[], object]] = {
        "phone": lambda: setattr(holder, "phone", f"+84987654{mark[:3]}"),
        "stall": lambda: open_point(LAN, now, holder, NewPoint(code=mark, zone_id=zone.id)),
        "other_stall": lambda: open_point(LAN, now, holder, NewPoint(code=f"{mark}b", zone_id=zone.id)),
        "account": lambda: account(now, holder, "7" * 4 + mark.replace("-", "")),
        "approve": lambda: approve_account(BINH, now, account(now, holder, "8" * 4 + mark.replace("-", "")).id),
        "consent": lambda: give_consent(LAN, now, holder, NewConsent("public_map", "paper", "2026-11")),
        "withdraw": lambda: withdraw_consent(LAN, now, holder, "public_map"),
        "trained": lambda: record_milestone(LAN, now, holder, "trained", now - DAY),
    }
    acts[step]()

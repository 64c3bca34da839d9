"""Random walks over all that can be done to accounts, stalls and sign-ins: no way leads one person alone to paper.

By function call, page, API and token; by import, merge, hand-over and their undoing; by making, inviting and re-keying
sign-ins, giving roles, and laying an older copy of the records back. `WALK_EXAMPLES` and `WALK_STEPS` in the
environment make the walks longer (benchmarks/walks.py takes 100,000 steps).
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from app.accounts.actions import Grant, create_user, grant_role, reset_password, reset_second_factor, revoke_role
from app.accounts.devices import issue_link
from app.accounts.models import User
from app.accounts.proving import issue_hand_over
from app.actors import ADMIN, APPROVER, COORDINATOR, VOLUNTEER, Actor
from app.approval.actions import record_proof
from app.db import db, unit_of_work
from app.errors import DomainError
from app.places.models import Unit
from app.registry.actions.accounts import (
    adopt_provider_qr,
    approve_account,
    propose_account,
    refuse_account,
    withdraw_account,
)
from app.registry.actions.code_approval import approve_code, refuse_code
from app.registry.actions.imports import apply_batch, stage_list, undo_batch
from app.registry.actions.label_approval import approve_label
from app.registry.actions.merchants import change_merchant, register_merchant
from app.registry.actions.merging import merge_merchants, undo_merge
from app.registry.actions.points import change_point, hand_over, open_point, vacate_point
from app.registry.actions.returning import hold_changed_codes, printed_now
from app.registry.models import (
    AccountApproval,
    CodeLabel,
    ImportBatch,
    Merchant,
    Merge,
    PaymentAccount,
    Point,
    QrAsset,
    Tenancy,
)
from app.registry.queries.labels import decided_labels, relabelled
from app.registry.queries.printable import PointFilter, PrintableRow, printable
from app.registry.receiving import headed_list
from app.registry.rules.accounts import code_payload
from app.registry.rules.entries import NewAccount, NewMerchant, NewPoint
from app.vn.dates import local_date
from app.vn.stalls import stall_key
from app.vn.text import tidy
from tests.registry.scene import MB, VCB
from tests.registry.test_lists import as_csv, rows
from tests.registry.walking import Way, World

EXAMPLES = int(os.environ.get("WALK_EXAMPLES", "16"))
STEPS = int(os.environ.get("WALK_STEPS", "30"))
DAY = timedelta(hours=24)

WORDS = ("Lê Thị A", "Trần Văn Tám", "Quán Một", "A0", "A7")
MERCHANTS_MAX = 12
NUMBERS = ("1111111111", "2222222222", "3333333333")
ROLES = (COORDINATOR, APPROVER, ADMIN, VOLUNTEER)
picks = st.integers(0, 30)
ways = st.sampled_from([Way("call", 1), Way("call", 2), Way("call", 9), Way("api"), Way("desk"), Way("machine")])
browsers = st.sampled_from([Way("page", 1), Way("page", 2)])
tokens = st.sampled_from([Way("api"), Way("desk")])


class Walk(RuleBasedStateMachine):
    """People do whatever the program lets them; what it refuses changes nothing."""

    world: World
    steps = 0

    @initialize()
    def begin(self) -> None:
        self.world.begin()
        self.world.forget("kept")
        self.printed: dict[int, list[tuple[datetime, bytes]]] = {}
        self.keys: list[tuple[int, int, datetime]] = []  #: who could sign in as whom, since when
        self.kept_keys: list[tuple[int, int, datetime]] = []
        self.writes: list[tuple[int, int | None, datetime]] = []  #: (merchant, who wrote beside their codes, when)
        self.kept_writes: list[tuple[int, int | None, datetime]] = []
        self.hung: dict[int, tuple[datetime, PrintableRow]] = {}  #: point -> what was printed there last, first when
        self.proofs: list[tuple[int, datetime]] = []  #: who took their sign-in over for good, when
        self.kept_proofs: list[tuple[int, datetime]] = []
        self.laid_back: datetime | None = None

    @property
    def now(self) -> datetime:
        return self.world.now

    def step(self) -> None:
        """One more; no two at the same moment."""
        type(self).steps += 1
        self.world.now += timedelta(seconds=1)

    def attempt(self, act: Any, *arguments: Any) -> bool:
        try:
            with unit_of_work():
                act(*arguments)
        except DomainError:
            db.session.expire_all()
            return False
        return True

    def pick(self, model: Any, number: int) -> Any:
        found = db.session.scalars(select(model).order_by(model.id)).all()
        return found[number % len(found)] if found else None

    def who(self, at: int, way: Way) -> Actor:
        self.step()
        return self.world.actor(self.pick(User, at), way)

    @rule(at=picks, way=ways, to=picks, number=st.sampled_from(NUMBERS), bank=st.sampled_from((VCB, MB)))
    def propose(self, at: int, way: Way, to: int, number: str, bank: str) -> None:
        entry = NewAccount(bank_bin=bank, account_number=number)
        self.attempt(propose_account, self.who(at, way), self.now, self.pick(Merchant, to), entry)

    @rule(at=picks, way=ways, to=picks, number=st.sampled_from(NUMBERS))
    def adopt(self, at: int, way: Way, to: int, number: str) -> None:
        payload = code_payload(VCB, number, None)
        self.attempt(adopt_provider_qr, self.who(at, way), self.now, self.pick(Merchant, to), payload, "viettel")

    @rule(at=picks, way=ways, to=picks)
    def approve(self, at: int, way: Way, to: int) -> None:
        account = self.pick(PaymentAccount, to)
        if account is not None:
            self.attempt(approve_account, self.who(at, way), self.now, account.id)

    @rule(at=picks, way=ways, to=picks)
    def refuse(self, at: int, way: Way, to: int) -> None:
        account = self.pick(PaymentAccount, to)
        if account is not None:
            self.attempt(refuse_account, self.who(at, way), self.now, account.id, "không")

    @rule(at=picks, way=ways, to=picks)
    def withdraw(self, at: int, way: Way, to: int) -> None:
        account = self.pick(PaymentAccount, to)
        if account is not None:
            self.attempt(withdraw_account, self.who(at, way), self.now, account.id)

    @rule(at=picks, way=ways, point=picks, to=picks)
    def give_stall(self, at: int, way: Way, point: int, to: int) -> None:
        holder = self.pick(Merchant, to)
        if holder.merged_into_id is None:
            self.attempt(hand_over, self.who(at, way), self.now, self.pick(Point, point), holder, local_date(self.now))

    @rule(at=picks, way=ways, to=picks)
    def leave_stall(self, at: int, way: Way, to: int) -> None:
        self.attempt(vacate_point, self.who(at, way), self.now, self.pick(Point, to), local_date(self.now))

    @rule(at=picks, way=ways, to=picks)
    def add_stall(self, at: int, way: Way, to: int) -> None:
        entry = NewPoint(zone_id=self.world.zone_id)
        self.attempt(open_point, self.who(at, way), self.now, self.pick(Merchant, to), entry)

    @rule(at=picks, way=ways, to=picks)
    def agree_to_code(self, at: int, way: Way, to: int) -> None:
        asset = self.pick(QrAsset, to)
        if asset is not None:
            self.attempt(approve_code, self.who(at, way), self.now, asset.id)

    @rule(at=picks, way=ways, to=picks)
    def disagree_to_code(self, at: int, way: Way, to: int) -> None:
        asset = self.pick(QrAsset, to)
        if asset is not None:
            self.attempt(refuse_code, self.who(at, way), self.now, asset.id, "không")

    @rule(
        at=picks, way=ways, to=picks, field=st.sampled_from(("holder_name", "shop_name")), word=st.sampled_from(WORDS)
    )
    def rename(self, at: int, way: Way, to: int, field: str, word: str) -> None:
        who, shop = self.who(at, way), self.pick(Merchant, to)
        before = getattr(shop, field)
        entry = replace(NewMerchant(shop.holder_name, shop.shop_name), **{field: word})  # type: ignore[arg-type]
        if self.attempt(change_merchant, who, self.now, shop, entry, shop.version) and before != word:
            self.writes.append((shop.id, who.id, self.now))

    @rule(at=picks, way=ways, to=picks, field=st.sampled_from(("code", "place")), word=st.sampled_from(WORDS))
    def relabel(self, at: int, way: Way, to: int, field: str, word: str) -> None:
        who, point = self.who(at, way), self.pick(Point, to)
        before = getattr(point, field)
        entry = NewPoint(code=point.code, zone_id=point.zone_id, place=point.place)
        changed = replace(entry, **{field: word})  # type: ignore[arg-type]
        if self.attempt(change_point, who, self.now, point, changed) and before != getattr(point, field):
            held = select(Tenancy.merchant_id).where(Tenancy.point_id == point.id, Tenancy.valid_to.is_(None))
            self.writes += [(holder, who.id, self.now) for holder in db.session.scalars(held)]

    @rule(at=picks, way=ways, to=picks)
    def make_a_twin(self, at: int, way: Way, to: int) -> None:
        """A second record of the same words, at the same stall as a list might write it."""
        who, shop, point = self.who(at, way), self.pick(Merchant, to), self.pick(Point, to)
        if len(db.session.scalars(select(Merchant.id)).all()) > MERCHANTS_MAX:
            return

        def twin() -> None:
            entry = NewMerchant(holder_name=shop.holder_name, shop_name=shop.shop_name)
            made = register_merchant(who, self.now, entry, self.world.unit_id)
            open_point(who, self.now, made, NewPoint(code=f"quầy {point.code.lower()}", zone_id=self.world.zone_id))
            propose_account(who, self.now, made, NewAccount(bank_bin=MB, account_number=NUMBERS[to % len(NUMBERS)]))

        self.attempt(twin)

    @rule(at=picks, way=ways, to=picks)
    def agree_to_words(self, at: int, way: Way, to: int) -> None:
        who, point = self.who(at, way), self.pick(Point, to)
        changed = [(asset.account.merchant_id, asset.id) for asset, _, _ in relabelled(Point.id == point.id, 9)]
        since = {asset_id: row.decided_at for asset_id, row in decided_labels([each for _, each in changed]).items()}
        if self.attempt(approve_label, who, self.now, point.id):
            for merchant_id, asset_id in changed:
                wrote = [who for key, who, when in self.writes if key == merchant_id and when > since[asset_id]]
                last = wrote[-1] if wrote else None
                assert last is None or not self.one_person(last, who.id, self.now), "who agreed did not write it"

    @rule(at=picks, way=ways, one=picks, other=picks)
    def merge(self, at: int, way: Way, one: int, other: int) -> None:
        both = self.pick(Merchant, one), self.pick(Merchant, other)
        self.attempt(merge_merchants, self.who(at, way), self.now, *both)

    @rule(at=picks, way=ways, to=picks)
    def unmerge(self, at: int, way: Way, to: int) -> None:
        merge = self.pick(Merge, to)
        if merge is not None:
            self.attempt(undo_merge, self.who(at, way), self.now, merge.id)

    @rule(at=picks, way=ways, lines=st.integers(1, 3))
    def bring_list(self, at: int, way: Way, lines: int) -> None:
        who, headed = self.who(at, way), headed_list(as_csv(rows(lines)), "a.csv")
        unit = db.session.get_one(Unit, self.world.unit_id)

        def bring() -> None:
            batch = stage_list(who, self.now, headed, unit, file_name="a", sha256="0" * 64, size_bytes=1)
            apply_batch(who, self.now, batch)

        self.attempt(bring)

    @rule(at=picks, way=ways, to=picks)
    def take_list_back(self, at: int, way: Way, to: int) -> None:
        batch = self.pick(ImportBatch, to)
        if batch is not None:
            self.attempt(undo_batch, self.who(at, way), self.now, batch)

    @rule(at=picks, way=browsers, to=picks, verb=st.sampled_from(("propose", "approve", "bulk", "code")))
    def on_a_page(self, at: int, way: Way, to: int, verb: str) -> None:
        self.step()
        person = self.pick(User, at)
        account, asset = self.pick(PaymentAccount, to), self.pick(QrAsset, to)
        if verb == "propose":
            code = self.pick(Merchant, to).code
            fields = {"bank_bin": VCB, "account_number": NUMBERS[to % len(NUMBERS)]}
            self.world.page(person, way, f"/desk/merchants/{code}/accounts", **fields)
        elif verb == "code" and asset is not None:
            self.world.page(person, way, f"/desk/approvals/codes/{asset.id}/approve")
        elif account is not None and verb == "bulk":
            self.world.page(person, way, "/desk/approvals", account=account.id)
        elif account is not None:
            self.world.page(person, way, f"/desk/approvals/{account.id}/approve")

    @rule(at=picks, way=tokens, to=picks, verb=st.sampled_from(("propose", "approve", "hand-over", "code", "person")))
    def through_the_api(self, at: int, way: Way, to: int, verb: str) -> None:
        self.step()
        person, holder = self.pick(User, at), self.pick(Merchant, to)
        account, asset = self.pick(PaymentAccount, to), self.pick(QrAsset, to)
        if verb == "propose":
            body = {"bank_bin": MB, "account_number": NUMBERS[to % len(NUMBERS)]}
            self.world.call(person, way, f"/api/v1/merchants/{holder.code}/accounts", body)
        elif verb == "hand-over":
            point = self.pick(Point, to)
            self.world.call(person, way, f"/api/v1/points/{point.id}/hand-over", {"successor": holder.code})
        elif verb == "person":
            number = len(db.session.scalars(select(User.id)).all())
            body = {"user_name": f"qua.api{number}", "full_name": "Người Mới", "role": APPROVER, "scope": "all:0"}
            made = self.world.call(person, way, "/api/v1/people", body)
            if made.status_code == 201:
                self.keys.append((person.id, made.get_json()["id"], self.now))
        elif verb == "code" and asset is not None:
            self.world.call(person, way, f"/api/v1/codes/{asset.serial}/approve")
        elif account is not None:
            self.world.call(person, way, f"/api/v1/accounts/{account.id}/approve")

    @rule(at=picks, way=st.sampled_from([Way("call", 1), Way("desk")]))
    def make_person(self, at: int, way: Way) -> None:
        who, number = self.who(at, way), len(db.session.scalars(select(User.id)).all())
        if who.has(ADMIN) and number < 8:
            grants = [Grant(COORDINATOR), Grant(APPROVER), Grant(ADMIN)]

            def make() -> None:
                create_user(who, self.now, f"moi{number}", "Người Mới", grants=grants, sample=True, must_change=False)

            if self.attempt(make) and who.id is not None:
                self.keys.append((who.id, db.session.scalars(select(User.id).order_by(User.id)).all()[-1], self.now))

    @rule(at=picks, to=picks, purpose=st.sampled_from(("password", "invitation", "phone", "factor")))
    def get_the_key(self, at: int, to: int, purpose: str) -> None:
        who, owner = self.who(at, Way("call", 1)), self.pick(User, to)
        if who.id in {None, owner.id} or not who.has(ADMIN, COORDINATOR):
            return
        act = (reset_password, who, self.now, owner)
        if purpose == "factor":
            act = (reset_second_factor, who, self.now, owner)  # type: ignore[assignment]
        elif purpose != "password":
            act = (issue_link, who, self.now, owner, purpose)  # type: ignore[assignment]
        if self.attempt(*act):
            self.keys.append((who.id or 0, owner.id, self.now))

    @rule(at=picks, to=picks, way=st.sampled_from([Way("call", 1), Way("machine")]))
    def confirm(self, at: int, to: int, way: Way) -> None:
        """Somebody hands the person a code, and the person takes the sign-in over."""
        who, owner = self.who(at, way), self.pick(User, to)

        def take_over() -> None:
            issue_hand_over(who, self.now, owner)
            record_proof(self.now, owner.id, who.id)

        if self.attempt(take_over):
            self.proofs.append((owner.id, self.now))

    @rule(at=picks, to=picks, role=st.sampled_from(ROLES))
    def change_role(self, at: int, to: int, role: str) -> None:
        who, person = self.who(at, Way("call", 1)), self.pick(User, to)
        grant = next((each for each in person.grants if each.role == role), None)
        if not who.has(ADMIN):
            return
        if grant is None:
            self.attempt(grant_role, who, self.now, person, Grant(role))
        else:
            self.attempt(revoke_role, who, self.now, person, grant.id)

    @rule()
    def keep_a_copy(self) -> None:
        self.step()
        self.world.keep("kept")
        self.kept_keys, self.kept_proofs = list(self.keys), list(self.proofs)
        self.kept_writes = list(self.writes)

    @rule()
    def lay_the_copy_back(self) -> None:
        self.step()
        if self.world.has("kept"):
            hung = printed_now(self.now)
            self.world.lay_back("kept")
            with unit_of_work():
                hold_changed_codes(self.now, hung)
            self.laid_back = self.now
            self.proofs = list(self.kept_proofs)
            self.keys = list(self.kept_keys)  # passwords and people are those of the copy again
            self.writes, self.hung = list(self.kept_writes), {}
            coded = set(db.session.scalars(select(QrAsset.point_id)))
            self.printed = {point: seen for point, seen in self.printed.items() if point in coded}

    @rule(hours=st.sampled_from((1, 6, 23, 25, 169)))
    def wait(self, hours: int) -> None:
        self.step()
        self.world.now += timedelta(hours=hours)

    @invariant()
    def nothing_on_paper_is_one_persons_work(self) -> None:
        db.session.rollback()
        for row in printable(PointFilter(), self.now)[0]:
            self.check(row)
            self.check_words(row)
            seen = self.printed.setdefault(row.point_id, [])
            if not seen or seen[-1][1] != row.payload:
                seen.append((self.now, row.payload))

    def check(self, row: PrintableRow) -> None:
        account = db.session.get_one(PaymentAccount, row.account_id)
        asset = db.session.get_one(QrAsset, row.asset_id)
        approvals = db.session.scalars(select(AccountApproval).where(AccountApproval.account_id == account.id)).all()
        makers = {account.proposed_by_id} - {None}
        assert len({each.approver_id for each in approvals} | makers) > 1, (
            "an account on paper has two people behind it"
        )
        for each in approvals:
            for maker in makers:
                assert not self.one_person(maker, each.approver_id, each.at), "who approved was not the proposer"
            makers |= {each.approver_id}
        sessions = [each.session for each in approvals]
        assert account.proposed_session == "" or account.proposed_session not in sessions
        assert row.payload == code_payload(account.bank_bin, account.account_number, account.payload)
        before = self.printed.get(row.point_id, [])
        if before and before[-1][1] != row.payload:
            assert account.decided_at is not None
            assert self.now - max(account.decided_at, _brought(asset)) >= DAY, "a changed code has rested"
            if self.laid_back is not None and self.laid_back > account.decided_at:
                assert _brought(asset) > self.laid_back, "what an older copy brings back has a second person behind it"
        held = db.session.scalars(select(Tenancy.merchant_id).where(Tenancy.point_id == row.point_id)).all()
        changed = not before or before[-1][1] != row.payload
        if changed and len(set(held)) > 1 and asset.print_from != account.print_from:
            assert asset.decided_by_id is not None
            brought_at = _brought(asset)
            assert asset.issued_by_id is None or not self.one_person(
                asset.issued_by_id, asset.decided_by_id, brought_at
            ), "a stall's new holder has two people behind it"

    def check_words(self, row: PrintableRow) -> None:
        """What stands beside a code was agreed to by somebody else, and rests a day where it looks like another's."""
        account, asset = db.session.get_one(PaymentAccount, row.account_id), db.session.get_one(QrAsset, row.asset_id)
        label = decided_labels([asset.id])[asset.id]
        assert account.decided_at is not None
        written = [
            (writer, when)
            for merchant_id, writer, when in self.writes
            if merchant_id == row.merchant_id and account.proposed_at < when < account.decided_at
        ]
        for each in db.session.scalars(select(AccountApproval).where(AccountApproval.account_id == account.id)):
            for writer, when in written:
                assert writer is None or when > each.at or not self.one_person(writer, each.approver_id, each.at)
        said = (label.shop_name or label.owner_name, label.holder_name, label.point_code)
        assert tuple(map(tidy, _words(row))) == said, "on paper stands what was agreed to"
        rested = self.now - max(account.decided_at, label.decided_at) >= DAY
        at, before = self.hung.get(row.point_id, (self.now, row))
        if before.asset_id == row.asset_id and _words(before) != _words(row):
            assert rested, "other words beside a code have rested"
        for since, other in self.hung.values():
            if other.merchant_id != row.merchant_id and other.payload != row.payload and since < account.decided_at:
                assert rested or not _alike(other, row), "what looks like another's has rested"
        if before is row or _words(before) != _words(row) or before.payload != row.payload:
            at = self.now
        self.hung[row.point_id] = (at, row)

    def one_person(self, one: int | None, other: int | None, at: datetime) -> bool:
        """Whether by then somebody could have signed in as both, by keys of keys too; no key is ever given back."""
        return not self.behind(one, at).isdisjoint(self.behind(other, at))

    def behind(self, owner: int | None, at: datetime) -> set[int | None]:
        found, before = {owner}, set[int | None]()
        while found != before:
            before = set(found)
            found |= {
                who for who, whom, when in self.keys if whom in before and when <= at and self.held(whom, when, at)
            }
        return found

    def held(self, whom: int, since: datetime, at: datetime) -> bool:
        """Whether a key was still good: its owner had not thrown everybody out in between."""
        return not any(owner == whom and since <= proved <= at for owner, proved in self.proofs)


def _brought(asset: QrAsset) -> datetime:
    """When somebody last decided about the code at this point."""
    if asset.decided_by_id is None or asset.print_from is None:
        return datetime.min.replace(tzinfo=UTC)
    first = select(CodeLabel.decided_at).where(CodeLabel.asset_id == asset.id, CodeLabel.state == "approved")
    return db.session.scalars(first.order_by(CodeLabel.id)).all()[0]


def _words(row: PrintableRow) -> tuple[str, ...]:
    return row.shop_name, row.holder_name, row.point_code


def _alike(one: PrintableRow, other: PrintableRow) -> bool:
    """Whether a person could take one piece for the other."""
    return stall_key(one.point_code) == stall_key(other.point_code)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path / "walk")
    yield made
    made.close()


def test_no_walk_leads_one_person_to_paper(world: World) -> None:
    Walk.world = world
    Walk.steps = 0
    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Walk.steps > 0

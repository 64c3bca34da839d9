"""Random walks over everything that can be done to accounts and stalls: no way leads one person alone to paper.

`WALK_EXAMPLES` and `WALK_STEPS` in the environment make the walks longer before a release.
"""

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from app.actors import ADMIN, APPROVER, COMMAND_LINE, COORDINATOR, Actor
from app.db import db, unit_of_work
from app.errors import DomainError
from app.factory import create_app
from app.registry.actions.accounts import (
    adopt_provider_qr,
    approve_account,
    propose_account,
    refuse_account,
    withdraw_account,
)
from app.registry.actions.code_approval import approve_code, refuse_code
from app.registry.actions.imports import apply_batch, stage_list, undo_batch
from app.registry.actions.merging import merge_merchants, undo_merge
from app.registry.actions.points import hand_over, open_point, vacate_point
from app.registry.models import (
    AccountApproval,
    ImportBatch,
    Merchant,
    Merge,
    PaymentAccount,
    Point,
    QrAsset,
    Tenancy,
)
from app.registry.queries.printable import PointFilter, PrintableRow, printable
from app.registry.receiving import headed_list
from app.registry.rules.accounts import code_payload
from app.registry.rules.entries import NewAccount, NewPoint
from app.vn.dates import local_date
from tests.conftest import NOW, settings_for
from tests.registry.scene import MB, VCB, commune, market, merchant, someone, stall
from tests.registry.test_lists import as_csv, rows

EXAMPLES = int(os.environ.get("WALK_EXAMPLES", "20"))
STEPS = int(os.environ.get("WALK_STEPS", "30"))
DAY = timedelta(hours=24)

#: The same person on two sessions, another one, a third sharing the first one's session, and the command line.
PEOPLE: tuple[Actor, ...] = (
    someone(1, COORDINATOR, APPROVER),
    someone(1, COORDINATOR, APPROVER, session="phiên-khác"),
    someone(2, APPROVER, ADMIN),
    someone(3, APPROVER, session="phiên-1"),
    COMMAND_LINE,
)
NUMBERS = ("1111111111", "2222222222", "3333333333")
anyone = st.sampled_from(PEOPLE)
picks = st.integers(0, 30)


class Walk(RuleBasedStateMachine):
    """People do whatever the program lets them; what it refuses changes nothing."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp(prefix="choso-walk-"))
        shutil.copyfile(self.template, self.folder / "choso.sqlite3")
        self.app = create_app(settings_for(self.folder, f"sqlite:///{self.folder / 'choso.sqlite3'}"))
        self.context = self.app.app_context()
        self.context.push()
        self.now: datetime = NOW
        self.printed: dict[int, list[tuple[datetime, bytes]]] = {}

    @initialize()
    def begin(self) -> None:
        self.unit = commune(self.now)
        self.zone = market(self.now, self.unit)
        for number in range(3):
            stall(self.now, merchant(self.now, self.unit, f"Lê Thị {'ABC'[number]}"), self.zone, f"A{number}")

    def teardown(self) -> None:
        db.session.remove()
        db.engine.dispose()
        self.context.pop()
        shutil.rmtree(self.folder)

    def attempt(self, act: Any, *arguments: Any) -> None:
        try:
            with unit_of_work():
                act(*arguments)
        except DomainError:
            db.session.expire_all()

    def pick(self, model: Any, number: int) -> Any:
        found = db.session.scalars(select(model).order_by(model.id)).all()
        return found[number % len(found)] if found else None

    @rule(who=anyone, at=picks, number=st.sampled_from(NUMBERS), bank=st.sampled_from((VCB, MB)))
    def propose(self, who: Actor, at: int, number: str, bank: str) -> None:
        entry = NewAccount(bank_bin=bank, account_number=number)
        self.attempt(propose_account, who, self.now, self.pick(Merchant, at), entry)

    @rule(who=anyone, at=picks, number=st.sampled_from(NUMBERS))
    def adopt(self, who: Actor, at: int, number: str) -> None:
        self.attempt(
            adopt_provider_qr, who, self.now, self.pick(Merchant, at), code_payload(VCB, number, None), "viettel"
        )

    @rule(who=anyone, at=picks)
    def approve(self, who: Actor, at: int) -> None:
        account = self.pick(PaymentAccount, at)
        if account is not None:
            self.attempt(approve_account, who, self.now, account.id)

    @rule(who=anyone, at=picks)
    def refuse(self, who: Actor, at: int) -> None:
        account = self.pick(PaymentAccount, at)
        if account is not None:
            self.attempt(refuse_account, who, self.now, account.id, "không")

    @rule(who=anyone, at=picks)
    def withdraw(self, who: Actor, at: int) -> None:
        account = self.pick(PaymentAccount, at)
        if account is not None:
            self.attempt(withdraw_account, who, self.now, account.id)

    @rule(who=anyone, at=picks, to=picks)
    def give_stall(self, who: Actor, at: int, to: int) -> None:
        point, holder = self.pick(Point, at), self.pick(Merchant, to)
        if holder.merged_into_id is None:
            self.attempt(hand_over, who, self.now, point, holder, local_date(self.now))

    @rule(who=anyone, at=picks)
    def leave_stall(self, who: Actor, at: int) -> None:
        self.attempt(vacate_point, who, self.now, self.pick(Point, at), local_date(self.now))

    @rule(who=anyone, at=picks)
    def add_stall(self, who: Actor, at: int) -> None:
        self.attempt(open_point, who, self.now, self.pick(Merchant, at), NewPoint(zone_id=self.zone.id))

    @rule(who=anyone, at=picks)
    def agree_to_code(self, who: Actor, at: int) -> None:
        asset = self.pick(QrAsset, at)
        if asset is not None:
            self.attempt(approve_code, who, self.now, asset.id)

    @rule(who=anyone, at=picks)
    def disagree_to_code(self, who: Actor, at: int) -> None:
        asset = self.pick(QrAsset, at)
        if asset is not None:
            self.attempt(refuse_code, who, self.now, asset.id, "không")

    @rule(who=anyone, one=picks, other=picks)
    def merge(self, who: Actor, one: int, other: int) -> None:
        self.attempt(merge_merchants, who, self.now, self.pick(Merchant, one), self.pick(Merchant, other))

    @rule(who=anyone, at=picks)
    def unmerge(self, who: Actor, at: int) -> None:
        merge = self.pick(Merge, at)
        if merge is not None:
            self.attempt(undo_merge, who, self.now, merge.id)

    @rule(who=anyone, lines=st.integers(1, 3))
    def bring_list(self, who: Actor, lines: int) -> None:
        headed = headed_list(as_csv(rows(lines)), "a.csv")

        def bring() -> None:
            batch = stage_list(who, self.now, headed, self.unit, file_name="a", sha256="0" * 64, size_bytes=1)
            apply_batch(who, self.now, batch)

        self.attempt(bring)

    @rule(who=anyone, at=picks)
    def take_list_back(self, who: Actor, at: int) -> None:
        batch = self.pick(ImportBatch, at)
        if batch is not None:
            self.attempt(undo_batch, who, self.now, batch)

    @rule(hours=st.sampled_from((1, 6, 23, 25)))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @precondition(lambda self: hasattr(self, "zone"))
    @invariant()
    def nothing_on_paper_is_one_persons_work(self) -> None:
        db.session.rollback()
        for row in printable(PointFilter(), self.now)[0]:
            self.check(row)
            seen = self.printed.setdefault(row.point_id, [])
            if not seen or seen[-1][1] != row.payload:
                seen.append((self.now, row.payload))

    def check(self, row: PrintableRow) -> None:
        account = db.session.get_one(PaymentAccount, row.account_id)
        asset = db.session.get_one(QrAsset, row.asset_id)
        approvals = db.session.scalars(select(AccountApproval).where(AccountApproval.account_id == account.id)).all()
        people = {each.approver_id for each in approvals} | {account.proposed_by_id} - {None}
        assert len(people) > 1, "an account on paper has two people behind it"
        sessions = [each.session for each in approvals]
        assert account.proposed_session == "" or account.proposed_session not in sessions
        assert row.payload == code_payload(account.bank_bin, account.account_number, account.payload)
        before = self.printed.get(row.point_id, [])
        if before and before[-1][1] != row.payload:
            assert account.decided_at is not None
            assert self.now - max(account.decided_at, _brought(asset)) >= DAY, "a changed code has rested"
        held = db.session.scalars(select(Tenancy.merchant_id).where(Tenancy.point_id == row.point_id)).all()
        changed = not before or before[-1][1] != row.payload
        if changed and len(set(held)) > 1 and asset.print_from != account.print_from:
            assert asset.decided_by_id is not None
            assert asset.decided_by_id != asset.issued_by_id, "a stall's new holder has two people behind it"


def _brought(asset: QrAsset) -> datetime:
    """When somebody last decided about the code at this point."""
    if asset.decided_by_id is None or asset.print_from is None:
        return datetime.min.replace(tzinfo=UTC)
    return asset.print_from - DAY


def test_no_walk_leads_one_person_to_paper(sqlite_template: Path) -> None:
    Walk.template = sqlite_template
    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

"""The worklist as rows: one trouble of one merchant each, the worst and oldest first; and those that are over."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select, true

from app.accounts.models import RoleGrant, User
from app.actors import Actor
from app.db import db
from app.errors import NotFoundError
from app.places.models import Zone
from app.places.queries import units_around
from app.registry.models import IssueRecord, MerchantState, PointState
from app.registry.queries.merchants import MerchantLine, merchant_lines
from app.registry.queries.reach import merchant_in_reach, merchants_in_reach
from app.registry.rules.issues import GRAVE, ISSUES, Issue
from app.registry.rules.rights import RECORDERS, SHARERS
from app.vn.dates import local_date
from app.web.paging import Cut, Page

#: What part of the list is looked at.
PARTS = {"open": "Cần làm", "snoozed": "Đang gác", "closed": "Đã xong"}
CHUNK = 500
WHO = {"me": "Giao cho tôi", "nobody": "Chưa giao ai"}
SEVERITY = case({kind: issue.severity for kind, issue in ISSUES.items()}, value=IssueRecord.kind, else_=0)


@dataclass(frozen=True, slots=True)
class WorkFilter:
    """What the worklist is narrowed to; empty means not narrowed."""

    show: str = "open"  #: a key of PARTS
    kinds: tuple[str, ...] = ()
    who: str = ""  #: a key of WHO
    zone_id: int | None = None
    grave: bool = False


@dataclass(frozen=True, slots=True)
class WorkLine:
    """One row: the trouble, whose it is, since when, who looks after it, what ended it."""

    row: IssueRecord
    issue: Issue | None  #: None for a kind there was once
    merchant: MerchantLine | None  #: None where the record was merged or erased since


def work_page(
    actor: Actor, wanted: WorkFilter, now: datetime, cut: Cut, counts: Mapping[str, int] | None = None
) -> Page[WorkLine]:
    """One page of the worklist; `counts` (work_counts of this filter), where they are known, save counting again."""
    if counts is not None and wanted.show != "closed":  # of those over, kinds that are looked for no more count, too
        total = sum(counts.get(kind, 0) for kind in wanted.kinds or counts)
        rows = _rows_by_kind(actor, wanted, now, cut, counts)
    else:
        conditions = _conditions(actor, wanted, now)
        total = db.session.scalar(select(func.count()).select_from(_rows(wanted).where(*conditions).subquery())) or 0
        query = _rows(wanted).where(*conditions).order_by(*_order(wanted))
        rows = list(db.session.scalars(query.offset(cut.offset).limit(cut.per_page)))
    lines = {line.id: line for line in merchant_lines(list({row.merchant_id for row in rows}), now)}
    return cut.page([WorkLine(row, ISSUES.get(row.kind), lines.get(row.merchant_id)) for row in rows], total)


def _rows_by_kind(
    actor: Actor, wanted: WorkFilter, now: datetime, cut: Cut, counts: Mapping[str, int]
) -> list[IssueRecord]:
    """The same rows kind by kind, worst first: only the kinds on this page are put in order, not a hundred thousand."""
    rows: list[IssueRecord] = []
    skip = cut.offset
    for kind, count in counts.items():
        if (wanted.kinds and kind not in wanted.kinds) or len(rows) == cut.per_page:
            continue
        if skip < count:
            query = _rows(wanted).where(*_conditions(actor, replace(wanted, kinds=(kind,)), now))
            query = query.order_by(*_order(wanted)).offset(skip).limit(cut.per_page - len(rows))
            rows += db.session.scalars(query)
        skip = max(0, skip - count)
    return rows


def _order(wanted: WorkFilter) -> tuple[ColumnElement[Any], ...]:
    if wanted.show == "closed":
        return (IssueRecord.closed_at.desc(), IssueRecord.id.desc())
    return (SEVERITY.desc(), IssueRecord.found_at.asc(), IssueRecord.id.asc())


def work_line(row: IssueRecord, now: datetime) -> WorkLine:
    """One trouble as the list shows it."""
    lines = merchant_lines([row.merchant_id], now)
    return WorkLine(row, ISSUES.get(row.kind), lines[0] if lines else None)


def work_counts(actor: Actor, wanted: WorkFilter, now: datetime) -> dict[str, int]:
    """How many of each kind, the worst first; the filter's own kinds do not count."""
    conditions = _conditions(actor, wanted, now, by_kind=False)
    query = select(IssueRecord.kind, func.count()).select_from(IssueRecord)
    gone_too = wanted.show == "closed"
    query = query.join(MerchantState, MerchantState.merchant_id == IssueRecord.merchant_id, isouter=gone_too)
    found = {row[0]: row[1] for row in db.session.execute(query.where(*conditions).group_by(IssueRecord.kind))}
    ordered = sorted(ISSUES.values(), key=lambda issue: -issue.severity)
    return {issue.kind: found[issue.kind] for issue in ordered if issue.kind in found}


def part_counts(actor: Actor, now: datetime) -> dict[str, int]:
    """How many wait, how many are put aside, how many are over."""
    part = case(
        (IssueRecord.closed_at.is_not(None), "closed"),
        (IssueRecord.snoozed_until > local_date(now), "snoozed"),
        else_="open",
    )
    query = select(part, func.count()).select_from(IssueRecord)
    # Of those over, the merchant may be gone by now: whoever sees all sees them, too.
    query = query.join(MerchantState, MerchantState.merchant_id == IssueRecord.merchant_id, isouter=True)
    gone = MerchantState.merchant_id.is_(None) & IssueRecord.closed_at.is_(None)
    rows = db.session.execute(query.where(merchants_in_reach(actor), ~gone).group_by(part))
    found: dict[str, int] = dict(rows.all())
    return {each: found.get(each, 0) for each in PARTS}


def issue_in_reach(actor: Actor, issue_id: int, *roles: str) -> IssueRecord:
    """One trouble of a merchant of this person. Raises NotFoundError."""
    found = db.session.get(IssueRecord, issue_id)
    if found is None:
        raise NotFoundError("Không có việc này.", remedy="Hãy tải lại danh sách việc.")
    merchant_in_reach(actor, found.merchant_id, *roles)
    return found


def helpers(actor: Actor) -> Sequence[User]:
    """Who may be asked to look after something: people who work at the stalls around this person."""
    around = units_around(actor)
    near: ColumnElement[bool] = true()
    if around is not None:
        near = or_(
            RoleGrant.scope_kind == "all",
            (RoleGrant.scope_kind == "unit") & RoleGrant.scope_id.in_(around),
            (RoleGrant.scope_kind == "zone") & RoleGrant.scope_id.in_(select(Zone.id).where(Zone.unit_id.in_(around))),
        )
    query = select(User).where(User.active, User.grants.any(RoleGrant.role.in_(RECORDERS) & near))
    return db.session.scalars(query.order_by(User.name_fold, User.id).limit(100)).all()


def helper(actor: Actor, user_id: int | None) -> User:
    """One of them, where this person hands work out at all. Raises NotFoundError."""
    found = next((each for each in helpers(actor) if each.id == user_id), None)
    if found is None or not actor.has(*SHARERS):
        raise NotFoundError("Không có người này.", remedy="Hãy chọn lại trong danh sách.")
    return found


def _rows(wanted: WorkFilter) -> Select[IssueRecord]:
    """Troubles with what lists know of the merchant; of those over, the merchant may be gone by now."""
    query = select(IssueRecord)
    gone_too = wanted.show == "closed"
    return query.join(MerchantState, MerchantState.merchant_id == IssueRecord.merchant_id, isouter=gone_too)


def _conditions(actor: Actor, wanted: WorkFilter, now: datetime, *, by_kind: bool = True) -> list[ColumnElement[bool]]:
    put_aside = IssueRecord.snoozed_until > local_date(now)
    part = {
        "open": IssueRecord.closed_at.is_(None) & or_(IssueRecord.snoozed_until.is_(None), ~put_aside),
        "snoozed": IssueRecord.closed_at.is_(None) & put_aside,
        "closed": IssueRecord.closed_at.is_not(None),
    }[wanted.show]
    conditions: list[ColumnElement[bool]] = [merchants_in_reach(actor), part]
    if by_kind and wanted.kinds:
        conditions.append(IssueRecord.kind.in_(wanted.kinds))
    if wanted.grave:
        conditions.append(IssueRecord.kind.in_([kind for kind, issue in ISSUES.items() if issue.severity >= GRAVE]))
    if wanted.who == "me":
        conditions.append(IssueRecord.assigned_to_id == actor.id)
    if wanted.who == "nobody":
        conditions.append(IssueRecord.assigned_to_id.is_(None))
    if wanted.zone_id is not None:
        held = select(PointState.merchant_id).where(PointState.zone_id == wanted.zone_id)
        conditions.append(IssueRecord.merchant_id.in_(held))
    return conditions


def work_rows(actor: Actor, wanted: WorkFilter, now: datetime) -> Iterator[WorkLine]:
    """Every row of the filter, for a file."""
    number = 1
    while True:
        page = work_page(actor, wanted, now, Cut(number, CHUNK))
        yield from page.items
        if number >= page.pages:
            return
        number += 1

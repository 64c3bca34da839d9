"""The commune's fund by hamlet and Youth Union branch: whose first payments earned it, as lists and registry say."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
from sqlalchemy import select

from app.actors import Actor
from app.audit.actions import record
from app.cashback.engine import open_database
from app.cashback.payouts.models import LedgerPosting, PayoutBatch, SubscriberHome
from app.cashback.payouts.queries import Entry, entries_of
from app.db import db
from app.errors import RefusedError
from app.evidence import EvidenceError, path_of
from app.places.models import Unit
from app.places.queries import units_below
from app.registry.models import Merchant
from app.tables import TableError, find_heading, read_table
from app.transactions.line_sql import literal
from app.vn.phones import PhoneError, parse_phone
from app.vn.text import fold

FUND = "fund"
UNKNOWN_HAMLET = "Chưa rõ thôn"
UNKNOWN_BRANCH = "Chưa rõ chi đoàn"
FIELDS = {
    "customer": ("customer", "Thuê bao", "Số điện thoại", "Khách hàng", "SĐT"),
    "hamlet": ("hamlet", "Thôn", "Xóm", "Tổ dân phố", "Ấp", "Khu phố"),
    "branch": ("branch", "Chi đoàn", "Đoàn cơ sở", "Tổ đoàn"),
}
NAME_MAX = 120
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Home:
    """A hamlet and a branch; "" where nobody said."""

    hamlet: str = ""
    branch: str = ""


@dataclass(frozen=True, slots=True)
class FundEntry:
    """One amount of the fund with whose payment earned it."""

    entry: Entry
    customer: str
    home: Home


@dataclass(frozen=True, slots=True)
class FundShare:
    """What one branch of one hamlet earned the fund."""

    hamlet: str
    branch: str
    count: int
    amount_vnd: int


def fund_entries(batch: PayoutBatch, evidence: Path) -> list[FundEntry]:
    """Every amount of the fund in a payout, with the subscriber behind it as far as the decisions name one."""
    entries = entries_of(batch.id, FUND, FUND)
    customers = _customers(entries, evidence)
    homes = homes_of(batch.unit_id)
    found = []
    for each in entries:
        customer = customers.get((each.entry.policy, each.entry.reward, each.entry.reference), "")
        found.append(FundEntry(each, customer, homes.get(spelled(customer), Home())))
    return found


def fund_shares(entries: Iterable[FundEntry]) -> list[FundShare]:
    """By hamlet and branch in the order of their names, what is unknown last; the sum is the fund's line."""
    groups: dict[tuple[str, str], list[FundEntry]] = defaultdict(list)
    for each in entries:
        groups[each.home.hamlet, each.home.branch].append(each)
    ordered = sorted(groups.items(), key=lambda item: [(not name, fold(name), name) for name in item[0]])
    return [
        FundShare(
            hamlet or UNKNOWN_HAMLET,
            branch or UNKNOWN_BRANCH,
            len(mine),
            sum(each.entry.signed_vnd for each in mine),
        )
        for (hamlet, branch), mine in ordered
    ]


def _customers(entries: Sequence[Entry], evidence: Path) -> dict[tuple[str, int, str], str]:
    """(policy, reward, reference) -> subscriber, from the decisions that were posted and are still kept."""
    by_posting: dict[int, list[str]] = defaultdict(list)
    for each in entries:
        if each.entry.posting_id is not None:
            by_posting[each.entry.posting_id].append(each.entry.reference)
    found: dict[tuple[str, int, str], str] = {}
    for posting_id, references in by_posting.items():
        posting = db.session.get_one(LedgerPosting, posting_id)
        try:
            rows = _counted_for(path_of(evidence, posting.sha256), references)
        except (EvidenceError, duckdb.Error):  # gone, or decisions of a program that named no subscriber
            continue
        found |= {(policy, reward, reference): customer for policy, reward, reference, customer in rows}
    return found


def _counted_for(file: Path, references: Sequence[str]) -> list[tuple[str, int, str, str]]:
    with closing(open_database()) as engine:
        return engine.execute(
            f"""select policy::varchar, reward, reference, counted_for from read_parquet({literal(str(file))})
                where payee_role = 'fund' and counted_for is not null and reference in (select unnest(?))""",
            [list(references)],
        ).fetchall()


def homes_of(unit_id: int) -> Mapping[str, Home]:
    """Subscriber -> hamlet and branch in a commune: merchants of the registry by their number, then what lists say."""
    hamlets = (
        select(Merchant.phone, Unit.name)
        .join(Unit, Unit.id == Merchant.unit_id)
        .where(Merchant.phone.is_not(None), Unit.level == "hamlet", Unit.id.in_(units_below([unit_id])))
    )
    found = {spelled(phone or ""): Home(name) for phone, name in db.session.execute(hamlets)}
    query = select(SubscriberHome).where(SubscriberHome.unit_id == unit_id)
    for row in db.session.scalars(query):
        found[row.customer] = Home(row.hamlet, row.branch)
    found.pop("", None)
    return found


def take_homes(actor: Actor, now: datetime, unit_id: int, data: bytes | Path, name: str) -> int:
    """Keeps what a list says of hamlets and branches; how many subscribers it names. Raises RefusedError."""
    try:
        headed = find_heading(read_table(data, name=name), FIELDS, ("customer",))
    except TableError as error:
        raise RefusedError(str(error)) from error
    if not {"hamlet", "branch"} & headed.columns.keys():
        raise RefusedError(
            f"{name}: không có cột thôn hay chi đoàn.", remedy="Cần cột Thuê bao và cột Thôn hoặc Chi đoàn."
        )
    said = {
        spelled(headed.code_seen(row, "customer").text): Home(
            headed.text(row, "hamlet")[:NAME_MAX], headed.text(row, "branch")[:NAME_MAX]
        )
        for row in headed.rows
        if headed.code_seen(row, "customer").text
    }
    known = _rows(unit_id, list(said))
    for customer, home in said.items():
        row = known.get(customer) or SubscriberHome(unit_id=unit_id, customer=customer)
        row.hamlet, row.branch, row.source = home.hamlet, home.branch, name[:200]
        row.updated_at, row.updated_by = now, actor.name
        db.session.add(row)
    db.session.flush()
    record(actor, now, "subscribers.home", ("unit", unit_id), after={"list": name[:200], "subscribers": len(said)})
    return len(said)


def _rows(unit_id: int, customers: Sequence[str]) -> dict[str, SubscriberHome]:
    found: dict[str, SubscriberHome] = {}
    for start in range(0, len(customers), CHUNK):
        query = select(SubscriberHome).where(
            SubscriberHome.unit_id == unit_id, SubscriberHome.customer.in_(customers[start : start + CHUNK])
        )
        found |= {row.customer: row for row in db.session.scalars(query)}
    return found


def spelled(customer: str) -> str:
    """A subscriber by one name: a telephone number in its national writing, any other as it is.

    >>> spelled("+84 987 654 321"), spelled("KH-7")
    ('0987654321', 'KH-7')
    """
    text = customer.strip()[:80]
    try:
        return parse_phone(text).e164.replace("+84", "0", 1)
    except PhoneError:
        return text

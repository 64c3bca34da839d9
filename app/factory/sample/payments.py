"""Two months of invented payments at the sample market, received as a provider's reports and decided under a policy."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from shutil import rmtree
from typing import Self

from sqlalchemy import select

from app.actors import APPROVER, COORDINATOR, PROVIDER, Actor
from app.cashback.actions import RunInput, run_policy
from app.cashback.drafting.actions import approve_policy, propose_policy
from app.cashback.drafting.document import policy_document
from app.cashback.drafting.fields import unsealed
from app.cashback.drawing.actions import close_list, reveal_seed
from app.cashback.models import CashbackRun, PolicyVersion
from app.cashback.queries import run_folder, shipped
from app.db import db
from app.evidence import forget_file
from app.factory.sample.commune import Standing
from app.places.queries import own_commune_id
from app.settings import Settings
from app.tables import csv_text
from app.transactions.actions import receive_report
from app.transactions.facts import facts_files
from app.transactions.models import Report
from app.transactions.queries import profile_of
from app.transactions.rules import COLUMNS
from app.vn.dates import local_date, start_of_day

SEED = 8
CUSTOMERS = 420
PAYING = frozenset({"active", "first_paid", "dormant"})
A_DAY = 95
FAILING = 0.02
TAKEN_BACK = 0.01
POLICY = "qr-experience-point"
DRAWN = "qr-voucher"
A_MONTH = "Xã mẫu quay thưởng trọn tháng trước, để xem được cả người trúng."
A_YEAR = "Xã mẫu áp dụng từ đầu tháng trước, trong một năm."
AMOUNTS = (8000, 12000, 15000, 19999, 20000, 25000, 30000, 35000, 42000, 60000, 85000, 120000, 250000)


@dataclass(frozen=True, slots=True)
class _Moments:
    """When a draw's steps were taken: promised on the eve of its month, the rest in the days after, none to come."""

    promised: datetime
    closed: datetime
    revealed: datetime

    @classmethod
    def around(cls, days: tuple[date, date], now: datetime) -> Self:
        closed = start_of_day(days[1] + timedelta(days=1)) + timedelta(hours=9)
        return cls(start_of_day(days[0]) - timedelta(hours=8), min(closed, now), min(closed + timedelta(days=1), now))


def add_payments(
    settings: Settings, people: Mapping[str, Actor], standings: Sequence[Standing], now: datetime
) -> CashbackRun:
    """Reports of this month and the one before, the policy of the experience points with four eyes, and its run."""
    dice = random.Random(SEED)  # noqa: S311 - invented payments, the same every time
    points = [standing.merchant.code for standing in standings if standing.progress in PAYING]
    today = local_date(now)
    this_month = today.replace(day=1)
    last_month = (this_month - timedelta(days=1)).replace(day=1)
    gone = (last_month, this_month - timedelta(days=1))
    moments = _Moments.around(gone, now)
    drawn, decided = _policies(settings, people, last_month, moments.promised)
    reports = [_report(settings, people[PROVIDER], dice, points, gone, moments.closed)]
    close_list(people[COORDINATOR], moments.closed, settings, drawn)
    reveal_seed(people[APPROVER], moments.revealed, settings, drawn)
    reports.append(_report(settings, people[PROVIDER], dice, points, (this_month, today), now))
    return run_policy(people[COORDINATOR], now, settings, decided, RunInput(tuple(reports)), sample=True)


def remove_payments(settings: Settings) -> None:
    """Takes the sample's files away: its reports from evidence and facts, its runs and their lists of points."""
    for sha256 in db.session.scalars(select(Report.sha256).where(Report.is_sample)):
        forget_file(settings.evidence_dir, sha256)
        for facts in facts_files(settings.facts_dir, sha256):
            facts.unlink(missing_ok=True)
    of_sample = select(CashbackRun).join(PolicyVersion).where(CashbackRun.is_sample | PolicyVersion.is_sample)
    runs = db.session.scalars(of_sample).all()
    others = select(CashbackRun.points_sha256).where(CashbackRun.id.not_in([run.id for run in runs]))
    for points in {run.points_sha256 for run in runs} - {"", *db.session.scalars(others)}:
        forget_file(settings.evidence_dir, points)
    for run in runs:
        rmtree(run_folder(settings.facts_dir, run.id), ignore_errors=True)


def _policies(
    settings: Settings, people: Mapping[str, Actor], first_day: date, promised: datetime
) -> tuple[PolicyVersion, PolicyVersion]:
    """Last month's vouchers with their sealed seed, and a year of experience points; both with four eyes."""
    a_year = (first_day, first_day.replace(year=first_day.year + 1) - timedelta(days=1))
    a_month = (first_day, (first_day + timedelta(days=31)).replace(day=1) - timedelta(days=1))
    author = people[COORDINATOR]
    found = []
    for policy_id, days, why in ((DRAWN, a_month, A_MONTH), (POLICY, a_year, A_YEAR)):
        document = _document(policy_id, days, why)
        version = propose_policy(author, promised, document, own_commune_id(author, COORDINATOR), sample=True)
        found.append(approve_policy(people[APPROVER], promised, version.id, settings.secret_key))
    return found[0], found[1]


def _document(policy_id: str, days: tuple[date, date], why: str) -> str:
    """A policy of the plan with the sample's days, and why these."""
    policy = unsealed(next(each.policy for each in shipped() if each.policy.policy_id == policy_id))
    assumed = tuple(replace(each, why=why) if each.about == "dates" else each for each in policy.assumed)
    return policy_document(replace(policy, first_day=days[0], last_day=days[1], assumed=assumed))


def _report(
    settings: Settings,
    sender: Actor,
    dice: random.Random,
    points: Sequence[str],
    days: tuple[date, date],
    now: datetime,
) -> Report:
    rows = [*_payments(dice, points, days), *_odd_payments(points, days[1])]
    text = csv_text(COLUMNS, [*rows, *dice.sample(rows, min(6, len(rows)))])
    name = f"bao-cao-mau-{days[0]:%Y-%m}.csv"
    profile = profile_of("canonical")
    report, _ = receive_report(sender, now, text.encode(), name, profile, settings, sample=True)
    return report


def _payments(dice: random.Random, points: Sequence[str], days: tuple[date, date]) -> list[tuple[str, ...]]:
    """Payments day by day, busier at the weekend and in the morning; a few fail, a few are taken back."""
    rows: list[tuple[str, ...]] = []
    for add in range((days[1] - days[0]).days + 1):
        day = days[0] + timedelta(days=add)
        for number in range(round(A_DAY * dice.uniform(0.7, 1.2) * (1.4 if day.weekday() in (5, 6) else 1))):
            hour = min(max(int(dice.gauss(9, 3)), 5), 21)
            clock = f"{hour:02d}:{dice.randrange(60):02d}:{dice.randrange(60):02d}"
            customer = f"09009{int(CUSTOMERS * dice.random() ** 2):05d}"
            point = points[int(len(points) * dice.random() ** 1.5)]
            status = "failed" if dice.random() < FAILING else "success"
            reference = f"MAU{day:%y%m%d}{number:04d}"
            rows.append(_row(reference, f"{day}T{clock}", str(dice.choice(AMOUNTS)), customer, point, status))
            if status == "success" and dice.random() < TAKEN_BACK:
                back = _row(
                    f"{reference}R", f"{day}T23:{dice.randrange(60):02d}:00", rows[-1][3], customer, point, status
                )
                rows.append((*back[:-1], reference))
    return rows


def _odd_payments(points: Sequence[str], day: date) -> list[tuple[str, ...]]:
    """What a person should ask about: five payments within ten minutes, and three of half a million by one customer."""
    busy, changer = points[len(points) // 3], points[len(points) // 2]
    burst = [
        _row(f"MAU{day:%y%m%d}90{minute:02d}", f"{day}T10:{minute:02d}:20", "21000", f"090090{41 + minute:04d}", busy)
        for minute in range(0, 10, 2)
    ]
    past = (day - timedelta(days=back) for back in range(3))
    round_sums = [_row(f"MAU{one:%y%m%d}9100", f"{one}T18:05:00", "500000", "0900900333", changer) for one in past]
    return [*burst, *round_sums]


def _row(
    reference: str, paid_at: str, amount: str, customer: str, point: str, status: str = "success"
) -> tuple[str, ...]:
    return (reference, paid_at, "qr_payment", amount, customer, point, "mobile_money", "app", "", status, "")

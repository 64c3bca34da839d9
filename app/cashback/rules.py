"""What a policy says and what its words mean: pure, the same for the SQL text, the exact fold and the draws.

Source: the outside contract, "A policy" and "A decision".
"""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum, StrEnum


class Reason(IntEnum):
    """Why a line was granted or refused; of several, the lowest number above 0 is told; 0 stands for granted."""

    GRANTED = 0
    FAILED = 1
    REVERSED = 2
    OUTSIDE_DATES = 3
    WRONG_KIND = 11
    WRONG_SOURCE = 12
    WRONG_CHANNEL = 13
    NOT_OWN_NUMBER = 14
    NOT_PROMOTION_DAY = 15
    BELOW_MINIMUM = 16
    NOT_A_POINT = 17
    NOT_NEW_SUBSCRIBER = 18
    DAILY_CAP = 21
    WEEKLY_CAP = 22
    MONTHLY_CAP = 23
    QUARTERLY_CAP = 24
    YEARLY_CAP = 25
    ALREADY_REWARDED = 26
    BUDGET_SPENT = 31
    DRAW_PENDING = 41
    NOT_DRAWN = 42

    @property
    def word(self) -> str:
        """The word that stands in a decision."""
        return self.name.lower()

    @property
    def nearness(self) -> int:
        """How far a line came: granted before a draw that may still bring it, before the last test it failed."""
        return {Reason.GRANTED: 100, Reason.DRAW_PENDING: 99}.get(self, self.value)


class Per(StrEnum):
    """The local periods of a cap."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    EVER = "ever"


CAP_REASONS = {
    Per.DAY: Reason.DAILY_CAP, Per.WEEK: Reason.WEEKLY_CAP, Per.MONTH: Reason.MONTHLY_CAP,
    Per.QUARTER: Reason.QUARTERLY_CAP, Per.YEAR: Reason.YEARLY_CAP, Per.EVER: Reason.ALREADY_REWARDED,
}  # fmt: skip
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ROUNDINGS = ("floor", "half_up", "floor_100", "floor_1000")
PAYEES = ("customer", "merchant", "fund")
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_MONTHS = 12
_QUARTER_MONTHS = 3
_EPOCH_WEEKDAY = 3  # 1 January 1970 was a Thursday


@dataclass(frozen=True, slots=True)
class Conditions:
    """What must hold of a line. Empty tuples and None ask nothing."""

    kinds: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    own_number: bool = False
    weekdays: tuple[str, ...] = ()
    at_least_vnd: int | None = None
    more_than_vnd: int | None = None
    points_listed: bool = False
    subscribers_listed: bool = False


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `count` granted to one party in one local period."""

    count: int
    per: Per


@dataclass(frozen=True, slots=True)
class Pay:
    """A fixed sum, or a share of the amount: `share` / `of` rounded, then at most `most_vnd`."""

    vnd: int = 0
    share: int = 0
    of: int = 100
    rounding: str = "floor"
    most_vnd: int | None = None

    @property
    def is_fixed(self) -> bool:
        """Whether every line earns the same."""
        return self.share == 0

    def amount_vnd(self, paid_vnd: int) -> int:
        """What a payment of this amount earns, in whole dong; exact, no floats.

        >>> Pay(share=10).amount_vnd(25015), Pay(share=10, rounding="half_up").amount_vnd(25015)
        (2501, 2502)
        """
        if self.is_fixed:
            return self.vnd
        earned = paid_vnd * self.share
        match self.rounding:
            case "half_up":
                earned = (2 * earned + self.of) // (2 * self.of)
            case "floor_100":
                earned = earned // self.of // 100 * 100
            case "floor_1000":
                earned = earned // self.of // 1000 * 1000
            case _:
                earned //= self.of
        return earned if self.most_vnd is None else min(earned, self.most_vnd)


@dataclass(frozen=True, slots=True)
class Prize:
    """One kind of prize: how many win it and what each is worth."""

    name: str
    worth_vnd: int
    winners: int


@dataclass(frozen=True, slots=True)
class Draw:
    """A draw among a period's tickets; the hash of the seed is published before."""

    per: str
    ticket_per: str
    prizes: tuple[Prize, ...]
    seed_sha256: str  #: "" until the policy is put into use; of a chain the hash of the first period's seed
    seed_per: str = "policy"  #: policy: one seed for all; period: every period has its own (`seeds`)


@dataclass(frozen=True, slots=True)
class Reward:
    """Who gets what: a payment or a draw, with caps in the order in which they are told."""

    to: str
    pay: Pay | None
    draw: Draw | None
    caps: tuple[Cap, ...] = ()


@dataclass(frozen=True, slots=True)
class Assumption:
    """A point on which the plan is silent: which (one of ASSUMABLE) and why the policy decides it as it does."""

    about: str
    why: str


#: What a plan may leave open. The decision itself stands in the policy; an assumption says why it was taken so.
ASSUMABLE = (
    "dates", "points", "first", "face_value", "rounding", "most_vnd", "caps", "draw_period", "tickets", "prizes",
    "seed", "budget_vnd", "on_exhaust", "on_reversal",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of one promotion, as its YAML file says."""

    policy_id: str
    version: int
    title: str
    source: str
    first_day: date | None
    last_day: date | None
    when: Conditions
    any_of: tuple[Conditions, ...]
    rewards: tuple[Reward, ...]
    budget_vnd: int | None = None
    on_exhaust: str = "stop"
    on_reversal: str = "replay"
    zones: tuple[str, ...] = ()  #: slugs of the zones whose points are listed; none: every point of the registry
    assumed: tuple[Assumption, ...] = ()

    @property
    def needs_points(self) -> bool:
        """Whether a list of points is part of the input."""
        return any(group.points_listed for group in (self.when, *self.any_of))

    @property
    def needs_subscribers(self) -> bool:
        """Whether a list of new subscribers is part of the input."""
        return any(group.subscribers_listed for group in (self.when, *self.any_of))

    @property
    def has_draw(self) -> bool:
        """Whether any reward is drawn."""
        return any(reward.draw for reward in self.rewards)


def day_number(day: date) -> int:
    """Days since 1 January 1970."""
    return day.toordinal() - _EPOCH_DAY


def day_of(number: int) -> date:
    """The day with this number.

    >>> day_of(day_number(date(2023, 8, 1)))
    datetime.date(2023, 8, 1)
    """
    return date.fromordinal(number + _EPOCH_DAY)


def weekday_of(day: int) -> int:
    """Monday is 0.

    >>> weekday_of(day_number(date(2023, 8, 1))) == WEEKDAYS.index("tuesday")
    True
    """
    return (day + _EPOCH_WEEKDAY) % 7


def period_key(per: Per, day: int, month: int) -> int:
    """A number that two lines share exactly when they fall into the same local period.

    `day`: days since 1970-01-01; `month`: 12 x year + month - 1.
    """
    match per:
        case Per.DAY:
            return day
        case Per.WEEK:
            return day - weekday_of(day)
        case Per.MONTH:
            return month
        case Per.QUARTER:
            return month // _QUARTER_MONTHS
        case Per.YEAR:
            return month // _MONTHS
        case _:
            return 0


_CHAIN = {per: rank for rank, per in enumerate((Per.DAY, Per.WEEK, Per.MONTH, Per.QUARTER, Per.YEAR, Per.EVER))}


def nested_caps(caps: tuple[Cap, ...]) -> tuple[Cap, ...] | None:
    """The caps from the shortest period to the longest, one a period, or None where two periods overlap in part.

    Days nest in weeks, weeks in nothing but ever: a week can lie in two months.
    """
    counts: dict[Per, int] = {}
    for cap in caps:
        counts[cap.per] = min(cap.count, counts.get(cap.per, cap.count))
    if Per.WEEK in counts and counts.keys() & {Per.MONTH, Per.QUARTER, Per.YEAR}:
        return None
    return tuple(Cap(counts[per], per) for per in sorted(counts, key=_CHAIN.__getitem__))


def counter_told(policy: Policy, reward: Reward, reason: Reason) -> tuple[str, int] | None:
    """The period and the limit that a reason rests on: of the full cap, of the budget ("budget"), or, where it is
    granted, of the last cap in the list. None where it rests on neither.
    """
    if reason is Reason.BUDGET_SPENT and policy.budget_vnd is not None:
        return "budget", policy.budget_vnd
    if reason is Reason.GRANTED and reward.caps and not reward.draw:
        return reward.caps[-1].per, reward.caps[-1].count
    full = [cap.count for cap in reward.caps if CAP_REASONS[cap.per] is reason]
    return next((cap.per, min(full)) for cap in reward.caps if CAP_REASONS[cap.per] is reason) if full else None


def why_not_sql(policy: Policy) -> str:
    """Why windows would not be exact for this policy (a Vietnamese phrase), "" where they are."""
    if policy.has_draw:
        return "có quay thưởng"
    if policy.on_reversal != "replay":
        return "giao dịch bị lấy lại vẫn giữ lượt"
    if any(nested_caps(reward.caps) is None for reward in policy.rewards):
        return "giới hạn theo tuần và theo tháng không lồng nhau"
    if policy.budget_vnd is not None and policy.on_exhaust == "skip":
        amounts = {reward.pay.vnd if reward.pay and reward.pay.is_fixed else None for reward in policy.rewards}
        if len(amounts) > 1 or None in amounts:
            return "ngân sách bỏ qua khoản không vừa trong khi mức thưởng khác nhau"
    return ""


def period_days(per: Per, day: date) -> tuple[date, date]:
    """First and last day of the local period in which a day falls.

    >>> [str(found) for found in period_days(Per.WEEK, date(2023, 8, 2))]
    ['2023-07-31', '2023-08-06']
    """
    match per:
        case Per.DAY:
            return day, day
        case Per.WEEK:
            monday = day - timedelta(days=day.weekday())
            return monday, monday + timedelta(days=6)
        case Per.MONTH:
            return _months(day.year, day.month, 1)
        case Per.QUARTER:
            return _months(day.year, day.month - (day.month - 1) % _QUARTER_MONTHS, _QUARTER_MONTHS)
        case Per.YEAR:
            return _months(day.year, 1, _MONTHS)
        case _:
            return date.min, date.max


def _months(year: int, month: int, count: int) -> tuple[date, date]:
    last = month + count - 1
    return date(year, month, 1), date(year, last, calendar.monthrange(year, last)[1])

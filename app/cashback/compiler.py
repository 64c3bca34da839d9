"""A policy as one SQL text over `facts` (marked with the lists: `is_point`, `installed_day`): the same text for DuckDB
and Spark.

Exact, not approximate: windows count only what caps of nested periods let through, so a row number stands for what a
clerk would have counted. Where that does not hold (`rules.why_not_sql`) the fold decides and this text only says which
lines it has to look at (`eligible_sql`) and takes in its results (`outcomes_sql` with `folded`).
"""

from collections.abc import Iterator, Mapping, Sequence

from app.cashback.rules import (
    CAP_REASONS,
    WEEKDAYS,
    Cap,
    Conditions,
    Pay,
    Per,
    Policy,
    Reason,
    Reward,
    day_number,
    nested_caps,
)
from app.transactions.rules import CHANNELS, FAILED, KINDS, SOURCES

PERIODS = {
    Per.DAY: "day",
    Per.WEEK: "day - ((day + 3) % 7 + 7) % 7",
    Per.MONTH: "month",
    Per.QUARTER: "month - month % 3",
    Per.YEAR: "month - month % 12",
}
_BEFORE = "order by pos rows between unbounded preceding and 1 preceding"
_GATED = "pos, customer, merchant, day, month, amount_vnd, reference"
_OUTCOME = """pos, reason, cast(reward_vnd as bigint) as reward_vnd, cast(counter_used as bigint) as counter_used"""


def outcomes_sql(policy: Policy, *, folded: str = "") -> str:
    """One SELECT: what each reward comes to for each line that meets every condition, in no order.

    Columns: reward, pos, reason (a number), reward_vnd, counter_used. `folded`: the table they come from where windows
    are not exact. Of any other line `gate_sql` tells the reason.
    """
    if folded:
        return f"select reward, {_OUTCOME} from {folded}"
    parts = [_gated(policy), "eligible as (select * from gated where gate = 0)"]
    for number, reward in enumerate(policy.rewards, 1):
        parts.extend(_counted(number, reward))
    if policy.budget_vnd is not None:
        parts.extend(_spent(policy))
    selects = "\nunion all ".join(
        f"select {number} as reward, {_OUTCOME} from ({_result(number, reward, policy)}) r"
        for number, reward in enumerate(policy.rewards, 1)
    )
    return "with " + ",\n".join(parts) + "\n" + selects


def eligible_sql(policy: Policy) -> str:
    """The lines that pass every condition, in order, for the fold: pos, customer, merchant, day, month, amount_vnd,
    reference and is_ghost (taken back, yet keeping its place in the caps).
    """
    keeps = policy.on_reversal == "keep_cap"
    keep = f"or (gate = {int(Reason.REVERSED)} and other_gate = 0)" if keeps else ""
    other = f", {gate_sql(policy, reversed_too=False)} as other_gate" if keeps else ""
    return f"""with {_gated(policy, other)}
        select pos, customer, merchant, day, month, amount_vnd, reference, gate <> 0 as is_ghost
        from gated where gate = 0 {keep} order by pos"""


def _gated(policy: Policy, extra: str = "") -> str:
    return f"gated as (select {_GATED}, {gate_sql(policy)} as gate{extra} from facts)"


def gate_sql(policy: Policy, *, reversed_too: bool = True) -> str:
    """SQL over a fact: the number of the first condition that fails, 0 where all hold."""
    tests = [(f"status = {FAILED}", Reason.FAILED)]
    if reversed_too:
        tests.append(("is_reversed", Reason.REVERSED))
    if policy.first_day:
        tests.append((f"day < {day_number(policy.first_day)}", Reason.OUTSIDE_DATES))
    if policy.last_day:
        tests.append((f"day > {day_number(policy.last_day)}", Reason.OUTSIDE_DATES))
    tests.extend(_failing(policy.when))
    return _first(tests, _any_of(policy.any_of))


def _any_of(groups: Sequence[Conditions]) -> str:
    """SQL: 0 where one group holds, else the furthest condition at which a group failed."""
    if not groups:
        return "0"
    verdicts = [_first(list(_failing(group)), "0") for group in groups]
    if len(verdicts) == 1:
        return verdicts[0]
    return f"case when least({', '.join(verdicts)}) = 0 then 0 else greatest({', '.join(verdicts)}) end"


def _first(tests: Sequence[tuple[str, Reason]], otherwise: str) -> str:
    if not tests:
        return f"({otherwise})"
    return f"(case {' '.join(f'when {test} then {int(reason)}' for test, reason in tests)} else {otherwise} end)"


def _failing(group: Conditions) -> Iterator[tuple[str, Reason]]:
    """SQL of each way in which a line fails the group, in the order in which reasons are told."""
    if group.kinds:
        yield f"kind not in ({_codes(group.kinds, KINDS)})", Reason.WRONG_KIND
    if group.sources:
        yield f"source not in ({_codes(group.sources, SOURCES)})", Reason.WRONG_SOURCE
    if group.channels:
        yield f"channel not in ({_codes(group.channels, CHANNELS)})", Reason.WRONG_CHANNEL
    if group.own_number:
        yield "not own_number", Reason.NOT_OWN_NUMBER
    if group.weekdays:
        days = ", ".join(str(WEEKDAYS.index(day)) for day in group.weekdays)
        yield f"((day + 3) % 7 + 7) % 7 not in ({days})", Reason.NOT_PROMOTION_DAY
    if group.at_least_vnd is not None:
        yield f"amount_vnd < {group.at_least_vnd}", Reason.BELOW_MINIMUM
    if group.more_than_vnd is not None:
        yield f"amount_vnd <= {group.more_than_vnd}", Reason.BELOW_MINIMUM
    if group.points_listed:
        yield "not is_point", Reason.NOT_A_POINT
    if group.subscribers_listed:
        yield "coalesce(installed_day, day + 1) > day", Reason.NOT_NEW_SUBSCRIBER


def _codes(words: Sequence[str], codes: Mapping[str, int]) -> str:
    return ", ".join(str(codes[word]) for word in words)


def _party(reward: Reward) -> str:
    return "merchant" if reward.to == "merchant" else "customer"


def _partition(reward: Reward, per: Per) -> str:
    return f"partition by {_party(reward)}" + (f", {PERIODS[per]}" if per in PERIODS else "")


def _chain(reward: Reward) -> tuple[Cap, ...]:
    chain = nested_caps(reward.caps)
    assert chain is not None, "the compiler was asked for a policy whose periods overlap"
    return chain


def _counted(number: int, reward: Reward) -> Iterator[str]:
    """CTEs that count: before_1, before_2 ... = lines let through by the shorter caps, earlier in the same period."""
    source, passed = "eligible", ""
    for level, cap in enumerate(_chain(reward), 1):
        over = _partition(reward, cap.per)
        if level == 1:
            count = f"row_number() over ({over} order by pos) - 1"
        else:
            count = f"coalesce(sum(case when {passed} then 1 else 0 end) over ({over} {_BEFORE}), 0)"
        name = f"count_{number}_{level}"
        yield f"{name} as (select *, {count} as before_{level} from {source})"
        passed = f"{passed} and before_{level} < {cap.count}".removeprefix(" and ")
        source = name
    yield from _used(number, reward, source)


def _used(number: int, reward: Reward, source: str) -> Iterator[str]:
    """CTEs that turn counts into `used_<per>`: what this reward granted the party earlier in the period.

    A longer cap stops what shorter ones let through, from some line on: of n lines let through so far, the earlier
    least(limit, n) were granted.
    """
    chain = _chain(reward)
    for level, cap in enumerate(chain, 1):
        full = f"least({cap.count}, before_{level})"
        columns = [f"{full} as used_{level}_{level}"]
        for shorter in range(1, level):
            before = f"used_{shorter}_{level - 1}"
            columns.append(f"{full} - least({cap.count}, before_{level} - {before}) as used_{shorter}_{level}")
        name = f"use_{number}_{level}"
        yield f"{name} as (select *, {', '.join(columns)} from {source})"
        source = name
    last = "".join(f", used_{level}_{len(chain)} as used_{cap.per}" for level, cap in enumerate(chain, 1))
    assert reward.pay is not None
    yield f"free_{number} as (select *{last}, {pay_sql(reward.pay)} as pay_vnd from {source})"


def _spent(policy: Policy) -> Iterator[str]:
    """CTEs of the budget: what caps let through of all rewards, in order, with the sum so far."""
    entries = " union all ".join(
        f"select pos, {number} as reward, pay_vnd from free_{number} where {_none_full(reward)}"
        for number, reward in enumerate(policy.rewards, 1)
    )
    yield f"entries as ({entries})"
    yield """running as (select pos, reward, sum(pay_vnd) over (order by pos, reward
        rows between unbounded preceding and current row) as spent_vnd from entries)"""
    yield f"paid as (select * from running where spent_vnd <= {policy.budget_vnd})"
    yield "total as (select coalesce(max(spent_vnd), 0) as total_vnd from paid)"
    for number, reward in enumerate(policy.rewards, 1):
        again = "".join(
            f", coalesce(sum(is_paid) over ({_partition(reward, cap.per)} {_BEFORE}), 0) as again_{cap.per}"
            for cap in _chain(reward)
        )
        yield f"""marked_{number} as (select f.*, case when p.pos is null then 0 else 1 end as is_paid, total_vnd
            from free_{number} f left join (select pos from paid where reward = {number}) p on p.pos = f.pos
            cross join total)"""
        yield f"bounded_{number} as (select *{again} from marked_{number})"


def _none_full(reward: Reward, prefix: str = "used") -> str:
    return " and ".join(f"{prefix}_{cap.per} < {cap.count}" for cap in _chain(reward)) or "1 = 1"


def _result(number: int, reward: Reward, policy: Policy) -> str:
    """SQL: reason, amount and counters of the eligible lines of one reward."""
    prefix, source = ("used", "free") if policy.budget_vnd is None else ("again", "bounded")
    tests = [(f"{prefix}_{cap.per} >= {cap.count}", cap) for cap in reward.caps]

    def choose(of_cap: Sequence[str], of_budget: str, otherwise: str) -> str:
        cases = [f"when {test} then {value}" for (test, _), value in zip(tests, of_cap, strict=True)]
        if policy.budget_vnd is not None:
            cases.append(f"when is_paid = 0 then {of_budget}")
        return f"case {' '.join(cases)} else {otherwise} end" if cases else otherwise

    used = [f"{prefix}_{cap.per}" for _, cap in tests]
    reasons = [str(int(CAP_REASONS[cap.per])) for _, cap in tests]
    return f"""select pos, {choose(reasons, str(int(Reason.BUDGET_SPENT)), "0")} as reason,
        {choose(["0"] * len(tests), "0", "pay_vnd")} as reward_vnd,
        {choose(used, "total_vnd", used[-1] if used else "null")} as counter_used from {source}_{number}"""


def pay_sql(pay: Pay) -> str:
    """SQL: what a line earns; whole numbers only, exact for amounts of fifteen digits in every engine."""
    if pay.is_fixed:
        return f"cast({pay.vnd} as bigint)"
    whole = f"{_divided('amount_vnd', pay.of)} * {pay.share}"
    rest = f"(amount_vnd % {pay.of}) * {pay.share}"
    if pay.rounding == "half_up":
        earned = f"({whole} + {_divided(f'({rest} * 2 + {pay.of})', 2 * pay.of)})"
    else:
        earned = f"({whole} + {_divided(f'({rest})', pay.of)})"
    if pay.rounding in ("floor_100", "floor_1000"):
        earned = f"({earned} - {earned} % {pay.rounding.removeprefix('floor_')})"
    return earned if pay.most_vnd is None else f"least({earned}, {pay.most_vnd})"


def _divided(number: str, by: int) -> str:
    """SQL: a whole quotient. `/` gives a double in some engines and cuts in others; here both agree."""
    return f"cast(({number} - {number} % {by}) / {by} as bigint)"

"""What a run's pages draw: cost by day, caps reached, reasons, who gets most, activity by zone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy import select

from app.cashback.charts import CostChart, cost_chart
from app.cashback.decisions.rules import NOT_HERE
from app.cashback.payouts.queries import payee_names
from app.cashback.queries import run_file
from app.cashback.results import DECISIONS
from app.cashback.wording import PARTIES, REASON_NAMES
from app.db import db
from app.places.models import Zone
from app.registry.models import Merchant, Point, Tenancy
from app.transactions.line_sql import literal

TOP = 8
NO_ZONE = "Ngoài các khu"
_CAPS = "'daily_cap', 'weekly_cap', 'monthly_cap', 'quarterly_cap', 'yearly_cap', 'already_rewarded'"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart: its words, its figure, its length in thousandths of the longest, a word more."""

    label: str
    value: int
    share: int
    note: str = ""
    opens: Mapping[str, str | int] = field(default_factory=dict)  #: the filter of the decisions that it counts


@dataclass(frozen=True, slots=True)
class RunFigures:
    """Everything a run's page draws."""

    cost: CostChart | None
    budget_vnd: int | None
    caps: list[Bar]
    reasons: list[Bar]
    payees: list[tuple[str, list[Bar]]]
    zones: list[Bar]


def run_figures(folder: Path, summary: Mapping[str, Any]) -> RunFigures:
    """The figures of a run whose decisions lie in `folder`; `summary` is what the run says of its policy.

    Raises NotFoundError where they are no longer kept.
    """
    roles = dict.fromkeys(reward["to"] for reward in summary["rewards"] if reward["to"] != "fund")
    budget_vnd = summary.get("definition", {}).get("budget_vnd")
    with duckdb.connect() as engine:
        engine.execute(f"create view decisions as from read_parquet({literal(str(run_file(folder, DECISIONS)))})")
        return RunFigures(
            cost=_cost(engine, budget_vnd),
            budget_vnd=budget_vnd,
            caps=_caps(engine),
            reasons=_reasons(engine),
            payees=[(role, _payees(engine, role)) for role in roles],
            zones=_zones(engine) if "merchant" in roles else [],
        )


def _cost(engine: duckdb.DuckDBPyConnection, budget_vnd: int | None) -> CostChart | None:
    by_day = engine.execute(
        """select left(paid_at, 10), sum(amount_vnd)::bigint from decisions where amount_vnd > 0
            group by 1 order by 1"""
    ).fetchall()
    ends = engine.execute("select left(min(paid_at), 10) from decisions where reason = 'budget_spent'").fetchone()
    return cost_chart(by_day, budget_vnd, ends_on=ends[0] if ends else None)


def _caps(engine: duckdb.DuckDBPyConnection) -> list[Bar]:
    """How many parties ran into each cap, of all that were rewarded."""
    rows = engine.execute(
        f"""with parties as (select reward, count(distinct coalesce(counted_for, payee)) as total from decisions
                where reason = 'granted' group by reward)
            select reward, payee_role, reason, count(distinct coalesce(counted_for, payee)), any_value(total)
            from decisions join parties using (reward) where reason in ({_CAPS})
            group by reward, payee_role, reason order by reward, 4 desc, reason"""
    ).fetchall()
    return [
        Bar(
            f"{PARTIES[role].capitalize()} {REASON_NAMES[reason]}",
            count,
            count * 1000 // max(total, 1),
            f"trong {total}",
            {"reward": reward, "reason": reason},
        )
        for reward, role, reason, count, total in rows
    ]


def _reasons(engine: duckdb.DuckDBPyConnection) -> list[Bar]:
    rows = engine.execute(
        f"select reason, count(*) from decisions where reason <> 'granted' group by 1 order by 2 desc, 1 limit {TOP}"
    ).fetchall()
    return _bars([(REASON_NAMES[reason].capitalize(), count, "", {"reason": reason}) for reason, count in rows])


def _payees(engine: duckdb.DuckDBPyConnection, role: str) -> list[Bar]:
    rows = engine.execute(
        f"""select payee, sum(amount_vnd)::bigint from decisions where payee_role = $role and amount_vnd > 0
            group by payee order by 2 desc, 1 limit {TOP}""",
        {"role": role},
    ).fetchall()
    opens = {"role": role, "reason": "granted"}
    names = payee_names(payee for payee, _ in rows)
    return _bars(
        [
            (names.get(payee, payee), paid_vnd, payee if payee in names else "", {"q": payee, **opens})
            for payee, paid_vnd in rows
        ]
    )


def _zones(engine: duckdb.DuckDBPyConnection) -> list[Bar]:
    """Successful payments of the policy's kind at listed points, by the zone in which the registry knows them."""
    rows = engine.execute(
        """select payee, count(*), any_value(reward) from decisions
            where payee_role = 'merchant' and reason not in (select unnest($1))
                and reward = (select min(reward) from decisions where payee_role = 'merchant') group by payee""",
        [list(NOT_HERE)],
    ).fetchall()
    where = zones_of([payee for payee, _, _ in rows])
    sums: dict[str, list[int]] = {}
    for payee, count, _ in rows:
        found = sums.setdefault(where.get(payee, NO_ZONE), [0, 0])
        found[0] += count
        found[1] += 1
    ordered = sorted(sums.items(), key=lambda item: (-item[1][0], item[0]))
    reward = rows[0][2] if rows else 0
    return _bars(
        [(zone, count, f"{points} điểm", {"zone": zone, "reward": reward}) for zone, (count, points) in ordered]
    )


def zones_of(codes: list[str]) -> dict[str, str]:
    """Code of a point or merchant -> the zone it sells in today."""
    found: dict[str, str] = {}
    points = select(Point.code, Zone.name).join(Zone, Zone.id == Point.zone_id)
    held = select(Merchant.code, Zone.name).join(Tenancy, Tenancy.merchant_id == Merchant.id)
    held = held.join(Point, Point.id == Tenancy.point_id).join(Zone, Zone.id == Point.zone_id)
    held = held.where(Tenancy.valid_to.is_(None)).order_by(Tenancy.id.desc())
    for start in range(0, len(codes), 500):
        some = codes[start : start + 500]
        found |= {row.code: row.name for row in db.session.execute(points.where(Point.code.in_(some)))}
        found |= {row.code: row.name for row in db.session.execute(held.where(Merchant.code.in_(some)))}
    return found


def _bars(rows: list[tuple[str, int, str, Mapping[str, str | int]]]) -> list[Bar]:
    longest = max((value for _, value, _, _ in rows), default=0) or 1
    return [Bar(label, value, value * 1000 // longest, note, opens) for label, value, note, opens in rows]

"""Decisions that match a filter: how many, a page of them, or all in order."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import duckdb

from app.cashback.asking import spellings
from app.cashback.decisions.rules import NOT_HERE, Wanted
from app.cashback.explanation import TOLD_COLUMNS
from app.cashback.queries import run_file
from app.cashback.results import DECISIONS
from app.cashback.run_figures import NO_ZONE, zones_of
from app.cashback.wording import Told
from app.transactions.line_sql import literal
from app.web.paging import Cut

_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Counted:
    """What a filter comes to: decisions, payments, those who get (or would have got) the reward, dong."""

    decisions: int
    payments: int
    parties: int
    paid_vnd: int


class Decisions:
    """The decisions of one run under one filter."""

    def __init__(self, engine: duckdb.DuckDBPyConnection, file: Path, wanted: Wanted) -> None:
        self._engine = engine
        self._from = f"from read_parquet({literal(str(file))})"
        tests, self._values = self._tests(wanted)
        self._where = f"{self._from} where {' and '.join(tests)}" if tests else self._from

    def counted(self) -> Counted:
        """How many there are, and what is paid."""
        row = self._engine.execute(
            f"""select count(*), count(distinct reference), count(distinct coalesce(counted_for, payee)),
                coalesce(sum(amount_vnd), 0)::bigint {self._where}""",
            self._values,
        ).fetchone()
        assert row is not None
        return Counted(*row)

    def page(self, cut: Cut) -> list[Told]:
        """One page, the newest payment first."""
        rows = self._engine.execute(
            f"""select {TOLD_COLUMNS} {self._where}
                order by paid_at desc, reference desc, policy, reward limit {cut.per_page} offset {cut.offset}""",
            self._values,
        ).fetchall()
        return [Told(*row) for row in rows]

    def every(self) -> Iterator[Told]:
        """All, in the order of the file: by reward, then time."""
        found = self._engine.execute(f"select {TOLD_COLUMNS} {self._where}", self._values)
        pieces = iter(lambda: found.fetchmany(_AT_ONCE), [])
        return (Told(*row) for row in chain.from_iterable(pieces))

    def _tests(self, wanted: Wanted) -> tuple[list[str], list[object]]:
        tests: list[str] = []
        values: list[object] = []

        def ask(test: str, *given: object) -> None:
            tests.append(test)
            values.extend(given)

        if wanted.asked:
            names = spellings(wanted.asked)
            ask("(payee in (select unnest(?)) or reference in (select unnest(?)) or counted_for in (select unnest(?)))",
                names, names, names)  # fmt: skip
        for column, word in (("reason", wanted.reason), ("payee_role", wanted.role)):
            if word:
                ask(f"{column} = ?", word)
        if wanted.reward:
            ask("reward = ?", wanted.reward)
        if wanted.day is not None:
            ask("left(paid_at, 10) = ?", wanted.day.isoformat())
        if wanted.zone:
            ask("payee_role = 'merchant'")
            ask("reason not in (select unnest(?))", list(NOT_HERE))
            ask("payee in (select unnest(?))", self._sellers_in(wanted.zone))
        return tests, values

    def _sellers_in(self, zone: str) -> list[str]:
        rows = self._engine.execute(f"select distinct payee {self._from} where payee_role = 'merchant'").fetchall()
        codes = [payee for (payee,) in rows]
        where = zones_of(codes)
        return [code for code in codes if where.get(code, NO_ZONE) == zone]


@contextmanager
def decisions_of(folder: Path, wanted: Wanted) -> Iterator[Decisions]:
    """The decisions in a run's folder. Raises NotFoundError where they are no longer kept."""
    file = run_file(folder, DECISIONS)
    with duckdb.connect() as engine:
        yield Decisions(engine, file, wanted)


def reasons_in(folder: Path) -> Sequence[str]:
    """The reasons that a run gave, the most frequent first."""
    with duckdb.connect() as engine:
        rows = engine.execute(
            f"""select reason from read_parquet({literal(str(folder / DECISIONS))})
                group by reason order by count(*) desc, reason"""
        ).fetchall()
    return [reason for (reason,) in rows]

"""What somebody asked about: a payment, a customer or a merchant; their payments and where they stand, explained."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from app.cashback.explanation import Explained, explained, undecided
from app.cashback.models import CashbackRun
from app.cashback.queries import run_folder
from app.cashback.results import DECISIONS
from app.cashback.rules import Reason
from app.cashback.standings import Standing, standings_of
from app.transactions.line_sql import literal
from app.web.paging import Cut, Page

_DIGITS_MIN = 8
_SILENT = Reason.OUTSIDE_DATES.word


@dataclass(frozen=True, slots=True)
class Decided:
    """A run whose folder is there."""

    run: CashbackRun
    folder: Path


@dataclass(frozen=True, slots=True)
class Verdict:
    """One reward's decision and the run it stands in."""

    run_id: int
    version_id: int
    explained: Explained


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment with what every reward said about it."""

    reference: str
    paid_at: str
    amount_vnd: int
    verdicts: tuple[Verdict, ...]

    @property
    def earned_vnd(self) -> int:
        """What it earned somebody."""
        return sum(each.explained.told.amount_vnd for each in self.verdicts)

    @property
    def best(self) -> Verdict:
        """The one decision to tell where there is room for one: granted, else the one that came nearest."""
        return max(self.verdicts, key=lambda each: Reason[each.explained.told.reason.upper()].nearness)


def decided(facts_dir: Path, runs: Iterable[CashbackRun]) -> list[Decided]:
    """The runs whose decisions can be read."""
    found = [Decided(run, run_folder(facts_dir, run.id)) for run in runs]
    return [each for each in found if (each.folder / DECISIONS).is_file()]


def spellings(asked: str) -> list[str]:
    """The ways in which a report may write what was asked for.

    >>> spellings("0987 654 321")
    ['0987 654 321', '0987654321', '84987654321', '+84987654321', '987654321']
    >>> spellings("hk-863dm2 ")
    ['hk-863dm2', 'HK-863DM2', 'hk863dm2']
    """
    plain = asked.strip()
    digits = "".join(letter for letter in plain if letter not in " .-\u00a0")
    national = digits.removeprefix("+")
    found = [plain, plain.upper(), digits]
    if national.isascii() and national.isdigit() and len(national) >= _DIGITS_MIN:
        core = national.removeprefix("84") if national.startswith("84") else national.removeprefix("0")
        found += [f"0{core}", f"84{core}", f"+84{core}", core]
    return list(dict.fromkeys(found))


def payments_of(sources: Sequence[Decided], names: Sequence[str], cut: Cut, *, role: str = "") -> Page[Payment]:
    """One page of the payments that bear one of these names as reference, customer or merchant, the newest first.

    With `role` only rewards for it are looked at and told.
    """
    if not sources:
        return cut.page([], 0)
    references, total = _references([each.folder for each in sources], names, cut, role)
    told: dict[str, list[Verdict]] = defaultdict(list)
    for each in sources:
        for reference, found in explained(each.folder, references).items():
            told[reference] += [
                Verdict(each.run.id, each.run.policy_version_id, one)
                for one in found
                if not role or (one.told.role == role and one.told.payee in names)
            ]
    spoken = {reference: _without_silence(told[reference]) for reference in references if told[reference]}
    return cut.page([_payment(verdicts) for verdicts in spoken.values()], total)


def _without_silence(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """What was said, without the versions of a policy that were not in force that day beside one that was."""
    decided = {each.explained.policy.policy_id for each in verdicts if each.explained.told.reason != _SILENT}
    return [
        each
        for each in verdicts
        if each.explained.told.reason != _SILENT or each.explained.policy.policy_id not in decided
    ]


def _payment(verdicts: Sequence[Verdict]) -> Payment:
    first = verdicts[0].explained.told
    return Payment(first.reference, first.paid_at, first.line_amount_vnd, tuple(verdicts))


def _references(folders: Sequence[Path], names: Sequence[str], cut: Cut, role: str) -> tuple[list[str], int]:
    files = ", ".join(literal(str(folder / DECISIONS)) for folder in folders)
    bears = "payee in (select unnest($1))"
    if role:
        bears += f" and payee_role = {literal(role)}"
    else:
        bears += " or reference in (select unnest($1)) or counted_for in (select unnest($1))"
    with duckdb.connect() as engine:
        engine.execute(
            f"""create table found as select reference, max(paid_at) as paid_at from read_parquet([{files}])
                where {bears} group by reference""",
            [list(names)],
        )
        total = engine.execute("select count(*) from found").fetchone()
        rows = engine.execute(
            "select reference from found order by paid_at desc, reference desc limit ? offset ?",
            [cut.per_page, cut.offset],
        ).fetchall()
    return [reference for (reference,) in rows], total[0] if total else 0


def left_undecided(sources: Sequence[Decided], names: Sequence[str]) -> list[str]:
    """What is known of a reference that no run decided: a reversal, or a refused line; nothing where it is unknown."""
    found = (undecided(each.folder, reference) for each in sources for reference in names)
    return list(dict.fromkeys(sentence for sentences in found for sentence in sentences))


def standings(sources: Sequence[Decided], names: Sequence[str], on: date) -> list[Standing]:
    """Where a party stands on a day under every run."""
    return [one for each in sources for one in standings_of(each.folder, names, on)]


def last_day(sources: Sequence[Decided], names: Sequence[str]) -> date | None:
    """The day of a party's last payment, None where they have none."""
    newest = payments_of(sources, names, Cut(1, 1)).items
    return date.fromisoformat(newest[0].paid_at[:10]) if newest else None

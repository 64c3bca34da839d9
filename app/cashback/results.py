"""A run's folder: decisions, refused lines, summary; whole or not at all, the same input giving the same bytes."""

import csv
import hashlib
import itertools
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from app.cashback.draws import Closed, Ticket, in_list, ticket_number, tickets_of
from app.cashback.engine import Decided, all_decisions_sql, eligible_lines
from app.cashback.seeds import Seeds, known_seeds
from app.errors import RefusedError
from app.paths import sweep_dead
from app.tables import rearm, write_csv
from app.transactions.intake import Intake
from app.transactions.line_sql import literal

DECISIONS, DECISIONS_CSV, REFUSED, SUMMARY = "decisions.parquet", "decisions.csv", "refused.csv", "summary.json"
REVERSALS, TICKETS = "reversals.csv", "tickets.csv"
_ALL = (DECISIONS, DECISIONS_CSV, REFUSED, REVERSALS, TICKETS, SUMMARY)
_PARQUET = b"PAR1"
_AT_ONCE = 10_000
_ROW_GROUP = 122_880
_DICTIONARY = 1000  # words repeat; references do not, and trying costs time


@dataclass(frozen=True, slots=True)
class Totals:
    """What a run came to, for the person who started it. `nameless`: granted to a merchant that no line names."""

    lines: int
    duplicates: int
    refused: int
    granted: int
    paid_vnd: int
    nameless: int
    nameless_vnd: int


def write_results(
    db: duckdb.DuckDBPyConnection,
    out: Path,
    intake: Intake,
    decided: Sequence[Decided],
    *,
    draw: tuple[str | None, Closed | None] = (None, None),
    with_csv: bool = False,
) -> Totals:
    """Writes the folder `out` and returns its totals. Raises RefusedError where `out` is a file."""
    with _whole_folder(out) as folder:
        _write_decisions(db, folder, decided, with_csv=with_csv)
        _write_refused(db, folder, intake)
        _write_reversals(db, folder, intake)
        draws = _write_draws(db, folder, decided, draw)
        rows = _counts(db, folder / DECISIONS)
        summary = _summary(intake, decided, rows, draws) | {"nameless": _nameless(db, folder / DECISIONS)}
        text = json.dumps(summary, ensure_ascii=False, indent=2, default=str)
        (folder / SUMMARY).write_text(text + "\n", encoding="utf-8", newline="\n")
        nameless = summary["nameless"]["granted"], summary["nameless"]["paid_vnd"]
    counts = intake.line_count, intake.duplicate_count, intake.refused_count
    return Totals(*counts, summary["granted"], summary["paid_vnd"], *nameless)


def read_summary(folder: Path) -> dict[str, Any]:
    """What a run's folder says of itself. Raises RefusedError where there is no run."""
    try:
        found: dict[str, Any] = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = {}
    if "policies" not in found or not _is_parquet(folder / DECISIONS):
        raise RefusedError(f"{folder} không chứa kết quả xét.", remedy="Hãy chạy choso cashback evaluate trước.")
    return found


def _is_parquet(file: Path) -> bool:
    """Whether the file begins and ends as a Parquet file does; one cut short or written over does not."""
    try:
        with file.open("rb") as opened:
            head = opened.read(len(_PARQUET))
            opened.seek(-len(_PARQUET), os.SEEK_END)
            return head == opened.read() == _PARQUET
    except OSError:
        return False


@contextmanager
def _whole_folder(out: Path) -> Iterator[Path]:
    """A folder beside `out` whose files move into it when all are written; the summary comes last."""
    if out.exists() and not out.is_dir():
        raise RefusedError(f"{out} là một tệp.", remedy="Hãy chọn một thư mục cho --out.")
    sweep_dead(out.parent, f".{out.name}.")
    beside = out.parent / f".{out.name}.{os.getpid()}"
    try:
        beside.mkdir(parents=True)
    except (FileExistsError, FileNotFoundError, NotADirectoryError, PermissionError) as error:
        raise RefusedError(f"Không tạo được thư mục {out}.", remedy="Hãy chọn chỗ khác cho --out.") from error
    try:
        yield beside
        if not out.exists():
            beside.replace(out)
            return
        for name in _ALL:
            if (beside / name).exists():
                (beside / name).replace(out / name)
            else:
                (out / name).unlink(missing_ok=True)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _write_decisions(
    db: duckdb.DuckDBPyConnection, folder: Path, decided: Sequence[Decided], *, with_csv: bool
) -> None:
    target = literal(str(folder / DECISIONS))
    db.execute(
        f"copy ({all_decisions_sql(decided)}) to {target} "
        f"(format parquet, compression snappy, row_group_size {_ROW_GROUP}, dictionary_size_limit {_DICTIONARY})"
    )
    if with_csv:
        text = literal(str(folder / DECISIONS_CSV))
        db.execute(f"copy (select * from read_parquet({target})) to {text} (format csv, header)")


def _write_refused(db: duckdb.DuckDBPyConnection, folder: Path, intake: Intake) -> None:
    found = db.execute("select file, line, reason from refused_lines order by file, line")
    some = iter(lambda: found.fetchmany(_AT_ONCE), [])
    rows = ((intake.files[file], line, reason) for file, line, reason in itertools.chain.from_iterable(some))
    write_csv(folder / REFUSED, ("file", "line", "reason"), rows)


def _write_reversals(db: duckdb.DuckDBPyConnection, folder: Path, intake: Intake) -> None:
    if intake.reversal_count:
        found = db.execute("select reference, reverses, in_force from reversals order by 1").fetchall()
        rows = ((reference, reverses, str(in_force).lower()) for reference, reverses, in_force in found)
        write_csv(folder / REVERSALS, ("reference", "reverses", "in_force"), rows)


def _write_draws(
    db: duckdb.DuckDBPyConnection,
    folder: Path,
    decided: Sequence[Decided],
    given: tuple[str | None, Closed | None],
) -> list[dict[str, Any]]:
    """`tickets.csv` with every ticket of every draw, and what the summary publishes of each."""
    seed, closed = given
    published: list[dict[str, Any]] = []
    listed: list[tuple[str | int, ...]] = []
    for found in decided:
        if not found.policy.has_draw:
            continue
        lines, seeds = eligible_lines(db, found.policy), known_seeds(found.policy, seed) or Seeds()
        for number, reward in enumerate(found.policy.rewards, 1):
            if reward.draw is None:
                continue
            name = found.policy.policy_id
            tickets = in_list(tickets_of(reward.draw, reward, lines), number, closed)
            tickets.sort(key=lambda one: (one.period, one.ticket))
            listed.extend(
                (name, number, one.period, one.ticket, one.party, _number(seeds.of(one.period), name, one))
                for one in tickets
            )
            published.append(
                {
                    "policy": name,
                    "reward": number,
                    "per": reward.draw.per,
                    "ticket_per": reward.draw.ticket_per,
                    "seed_sha256": reward.draw.seed_sha256,
                    "seed_per": reward.draw.seed_per,
                    "seed": seed,
                    "tickets": len(tickets),
                    "ticket_list_sha256": ticket_list_hash((one.period, one.ticket) for one in tickets),
                    "drawn_through": max(seeds.of_period, default=None),
                    "rule": "HMAC-SHA256(key=seed, message=policy + LF + period + LF + ticket), lowest first",
                }
            )
    if published:
        write_csv(folder / TICKETS, ("policy", "reward", "period", "ticket", "payee", "number"), listed)
    return published


def _number(seed: str | None, policy: str, ticket: Ticket) -> str:
    return ticket_number(seed, policy, ticket.period, ticket.ticket) if seed is not None else ""


def closed_tickets(path: Path) -> frozenset[tuple[int, str, str]]:
    """The tickets of a `tickets.csv` that was closed, for `Closed`. Raises RefusedError where it is none."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [(row["reward"], row["period"], rearm(row["ticket"])) for row in csv.DictReader(file)]
        return frozenset((int(reward), period, ticket) for reward, period, ticket in rows)
    except (OSError, ValueError, KeyError, TypeError, csv.Error):
        raise RefusedError(
            f"{path.name} không phải danh sách phiếu đã chốt.", remedy="Dùng tickets.csv của lần xét đã công bố."
        ) from None


def ticket_list_hash(tickets: Iterable[tuple[str, str]]) -> str:
    """SHA-256 of (period, ticket), one `period LF ticket` a line pair, sorted: published before the seed is known."""
    pairs = sorted(tickets)
    return hashlib.sha256("".join(f"{period}\n{ticket}\n" for period, ticket in pairs).encode()).hexdigest()


def _counts(db: duckdb.DuckDBPyConnection, decisions: Path) -> list[tuple[str, int, str, str, int, int]]:
    return db.execute(
        f"""select policy, reward, payee_role, reason, count(*), sum(amount_vnd)::bigint
            from read_parquet({literal(str(decisions))}) group by all order by all"""
    ).fetchall()


def _nameless(db: duckdb.DuckDBPyConnection, decisions: Path) -> dict[str, int]:
    """What was granted to nobody: `points: any` asks no merchant of a line, so a reward may have no payee."""
    found = db.execute(
        f"""select count(*), coalesce(sum(amount_vnd), 0)::bigint from read_parquet({literal(str(decisions))})
            where decision = 'granted' and payee = ''"""
    ).fetchone()
    assert found is not None
    return {"granted": found[0], "paid_vnd": found[1]}


def _summary(
    intake: Intake,
    decided: Sequence[Decided],
    rows: Sequence[tuple[str, int, str, str, int, int]],
    draws: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    granted = [row for row in rows if row[3] == "granted"]
    return {
        "lines": intake.line_count,
        "duplicates": intake.duplicate_count,
        "refused": intake.refused_count,
        "reversals": intake.reversal_count,
        "granted": sum(row[4] for row in granted),
        "paid_vnd": sum(row[5] for row in granted),
        "policies": [
            _policy_summary(found, intake, [row for row in rows if row[0] == found.policy.policy_id])
            for found in decided
        ],
        **({"draws": draws} if draws else {}),
    }


def _policy_summary(
    found: Decided, intake: Intake, rows: Sequence[tuple[str, int, str, str, int, int]]
) -> dict[str, Any]:
    policy = found.policy
    rewards = []
    for number, reward in enumerate(policy.rewards, 1):
        mine = [row for row in rows if row[1] == number]
        rewards.append({"reward": number, "to": reward.to, **_tally(mine, intake)})
    definition = asdict(policy)
    return {
        "policy": policy.policy_id,
        "version": policy.version,
        "title": policy.title,
        "source": policy.source,
        "engine": "fold" if found.why_folded else "sql",
        "why_fold": found.why_folded,
        **_tally(rows, intake),
        "rewards": rewards,
        "definition": definition,
    }


def _tally(rows: Sequence[tuple[str, int, str, str, int, int]], intake: Intake) -> dict[str, Any]:
    reasons: dict[str, int] = {}
    for row in rows:
        reasons[row[3]] = reasons.get(row[3], 0) + row[4]
    granted = reasons.get("granted", 0)
    return {
        "lines": intake.line_count,
        "duplicates": intake.duplicate_count,
        "refused": sum(reasons.values()) - granted,
        "granted": granted,
        "paid_vnd": sum(row[5] for row in rows),
        "reasons": dict(sorted(reasons.items())),
    }

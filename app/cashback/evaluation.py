"""One run from files to files: reports, policies and lists in, a folder of decisions out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.cashback.draws import Closed, check_seed
from app.cashback.engine import decide, open_database
from app.cashback.lists import load_lists
from app.cashback.policy_file import read_policy
from app.cashback.results import Totals, write_results
from app.cashback.rules import Policy
from app.cashback.spark import decide_on_spark
from app.errors import RefusedError
from app.transactions.intake import Received, take_reports
from app.transactions.report_files import scratch_folder


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be decided."""

    policies: tuple[Policy, ...]
    reports: tuple[Path | Received, ...]
    points: Path | Collection[str] | None = None
    subscribers: Path | None = None
    seed: str | None = None
    closed: Closed | None = None  #: the closed ticket lists of the draws: whatever came later takes no part
    spark_master: str | None = None


def read_policies(paths: Sequence[Path]) -> tuple[Policy, ...]:
    """The policies of several files; each name once."""
    policies = tuple(read_policy(path) for path in paths)
    names = [policy.policy_id for policy in policies]
    for path, name in zip(paths, names, strict=True):
        if names.count(name) > 1:
            raise RefusedError(f"{path.name}: chính sách {name} có trong hai tệp.", remedy="Mỗi lần chạy dùng một bản.")
    return policies


def evaluate(task: Task, out: Path, *, with_csv: bool = False) -> Totals:
    """Decides and writes the folder `out`. Where a whole file is refused (RefusedError), nothing is written."""
    if task.seed is not None:
        for policy in task.policies:
            check_seed(policy, task.seed)
    db = open_database()
    try:
        load_lists(db, task.points, task.subscribers)
        intake = take_reports(db, task.reports)
        if task.spark_master is None:
            decided = decide(db, task.policies, task.seed, task.closed)
            return write_results(db, out, intake, decided, draw=(task.seed, task.closed), with_csv=with_csv)
        with scratch_folder() as folder:
            decided = decide_on_spark(db, task.policies, task.spark_master, Path(folder))
            return write_results(db, out, intake, decided, with_csv=with_csv)
    finally:
        db.close()

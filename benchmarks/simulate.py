"""How soon a trial answers when a slider moves: python benchmarks/simulate.py [--lines 100000].

Facts are warm, as on the page. Each turn decides the draft anew and sums up cost, days, reasons, caps, gains and losses
against the version in use. Best, median and worst of ten turns; processor seconds beside wall seconds.
"""

import argparse
import hashlib
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from cashback import make_report

from app.cashback import simulation
from app.cashback.engine import open_database
from app.cashback.lists import load_lists
from app.cashback.queries import shipped
from app.cashback.rules import Policy
from app.transactions.intake import take_reports

TURNS = 10
SEED = "thử"
POLICIES = ("qr-experience-point", "top-up-10", "qr-voucher")


def ready(policy: Policy) -> Policy:
    """The policy with a seed that is known here."""
    sha256 = hashlib.sha256(SEED.encode()).hexdigest()
    rewards = tuple(
        replace(reward, draw=replace(reward.draw, seed_sha256=sha256)) if reward.draw else reward
        for reward in policy.rewards
    )
    return replace(policy, rewards=rewards)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=100_000)
    lines: int = parser.parse_args().lines
    known = {each.policy.policy_id: ready(each.policy) for each in shipped()}
    with tempfile.TemporaryDirectory() as folder:
        report, points = Path(folder) / "report.csv", Path(folder) / "points.csv"
        make_report(report, points, lines)
        db = open_database()
        load_lists(db, points, None)
        intake = take_reports(db, (report,))
        for name in POLICIES:
            simulation.tried(db, known[name], intake, SEED, table="live")
            turns = []
            for turn in range(TURNS):
                wall, cpu = time.perf_counter(), time.process_time()
                simulation.tried(db, replace(known[name], budget_vnd=20_000_000 + turn), intake, SEED)
                simulation.touched(db)
                simulation.changes(db, 10, gains=True)
                simulation.changes(db, 10, gains=False)
                simulation.parties_at_cap(db, 10)
                turns.append((time.perf_counter() - wall, time.process_time() - cpu))
            walls, cpus = zip(*turns, strict=True)
            told = " / ".join(f"{seconds:.2f}" for seconds in (min(walls), statistics.median(walls), max(walls)))
            print(f"{name}, {lines:,} lines: {told} s a turn, {statistics.median(cpus):.2f} s of processor")
        db.close()


if __name__ == "__main__":
    main()

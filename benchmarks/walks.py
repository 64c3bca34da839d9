"""A hundred thousand random steps over accounts, stalls, sign-ins and older copies: how many one-person ways to paper.

    python benchmarks/walks.py [--steps 100000] [--walk 80]

Exit 1 where there is one (the shortest walk that leads there is printed). Takes 20 to 60 minutes; the suite walks a few
hundred steps of the same machine each time (tests/registry/test_one_person.py).
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from hypothesis import HealthCheck, Phase, settings  # noqa: E402 - after the path
from hypothesis.stateful import run_state_machine_as_test  # noqa: E402

from tests.registry.test_one_person import Walk  # noqa: E402
from tests.registry.walking import World  # noqa: E402


def main() -> int:
    """Walks until so many steps are taken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--walk", type=int, default=80, help="steps of one walk")
    wanted = parser.parse_args()
    begun, walks = time.monotonic(), 0
    with tempfile.TemporaryDirectory(prefix="choso-walks-") as folder:
        Walk.world = World(Path(folder) / "walk")
        Walk.steps = 0
        while Walk.steps < wanted.steps:
            run_state_machine_as_test(
                Walk,
                settings=settings(
                    max_examples=50,
                    stateful_step_count=wanted.walk,
                    deadline=None,
                    database=None,
                    derandomize=False,
                    phases=(Phase.generate, Phase.shrink),
                    suppress_health_check=list(HealthCheck),
                ),
            )
            walks += 50
            told = f"{Walk.steps} steps in about {walks} walks, 0 one-person ways, {time.monotonic() - begun:.0f} s"
            print(told, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

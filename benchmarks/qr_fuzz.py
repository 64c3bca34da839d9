"""200,000 bent payloads: no crash, none wrongly accepted or refused, against an independent reading of the standards.

Run: python -m benchmarks.qr_fuzz [count] [seed]
"""

import sys
import time

from app.qr import inspect
from tests.qr.fuzzing import bent_payloads
from tests.qr.test_fuzz import disagreement


def main(count: int, seed: int) -> int:
    started = time.process_time()
    wrong = crashed = accepted = 0
    for payload in bent_payloads(count, seed):
        try:
            fault = disagreement(payload)
            accepted += inspect(payload).valid
        except Exception as crash:  # noqa: BLE001 - crashes are what is counted
            crashed += 1
            print(f"crash {crash!r}: {payload!r}")
            continue
        if fault:
            wrong += 1
            print(f"{fault}: {payload!r}")
    spent = time.process_time() - started
    print(f"{count} payloads, {accepted} accepted, {wrong} judged wrongly, {crashed} crashes, {spent:.0f} s CPU")
    return 1 if wrong or crashed else 0


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    sys.exit(main(*numbers, *(200_000, 1)[len(numbers) :]))

"""How many photos of a moderate set are read, whether ever wrongly, and how long it takes.

Run: python -m benchmarks.qr_photos [photos a scene]      (figures in README: 95 % read, 0 wrong, 30 ms median)
"""

import statistics
import sys
import time

from app.qr import vietqr
from app.qr.photo import read_photo
from tests.qr.photos import MODERATE, jpeg, photo


def main(photos_a_scene: int) -> None:
    every: list[float] = []
    read = wrong = 0
    print(f"{'scene':<22}{'read %':>8}{'median ms':>11}{'worst ms':>10}")
    for name, scene in MODERATE.items():
        times: list[float] = []
        here = 0
        for number in range(photos_a_scene):
            payload = vietqr("970436", f"{number:013d}", name="TIEM VI DU", memo="SAP 12 CHO DONG HA")
            shot = jpeg(photo(payload, scene, seed=number), scene.quality)
            started = time.process_time()
            found = read_photo(shot)
            times.append(1000 * (time.process_time() - started))
            here += [code.text for code in found] == [payload]
            wrong += any(code.text != payload for code in found)
        every += times
        read += here
        print(f"{name:<22}{100 * here / photos_a_scene:>8.0f}{statistics.median(times):>11.1f}{max(times):>10.1f}")
    print(f"{'all':<22}{100 * read / len(every):>8.1f}{statistics.median(every):>11.1f}{max(every):>10.1f}")
    print(f"wrong: {wrong}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)

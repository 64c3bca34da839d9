"""How a text is best cut into numeric, alphanumeric and byte segments: the fewest bits, so the smallest symbol.

Every segment pays for its mode and count; which cut is best depends on where those pay off, and `qrcode`'s own cut
leaves one payload in twenty (of those with small letters, one in two) a version too large. Source: ISO/IEC 18004:2015,
7.4.3-7.4.5 and table 3; the method (a shortest path over characters and modes) is that of Nayuki, "Optimal text
segmentation for QR Codes".
"""

import re
from functools import cache

from qrcode import util

NUMERIC, ALPHANUMERIC, BYTES = util.MODE_NUMBER, util.MODE_ALPHA_NUM, util.MODE_8BIT_BYTE
_MODES = (NUMERIC, ALPHANUMERIC, BYTES)
#: Cost of a character in each mode, in sixths of a bit: 10 bits hold three digits, 11 bits two signs, 8 bits a byte.
_SIXTHS = (20, 33, 48)
#: Digits, other signs of the alphanumeric set, all else. A cut inside a run never pays: the next sign of a run costs
#: more in any wider mode than it saves in its own, whatever is rounded.
_RUNS = re.compile(rb"([0-9]+)|([A-Z $%*+\-./:]+)|[^0-9A-Z $%*+\-./:]+")
_NEVER = 1 << 60
#: One version of each group of count lengths.
GROUPS = (9, 26, 40)


def best_segments(data: bytes, version: int) -> list[util.QRData]:
    """The segments that need the fewest bits in a symbol of this version (all of its group alike).

    >>> [len(each) for each in best_segments(b"QRIBFTTA", 5)], [len(each) for each in best_segments(b"A000000727", 5)]
    ([8], [1, 9])
    """
    segments: list[util.QRData] = []
    start = end = 0
    last = 0
    for mode, length in _path(data, _begins(version)):
        if mode != last and end:
            segments.append(util.QRData(data[start:end], mode=last, check_data=False))
            start = end
        last, end = mode, end + length
    return [*segments, util.QRData(data[start:end], mode=last, check_data=False)]


@cache
def _begins(version: int) -> tuple[int, ...]:
    """What opening a segment of each mode costs, in sixths of a bit."""
    return tuple(6 * (4 + util.length_in_bits(mode, version)) for mode in _MODES)


def _path(data: bytes, begins: tuple[int, ...]) -> list[tuple[int, int]]:
    """Mode and length of each run on the cheapest way; every run may stand in a byte segment, so there is one."""
    costs = [_NEVER, _NEVER, _NEVER]
    entered, came = begins, (0, 1, 2)
    ways: list[tuple[int, tuple[int, ...]]] = []
    for run in _RUNS.finditer(data):
        length = run.end() - run.start()
        first = 0 if run[1] else 1 if run[2] else 2
        sources = tuple(came[at] if entered[at] < costs[at] else at for at in range(3))
        costs = [min(costs[at], entered[at]) + length * _SIXTHS[at] if at >= first else _NEVER for at in range(3)]
        ways.append((length, sources))
        # a part of a bit is lost where a segment ends: rounded up before another is opened
        ends = [-(-cost // 6) * 6 for cost in costs]
        cheapest = ends.index(min(ends))
        entered, came = tuple(ends[cheapest] + begin for begin in begins), (cheapest,) * 3
    at = min(range(3), key=lambda each: -(-costs[each] // 6))
    path = []
    for length, sources in reversed(ways):
        path.append((_MODES[at], length))
        at = sources[at]
    return path[::-1]

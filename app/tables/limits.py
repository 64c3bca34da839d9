"""What no list looks like that a person would send: told by counting bytes, before anything is taken apart.

A line without end or of a million columns costs a reader of cells minutes and gigabytes; looking at its bytes costs
milliseconds.
"""

import re

LINE_BYTES_MAX = 131_072  # of Python's csv for one cell; no row of people or payments comes near
CELLS_MAX = 20_000_000
NULS_MAX = 1_000
_BLOCK = LINE_BYTES_MAX // 2
_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1f]")
_CONTROL_SHARE_MAX = 0.01
_CONTROL_MIN = 20
_SAMPLE_BYTES = 100_000


def endless_line(data: bytes) -> int:
    """The number of a line longer than LINE_BYTES_MAX, counted from 1; 0 where there is none.

    Whoever is longer fills one of the blocks that half of it makes.
    """
    for start in range(0, len(data) - _BLOCK + 1, _BLOCK):
        if _first_end(data, start, start + _BLOCK) is None:
            since = max(0, start - LINE_BYTES_MAX)
            begin = max(since, data.rfind(b"\n", since, start) + 1, data.rfind(b"\r", since, start) + 1)
            end = _first_end(data, start + _BLOCK, begin + LINE_BYTES_MAX + 1)
            if end is None and begin + LINE_BYTES_MAX < len(data):
                return (data.count(b"\n", 0, begin) or data.count(b"\r", 0, begin)) + 1
    return 0


class OpenLine:
    """The same for a file that comes in pieces: give it each, and ask whether a line has grown too long."""

    def __init__(self) -> None:
        self._length = 0

    def is_endless(self, piece: bytes) -> bool:
        """Whether the line that was open, or one within this piece, is longer than LINE_BYTES_MAX."""
        first = _first_end(piece, 0, len(piece))
        if first is None:
            self._length += len(piece)
            return self._length > LINE_BYTES_MAX
        is_long = self._length + first > LINE_BYTES_MAX or endless_line(piece) > 0
        self._length = len(piece) - 1 - max(piece.rfind(b"\n"), piece.rfind(b"\r"))
        return is_long


def has_many_controls(data: bytes) -> bool:
    """Whether the beginning holds more control characters than damaged text does."""
    odd = len(_CONTROL.findall(data, 0, _SAMPLE_BYTES))
    return odd > max(_CONTROL_MIN, min(len(data), _SAMPLE_BYTES) * _CONTROL_SHARE_MAX)


def _first_end(data: bytes, start: int, end: int) -> int | None:
    newline = data.find(b"\n", start, end)
    carriage = data.find(b"\r", start, end if newline < 0 else newline)
    return carriage if carriage >= 0 else newline if newline >= 0 else None

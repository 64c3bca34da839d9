"""The square of modules for a text, ready to be drawn by whoever has ink.

The text is cut into the segments that need the fewest bits (`app.qr.segments`); codewords are counted a byte at a time
(`app.qr.codewords`), placing and masking is done on whole squares as integers (`app.qr.frame`), for both are most of
the cost of a printed lot when done bit by bit. The result is module for module what `qrcode` itself would give for the
same segments. zxing-cpp only ever reads what is drawn.

EMVCo QRCPS-MPM v1.1, 4.12.1.1 asks for byte mode throughout. Mixed modes are one to three versions smaller, and larger
modules are what an old telephone reads: every reader that was tried takes them (docs/qr.md names them).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from qrcode import util

from app.qr.codewords import codewords
from app.qr.frame import LEVELS, Level, format_bits, frame_of
from app.qr.segments import GROUPS, best_segments

QUIET_MODULES = 4
VERSION_MAX = 40
_DARK_RUN = re.compile("1+")


class SymbolError(ValueError):
    """The text does not fit into a QR code; `str()` is Vietnamese."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A QR code without its quiet zone.

    `size` is the number of modules a side; `rows` run from the top, one integer each, its highest bit (size - 1)
    the left module, 1 for dark. `level` is the error correction it really has, which may be higher than asked (see
    `symbol`).
    """

    size: int
    rows: tuple[int, ...]
    version: int
    level: Level
    mask: int

    def is_dark(self, x: int, y: int) -> bool:
        """Whether the module in column x of row y (from the top left, 0) is dark."""
        return bool(self.rows[y] >> (self.size - 1 - x) & 1)

    def runs(self) -> Iterator[tuple[int, int, int]]:
        """Dark rectangles one module high as (x, y, width) in modules, from the top left, row by row."""
        for y, row in enumerate(self.rows):
            for run in _DARK_RUN.finditer(f"{row:0{self.size}b}"):
                yield run.start(), y, run.end() - run.start()

    def pdf_path(self) -> str:
        """The dark modules as PDF operators ("x y w 1 re ... f"), origin at the bottom left, one unit a module.

        Set colour and scale first; the quiet zone of 4 modules is the caller's to keep.
        """
        top = self.size - 1
        return " ".join([*(f"{x} {top - y} {width} 1 re" for x, y, width in self.runs()), "f"])


@lru_cache(maxsize=4096)
def symbol(payload: str, ec: Level = "M") -> Symbol:
    """The smallest QR code that holds the text at this error correction or better.

    Where a higher level fits into the same version it is taken: sturdier at no cost. Text outside ASCII is stored
    as UTF-8. About 1 ms of CPU for a VietQR payload; results are kept, for reprints are the norm. Raises
    SymbolError when too long.
    """
    data = payload.encode()
    if not data:
        raise SymbolError("Không có gì để vẽ thành mã QR.")
    segments, version = _smallest(data, LEVELS[ec])
    level = _best_level(segments, version, ec)
    return _masked(version, level, codewords(version, LEVELS[level], segments))


def _smallest(data: bytes, level: int) -> tuple[list[util.QRData], int]:
    """The best segments with the smallest version that holds them (ISO/IEC 18004:2015, table 7)."""
    first = 1
    for last in GROUPS:
        segments = best_segments(data, last)
        needed = _needed_bits(segments, last)
        for version in range(first, last + 1):
            if needed <= util.BIT_LIMIT_TABLE[level][version]:
                return segments, version
        first = last + 1
    raise SymbolError("Nội dung quá dài, không vẽ được thành mã QR.")


def _needed_bits(segments: list[util.QRData], version: int) -> int:
    sizes = util.mode_sizes_for_version(version)
    return sum(4 + sizes[segment.mode] + _bits(segment) for segment in segments)


def _best_level(segments: list[util.QRData], version: int, least: Level) -> Level:
    needed_bits = _needed_bits(segments, version)
    order: tuple[Level, ...] = ("L", "M", "Q", "H")
    higher = order[order.index(least) + 1 :]
    fitting = [level for level in higher if needed_bits <= util.BIT_LIMIT_TABLE[LEVELS[level]][version]]
    return fitting[-1] if fitting else least


def _bits(segment: util.QRData) -> int:
    """Bits of a segment's characters (ISO/IEC 18004:2015, 7.4.3-7.4.5)."""
    length = len(segment)
    if segment.mode == util.MODE_NUMBER:
        return 10 * (length // 3) + (0, 4, 7)[length % 3]
    if segment.mode == util.MODE_ALPHA_NUM:
        return 11 * (length // 2) + 6 * (length % 2)
    return 8 * length


def _masked(version: int, level: Level, words: list[int]) -> Symbol:
    frame = frame_of(version)
    data_bits = "".join(f"{word:08b}" for word in words)
    # Two more bits than the symbol can hold: what fixed modules are copied from.
    source = data_bits.ljust(frame.data_modules, "0") + "01"
    placed = int("".join(frame.scatter(source)), 2)
    penalties = [frame.penalty(placed ^ mask) for mask in frame.masks]
    mask = penalties.index(min(penalties))
    return Symbol(
        frame.size, frame.rows(placed ^ frame.masks[mask] | format_bits(version, level, mask)), version, level, mask
    )

"""What all QR symbols of one version share: fixed patterns, the path of the data, the eight masks and their penalty.

A symbol is held as one integer: row after row from the top, the top left module in the highest bit, 1 for dark. Source:
ISO/IEC 18004:2015, 6.3 (patterns), 7.7.3 (placement), 7.8 (masks and penalty), 7.9 (format), 7.10 (version).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Literal

from qrcode import util
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_L, ERROR_CORRECT_M, ERROR_CORRECT_Q
from qrcode.main import QRCode

Level = Literal["L", "M", "Q", "H"]
LEVELS: dict[Level, int] = {"L": ERROR_CORRECT_L, "M": ERROR_CORRECT_M, "Q": ERROR_CORRECT_Q, "H": ERROR_CORRECT_H}
MASKS = range(8)
VERSION_INFORMATION_FROM = 7
TIMING_COLUMN = 6
RUN, BLOCK, FINDER = 5, 2, 11
BLOCK_PENALTY, FINDER_PENALTY, BALANCE_PENALTY = 3, 40, 10

Grid = list[list[bool | None]]


@dataclass(frozen=True, slots=True)
class Frame:
    """A version's geometry. `scatter` takes the data bits followed by "01" and gives every module's bit in reading
    order.
    """

    size: int
    data_modules: int
    scatter: Callable[[str], tuple[str, ...]]
    masks: tuple[int, ...]
    full: int
    starts: dict[int, int]

    def rows(self, square: int) -> tuple[int, ...]:
        """The square cut into rows from the top."""
        row = (1 << self.size) - 1
        return tuple(square >> (self.size * (self.size - 1 - y)) & row for y in range(self.size))

    def penalty(self, dark: int) -> int:
        """How hard a mask makes the symbol to read (7.8.3.1): runs, blocks, false finders, imbalance.

        The same sum as `qrcode.util.lost_point`, on all modules at once.
        """
        light = dark ^ self.full
        across, down = 1, self.size
        total = 0
        for step, starts in ((across, self.starts), (down, None)):
            for colour in (dark, light):
                total += _runs(colour, step, starts[RUN] if starts else self.full)
            total += FINDER_PENALTY * _finders(dark, light, step, starts[FINDER] if starts else self.full)
        for colour in (dark, light):
            pairs = colour & colour << across & self.starts[BLOCK]
            total += BLOCK_PENALTY * (pairs & pairs << down).bit_count()
        return total + self._imbalance(dark)

    def _imbalance(self, dark: int) -> int:
        # As `qrcode` counts it, floating point and all, so that both choose the same mask.
        share = float(dark.bit_count()) / (self.size**2)
        return int(abs(share * 100 - 50) / 5) * BALANCE_PENALTY


def _runs(colour: int, step: int, starts: int) -> int:
    """3 for five modules in a row, 1 for each further one: a run of n has n - 4 windows of five, and n - 2 points."""
    pairs = colour & colour << step
    windows = pairs & pairs << 2 * step & colour << 4 * step & starts
    return windows.bit_count() + 2 * (windows & ~(windows >> step)).bit_count()


def _finders(dark: int, light: int, step: int, starts: int) -> int:
    """Places that look like a finder: 1:1:3:1:1 with four light modules before or behind."""
    core = (
        dark
        & light << step
        & dark << 2 * step
        & dark << 3 * step
        & dark << 4 * step
        & light << 5 * step
        & dark << 6 * step
    )
    pairs = light & light << step
    margin = pairs & pairs << 2 * step
    return (core & margin << 7 * step & starts).bit_count() + (margin & core << 4 * step & starts).bit_count()


@cache
def frame_of(version: int) -> Frame:
    """The frame of a version, 1 to 40."""
    fixed = _fixed_patterns(version)
    size = len(fixed)
    order = tuple(_data_path(fixed))
    sources = [len(order) + int(bool(fixed[place // size][place % size])) for place in range(size * size)]
    for index, place in enumerate(order):
        sources[place] = index
    full = (1 << size * size) - 1
    masks = tuple(_square(size, (place for place in order if _inverts(mask, place, size))) for mask in MASKS)
    starts = {window: _columns(size, size - window + 1) for window in (RUN, BLOCK, FINDER)}
    return Frame(size, len(order), itemgetter(*sources), masks, full, starts)


@cache
def format_bits(version: int, level: Level, mask: int) -> int:
    """Dark modules of the format and version information."""
    code = _blank(version, LEVELS[level])
    code.setup_type_info(test=False, mask_pattern=mask)
    if version >= VERSION_INFORMATION_FROM:
        code.setup_type_number(test=False)
    size = code.modules_count
    return _square(size, (place for place in range(size * size) if code.modules[place // size][place % size]))


def _blank(version: int, level: int) -> QRCode:
    code = QRCode(version=version, error_correction=level)
    code.modules_count = 4 * version + 17
    code.modules = [[None] * code.modules_count for _ in range(code.modules_count)]
    return code


def _fixed_patterns(version: int) -> Grid:
    """Finders, timing, alignment, and light modules where format and version information will stand."""
    code = _blank(version, ERROR_CORRECT_M)
    for row, column in ((0, 0), (code.modules_count - 7, 0), (0, code.modules_count - 7)):
        code.setup_position_probe_pattern(row, column)
    code.setup_position_adjust_pattern()
    code.setup_timing_pattern()
    code.setup_type_info(test=True, mask_pattern=0)
    if version >= VERSION_INFORMATION_FROM:
        code.setup_type_number(test=True)
    grid: Grid = code.modules
    return grid


def _data_path(fixed: Grid) -> Iterator[int]:
    """Places of the data modules in the order of the bits: pairs of columns from the right, up and down by turns."""
    size = len(fixed)
    upward = True
    for right in range(size - 1, 0, -2):
        column = right - 1 if right <= TIMING_COLUMN else right
        for row in range(size - 1, -1, -1) if upward else range(size):
            for x in (column, column - 1):
                if fixed[row][x] is None:
                    yield row * size + x
        upward = not upward


def _inverts(mask: int, place: int, size: int) -> bool:
    return bool(util.mask_func(mask)(place // size, place % size))


def _square(size: int, places: Iterator[int]) -> int:
    top = size * size - 1
    return sum(1 << (top - place) for place in places)


def _columns(size: int, count: int) -> int:
    """The first `count` columns: where a window may start without running into the next row."""
    return _square(size, (y * size + x for y in range(size) for x in range(count)))

"""Workbooks of Excel 97 to 2003, written record by record: nothing on PyPI writes them any more."""

import struct
from collections.abc import Sequence
from datetime import datetime

_SECTOR = 512
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's clock has no zone
_MOMENT = 22  # the built-in number format m/d/yy h:mm


def old_workbook(rows: Sequence[Sequence[str | float | datetime]]) -> bytes:
    """A small .xls with one sheet named DS: BIFF8 in a compound file ([MS-XLS] 2.4, [MS-CFB] 2.2 to 2.6)."""
    begin_book = _record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 6))
    begin_sheet = _record(0x809, struct.pack("<HHHHII", 0x600, 16, 0, 0, 0, 6))
    formats = b"".join(_record(0xE0, struct.pack("<HH16x", 0, number)) for number in (0, _MOMENT))
    end = _record(0x0A, b"")
    name = "DS".encode("utf-16-le")
    start = len(begin_book + formats + end) + len(_record(0x85, bytes(8) + name))
    sheet = _record(0x85, struct.pack("<IBBBB", start, 0, 0, 2, 1) + name)
    cells = b"".join(_cell(row, column, cell) for row, each in enumerate(rows) for column, cell in enumerate(each))
    return _compound(begin_book + formats + sheet + end + begin_sheet + cells + end)


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _cell(row: int, column: int, cell: str | float | datetime) -> bytes:
    if isinstance(cell, str):
        text = struct.pack("<HHHHB", row, column, 0, len(cell), 1) + cell.encode("utf-16-le")
        return _record(0x204, text) if cell else b""
    if isinstance(cell, datetime):
        return _record(0x203, struct.pack("<HHHd", row, column, 1, (cell - _EPOCH).total_seconds() / 86_400))
    return _record(0x203, struct.pack("<HHHd", row, column, 0, float(cell)))


def _compound(stream: bytes) -> bytes:
    """The file system around the one stream: its header, one table of sectors, one folder, then the stream."""
    stream = stream.ljust(4096, b"\0")  # shorter ones live elsewhere
    stream += bytes(-len(stream) % _SECTOR)
    sectors = len(stream) // _SECTOR
    fat = struct.pack("<128i", -3, -2, *range(3, 2 + sectors), -2, *[-1] * (126 - sectors))
    folder = _entry("Root Entry", 5, 1, -2, 0) + _entry("Workbook", 2, -1, 2, len(stream)) + bytes(256)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6xIIiIIiIiI", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, -2, 0, -2, 0)
    return header + struct.pack("<109i", 0, *[-1] * 108) + fat + folder + stream


def _entry(label: str, kind: int, child: int, first: int, size: int) -> bytes:
    name = label.encode("utf-16-le").ljust(64, b"\0")
    tail = struct.pack("<HBBiii", len(label) * 2 + 2, kind, 1, -1, -1, child) + bytes(36)
    return name + tail + struct.pack("<iQ", first, size)

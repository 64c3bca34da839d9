"""Lists of invented points as a commune would send them."""

import csv
from collections.abc import Sequence
from pathlib import Path

HEADINGS = (
    "point_code", "zone", "row", "stall", "shop_name", "holder_name", "bank_bin", "account_number", "payload",
    "ghi_chu",
)  # fmt: skip


def row(number: int, **changes: str) -> dict[str, str]:
    """One good row; the account ends in the number."""
    return {
        "point_code": f"A01-{number:02}",
        "zone": "Chợ Mẫu",
        "row": "A01",
        "stall": f"{number:02}",
        "shop_name": f"Quầy hàng {number}",
        "holder_name": "Nguyễn Thị Mẫu",
        "bank_bin": "970436",
        "account_number": f"001100{number:07}",
        "payload": "",
        "ghi_chu": f"riêng {number}",
        **changes,
    }


def write(path: Path, rows: Sequence[dict[str, str]], headings: Sequence[str] = HEADINGS) -> Path:
    """A CSV file of the rows."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, headings, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))

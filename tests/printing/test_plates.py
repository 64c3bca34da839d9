"""What each printing plate carries: small dark type in black alone, every font subset under a name of its own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from app.factory.cli import run
from app.paper.colours import WHITE, Cmyk, contrast
from app.printing import lots
from tests.printing.lists import row, write

READ_ON_WHITE = 4.5


def made(tmp_path: Path, design: str, count: int = 1, *more: str) -> Path:
    names = ["Quách", "Đặng Thuỳ", "Vỹ Ngọc", "Phạm Ích", "Xuân Ưng"]
    rows = [row(number, shop_name=names[number % 5], holder_name=names[(number + 1) % 5]) for number in range(count)]
    data = write(tmp_path / "points.csv", rows)
    assert run(["print", "--design", design, "--data", str(data), "--out", str(tmp_path / "lot"), *more]) == 0
    return tmp_path / "lot" / "lot.pdf"


def type_in(page: pikepdf.Page | pikepdf.Object, scale: float = 1.0) -> Iterator[tuple[float, Cmyk]]:
    """Size in points and ink of every piece of text on a page, those of its forms too."""
    inks = [Cmyk(0, 0, 0, 100)]
    scales = [scale]
    size = 0.0
    for instruction in pikepdf.parse_content_stream(page):
        operands: Any = instruction.operands
        match str(instruction.operator):
            case "q":
                inks.append(inks[-1])
                scales.append(scales[-1])
            case "Q":
                inks.pop()
                scales.pop()
            case "cm":
                a, b = float(operands[0]), float(operands[1])
                scales[-1] *= (a * a + b * b) ** 0.5
            case "k":
                inks[-1] = Cmyk(*(100 * float(part) for part in operands))
            case "Tf":
                size = float(operands[1])
            case "TJ" | "Tj":
                yield size * scales[-1], inks[-1]
            case "Do":
                resources = page.Resources if isinstance(page, pikepdf.Object) else page.obj.Resources
                yield from type_in(resources.XObject[str(operands[0])], scales[-1])


@pytest.mark.parametrize(
    ("design", "more"),
    [
        ("standee-a6", ("--sheet", "a4")),
        ("receipt-slip", ()),
        ("volunteer-badge", ()),
        ("stall-sign", ("--theme", "sen")),
        ("poster-a4", ("--sheet", "a4")),
    ],
)
def test_dark_type_below_twelve_points_is_in_one_plate(design: str, more: tuple[str, ...], tmp_path: Path) -> None:
    with pikepdf.open(made(tmp_path, design, 1, *more)) as book:
        seen = list(type_in(book.pages[0]))
    small = [ink for size, ink in seen if size < 12 and contrast(ink, WHITE) >= READ_ON_WHITE]
    assert small
    assert {(ink.cyan, ink.magenta, ink.yellow) for ink in small} == {(0, 0, 0)}


def test_every_font_subset_has_a_name_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lots, "PIECES_PER_CHUNK", 2)
    with pikepdf.open(made(tmp_path, "keyring", 8)) as book:
        fonts = [thing for thing in book.objects if isinstance(thing, pikepdf.Dictionary) and "/FontFile2" in thing]
        names: dict[str, set[bytes]] = {}
        for font in fonts:
            names.setdefault(str(font.FontName), set()).add(font.FontFile2.read_bytes())
        assert {str(thing.BaseFont) for thing in book.objects if thing.get("/Type") == "/Font"} == names.keys()
    assert len(fonts) > 4, "several parts, each with subsets"
    assert all(len(files) == 1 for files in names.values())
    assert all(name[1:7].isalpha() and name[7] == "+" for name in names)

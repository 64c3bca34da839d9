"""Codes of every length in every payment design: clear of their neighbours, and printed or refused by row."""

import json
from collections.abc import Iterator
from math import hypot
from pathlib import Path

import pypdfium2
import pytest

from app.factory.cli import run
from app.paper.measures import Box, points
from app.paths import resource_dir
from app.printing.design_files import all_designs, load_design
from app.printing.designs import Design
from app.printing.elements import Code, Element, Emblem, Panel
from app.printing.fitting import fitting
from app.printing.orders import Order
from app.printing.payloads import Payee
from app.printing.points import Point
from app.printing.shelf import stock
from app.printing.themes import load_theme
from app.qr.emvco import field, seal
from app.qr.symbol import symbol
from app.qr.vietqr import vietqr
from tests.printing.lists import row, rows_of, write

FOLDER = resource_dir("printables") / "designs"
PAYMENT = [design.id for design in all_designs(FOLDER) if design.payment]


def payload(more: int, sign: str = "a") -> str:
    """A provider's code with so many characters of its own in templates 80 and up."""
    plain = vietqr("970436", "0011001234567", name="LE TY", city="HUE")[:-8]
    parts = [field(str(80 + at), field("00", sign * min(80, more - 80 * at))) for at in range(-(-more // 80))]
    return seal(plain + "".join(parts))


def lengths() -> Iterator[str]:
    """52 codes, from the shortest to one no standee holds."""
    for more in range(26):
        yield payload(more * 10 + 1, "A")
        yield payload(more * 10 + 1, "x")


def covers(panel: Element, box: Box) -> bool:
    """Whether a white panel, with its round corners, lies under the whole box."""
    if not (isinstance(panel, Panel) and panel.fill == "white"):
        return False
    there, radius = panel.box, panel.radius_mm
    left, top = box.x - there.x, box.y - there.y
    right, bottom = there.right - box.right, there.bottom - box.bottom
    if min(left, top, right, bottom) < -1e-9:
        return False
    corners = ((across, down) for across in (left, right) for down in (top, bottom))
    return all(hypot(max(0, radius - across), max(0, radius - down)) <= radius + 1e-9 for across, down in corners)


def meets(element: Element, box: Box) -> bool:
    if isinstance(element, Code) or (isinstance(element, Panel) and element.fill == "white"):
        return False
    if isinstance(element, Emblem) and element.plate == "white" and element.instead is None:
        return False
    there = element.box
    return there.x < box.right and box.x < there.right and there.y < box.bottom and box.y < there.bottom


@pytest.mark.parametrize("design", all_designs(FOLDER), ids=lambda design: design.id)
def test_nothing_reaches_into_the_white_around_a_code(design: Design) -> None:
    """Whatever the size of the symbol: its box holds both it and its quiet zone."""
    for code in design.codes:
        under = [at for at, each in enumerate(design.elements) if covers(each, code.box)]
        assert under, "a code lies on white paper"
        assert not [each for each in design.elements[under[-1] :] if meets(each, code.box)]


def test_a_stickers_symbol_is_fifty_millimetres_wide() -> None:
    (code,) = load_design(FOLDER, "sticker-80").codes
    for length in (80, 120, 200):
        size = symbol("x" * length, "Q").size
        assert code.box.width * size / (size + 8) >= 50


@pytest.mark.parametrize(
    ("design_id", "sheet", "size"),
    [
        ("stall-sign", "a4", (210, 297)),
        ("poster-a4", "a4", (210, 297)),
        ("poster-a3", "a3", (297, 420)),
        ("plate-heritage", "a3", (297, 420)),
    ],
)
def test_a_piece_as_large_as_office_paper_is_printed_on_it_without_marks(
    design_id: str, sheet: str, size: tuple[int, int], tmp_path: Path
) -> None:
    out, data = tmp_path / "lot", write(tmp_path / "points.csv", [row(1)])
    args = ["print", "--design", design_id, "--sheet", sheet, "--data", str(data), "--out", str(out)]
    assert run(args) == 0
    gate = json.loads((out / "gate.json").read_text(encoding="utf-8"))
    design = load_design(FOLDER, design_id)
    assert (gate["passed"], gate["bleed_mm"]) == (True, 0)
    assert gate["least_module_mm"] >= design.floor_mm(sheet) * 0.94, "what a raster can tell"
    page = pypdfium2.PdfDocument(out / "lot.pdf")[0]
    assert page.get_size() == pytest.approx([points(side) for side in size], abs=0.1)
    picture = page.render(scale=0.5, grayscale=True).to_pil()
    edge = round(points(4.5) * 0.5)
    inner = (edge, edge, picture.width - edge, picture.height - edge)
    assert picture.getbbox() is not None
    picture.paste(255, inner)
    assert picture.getextrema() == (255, 255), "nothing where the machine cannot print"


@pytest.mark.parametrize("design_id", PAYMENT)
def test_a_code_of_any_length_is_printed_or_refused_by_row(design_id: str) -> None:
    shelf, codes = stock(), list(lengths())
    order = Order(load_design(FOLDER, design_id), load_theme(shelf.themes, "default"))
    points = [
        Point(line, f"A{line}", shop_name="Bún", holder_name="Lê Tý", payee=Payee(code, "VCB", "4567"))
        for line, code in enumerate(codes, 2)
    ]
    found = fitting(order, points, shelf)
    assert len(found.points) + len(found.refusals) == len(codes) == 52
    assert all("ô mã chỉ còn" in refusal.reason for refusal in found.refusals)
    (code, *_), floor = order.design.codes, order.design.floor_mm("single")
    for point in found.points:
        (drawn, *_) = order.design.symbols_on("single", [point.payee.payload] * len(order.design.codes))
        assert code.box.width / (drawn.size + 8) >= floor
    refused = {refusal.line for refusal in found.refusals}
    plain = [len(symbol(point.payee.payload, "L").rows) for point in points if point.line in refused]
    assert all(code.box.width / (size + 8) < 1.35 * floor for size in plain), "none is refused that could be printed"


@pytest.mark.parametrize("design_id", ["stall-sign", "sticker-80", "standee-a5"])
def test_a_stall_whose_code_is_too_long_is_named_and_the_others_are_printed(
    design_id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Issue of the awning: 123 and 126 characters on the sign; of the sticker: 171 of mixed case and more."""
    named = vietqr("970436", "0011001234567", name="LE TY", city="HUE")
    long = [named, payload(9), payload(20, "x"), payload(800, "x")]
    data = write(tmp_path / "points.csv", [row(number, payload=code) for number, code in enumerate(long, 1)])
    out = tmp_path / "lot"
    assert run(["print", "--design", design_id, "--data", str(data), "--out", str(out)]) == 1
    assert "points.csv, dòng 5: mã QR dài" in capsys.readouterr().err
    assert [line["line"] for line in rows_of(out / "refused.csv")] == ["5"]
    gate = json.loads((out / "gate.json").read_text(encoding="utf-8"))
    assert (gate["passed"], gate["items"], (out / "lot.pdf").is_file()) == (True, 3, True)


def test_a_name_below_four_points_and_a_stall_with_two_accounts_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        row(1, holder_name="Nguyễn " * 42),
        row(2),
        row(3),
        row(3, account_number="0011009999999"),
        row(4),
        row(4),
        row(4, payload=vietqr("970436", "0011000000004", name="NGUYEN THI MAU")),
    ]
    out, data = tmp_path / "lot", write(tmp_path / "points.csv", rows)
    assert run(["print", "--design", "keyring", "--data", str(data), "--out", str(out)]) == 1
    told = capsys.readouterr().err
    assert "dòng 2: chữ “NGUYỄN NGUYỄN" in told
    assert "dưới 4 pt" in told
    assert "dòng 4: cùng mã điểm với dòng 5 nhưng khác tài khoản" in told
    assert "dòng 5: cùng mã điểm với dòng 4" in told
    printed = [line["point_code"] for line in rows_of(out / "manifest.csv")]
    assert printed == ["A01-02", "A01-04", "A01-04", "A01-04"], "the same account twice is only told"

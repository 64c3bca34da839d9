"""Planted faults: whatever is wrong on paper, the lot is not handed over and the piece is named."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Name

from app.paper import preflight
from app.paper.canvas import Part
from app.paper.gate import Expected, Mark, read_back
from app.paper.imposition import Layout, Place
from app.paper.measures import Box
from app.printing import designs, lots, press
from app.printing.contents import Content, content_of
from app.printing.design_files import load_design
from app.printing.designs import Design
from app.printing.lots import make_lot
from app.printing.orders import Order, Piece, Stock
from app.printing.points import Point, read_points
from app.printing.press import Press
from app.printing.shelf import stock, terms_of
from app.printing.themes import Theme, load_theme
from app.qr.frame import Level
from app.qr.symbol import Symbol, symbol
from app.qr.vietqr import vietqr
from tests.printing.lists import row, write

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
Tamper = Callable[[pytest.MonkeyPatch], None]


@pytest.fixture
def shelf() -> Stock:
    return stock()


@pytest.fixture
def order(shelf: Stock) -> Order:
    return Order(load_design(shelf.designs, "standee-a6"), load_theme(shelf.themes, "default"), "a4", "row")


@pytest.fixture
def items(tmp_path: Path, order: Order, shelf: Stock) -> Sequence[Point]:
    data = write(tmp_path / "points.csv", [row(number) for number in range(1, 9)])
    return read_points(data, terms_of(order.design, shelf)).points


def draw_wrong(number: int, instead: Callable[[str], str]) -> Tamper:
    """Draw another code than the point's own on one piece."""
    own = vietqr("970436", f"001100{number:07}")

    def tampered(text: str, level: Level) -> Symbol:
        return symbol(instead(text) if text == own else text, level)

    def apply(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(designs, "symbol", tampered)

    return apply


def swap_cells(patch: pytest.MonkeyPatch) -> None:
    """Draw the first two pieces of sheet 2 into each other's cells, and believe they lie where they should."""
    real = Press.draw_piece

    def draw(self: Press, part: Part, place: Place, point: Point) -> tuple[Piece, Expected]:
        other = {1: 2, 2: 1}.get(place.cell, place.cell) if place.sheet == 2 else place.cell
        piece, want = real(self, part, replace(place, cell=other), point)
        return replace(piece, cell=place.cell), at_cell(self.layout, want, place.cell)

    patch.setattr(Press, "draw_piece", draw)


def shift_a_cell(patch: pytest.MonkeyPatch) -> None:
    """Draw the third piece of sheet 1 a little too far to the right: its code is whole, its cut is not."""
    real = Press.draw_piece

    def draw(self: Press, part: Part, place: Place, point: Point) -> tuple[Piece, Expected]:
        if (place.sheet, place.cell) != (1, 3):
            return real(self, part, place, point)
        whole = self.layout
        self.layout = whole.moved(1.5, 0)
        piece, want = real(self, part, place, point)
        self.layout = whole
        return piece, at_cell(whole, want, 3, self.layout.moved(1.5, 0))

    patch.setattr(Press, "draw_piece", draw)


def at_cell(layout: Layout, want: Expected, cell: int, drawn_on: Layout | None = None) -> Expected:
    """The same expectation for another cell of the sheet."""
    wrong, right = (drawn_on or layout).cells[want.cell - 1].trim, layout.cells[cell - 1].trim
    across, down = right.x - wrong.x, right.y - wrong.y
    marks = tuple(
        replace(mark, box=replace(mark.box, x=mark.box.x + across, y=mark.box.y + down)) for mark in want.marks
    )
    return replace(want, cell=cell, box=right, marks=marks)


@pytest.mark.parametrize(
    ("tamper", "where", "reason"),
    [
        (draw_wrong(6, lambda _: vietqr("970436", "0011000000001")), [(2, 2)], "của điểm A01-01"),
        (draw_wrong(3, lambda _: vietqr("970436", "999")), [(1, 3)], "khác với dữ liệu"),
        (draw_wrong(8, str.lower), [(2, 4)], "khác với dữ liệu"),
        (swap_cells, [(2, 1), (2, 2)], "của điểm"),
        (shift_a_cell, [(1, 3)], "mm so với chỗ của nó"),
    ],
    ids=["another point's code", "a stale account", "one changed letter case", "two cells swapped", "a shifted cell"],
)
def test_a_wrong_code_withholds_the_lot_and_is_named(
    order: Order,
    items: Sequence[Point],
    shelf: Stock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tamper: Tamper,
    where: list[tuple[int, int]],
    reason: str,
) -> None:
    out = tmp_path / "lot"
    assert make_lot(order, items, shelf, out, NOW).report.passed
    assert (out / "lot.pdf").exists()
    tamper(monkeypatch)
    report = make_lot(order, items, shelf, out, NOW).report
    coded = [failure for failure in report.failures if "mã QR" in failure.reason]
    assert [(failure.sheet, failure.cell) for failure in coded] == where
    assert all(reason in failure.reason for failure in coded)
    assert {(failure.sheet, failure.cell) for failure in report.failures} == set(where)
    assert not (out / "lot.pdf").exists()
    told = json.loads((out / "gate.json").read_text(encoding="utf-8"))
    assert (told["items"], told["read_back"]) == (8, 8 - len(where))
    assert (told["failures"][0]["sheet"], told["failures"][0]["cell"]) == where[0]


@pytest.fixture
def pdf(order: Order, items: Sequence[Point], shelf: Stock, tmp_path: Path) -> Path:
    make_lot(order, items, shelf, tmp_path / "good", NOW)
    return tmp_path / "good" / "lot.pdf"


def add(code: bytes) -> Callable[[pikepdf.Pdf], None]:
    def change(book: pikepdf.Pdf) -> None:
        page = book.pages[0]
        page.contents_add(code)

    return change


def drop(key: str) -> Callable[[pikepdf.Pdf], None]:
    def change(book: pikepdf.Pdf) -> None:
        del book.pages[1].obj[key]

    return change


def unembed(book: pikepdf.Pdf) -> None:
    for thing in book.objects:
        if isinstance(thing, pikepdf.Dictionary) and "/FontFile2" in thing:
            del thing["/FontFile2"]


def colour_symbol(book: pikepdf.Pdf) -> None:
    page = book.pages[0]
    code = page.Contents.read_bytes()
    assert b"0 0 0 1 k 0 0 7 1 re" in code
    page.Contents = book.make_stream(code.replace(b"0 0 0 1 k 0 0 7 1 re", b"0.6 0.4 0.4 1 k 0 0 7 1 re", 1))


def lose_a_glyph(book: pikepdf.Pdf) -> None:
    for font in book.pages[0].Resources.Font.values():
        meanings = font.ToUnicode.read_bytes()
        if b"<0C> <0000>" in meanings:
            font.ToUnicode = book.make_stream(meanings.replace(b"<0C> <0000>", b"<0C> <1EB6>"))
            return
    raise AssertionError("every code has a meaning")


def add_picture(colour: pikepdf.Name, pixel: bytes) -> Callable[[pikepdf.Pdf], None]:
    def change(book: pikepdf.Pdf) -> None:
        picture = book.make_stream(pixel)
        picture.Type, picture.Subtype, picture.Width, picture.Height = Name.XObject, Name.Image, 1, 1
        picture.ColorSpace, picture.BitsPerComponent = colour, 8
        book.pages[0].Resources.XObject.Bad = picture

    return change


def set_on_page(key: str, value: pikepdf.Object) -> Callable[[pikepdf.Pdf], None]:
    def change(book: pikepdf.Pdf) -> None:
        book.pages[0].obj[key] = value

    return change


def set_in_file(key: str, value: pikepdf.Object) -> Callable[[pikepdf.Pdf], None]:
    def change(book: pikepdf.Pdf) -> None:
        book.Root[key] = value

    return change


def forget_in_info(key: str) -> Callable[[pikepdf.Pdf], None]:
    def change(book: pikepdf.Pdf) -> None:
        del book.trailer.Info[key]

    return change


def swell(book: pikepdf.Pdf) -> None:
    book.pages[0].trimbox = pikepdf.Array([-5, -5, 900, 900])


@pytest.mark.parametrize(
    ("change", "sheet", "reason"),
    [
        (add(b"1 0 0 rg 0 0 5 5 re f"), 1, "ngoài CMYK"),
        (add(b"1 1 1 1 k 0 0 5 5 re f"), 1, "lượng mực 400"),
        (drop("/TrimBox"), 2, "TrimBox"),
        (swell, 1, "lồng nhau"),
        (unembed, 1, "chưa được nhúng"),
        (lambda book: book.Root.__delitem__("/OutputIntents"), 0, "OutputIntent"),
        (colour_symbol, 1, "riêng mực đen"),
        (lose_a_glyph, 1, "thiếu hình của Ặ"),
        (add_picture(Name.DeviceRGB, b"abc"), 1, "không phải CMYK"),
        (add_picture(Name.DeviceCMYK, b"\xff\xff\xff\xff"), 1, "lượng mực 400"),
        (set_on_page("/Group", pikepdf.Dictionary(S=Name.Transparency)), 1, "nhóm trong suốt"),
        (set_on_page("/Annots", pikepdf.Array([pikepdf.Dictionary(Subtype=Name.Link)])), 1, "ghi chú"),
        (set_in_file("/OpenAction", pikepdf.Dictionary(S=Name.JavaScript)), 0, "lệnh chạy"),
        (set_in_file("/Lang", pikepdf.String("en")), 0, "tiếng Việt"),
        (forget_in_info("/GTS_PDFXVersion"), 0, "PDF/X-1a"),
        (forget_in_info("/Trapped"), 0, "Trapped"),
        (forget_in_info("/Title"), 0, "tiêu đề"),
    ],
    ids=[
        "rgb", "too much ink", "no trim box", "boxes not nested", "font not embedded", "no output intent",
        "symbol in four inks", "a letter without shape", "rgb picture", "picture with too much ink", "transparent page",
        "something over the page", "a script", "not Vietnamese", "no standard", "trapping unsaid", "no title",
    ],
)  # fmt: skip
def test_what_a_print_shop_would_stumble_over_is_found(
    pdf: Path, tmp_path: Path, change: Callable[[pikepdf.Pdf], None], sheet: int, reason: str
) -> None:
    assert preflight.inspect(pdf) == []
    with pikepdf.open(pdf) as book:
        change(book)
        book.save(tmp_path / "bad.pdf")
    flaws = preflight.inspect(tmp_path / "bad.pdf")
    assert any(flaw.sheet == sheet and reason in flaw.reason for flaw in flaws)


def test_art_in_the_quiet_zone_is_found(pdf: Path, tmp_path: Path, order: Order, items: Sequence[Point]) -> None:
    cell = order.design.layout_on("a4").cells[0].trim
    with pikepdf.open(pdf) as book:
        # A bar two modules above the symbol, through the quiet zone of the first piece.
        top = (297 - cell.y) * 72 / 25.4
        book.pages[0].contents_add(f"0 1 1 0 k 60 {top - 115:.1f} 180 3 re f".encode())
        book.save(tmp_path / "crowded.pdf")
    modules = symbol(items[0].payee.payload, "M").size
    scale = order.design.scale_on("a4")
    white = order.design.codes[0].box
    quiet = white.width * 4 / (modules + 8)
    box = Box(
        cell.x + (cell.width - 105 * scale) / 2 + (white.x + quiet) * scale,
        cell.y + (white.y + quiet) * scale,
        (white.width - 2 * quiet) * scale,
        (white.width - 2 * quiet) * scale,
    )
    want = Expected(1, 1, cell, (Mark(box, modules, items[0].payee.payload),))

    def clear(file: Path) -> bool:
        return next(iter(read_back(file, [want]))).found[0].quiet_clear

    assert clear(pdf)
    assert not clear(tmp_path / "crowded.pdf")


def test_a_very_long_lot_is_inspected_part_by_part(
    order: Order, items: Sequence[Point], shelf: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.printing.gate.LONG_SHEETS", 1)
    monkeypatch.setattr(lots, "PIECES_PER_CHUNK", 4)
    looked: list[tuple[int, bool]] = []
    real = preflight.inspect

    def spy(pdf: Path, *, before: int = 0, finished: bool = True) -> list[preflight.Flaw]:
        looked.append((before, finished))
        return [*real(pdf, before=before, finished=finished), preflight.Flaw(before + 1, "thử")]

    monkeypatch.setattr("app.printing.gate.inspect", spy)
    report = make_lot(order, items, shelf, tmp_path / "lot", NOW).report
    assert looked == [(0, False), (1, False)]
    assert [failure.sheet for failure in report.failures] == [1, 2]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("  - {qr: payload, box: [20, 20, 22, 22]}\n", "nhỏ hơn mức"),
        ("  - {qr: payload, box: [1, 1, 60, 60]}\n  - {panel: [0, 0, 90, 4], fill: ink}\n", "lề trắng"),
        ("  - {qr: payload, box: [1, 1, 60, 60]}\n  - {panel: [20, 20, 22, 22], fill: accent}\n", "không đọc được"),
    ],
    ids=["modules too small for the distance", "art in the quiet zone", "something over the code"],
)
def test_a_design_that_cannot_be_scanned_is_withheld(tmp_path: Path, shelf: Stock, text: str, reason: str) -> None:
    (tmp_path / "mau.yaml").write_text(
        f"id: mau\ntitle: Mẫu\npurpose: thử\ntrim_mm: [90, 90]\ndistance_m: 0.4\nelements:\n{text}", encoding="utf-8"
    )
    design = load_design(tmp_path, "mau")
    points = read_points(write(tmp_path / "points.csv", [row(1)]), terms_of(design, shelf)).points
    report = make_lot(Order(design, load_theme(shelf.themes, "default")), points, shelf, tmp_path / "lot", NOW).report
    assert any(reason in failure.reason for failure in report.failures)
    assert {(failure.sheet, failure.cell) for failure in report.failures} == {(1, 1)}
    assert not (tmp_path / "lot" / "lot.pdf").exists()


def test_a_name_in_another_cell_is_found_even_if_the_codes_are_right(
    order: Order, items: Sequence[Point], shelf: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = content_of

    def swapped(point: Point, design: Design, theme: Theme) -> Content:
        content = real(point, design, theme)
        if point.point_code != "A01-03":
            return content
        return replace(content, values={**content.values, "shop_name": "Quầy hàng 4"})

    named = Press.draw_piece

    def draw(self: Press, part: Part, place: Place, point: Point) -> tuple[Piece, Expected]:
        piece, want = named(self, part, place, point)
        lines = tuple(line.replace("Quầy hàng 4", point.shop_name) for line in want.lines)
        return piece, replace(want, lines=lines)

    monkeypatch.setattr(press, "content_of", swapped)
    monkeypatch.setattr(Press, "draw_piece", draw)
    report = make_lot(order, items, shelf, tmp_path / "lot", NOW).report
    assert [(failure.sheet, failure.cell) for failure in report.failures] == [(1, 3)]
    assert "'Quầy hàng 3'" in report.failures[0].reason
    assert report.codes_right == 8

"""A code that nobody placed there: in a logo, on one sheet alone, beside the pieces. The lot stays and says where."""

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from pypdfium2 import PdfPage

from app.paper import stray
from app.paper.canvas import Part, symbol_path
from app.paper.gate import Expected
from app.paper.imposition import Place
from app.paper.logo_reader import draw_logo
from app.paper.measures import Box
from app.printing.design_files import load_design
from app.printing.gate import Report
from app.printing.lots import make_lot
from app.printing.orders import Order, Piece
from app.printing.points import Point, read_points
from app.printing.press import Press
from app.printing.shelf import stock, terms_of
from app.printing.themes import OwnLogo, Theme, ThemeError, load_theme, own_theme
from app.qr.symbol import symbol
from tests.conftest import PUBLIC_URL
from tests.printing.lists import row, write

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SHELF = stock()
ELSEWHERE = "https://chuyen-tien.example/abc"


def lot(folder: Path, design: str = "standee-a6", theme: Theme | None = None, sheet: str = "a4") -> Report:
    order = Order(load_design(SHELF.designs, design), theme or load_theme(SHELF.themes, "default"), sheet, "row")
    data = write(folder / "points.csv", [row(number) for number in range(1, 13)])
    points: Sequence[Point] = read_points(data, terms_of(order.design, SHELF)).points
    report = make_lot(order, points, SHELF, folder / "lot", NOW).report
    assert report.passed == (folder / "lot" / "lot.pdf").exists()
    return report


def drawn(side: int = 240) -> Image.Image:
    code = symbol(ELSEWHERE, "L")
    image = Image.new("RGB", (code.size + 8, code.size + 8), "white")
    paint = ImageDraw.Draw(image)
    for x, y, width in code.runs():
        paint.line([(x + 4, y + 4), (x + 3 + width, y + 4)], fill="black")
    return image.resize((side, side), Image.Resampling.NEAREST)


def logo_data(kind: str) -> bytes:
    if kind == "png":
        out = io.BytesIO()
        drawn(600).save(out, "PNG")
        return out.getvalue()
    code = symbol(ELSEWHERE, "L")
    rects = "".join(f"M{x} {y}h{width}v1h-{width}z" for x, y, width in code.runs())
    frame = f'xmlns="http://www.w3.org/2000/svg" viewBox="-4 -4 {code.size + 8} {code.size + 8}"'
    return f'<svg {frame}><path d="{rects}" fill="#1c1c1c"/></svg>'.encode()


def logo_theme(data: bytes, kind: str) -> Theme:
    """A theme whose logo holds a code, as if no door had refused it."""
    logo = OwnLogo(draw_logo(data, f".{kind}"))
    return replace(load_theme(SHELF.themes, "default"), logos={"provider": logo, "commune": logo})


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_a_theme_whose_logo_holds_a_code_is_refused(tmp_path: Path, kind: str) -> None:
    (tmp_path / f"logo.{kind}").write_bytes(logo_data(kind))
    path = tmp_path / "xa.yaml"
    path.write_text(f"extends: default\ntitle: Xã Mẫu\nlogos:\n  provider: {{file: logo.{kind}}}\n", encoding="utf-8")
    with pytest.raises(ThemeError, match="có mã quét"):
        own_theme(path, SHELF.themes)


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_a_logo_that_holds_a_code_withholds_the_lot_piece_by_piece(tmp_path: Path, kind: str) -> None:
    report = lot(tmp_path, theme=logo_theme(logo_data(kind), kind))
    assert {(failure.sheet, failure.cell) for failure in report.failures} == {
        (sheet, cell) for sheet in (1, 2, 3) for cell in (1, 2, 3, 4)
    }
    assert all("có thêm một mã QR" in failure.reason and ELSEWHERE in failure.reason for failure in report.failures)
    assert report.codes_right == 12
    assert report.read_back == 0


def dotted() -> bytes:
    """A code of dots, which no reader makes out as it stands."""
    code, step = symbol(ELSEWHERE, "L"), 16
    image = Image.new("RGB", ((code.size + 8) * step,) * 2, "white")
    paint = ImageDraw.Draw(image)
    for x, y, width in code.runs():
        for each in range(x, x + width):
            left, top = (each + 4) * step + 3, (y + 4) * step + 3
            paint.ellipse((left, top, left + step - 7, top + step - 7), fill=(10, 60, 120))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def test_a_code_of_dots_in_a_logo_withholds_the_lot(tmp_path: Path) -> None:
    report = lot(tmp_path, "stall-sign", logo_theme(dotted(), "png"), "single")
    assert any("có thêm một mã QR" in failure.reason and ELSEWHERE in failure.reason for failure in report.failures)


def plant(patch: pytest.MonkeyPatch, sheet: int, box: Box, *, whole: bool = True) -> None:
    """One more code on one sheet alone, as one path or rectangle by rectangle."""
    real = Press.draw_piece

    def draw(self: Press, part: Part, place: Place, point: Point) -> tuple[Piece, Expected]:
        made = real(self, part, place, point)
        if (place.sheet, place.cell) == (sheet, 2):
            code = symbol(ELSEWHERE, "L")
            for runs in [list(code.runs())] if whole else [[run] for run in code.runs()]:
                part.symbol(symbol_path(runs), code.size, box, self.layout.height_mm)
        return made

    patch.setattr(Press, "draw_piece", draw)


@pytest.mark.parametrize("whole", [True, False])
def test_one_code_too_many_on_one_sheet_is_named_with_its_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    plant(monkeypatch, 2, Box(193.3, 80.2, 9, 9), whole=whole)
    report = lot(tmp_path)
    assert [(failure.sheet, failure.cell, failure.point_code) for failure in report.failures] == [(2, 2, "A01-06")]
    assert "cách mép trái 198 mm, mép trên 85 mm" in report.failures[0].reason


def test_one_code_too_many_beside_the_pieces_is_named_with_its_sheet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = lot(tmp_path, "sticker-80")
    assert report.passed
    plant(monkeypatch, 1, Box(4, 120, 10, 10))
    report = lot(tmp_path, "sticker-80")
    assert [(failure.sheet, failure.cell) for failure in report.failures] == [(1, 0)], report.failures
    assert "cách mép trái 9 mm" in report.failures[0].reason


def test_the_art_that_all_sheets_share_is_searched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    searched, real = [], stray._search

    def counted(page: PdfPage, marks: Sequence[Box]) -> tuple[stray.Stray, ...]:
        searched.append(len(marks))
        return real(page, marks)

    monkeypatch.setattr(stray, "_search", counted)
    assert lot(tmp_path).passed
    assert searched == [4]


@pytest.mark.parametrize("design", sorted(path.stem for path in SHELF.designs.glob("*.yaml")))
def test_no_design_of_ours_holds_a_code_of_its_own(tmp_path: Path, design: str) -> None:
    theme = load_theme(SHELF.themes, "default")
    theme = replace(theme, texts={**theme.texts, "site": PUBLIC_URL})
    order = Order(load_design(SHELF.designs, design), theme)
    data = write(tmp_path / "points.csv", [row(1)])
    points = read_points(data, terms_of(order.design, SHELF)).points
    report = make_lot(order, points, SHELF, tmp_path / "lot", NOW).report
    assert not [failure for failure in report.failures if "có thêm" in failure.reason]

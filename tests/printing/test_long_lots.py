"""A long lot is made in chunks: a crash costs one of them, and nothing stale survives it."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.paper.gate import Expected
from app.paper.measures import PaperError
from app.printing import lots
from app.printing.design_files import load_design
from app.printing.gate import Measure, Verdict, read_sheets
from app.printing.lots import make_lot
from app.printing.orders import Order, Stock
from app.printing.points import Point, read_points
from app.printing.press import Entry, Press, Printed
from app.printing.shelf import stock, terms_of
from app.printing.themes import load_theme
from tests.printing.lists import row, write

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


class PowerCutError(Exception):
    pass


@pytest.fixture
def shelf() -> Stock:
    return stock()


@pytest.fixture
def order(shelf: Stock, monkeypatch: pytest.MonkeyPatch) -> Order:
    monkeypatch.setattr(lots, "PIECES_PER_CHUNK", 4)
    return Order(load_design(shelf.designs, "keyring"), load_theme(shelf.themes, "default"), "single", "row")


def points(order: Order, shelf: Stock, tmp_path: Path, **changes: str) -> Sequence[Point]:
    rows = [row(number, **(changes if number == 6 else {})) for number in range(1, 13)]
    return read_points(write(tmp_path / "points.csv", rows), terms_of(order.design, shelf)).points


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The first point of every chunk that is drawn."""
    seen: list[str] = []
    real = Press.draw

    def draw(self: Press, path: Path, entries: Sequence[Entry]) -> Printed:
        seen.append(entries[0][1].point_code)
        return real(self, path, entries)

    monkeypatch.setattr(Press, "draw", draw)
    return seen


def cut_at(what: str, done: int) -> Callable[[str, int, int], None]:
    def progress(doing: str, so_far: int, _all: int) -> None:
        if (doing, so_far) == (what, done):
            raise PowerCutError

    return progress


def test_what_was_drawn_before_a_crash_is_not_drawn_again(
    order: Order, shelf: Stock, tmp_path: Path, drawn: list[str]
) -> None:
    items, kept = points(order, shelf, tmp_path), tmp_path / "kept"
    with pytest.raises(PowerCutError):
        make_lot(order, items, shelf, tmp_path / "lot", NOW, on_progress=cut_at("in", 8), kept=kept)
    assert drawn == ["A01-01", "A01-05"]
    assert not (tmp_path / "lot").exists()
    later = NOW + timedelta(hours=1)
    made = make_lot(order, items, shelf, tmp_path / "lot", later, kept=kept)
    assert drawn == ["A01-01", "A01-05", "A01-09"]
    assert made.report.passed
    assert (made.report.items, made.report.read_back) == (12, 12)
    assert not kept.exists()
    whole = make_lot(order, items, shelf, tmp_path / "whole", NOW)
    assert whole.pdf_sha256 == made.pdf_sha256
    manifests = [(tmp_path / name / "manifest.csv").read_bytes() for name in ("lot", "whole")]
    assert manifests[0] == manifests[1]


def test_what_was_read_before_a_crash_is_not_read_again(
    order: Order, shelf: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    items, kept = points(order, shelf, tmp_path), tmp_path / "kept"
    with pytest.raises(PowerCutError):
        make_lot(order, items, shelf, tmp_path / "lot", NOW, on_progress=cut_at("kiểm", 8), kept=kept)
    read: list[int] = []

    def spy(pdf: Path, expected: Sequence[Expected], measure: Measure, tell: Callable[[int], None]) -> Verdict:
        read.append(len(expected))
        return read_sheets(pdf, expected, measure, tell)

    monkeypatch.setattr(lots, "read_sheets", spy)
    made = make_lot(order, items, shelf, tmp_path / "lot", NOW + timedelta(hours=1), kept=kept)
    assert read == [4]
    assert (made.report.items, made.report.codes_right) == (12, 12)


def test_an_account_changed_in_between_is_drawn_anew(
    order: Order, shelf: Stock, tmp_path: Path, drawn: list[str]
) -> None:
    kept = tmp_path / "kept"
    with pytest.raises(PowerCutError):
        make_lot(
            order, points(order, shelf, tmp_path), shelf, tmp_path / "lot", NOW, on_progress=cut_at("in", 8), kept=kept
        )
    changed = points(order, shelf, tmp_path, account_number="0099999999999")
    made = make_lot(order, changed, shelf, tmp_path / "lot", NOW, kept=kept)
    assert drawn == ["A01-01", "A01-05", "A01-05", "A01-09"]
    assert made.report.passed
    assert made.pieces[5].codes == (changed[5].payee.payload,)


def test_a_chunk_whose_file_was_damaged_is_drawn_anew(
    order: Order, shelf: Stock, tmp_path: Path, drawn: list[str]
) -> None:
    items, kept = points(order, shelf, tmp_path), tmp_path / "kept"
    with pytest.raises(PowerCutError):
        make_lot(order, items, shelf, tmp_path / "lot", NOW, on_progress=cut_at("in", 8), kept=kept)
    part = kept / "part0.pdf"
    part.write_bytes(part.read_bytes()[:-100])
    (kept / "part1.json").write_text('{"key": "', encoding="utf-8")
    assert make_lot(order, items, shelf, tmp_path / "lot", NOW, kept=kept).report.passed
    assert drawn == ["A01-01", "A01-05", "A01-01", "A01-05", "A01-09"]


def test_nothing_is_left_beside_a_lot_that_cannot_be_made(order: Order, shelf: Stock, tmp_path: Path) -> None:
    wrong = Order(order.design, order.theme, "a4", "row", 99)
    with pytest.raises(PaperError, match="ô bắt đầu"):
        make_lot(wrong, points(order, shelf, tmp_path), shelf, tmp_path / "lot", NOW)
    assert [path.name for path in tmp_path.iterdir()] == ["points.csv"]

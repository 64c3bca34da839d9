"""A long lot with four faults planted in it: the gate must name each by sheet and cell, and nothing else.

    python benchmarks/print_faults.py [PIECES]

Two pieces are drawn with each other's code, one with an account that is no longer its own, one 1.5 mm beside its cell.
"""

import json
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.paper.canvas import Part  # noqa: E402 -- found only once the clone is on the path
from app.paper.gate import Expected  # noqa: E402
from app.paper.imposition import Place  # noqa: E402
from app.printing.design_files import load_design  # noqa: E402
from app.printing.lots import make_lot  # noqa: E402
from app.printing.orders import Order, Piece  # noqa: E402
from app.printing.points import Point, read_points  # noqa: E402
from app.printing.press import Press  # noqa: E402
from app.printing.shelf import stock, terms_of  # noqa: E402
from app.printing.themes import load_theme  # noqa: E402
from app.qr.vietqr import vietqr  # noqa: E402
from benchmarks.print_lot import write_points  # noqa: E402

PLANTED = {"swapped": (0.31, 0.62), "stale": (0.47,), "shifted": (0.83,)}


class FaultyPress(Press):
    """Draws some pieces wrong and reports them as if they were right."""

    wrong: dict[int, Point]
    shifted: int

    def draw_piece(self, part: Part, place: Place, point: Point) -> tuple[Piece, Expected]:
        right = super().draw_piece(_Nowhere(), place, point)  # type: ignore[arg-type]
        whole = self.layout
        if place.item == self.shifted:
            self.layout = whole.moved(1.5, 0)
        super().draw_piece(part, place, self.wrong.get(place.item, point))
        self.layout = whole
        return right


class _Nowhere:
    """A part that keeps nothing of what is drawn."""

    def __getattr__(self, _name: str) -> object:
        return lambda *_args, **_options: None


def main() -> None:
    pieces = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    shelf = stock()
    design = load_design(shelf.designs, "standee-a6")
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "points.csv")
        write_points(data, pieces)
        points = read_points(data, terms_of(design, shelf)).points
        one, other = (int(pieces * share) for share in PLANTED["swapped"])
        stale, shifted = int(pieces * PLANTED["stale"][0]), int(pieces * PLANTED["shifted"][0])
        old = replace(points[stale].payee, payload=vietqr("970436", "0000000000000"))
        FaultyPress.wrong = {
            one: replace(points[one], payee=points[other].payee),
            other: replace(points[other], payee=points[one].payee),
            stale: replace(points[stale], payee=old),
        }
        FaultyPress.shifted = shifted
        order = Order(design, load_theme(shelf.themes, "default"), "a4", "row")
        figures = {"pieces": pieces}
        for name, press in (("clean", Press), ("faulty", FaultyPress)):
            sys.modules["app.printing.lots"].__dict__["Press"] = press
            report = make_lot(order, points, shelf, Path(folder, name), datetime.now(UTC)).report
            figures[name] = {  # type: ignore[assignment]
                "read_back": report.read_back,
                "failures": [(each.sheet, each.cell, each.point_code, each.reason) for each in report.failures],
            }
        figures["planted"] = sorted((at // 4 + 1, at % 4 + 1) for at in (one, other, stale, shifted))  # type: ignore[assignment]
    print(json.dumps(figures, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()

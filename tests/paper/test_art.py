from math import hypot
from pathlib import Path

import pytest

from app.paper.colours import BLACK, WHITE, Cmyk, contrast
from app.paper.measures import Box, PaperError
from app.paper.ornaments import read_art
from app.paper.outlines import hull, path_of, written
from app.paths import resource_dir

ART = sorted((resource_dir("printables") / "art").glob("*.svg"))


def drawn(tmp_path: Path, body: str) -> str:
    file = tmp_path / "art.svg"
    file.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">{body}</svg>', encoding="utf-8")
    return read_art(file).operators(lambda _role: BLACK)


@pytest.mark.parametrize("path", ART, ids=lambda path: path.stem)
def test_every_ornament_of_ours_is_read_and_stays_near_its_box(path: Path) -> None:
    art = read_art(path)
    assert art.shapes
    whole = Box(0, 0, art.width, art.height).grown(3)
    for shape in art.shapes:
        assert shape.reach.overlap(whole).width == pytest.approx(shape.reach.width)
        assert shape.reach.overlap(whole).height == pytest.approx(shape.reach.height)


def test_arcs_become_curves_on_the_circle() -> None:
    segments = list(path_of("M0 5A5 5 0 1 1 10 5A5 5 0 0 1 0 5Z"))
    ends = [values[-2:] for operator, values in segments if operator == "c"]
    assert all(hypot(x - 5, y - 5) == pytest.approx(5, abs=1e-6) for x, y in ends)
    assert hull(segments).width == pytest.approx(10, abs=0.01)


def test_relative_and_smooth_commands_mean_what_svg_says() -> None:
    assert written(list(path_of("m1 1 2 0v2h-2z"))) == "1 1 m 3 1 l 3 3 l 1 3 l h"
    smooth = list(path_of("M0 0C1 1 2 1 3 0S5 -1 6 0"))
    assert smooth[2][1][:2] == (4, -1)


def test_shapes_outside_the_window_are_left_out(tmp_path: Path) -> None:
    file = tmp_path / "art.svg"
    file.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><g fill="var(--a)">'
        '<rect x="0" y="0" width="1" height="1"/><rect x="8" y="8" width="1" height="1"/></g></svg>',
        encoding="utf-8",
    )
    seen = read_art(file).operators(lambda _role: WHITE, Box(0, 0, 5, 5))
    assert seen.count(" f") == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('<image href="x.png"/>', "image"),
        ('<rect fill="#ff0000" width="1" height="1"/>', "#ff0000"),
        ('<use href="#nowhere"/>', "nowhere"),
        ('<rect fill="var(--a)" transform="skew(3)" width="1" height="1"/>', "skew"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(tmp_path: Path, body: str, reason: str) -> None:
    with pytest.raises(PaperError, match=reason):
        drawn(tmp_path, body)


def test_entities_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "bomb.svg"
    file.write_text('<!DOCTYPE svg [<!ENTITY a "b">]><svg viewBox="0 0 1 1"/>', encoding="utf-8")
    with pytest.raises(PaperError, match="DOCTYPE"):
        read_art(file)


def test_contrast_runs_from_one_to_twenty_one() -> None:
    assert contrast(BLACK, WHITE) == pytest.approx(21)
    assert contrast(WHITE, WHITE) == 1
    assert contrast(Cmyk(0, 0, 100, 0), WHITE) < 1.2

"""The page of a logo's PDF: what of it a viewer shows, how it is turned, and what on it is no drawing."""

from dataclasses import dataclass
from typing import TypeVar

import pikepdf
from pikepdf import Name

from app.paper.measures import PaperError
from app.paper.outlines import Matrix

QUARTERS = 4
TREE_DEEP = 32
"""No tree of pages is deeper."""
T = TypeVar("T")
_SAME_PT = 0.5


@dataclass(frozen=True, slots=True)
class Frame:
    """What a viewer shows: its size, and the matrix from the page's own plane to it, y downwards."""

    width: float
    height: float
    matrix: Matrix


def frame_of(page: pikepdf.Page) -> Frame:
    """The page's visible box, turned as the page says (PDF 1.7, 7.7.3.3); UserUnit changes no proportion."""
    media, crop, trim = (_box(each) for each in (page.mediabox, page.cropbox, page.trimbox))
    left, lower = max(media[0], crop[0]), max(media[1], crop[1])
    right, upper = min(media[2], crop[2]), min(media[3], crop[3])
    if right - left <= 0 or upper - lower <= 0:
        raise PaperError("trang PDF không có khổ; hãy xuất lại từ bản gốc")
    if max(trim[0] - left, trim[1] - lower, right - trim[2], upper - trim[3]) > _SAME_PT:
        raise PaperError("trang có phần ngoài khổ cắt (bleed, dấu xén); hãy xuất lại không tràn lề, không dấu xén")
    wide, high = right - left, upper - lower
    turned = int(_inherited(page.obj, Name.Rotate, 0)) // 90 % QUARTERS
    matrix: Matrix = (
        (1.0, 0.0, 0.0, -1.0, -left, upper),
        (0.0, 1.0, 1.0, 0.0, -lower, -left),
        (-1.0, 0.0, 0.0, 1.0, right, -lower),
        (0.0, -1.0, -1.0, 0.0, upper, right),
    )[turned]
    return Frame(wide, high, matrix) if turned % 2 == 0 else Frame(high, wide, matrix)


def check_page(book: pikepdf.Pdf) -> pikepdf.Page:
    """The only page; PaperError where a viewer would show more than its drawing, or hide some of it."""
    if len(book.pages) != 1:
        raise PaperError(f"tệp có {len(book.pages)} trang; hãy xuất riêng trang có biểu trưng")
    page = book.pages[0]
    if len(page.obj.get(Name.Annots, [])):
        raise PaperError("trang có ghi chú, liên kết hoặc ô điền; hãy xoá rồi xuất lại")
    layers = book.Root.get(Name.OCProperties)
    if layers is not None:
        shown = layers.get(Name.D, pikepdf.Dictionary())
        base = shown.get(Name.BaseState, Name.ON)
        if len(shown.get(Name.OFF, [])) or base != Name.ON or len(shown.get(Name.AS, [])):
            raise PaperError("có lớp (layer) đang ẩn; hãy xoá lớp ẩn rồi xuất lại")
    return page


def resources_of(owner: pikepdf.Object, page: pikepdf.Object) -> pikepdf.Object:
    """A form's resources, else those of its page, which may stand at the page's parents."""
    own = owner.get(Name.Resources) if owner is not page else None
    return own if own is not None else _inherited(page, Name.Resources, pikepdf.Dictionary())


def _inherited(page: pikepdf.Object, key: pikepdf.Name, default: T) -> pikepdf.Object | T:
    node = page
    for _ in range(TREE_DEEP):
        if key in node:
            return node[key]
        if Name.Parent not in node:
            break
        node = node[Name.Parent]
    return default


def _box(corners: pikepdf.Array) -> tuple[float, float, float, float]:
    a, b, c, d = map(float, corners)
    return min(a, c), min(b, d), max(a, c), max(b, d)

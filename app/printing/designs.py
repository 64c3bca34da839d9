"""Designs as data: one YAML file each in printables/designs, in millimetres, checked when read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from app.errors import NotFoundError, RefusedError
from app.paper.imposition import SHEETS, Layout, fill, single
from app.paper.measures import Box
from app.printing.elements import Area, Code, Element, Panel, Picture, Words

LEVELS = ("L", "M", "Q", "H")
ALIGNMENTS = ("left", "centre", "right")
OWNERS = ("provider", "commune")


class DesignError(RefusedError):
    """A design file is not as it must be."""

    code = "mau-in-sai"


@dataclass(frozen=True, slots=True)
class Design:
    """One kind of printed piece."""

    id: str
    title: str
    purpose: str
    width_mm: float
    height_mm: float
    bleed_mm: float
    distance_m: float
    """From how far its code is scanned."""
    least_module_mm: float
    payment: bool
    """Whether its code must be a payment code."""
    sheets: Mapping[str, tuple[float, float]]
    """Sheet -> trim size there, where it is not the design's own (an office variant)."""
    areas: tuple[Area, ...]
    elements: tuple[Element, ...]
    label: str = ""
    needs: tuple[str, ...] = ()

    @property
    def codes(self) -> tuple[Code, ...]:
        """Its QR symbols."""
        return tuple(element for element in self.elements if isinstance(element, Code))

    @property
    def size(self) -> str:
        """`105×148 mm`."""
        return f"{self.width_mm:g}×{self.height_mm:g} mm"

    def trim_on(self, sheet: str) -> tuple[float, float]:
        """Width and height in mm of the piece on this sheet."""
        return self.sheets.get(sheet, (self.width_mm, self.height_mm))

    def scale_on(self, sheet: str) -> float:
        """By how much the artwork is scaled on this sheet so that it covers the piece."""
        wide, high = self.trim_on(sheet)
        return max(wide / self.width_mm, high / self.height_mm)

    def layout_on(self, sheet: str) -> Layout:
        """Where its pieces lie on the sheet; raises PaperError when it does not fit."""
        wide, high = self.trim_on(sheet)
        if sheet == "single":
            return single(wide, high, self.bleed_mm)
        bleeds = (self.bleed_mm, 2.0) if self.bleed_mm > 2.0 else (self.bleed_mm,)  # noqa: PLR2004 -- the least a knife needs
        return fill(SHEETS[sheet], wide, high, bleeds)


def design_ids(folder: Path) -> list[str]:
    """Ids of all designs in the folder, in alphabetical order."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


@lru_cache(maxsize=64)
def load_design(folder: Path, design_id: str) -> Design:
    """The design with this id; NotFoundError names those there are, DesignError says what in its file is wrong."""
    if design_id not in design_ids(folder):
        raise NotFoundError(f"Không có mẫu in {design_id!r}.", remedy=f"Các mẫu: {', '.join(design_ids(folder))}.")
    path = folder / f"{design_id}.yaml"
    try:
        return _design(design_id, yaml.safe_load(path.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise DesignError(f"{path.name}: không phải YAML ({error}).") from error
    except (KeyError, TypeError, ValueError) as error:
        raise DesignError(f"{path.name}: {_said(error)}.") from error


def _said(error: Exception) -> str:
    return f"thiếu mục {error}" if isinstance(error, KeyError) else str(error)


_KEYS = {
    "id", "title", "purpose", "trim_mm", "bleed_mm", "distance_m", "least_module_mm", "payment", "sheets", "areas",
    "elements", "needs",
}  # fmt: skip


def _design(design_id: str, data: dict[str, Any]) -> Design:
    if data["id"] != design_id:
        raise ValueError(f"id {data['id']!r} khác tên tệp")
    _only(data, _KEYS, "mẫu")
    wide, high = data["trim_mm"]
    sheets = {name: (float(w), float(h)) for name, (w, h) in data.get("sheets", {}).items()}
    if not set(sheets) <= set(SHEETS):
        raise ValueError(f"khổ giấy lạ: {sorted(set(sheets) - set(SHEETS))}")
    return Design(
        id=design_id,
        title=data["title"],
        purpose=data["purpose"],
        width_mm=float(wide),
        height_mm=float(high),
        bleed_mm=float(data.get("bleed_mm", 3)),
        distance_m=float(data.get("distance_m", 0.5)),
        least_module_mm=float(data.get("least_module_mm", 0.5)),
        payment=bool(data.get("payment", False)),
        sheets=sheets,
        areas=tuple(Area(_one_of(area["owner"], OWNERS), _box(area["box"])) for area in data.get("areas", [])),
        elements=tuple(_element(index, element) for index, element in enumerate(data["elements"], start=1)),
        needs=tuple(data.get("needs", ())),
    )


def _element(index: int, data: dict[str, Any]) -> Element:
    makers: dict[str, Callable[[dict[str, Any]], Element]] = {
        "panel": _panel,
        "art": _picture,
        "text": _words,
        "qr": _code,
    }
    kinds = [kind for kind in makers if kind in data]
    if len(kinds) != 1:
        raise ValueError(f"phần tử {index}: phải có đúng một trong panel, art, text, qr")
    try:
        return makers[kinds[0]](data)
    except KeyError as error:
        raise ValueError(f"phần tử {index}: thiếu {error}") from error
    except (TypeError, ValueError) as error:
        raise ValueError(f"phần tử {index}: {error}") from error


def _panel(data: dict[str, Any]) -> Panel:
    _only(data, {"panel", "fill", "radius", "stroke", "stroke_mm"}, "panel")
    return Panel(
        _box(data["panel"]),
        data.get("fill"),
        float(data.get("radius", 0)),
        data.get("stroke"),
        float(data.get("stroke_mm", 0.4)),
    )


def _picture(data: dict[str, Any]) -> Picture:
    _only(data, {"art", "box", "clip", "colours"}, "art")
    clip = _box(data["clip"]) if "clip" in data else None
    return Picture(data["art"], _box(data["box"]), clip, data.get("colours", {}))


def _words(data: dict[str, Any]) -> Words:
    _only(data, {"text", "box", "font", "size", "colour", "ground", "align", "lines", "leading"}, "text")
    texts = data["text"] if isinstance(data["text"], list) else [data["text"]]
    size, least = data["size"] if isinstance(data["size"], list) else (data["size"], data["size"] * 0.6)
    return Words(
        texts=tuple(texts),
        box=_box(data["box"]),
        font=data.get("font", "regular"),
        size_pt=float(size),
        least_pt=float(least),
        colour=data["colour"],
        ground=data["ground"],
        align=_one_of(data.get("align", "centre"), ALIGNMENTS),
        lines=int(data.get("lines", 1)),
        leading=float(data.get("leading", 1.25)),
    )


def _code(data: dict[str, Any]) -> Code:
    _only(data, {"qr", "box", "level"}, "qr")
    box = _box(data["box"])
    if abs(box.width - box.height) > 1e-9:  # noqa: PLR2004 -- a symbol is square
        raise ValueError("khung mã QR phải vuông")
    return Code(box, _one_of(data.get("level", "M"), LEVELS), _one_of(data["qr"], ("payload", "link")))


def _box(values: list[float]) -> Box:
    x, y, width, height = map(float, values)
    if width <= 0 or height <= 0:
        raise ValueError(f"khung {values} phải có rộng và cao lớn hơn 0")
    return Box(x, y, width, height)


def _only(data: dict[str, Any], known: set[str], what: str) -> None:
    strange = set(data) - known
    if strange:
        raise ValueError(f"{what} có mục lạ: {', '.join(sorted(map(str, strange)))}")


def _one_of(value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise ValueError(f"{value!r} phải là một trong: {', '.join(known)}")
    return value

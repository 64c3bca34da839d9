"""Designs as data: one YAML file each in printables/designs, in millimetres, checked when read."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml

from app.errors import NotFoundError
from app.paper.imposition import SHEETS
from app.paper.measures import Box
from app.printing.designs import Design, DesignError
from app.printing.elements import Code, Element, Emblem, Eyelets, Panel, Picture, Shift, Words
from app.printing.themes import LOGO_ROLES
from app.qr.frame import Level

Word = TypeVar("Word", bound=str)
LEVELS: tuple[Level, ...] = ("L", "M", "Q", "H")
ALIGNMENTS = ("left", "centre", "right")
ANCHORS = ("left", "centre", "right", "stretch")
OWNERS = ("provider", "commune")
_KEYS = {
    "id", "title", "purpose", "trim_mm", "bleed_mm", "distance_m", "least_module_mm", "payment", "sheets", "faces",
    "elements", "needs", "ratio", "widths_mm", "eyelets", "folds_mm",
}  # fmt: skip


def design_ids(folder: Path) -> list[str]:
    """Ids of all designs in the folder, in alphabetical order."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def all_designs(folder: Path) -> list[Design]:
    """Every design in the folder, in alphabetical order of ids."""
    return [load_design(folder, design_id) for design_id in design_ids(folder)]


@lru_cache(maxsize=64)
def load_design(folder: Path, design_id: str) -> Design:
    """The design with this id; NotFoundError names those there are, DesignError says what in its file is wrong."""
    if design_id not in design_ids(folder):
        raise NotFoundError(f"Không có mẫu in {design_id!r}.", remedy=f"Các mẫu: {', '.join(design_ids(folder))}.")
    path = folder / f"{design_id}.yaml"
    try:
        return _design(folder, design_id, yaml.safe_load(path.read_text(encoding="utf-8")))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DesignError(
            f"{path.name}, dòng {line}: YAML viết sai.", remedy="Hãy xem lại thụt đầu dòng và dấu hai chấm."
        ) from None
    except yaml.YAMLError:
        raise DesignError(f"{path.name}: không phải tệp YAML.") from None
    except (KeyError, TypeError, ValueError) as error:
        raise DesignError(f"{path.name}: {_said(error)}.") from error


def _said(error: Exception) -> str:
    return f"thiếu mục {error}" if isinstance(error, KeyError) else str(error)


def _design(folder: Path, design_id: str, data: dict[str, Any]) -> Design:
    if data["id"] != design_id:
        raise ValueError(f"id {data['id']!r} khác tên tệp")
    _only(data, _KEYS, "mẫu")
    wide, high = data["trim_mm"]
    sheets = {name: (float(w), float(h)) for name, (w, h) in data.get("sheets", {}).items()}
    if not set(sheets) <= set(SHEETS):
        raise ValueError(f"khổ giấy lạ: {sorted(set(sheets) - set(SHEETS))}")
    ratio = {_one_of(owner, OWNERS): float(share) for owner, share in data.get("ratio", {}).items()}
    widths = data.get("widths_mm")
    faced = [element for face in data.get("faces", []) for element in _face(folder, face)]
    own = [_element(index, element) for index, element in enumerate(data.get("elements", []), start=1)]
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
        elements=(*faced, *own),
        needs=tuple(data.get("needs", ())),
        ratio=ratio or None,
        widths_mm=(float(widths[0]), float(widths[1])) if widths else None,
        folds_mm=tuple(map(float, data.get("folds_mm", ()))),
        eyelets=_eyelets(data["eyelets"]) if "eyelets" in data else None,
    )


def _face(folder: Path, data: dict[str, Any]) -> list[Element]:
    """The elements of another design, as they stand in this one."""
    _only(data, {"design", "scale", "at", "upside_down", "within"}, "faces")
    other = load_design(folder, data["design"])
    scale = float(data.get("scale", 1))
    x, y = map(float, data.get("at", (0, 0)))
    size = (other.width_mm * scale, other.height_mm * scale)
    within = _box(data["within"]) if "within" in data else None
    shift = Shift(scale, x, y, *size, upside_down=bool(data.get("upside_down", False)), within=within)
    return [element.shifted(shift) for element in other.elements]


def _eyelets(data: dict[str, Any]) -> Eyelets:
    _only(data, {"every_mm", "inset_mm", "radius_mm", "colour"}, "eyelets")
    return Eyelets(float(data["every_mm"]), float(data["inset_mm"]), float(data["radius_mm"]), data["colour"])


Maker = Callable[[dict[str, Any]], Element]


def _element(index: int, data: dict[str, Any]) -> Element:
    makers: dict[str, Maker] = {"panel": _panel, "art": _picture, "text": _words, "qr": _code, "logo": _emblem}
    kinds = ["logo"] if "logo" in data else [kind for kind in makers if kind in data]
    if len(kinds) != 1:
        raise ValueError(f"phần tử {index}: phải có đúng một trong panel, art, text, qr, logo")
    try:
        return makers[kinds[0]](data)
    except KeyError as error:
        raise ValueError(f"phần tử {index}: thiếu {error}") from error
    except (TypeError, ValueError) as error:
        raise ValueError(f"phần tử {index}: {error}") from error


def _panel(data: dict[str, Any]) -> Panel:
    _only(data, {"panel", "fill", "radius", "stroke", "stroke_mm", "owner", "anchor"}, "panel")
    return Panel(
        _box(data["panel"]),
        data.get("fill"),
        float(data.get("radius", 0)),
        data.get("stroke"),
        float(data.get("stroke_mm", 0.4)),
        _one_of(data["owner"], OWNERS) if "owner" in data else None,
        _anchor(data),
    )


def _picture(data: dict[str, Any]) -> Picture:
    _only(data, {"art", "box", "clip", "colours", "anchor"}, "art")
    clip = _box(data["clip"]) if "clip" in data else None
    return Picture(data["art"], _box(data["box"]), clip, data.get("colours", {}), _anchor(data))


def _words(data: dict[str, Any]) -> Words:
    _only(
        data,
        {"text", "box", "font", "size", "colour", "ground", "align", "lines", "leading", "valign", "anchor", "group"},
        "text",
    )
    size, least = data["size"] if isinstance(data["size"], list) else (data["size"], data["size"] * 0.6)
    return Words(
        texts=_several(data["text"]),
        box=_box(data["box"]),
        font=data.get("font", "regular"),
        size_pt=float(size),
        least_pt=float(least),
        colour=data["colour"],
        ground=data["ground"],
        align=_one_of(data.get("align", "centre"), ALIGNMENTS),
        lines=int(data.get("lines", 1)),
        leading=float(data.get("leading", 1.25)),
        valign=_one_of(data.get("valign", "middle"), ("top", "middle")),
        anchor=_anchor(data),
        group=data.get("group", ""),
    )


def _emblem(data: dict[str, Any]) -> Emblem:
    """A logo's place; `text` or `art` say what stands there where the theme has none."""
    own = {"logo", "box", "ground", "plate", "radius", "anchor"}
    rest = {key: value for key, value in data.items() if key not in own - {"box", "ground", "anchor"}}
    instead: Words | Picture | None = None
    if "text" in data:
        instead = _words(rest)
    elif "art" in data:
        instead = _picture({key: value for key, value in rest.items() if key != "ground"})
    else:
        _only(data, own, "logo")
    role = _one_of(data["logo"], LOGO_ROLES)
    return Emblem(
        role, _box(data["box"]), data["ground"], data.get("plate"), float(data.get("radius", 0)), instead, _anchor(data)
    )


def _code(data: dict[str, Any]) -> Code:
    _only(data, {"qr", "box", "level", "address", "anchor"}, "qr")
    box = _box(data["box"])
    if abs(box.width - box.height) > 1e-9:  # noqa: PLR2004 -- a symbol is square
        raise ValueError("khung mã QR phải vuông")
    source = _one_of(data["qr"], ("payload", "link"))
    return Code(box, _one_of(data.get("level", "M"), LEVELS), source, _several(data.get("address", [])), _anchor(data))


def _several(value: str | list[str]) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, list) else (value,)


def _anchor(data: dict[str, Any]) -> str:
    return _one_of(data.get("anchor", "left"), ANCHORS)


def _box(values: list[float]) -> Box:
    x, y, width, height = map(float, values)
    if width <= 0 or height <= 0:
        raise ValueError(f"khung {values} phải có rộng và cao lớn hơn 0")
    return Box(x, y, width, height)


def _only(data: dict[str, Any], known: set[str], what: str) -> None:
    strange = set(data) - known
    if strange:
        raise ValueError(f"{what} có mục lạ: {', '.join(sorted(map(str, strange)))}")


def _one_of(value: str, known: tuple[Word, ...]) -> Word:
    for each in known:
        if value == each:
            return each
    raise ValueError(f"{value!r} phải là một trong: {', '.join(known)}")

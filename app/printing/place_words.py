"""What a place is called on paper: a market stall is a quầy; a street shop, a school, a one-stop desk is not. Pure."""

import re
from collections.abc import Mapping

from app.vn.text import fold

STALL, SHOP = "stall", "shop"
OFFICE, STREET = "office", "street"
LABELS: Mapping[str, str] = {
    STALL: "Quầy {}",
    SHOP: "Cửa hàng {}",
    "pavement": "Điểm bán {}",
    "one_stop": "Một cửa {}",
    "school": "Trường học {}",
    "health_station": "Trạm y tế {}",
    "electricity": "Thu tiền điện {}",
    "service_point": "Điểm dịch vụ {}",
    "amenity": "Điểm tiện ích {}",
}
"""Kind of a point (`registry.rules.words.POINT_KINDS`) -> what stands before its code on its sign."""
TRADE = frozenset({STALL, SHOP, "pavement"})
_NAMED: Mapping[str, re.Pattern[str]] = {
    "school": re.compile(
        r"\b(truong (mam non|mau giao|tieu hoc|trung hoc|thcs|thpt|pho thong|lien cap|cao dang|dai hoc|day nghe|nghe)"
        r"|nha tre|nhom tre|trung tam gdtx|thcs|thpt)\b"
    ),
    "one_stop": re.compile(r"\b(mot cua|hanh chinh cong|uy ban nhan dan|ubnd)\b"),
    "health_station": re.compile(r"\b(tram y te|benh vien|trung tam y te|phong kham)\b"),
    "electricity": re.compile(r"\b(dien luc|(thu|nop) tien dien)\b"),
}
"""Names by which a place is known where a list does not say its kind."""
_STREET = re.compile(r"^(tuyen pho|tuyen duong|pho|duong|khu pho|hem|ngo)\b")


def place_kind(kind: str, zone: str, zone_kind: str, *names: str) -> str:
    """The kind of a point: as the register or list has it, else as its names and its zone tell.

    >>> place_kind("", "", "", "Trường mầm non Hoa Mây"), place_kind("stall", "Phố Sông", "street", "Bún")
    ('school', 'shop')
    """
    if kind in LABELS and kind != STALL:
        return kind
    for found, pattern in _NAMED.items():
        if any(pattern.search(fold(name)) for name in names):
            return found
    in_street = zone_kind == STREET or (not zone_kind and _STREET.match(fold(zone)))
    return SHOP if in_street else STALL


def place_label(kind: str, place: str) -> str:
    """`Quầy A01-06`, `Cửa hàng S1-01`, `Trường học C02`."""
    return LABELS[kind].format(place)


def programme_of(kind: str, zone: str, texts: Mapping[str, str]) -> str:
    """The line above the code: the market or street without cash; an office is no market, whatever zone it lies in."""
    if kind in TRADE and zone:
        return f"{zone} không tiền mặt"
    variant = {STALL: "", SHOP: STREET, "pavement": STREET}.get(kind, OFFICE)
    return worded(texts, variant).get("programme", "")


def worded(texts: Mapping[str, str], variant: str) -> dict[str, str]:
    """The texts of a theme for a street or an office: `programme_street` takes the place of `programme`."""
    end = f"_{variant}"
    own = {name.removesuffix(end): text for name, text in texts.items() if variant and name.endswith(end)}
    return {**texts, **own}

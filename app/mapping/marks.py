"""How a stage looks on every map and plan: an Okabe-Ito colour and a glyph together, never colour alone. Pure."""

from dataclasses import asdict, dataclass
from typing import Final

from app.registry.rules.stages import (
    ACCOUNT_READY,
    ACTIVE,
    CONSENTED,
    DORMANT,
    FIRST_PAID,
    INSTALLED,
    LISTED,
    PRINTED,
    QR_ISSUED,
    REFUSED,
    STAGES,
    STOPPED,
    SURVEYED,
    TRAINED,
)
from app.vn.text import fold

INK: Final = "#16303b"
WHITE: Final = "#ffffff"
YELLOW, ORANGE, SKY, GREEN, BLUE, PURPLE = "#f0e442", "#e69f00", "#56b4e9", "#009e73", "#0072b2", "#cc79a7"
GREY: Final = "#5b6b72"


@dataclass(frozen=True, slots=True)
class Mark:
    """A stage on the map: its words, fill and ink (hex colours), and the glyph's name in static/js/map/marks.js."""

    stage: str
    label: str
    fill: str
    ink: str
    glyph: str


def _mark(stage: str, fill: str, glyph: str, ink: str = INK) -> Mark:
    return Mark(stage, STAGES[stage], fill, ink, glyph)


#: Same colours and glyphs as static/css/states.css: yellow asked, orange prepared, sky hung, green paid, blue lives.
MARKS: Final = {
    mark.stage: mark
    for mark in (
        _mark(LISTED, WHITE, "none"),
        _mark(SURVEYED, YELLOW, "surveyed"),
        _mark(CONSENTED, YELLOW, "consented"),
        _mark(ACCOUNT_READY, ORANGE, "account"),
        _mark(QR_ISSUED, ORANGE, "qr"),
        _mark(PRINTED, ORANGE, "printed"),
        _mark(INSTALLED, SKY, "installed"),
        _mark(TRAINED, SKY, "trained"),
        _mark(FIRST_PAID, GREEN, "paid", WHITE),
        _mark(ACTIVE, BLUE, "active", WHITE),
        _mark(DORMANT, PURPLE, "dormant"),
        _mark(REFUSED, GREY, "refused", WHITE),
        _mark(STOPPED, GREY, "stopped", WHITE),
    )
}


TEAL, MARIGOLD, RED = "#184354", "#f6b82a", "#cf2323"
#: What residents look for: not how far the programme is, but what one can do there.
KIND_MARKS: Final = {
    kind: Mark(kind, label, fill, ink, glyph)
    for kind, label, fill, ink, glyph in (
        ("stall", "Quầy trong chợ", TEAL, WHITE, "qr"),
        ("shop", "Cửa hàng", SKY, INK, "shop"),
        ("pavement", "Chỗ bán vỉa hè", YELLOW, INK, "basket"),
        ("service_point", "Nạp, rút tiền", MARIGOLD, INK, "cash"),
        ("one_stop", "Bộ phận một cửa", RED, WHITE, "desk"),
        ("school", "Trường học", GREEN, WHITE, "school"),
        ("health_station", "Trạm y tế", WHITE, RED, "health"),
        ("electricity", "Thu tiền điện", ORANGE, INK, "bolt"),
        ("amenity", "Wi-Fi công cộng", PURPLE, INK, "wifi"),
    )
}


def unknown_mark(words: str) -> Mark:
    """A stage that only the file knows: shown under its own words with a question mark."""
    return Mark(words, words, WHITE, INK, "unknown")


def stage_named(words: str) -> str:
    """The stage that a file names by its key or its Vietnamese words, accents or not; the words themselves if none.

    >>> stage_named("da lap bang"), stage_named(""), stage_named("Đang xin phép")
    ('installed', 'listed', 'Đang xin phép')
    """
    wanted = fold(words)
    if not wanted:
        return LISTED
    for stage, label in STAGES.items():
        if wanted in {stage, fold(label)}:
            return stage
    return words


def as_json(marks: list[Mark]) -> list[dict[str, str]]:
    """The marks as the scripts read them."""
    return [asdict(mark) for mark in marks]

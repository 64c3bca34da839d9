"""What one piece says: its texts, its codes and its id."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from app.printing.designs import Design
from app.printing.elements import Code, filled
from app.printing.payloads import payload_crc
from app.printing.place_words import place_kind, place_label, programme_of
from app.printing.points import Point
from app.printing.print_ids import print_id
from app.printing.themes import Theme
from app.vn.text import fold

#: What a slip says whose code leads to the trader's own card and not to the page everybody may see.
CARD_WORDS = {
    "card_title": "Thẻ hoàn tiền của bạn",
    "card_words": "Quét để xem tiền đã được thưởng, lượt còn lại trong tháng. Mã này không nhận tiền: giữ riêng, "
    "đừng dán ở quầy.",
}


@dataclass(frozen=True, slots=True)
class Content:
    """The words of a piece by field, the text of each of its codes in their order, and its id."""

    print_id: str
    values: Mapping[str, str]
    codes: tuple[str, ...]


def content_of(point: Point, design: Design, theme: Theme) -> Content:
    """What the piece for this point says in this design and theme."""
    codes = tuple(_said(point, code, theme) for code in design.codes)
    identity = print_id(theme.prefix, point.point_code, point.serial, checksum(point, codes))
    kind = place_kind(point.kind, point.zone, point.zone_kind, point.shop_name, point.holder_name, point.stall)
    values = {
        **theme.texts,
        "point_code": point.point_code,
        "zone": point.zone,
        "row": point.row,
        "stall": point.stall,
        "place": point.place,
        "place_label": place_label(kind, point.place),
        "place_programme": programme_of(kind, point.zone, theme.texts),
        "shop_name": point.shop_name or point.holder_name,
        "holder_name": point.holder_name,
        "bank": point.payee.bank,
        "account_tail": point.payee.account_tail,
        "note": point.note,
        "address": _shown(next(iter(codes), "")),
        "print_id": identity,
        **(CARD_WORDS if point.card else {}),
    }
    return Content(identity, values, codes)


def checksum(point: Point, codes: tuple[str, ...]) -> str:
    """Four hex digits over what the piece says: its first code, else its names."""
    return payload_crc(codes[0] if codes else "|".join((point.point_code, point.shop_name, point.holder_name)))


def leads_to_us(point: Point, design: Design) -> bool:
    """Whether a code of this piece is an address of ours: it needs the public one."""
    return design.shows_address and not _given(point)


def quoted(text: str, codes: Iterable[str]) -> str:
    """A text of a piece as a warning may repeat it: an address may be a trader's secret and is only named."""
    joined = "".join(text.split())
    return "địa chỉ của mã" if any(joined in code for code in codes if code.startswith("http")) else text


def _given(point: Point) -> str:
    """What the row itself brings for a link; a payload is one in a design without a payee: an address, a Wi-Fi code."""
    return point.link or ("" if point.payee.account_tail else point.payee.payload)


def _said(point: Point, code: Code, theme: Theme) -> str:
    if code.source == "payload":
        return point.payee.payload
    return _given(point) or filled(code.addresses, _address_parts(point, theme))


def _address_parts(point: Point, theme: Theme) -> dict[str, str]:
    slug = re.sub(r"[^a-z0-9]+", "-", fold(point.zone)).strip("-")
    return {
        "site": theme.texts.get("site", ""),
        "point_code": quote(point.point_code, safe=""),
        "zone_slug": slug,
        "card": quote(point.card, safe=""),
    }


def _shown(address: str) -> str:
    """An address as people type it; nothing where the code is no address."""
    return re.sub(r"^https?://", "", address) if re.match(r"https?://", address) else ""

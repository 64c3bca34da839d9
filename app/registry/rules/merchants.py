"""What makes an entry about a merchant or a point acceptable, all reasons at once. Pure."""

from typing import Any

from app.registry.rules.cells import cell_of
from app.registry.rules.entries import (
    NAME_MAX,
    POINT_CODE_MAX,
    ROW_MAX,
    SHOP_MAX,
    TEXT_MAX,
    Faults,
    NewMerchant,
    NewPoint,
    check_choice,
    check_links,
    check_name,
    check_place,
    check_text,
)
from app.registry.rules.numbers import check_phone, check_tax_code
from app.registry.rules.words import LOCATED_HOW, MERCHANT_KINDS, POINT_KINDS, REFUSAL_REASONS, SERVICES
from app.vn.stalls import clean_code

LINE_MAX = 120
NOTE_MAX = 2000
DETAIL_MAX = 60


def checked_merchant(entry: NewMerchant, faults: Faults) -> dict[str, Any]:
    """The columns of a merchant as they are kept; what is wrong goes to `faults`."""
    return {
        "kind": check_choice("kind", entry.kind, MERCHANT_KINDS, "Loại hộ", faults),
        "holder_name": check_name("holder_name", entry.holder_name, "họ tên chủ hộ", NAME_MAX, faults),
        "shop_name": check_text("shop_name", entry.shop_name, "Tên cửa hàng", SHOP_MAX, faults),
        "phone": check_phone(entry.phone, faults),
        "tax_code": check_tax_code(entry.tax_code, faults),
        "line_of_business": check_text("line_of_business", entry.line_of_business, "Ngành hàng", LINE_MAX, faults),
        "online_shops": list(check_links(entry.online_shops, faults)),
        "has_soundbox": entry.has_soundbox,
        "refusal": check_choice("refusal", entry.refusal, {"": "", **REFUSAL_REASONS}, "Lý do", faults),
        "note": check_text("note", entry.note, "Ghi chú", NOTE_MAX, faults),
    }


def checked_point(entry: NewPoint, faults: Faults) -> dict[str, Any]:
    """The columns of a point as they are kept; what is wrong goes to `faults`."""
    check_place(entry.lat, entry.lng, faults)
    unknown = [service for service in entry.services if service not in SERVICES]
    if unknown:
        faults.add("services", f"Dịch vụ “{unknown[0]}” không có trong danh sách.")
    located = entry.lat is not None and entry.lng is not None and not faults.found
    return {
        "kind": check_choice("kind", entry.kind, POINT_KINDS, "Loại điểm", faults),
        "code": check_text("code", clean_code(entry.code), "Mã điểm", POINT_CODE_MAX, faults),
        "row": check_text("row", clean_code(entry.row), "Dãy", ROW_MAX, faults),
        "stall_text": check_text("stall_text", clean_code(entry.stall_text), "Số quầy", POINT_CODE_MAX, faults),
        "place": check_text("place", entry.place, "Vị trí", TEXT_MAX, faults),
        "lat": entry.lat if located else None,
        "lng": entry.lng if located else None,
        "cell": cell_of(entry.lat, entry.lng) if located and entry.lat is not None and entry.lng is not None else None,
        "accuracy_m": entry.accuracy_m if located else None,
        "located_how": check_choice("located_how", entry.located_how, {"": "", **LOCATED_HOW}, "Cách định vị", faults),
        "services": list(entry.services),
        "opening_hours": check_text("opening_hours", entry.opening_hours, "Giờ mở cửa", LINE_MAX, faults),
        "detail": check_text("detail", entry.detail, "Chi tiết", DETAIL_MAX, faults),
    }

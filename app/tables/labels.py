"""Rows that are no entry of a list: totals, signatures, the place and day below it; and ditto marks inside it. Pure."""

import re
from collections.abc import Sequence
from typing import Final

from app.vn.text import fold

_OF_A_PART: Final = r"(?:tong|cong) (?:cho|day|khu|lo|ngay|thang|trang|nhom|muc)\b.*"
_TOTAL: Final = re.compile(
    r"(?:tong (?:cong|so|tien|gia tri|thanh tien|the)|cong (?:don|trang|luy ke)|luy ke|grand total|sub-?total)\b.*"
    r"|(?:tong|cong|total|sum)(?: (?:chung|tat ca|toan (?:bo|xa|cho)))?(?: ?[:(].*)?"
    rf"|{_OF_A_PART}"
)
#: Words that say "total" and nothing else: no person and no shop is called so.
_SURE_TOTAL: Final = re.compile(
    r"(?:tong (?:cong|so|so tien|tien|gia tri|thanh tien)|cong (?:don|trang|luy ke|chung|tong)|luy ke"
    r"|grand total|sub-?total)"
    r"(?: (?:chung|tat ca|toan (?:bo|xa|cho)|cua? ?danh sach|so ho|ho|tien))*(?: ?[:(/-].*|:? ?[0-9].*)?"
    r"|(?:tong|cong|total)(?: chung)? ?[:(].*"
    rf"|{_OF_A_PART}"
)
_TOTAL_INITIALS: Final = frozenset("tTcClLgGsS")  # spares folding every first cell
_FAMILY_NAME: Final = re.compile(r"(?:t[ốồôòóỗỏọ]ng|c[ôốồổỗòóỏ]ng)\b", re.IGNORECASE)
_AMOUNT: Final = re.compile(r"[-(]?[1-9][0-9.,\s]*(?:[^\W\d_]{0,4}|₫|%)\)?|0|-")

_OFFICES: Final = (
    r"(?:pho |quyen |q\. ?)?(?:truong|pho) (?:ban|phong|thon|xom|ap|khu|bo phan|cho|doan|nhom|to|cong an)(?: .{1,40})?"
    r"|(?:pho )?(?:chu tich|giam doc|tong giam doc|bi thu|chanh van phong)(?: .{1,40})?"
    r"|ke toan(?: truong| vien)?|thu quy|thu kho|thu truong(?: don vi| co quan)?"
    r"|can bo (?:thue|phu trach|quan ly|theo doi).{0,40}"
    r"|ban quan ly(?: cho.{0,40})?|uy ban nhan dan.{0,50}|ubnd.{0,50}"
)
_SIGNATURE: Final = re.compile(
    r"(?:nguoi|can bo|ben|don vi)"
    r" (?:lap|giao|nhan|kiem tra|kiem soat|ghi|thong ke|tong hop|duyet|ke khai|khai)(?: .{1,40})?"
    r"|lap (?:bieu|bang|danh sach)(?: .{1,30})?|nguoi lap"
    r"|(?:kt|tm|tl|tuq|t/m|k/t)\b[./ ].{0,60}"
    r"|(?:da )?ky(?: ten| thay| va dong dau|,? ghi ro ho ten|,? dong dau).{0,40}|ghi ro ho ten|dong dau"
    r"|xac nhan(?: cua)?(?: .{1,60})?|dai dien(?: .{1,60})?|noi nhan(?: ?:.*)?|luu(?: ?: ?.*)?"
    rf"|(?:{_OFFICES})"
)
_PARTS: Final = re.compile(r"\s*[|;\t\n]\s*|\s{3,}")
_DATED: Final = re.compile(
    r"(?:.{0,60}?,? ?)?ngay ?[0-9.…_/ ]{0,12} ?thang ?[0-9.…_/ ]{0,12} ?nam ?[0-9.…_/ ]{0,12}.{0,3}"
)
_IN_BRACKETS: Final = re.compile(r"\(.{1,60}\)")

_DITTO: Final = re.compile(
    r"""["“”„″〃'’`´,.\-–—_\s]*(?:nt|như trên|nhu tren|idem|ditto)["“”„″〃'’`´,.\-–—_\s]*""", re.IGNORECASE
)
_DITTO_MARK: Final = re.compile(r"""(?:["“”„″〃]|''|’’|´´|``|,,){1,2}|-?\s*["“”″〃]\s*-?""")


def is_total_label(cell: str) -> bool:
    """Tell whether a text may say that its row sums up: "Tổng cộng", "Cộng dãy A". A shop may be called Cộng."""
    return _begins(cell) and _TOTAL.fullmatch(fold(cell)) is not None


def is_sure_total(cell: str) -> bool:
    """Tell whether a text says so and can be nobody's name: "Tổng cộng", "Cộng:", never "Cộng" or "Tổng" alone.

    >>> [is_sure_total(each) for each in ("TỔNG CỘNG: 41 hộ", "Cộng:", "Cộng", "Cộng Cà Phê", "Tổng số hộ")]
    [True, True, False, False, True]
    """
    return _begins(cell) and _SURE_TOTAL.fullmatch(fold(cell)) is not None


def _begins(cell: str) -> bool:
    """A cheap look first; and Tống and Công are family names: with accents typed, only tổng and cộng sum up."""
    return cell[:1] in _TOTAL_INITIALS and not _FAMILY_NAME.match(cell)


def is_amount(cell: str) -> bool:
    """Tell whether a text is a sum as a total row holds it: no leading zero, as telephones have."""
    return _AMOUNT.fullmatch(cell) is not None


def is_signature(cells: Sequence[str]) -> bool:
    """Tell whether the filled cells of a row are only what stands under a list: offices, "người lập", place and day.

    >>> is_signature(["", "NGƯỜI LẬP BIỂU", "TRƯỞNG BAN"]), is_signature(["Cẩm Tân, ngày 30 tháng 11 năm 2026"])
    (True, True)
    >>> is_signature(["12", "Kế Toán", "0912345678"]), is_signature(["(Ký, ghi rõ họ tên)"]), is_signature(["", ""])
    (False, True, False)
    """
    filled = [part for cell in cells if cell for part in _PARTS.split(cell) if part]
    return bool(filled) and all(_is_footer_text(part) for part in filled) and any(len(part) > 2 for part in filled)  # noqa: PLR2004 - "KT"


def _is_footer_text(cell: str) -> bool:
    if _IN_BRACKETS.fullmatch(cell) is not None:
        return "ky" in fold(cell).replace("(", " ").split() or is_signature([cell.strip("() ")])
    folded = fold(cell).strip(" .:…_-/")
    return bool(_SIGNATURE.fullmatch(folded) or _DATED.fullmatch(fold(cell).strip(" .")))


def is_ditto(cell: str) -> bool:
    """Tell whether a cell says "as above": -nt-, như trên, a lone quotation mark.

    >>> [is_ditto(each) for each in ('"', "-nt-", "Như trên", "〃", ",,", "''", "NT Shop", "-")]
    [True, True, True, True, True, True, False, False]
    """
    return bool(cell) and len(cell) < 16 and (_DITTO_MARK.fullmatch(cell) or _DITTO.fullmatch(cell)) is not None  # noqa: PLR2004 - a mark, not prose

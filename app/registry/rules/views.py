"""Ways of looking at a list: what of an address they keep, and the columns there are to choose from. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode

NAME_MAX: Final = 60
VALUE_MAX: Final = 60
PARTS_MAX: Final = 60


@dataclass(frozen=True, slots=True)
class ListKind:
    """A list that ways of looking are kept for: what people call it, where it is, what of its address is kept."""

    label: str
    endpoint: str
    keys: tuple[str, ...]


#: Search words, the page and the moment are never kept: a word may be somebody's name or phone.
LISTS: Final = {
    "merchants": ListKind(
        "Hộ kinh doanh",
        "registry.merchants",
        ("stage", "zone", "unit", "kind", "waiting", "issue", "line", "checked", "sort", "col", "per_page"),
    ),
    "issues": ListKind("Việc cần xử lý", "registry.issues", ("kind", "show", "who", "zone", "grave", "per_page")),
    "duplicates": ListKind("Hồ sơ trùng", "registry.duplicates", ("state", "score", "why", "per_page")),
}

#: Columns of the list of merchants besides the name, in the order they stand; True: shown before anybody chose.
COLUMNS: Final = {
    "stall": ("Quầy", True),
    "phone": ("Điện thoại", True),
    "account": ("Tài khoản", True),
    "checked": ("Kiểm tra", True),
    "stage": ("Chặng", True),
    "line": ("Ngành hàng", False),
    "unit": ("Địa bàn", False),
    "kind": ("Loại hộ", False),
    "tax": ("Mã số thuế", False),
    "online": ("Bán trên mạng", False),
    "soundbox": ("Loa báo tiền", False),
    "added": ("Ngày thêm", False),
    "code": ("Mã hồ sơ", False),
}


def chosen_columns(wanted: Sequence[str]) -> tuple[str, ...]:
    """The columns to show, in their fixed order; the usual ones where nobody chose.

    >>> chosen_columns([]), chosen_columns(["stage", "phone", "gì đó"])
    (('stall', 'phone', 'account', 'checked', 'stage'), ('phone', 'stage'))
    """
    known = tuple(key for key in COLUMNS if key in wanted)
    return known or tuple(key for key, (_, usual) in COLUMNS.items() if usual)


def kept_query(list_name: str, pairs: Iterable[tuple[str, str]]) -> str:
    """The part of an address that a way of looking keeps, always in the same order, so that equal ones are equal.

    >>> kept_query("merchants", [("sort", "new"), ("q", "Hường"), ("stage", "active"), ("page", "3"), ("zone", "")])
    'stage=active&sort=new'
    """
    keys = LISTS[list_name].keys
    known = {(key, value[:VALUE_MAX]) for key, value in pairs if key in keys and value}
    return urlencode(sorted(known, key=lambda pair: (keys.index(pair[0]), pair[1]))[:PARTS_MAX])


def query_values(query: str) -> Mapping[str, list[str]]:
    """A kept query as the parts of an address.

    >>> query_values("stage=active&stage=dormant")
    {'stage': ['active', 'dormant']}
    """
    found: dict[str, list[str]] = {}
    for key, value in parse_qsl(query):
        found.setdefault(key, []).append(value)
    return found

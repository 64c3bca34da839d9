"""The office's sections: who sees which, and which one is open."""

from dataclasses import dataclass

from flask import Flask, request

from app.actors import ADMIN, APPROVER, COORDINATOR, PRINT_SHOP, PROVIDER, PROVINCE, ROLES, TEAM_LEAD, VOLUNTEER, Actor
from app.web.access import current_actor, may_open

_DESK = frozenset({TEAM_LEAD, COORDINATOR, APPROVER, ADMIN})


@dataclass(frozen=True, slots=True)
class Section:
    """One entry of the sidebar. `roles` only hides what would be refused anyway: the page itself decides."""

    label: str
    url: str
    icon: str
    roles: frozenset[str]
    also: tuple[str, ...] = ()  #: further addresses that are tabs of this section


@dataclass(frozen=True, slots=True)
class Entry:
    """A section as one person sees it now; `section` is its key, the last part of the address ("home" for /desk/)."""

    label: str
    url: str
    icon: str
    section: str
    active: bool


SECTIONS = (
    Section("Tổng quan", "/desk/", "home", frozenset({*_DESK, VOLUNTEER, PRINT_SHOP, PROVIDER, PROVINCE})),
    Section("Hộ kinh doanh", "/desk/merchants", "store", frozenset({*_DESK, VOLUNTEER}), ("/desk/duplicates",)),
    Section("Hộ của đơn vị", "/desk/provider", "store", frozenset({PROVIDER})),
    Section("Nhập danh sách", "/desk/imports", "upload", frozenset({COORDINATOR, ADMIN})),
    Section("Duyệt tài khoản", "/desk/approvals", "shield", frozenset({COORDINATOR, APPROVER, ADMIN})),
    Section("In ấn", "/desk/prints", "print", frozenset({COORDINATOR, APPROVER, PRINT_SHOP, ADMIN})),
    Section("Bản đồ", "/desk/map", "map", frozenset({*_DESK, VOLUNTEER, PROVINCE})),
    Section("Báo cáo giao dịch", "/desk/reports", "file", frozenset({COORDINATOR, APPROVER, PROVIDER, ADMIN})),
    Section(
        "Hoàn tiền",
        "/desk/cashback",
        "gift",
        frozenset({COORDINATOR, APPROVER, PROVIDER, ADMIN}),
        ("/desk/payouts", "/desk/activity"),
    ),
    Section("Địa bàn", "/desk/places", "place", frozenset({COORDINATOR, ADMIN})),
    Section("Đội thực địa", "/desk/team", "phone", frozenset({COORDINATOR, ADMIN})),
    Section("Người dùng", "/desk/users", "users", frozenset({ADMIN}), ("/desk/confirmations",)),
    Section("Nhật ký", "/desk/audit", "history", frozenset({ADMIN})),
    Section("Hướng dẫn", "/desk/help", "help", frozenset({*_DESK, VOLUNTEER, PRINT_SHOP, PROVIDER, PROVINCE})),
)


def entries_for(actor: Actor, path: str) -> list[Entry]:
    """The sidebar of this person on this page; the longest matching address is the open one."""
    seen = [section for section in SECTIONS if actor.has(*section.roles)]
    addresses = [(url, section.url) for section in seen for url in (section.url, *section.also)]
    matching = [each for each in addresses if path == each[0] or path.startswith(f"{each[0]}/")]
    current = max(matching, key=lambda each: len(each[0]), default=("", ""))[1]
    return [
        Entry(each.label, each.url, each.icon, each.url.removeprefix("/desk/") or "home", active=each.url == current)
        for each in seen
    ]


def init_nav(app: Flask) -> None:
    """Gives every template `nav`, `actor`, `role_names` and `may_open`."""

    @app.context_processor
    def _context() -> dict[str, object]:
        actor = current_actor()
        return {"nav": entries_for(actor, request.path), "actor": actor, "role_names": ROLES, "may_open": may_open}

"""The parts of the office, in the order of a coordinator's day: one table for sidebar, bottom bar and rights."""

from dataclasses import dataclass

from flask import Flask, current_app, request
from werkzeug.exceptions import HTTPException

from app.actors import ROLES, Actor
from app.web.access import PUBLIC, current_actor, declared


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the office. `short` fits under an icon of the bottom bar, where `pinned` parts stand on a phone."""

    label: str
    url: str
    icon: str
    section: str = ""
    short: str = ""
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A part as this person sees it on this page: what templates/office.html draws."""

    label: str
    short: str
    url: str
    icon: str
    section: str
    pinned: bool
    active: bool


PARTS = (
    Part("Tổng quan", "/desk/", "home", pinned=True),
    Part("Hộ kinh doanh", "/desk/merchants", "stall", short="Hộ", pinned=True),
    Part("Nhập danh sách", "/desk/imports", "upload"),
    Part("In ấn", "/desk/prints", "print", pinned=True),
    Part("Bản đồ", "/desk/map", "map", pinned=True),
    Part("Báo cáo giao dịch", "/desk/reports", "report", "Hoàn tiền"),
    Part("Hoàn tiền", "/desk/cashback", "cashback", "Hoàn tiền"),
    Part("Địa bàn", "/desk/places", "places", "Quản lý"),
    Part("Người dùng", "/desk/users", "users", "Quản lý"),
    Part("Nhật ký", "/desk/audit", "audit", "Quản lý"),
    Part("Hướng dẫn", "/desk/help", "help", "Quản lý"),
)


def entries(actor: Actor, path: str) -> tuple[Entry, ...]:
    """The parts this person may open, with the one that `path` belongs to marked.

    Rights are those the pages themselves declare; a part without a page is not shown.
    """
    shown = [part for part in PARTS if _may_open(actor, part.url)]
    here = max((part.url for part in shown if _leads_to(part.url, path)), key=len, default="")
    return tuple(
        Entry(part.label, part.short or part.label, part.url, part.icon, part.section, part.pinned, part.url == here)
        for part in shown
    )


def init_navigation(app: Flask) -> None:
    """Gives every page `nav`, `actor` and `role_names`."""
    app.context_processor(_context)


def _context() -> dict[str, object]:
    actor = current_actor()
    nav = entries(actor, request.path) if actor.id is not None else ()
    return {"nav": nav, "actor": actor, "role_names": ROLES}


def _leads_to(url: str, path: str) -> bool:
    return path == url or (path.startswith(url + "/") if not url.endswith("/") else False)


def _may_open(actor: Actor, url: str) -> bool:
    try:
        endpoint, _values = current_app.url_map.bind("").match(url, method="GET")
    except HTTPException:
        return False
    roles = declared(current_app, endpoint)
    return roles is not None and (roles == PUBLIC or not actor.roles.isdisjoint(roles))

"""A commune's own logo and its provider's: brought by one person, agreed to by another, seen as the press prints."""

import io
from dataclasses import dataclass
from pathlib import Path

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.actors import ADMIN, APPROVER, COORDINATOR, Actor
from app.approval.queries import objection
from app.approval.rules import Objection
from app.db import unit_of_work
from app.errors import DomainError, NotFoundError, RefusedError
from app.paper.logo_picture import picture_of
from app.paper.logos import BYTES_MAX, Logo, read_logo
from app.paper.measures import PaperError
from app.places.models import Unit
from app.places.queries import communes_in_reach
from app.printing.design_files import all_designs, load_design
from app.printing.logo_intake import note_on, received
from app.printing.models import LogoFile
from app.printing.ordering import theme_of, words_of
from app.printing.own_logos import (
    approve_logo,
    behind,
    drop_logo,
    file_of,
    logo_file,
    propose_logo,
    refuse_logo,
    waiting_logo,
)
from app.printing.previews import SAMPLE, preview_png
from app.printing.shelf import stock
from app.printing.themes import LOGO_ROLES
from app.printing.views.frame import ORDER, pages, shown_site
from app.settings import Settings
from app.web.access import allow, current_actor, present
from app.web.clock import moment
from app.web.row_ids import row_id

ROLES = {
    "commune": ("Biểu trưng của xã", "Của xã, của Đoàn hoặc của chợ; đứng thay hình mặt trời."),
    "provider": ("Biểu trưng đơn vị thanh toán", "Ngân hàng hoặc ví cùng làm chương trình, do chính đơn vị gửi."),
}
DECIDE = (*ORDER, APPROVER)
DECISIONS = ("approve", "refuse")
PICTURE_PX = 640


@dataclass(frozen=True, slots=True)
class Shown:
    """One of a commune's two logos as the page shows it."""

    role: str
    title: str
    about: str
    file: Path | None
    fault: str
    waiting: LogoFile | None
    objection: Objection | None
    error: str


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _commune(actor: Actor, wanted: str = "", roles: tuple[str, ...] = (COORDINATOR, ADMIN)) -> Unit:
    """The commune asked for, else the first; NotFoundError outside this person's reach."""
    reached = communes_in_reach(actor, *roles)
    found = next((each for each in reached if not wanted or each.id == row_id(wanted)), None)
    if found is None:
        raise NotFoundError("Không có xã này.", remedy="Hãy chọn xã trong danh sách.")
    return found


def _page(actor: Actor, commune: Unit, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "printing/logos.html",
        unit=commune,
        communes=communes_in_reach(actor, *DECIDE),
        logos=[_shown(actor, commune, role, (errors or {}).get(role, "")) for role in ROLES],
        places=actor.has(*ORDER),
        max_mb=BYTES_MAX // 1_000_000,
    )


def _shown(actor: Actor, commune: Unit, role: str, error: str) -> Shown:
    file, waiting = logo_file(_settings().logos_dir, str(commune.id), role), waiting_logo(commune.id, role)
    against = objection(actor, behind(waiting), now=moment()) if waiting else None
    fault = ""
    try:
        if file:
            read_logo(file.read_bytes(), file.name)
    except PaperError as wrong:
        fault = str(wrong)
    return Shown(role, *ROLES[role], file, fault, waiting, against, error)


@pages.get("/logos")
@allow(*DECIDE)
def logos() -> ResponseReturnValue:
    """Both logos of a commune, those that wait beside those in use, and a poster with them."""
    actor = current_actor()
    return _page(actor, _commune(actor, request.args.get("unit", ""), DECIDE))


@pages.post("/logos/<int:unit_id>/<role>")
@allow(*ORDER)
def take_logo(unit_id: int, role: str) -> ResponseReturnValue:
    """Take a logo in: read before anything is written, then kept until another person agrees."""
    actor = current_actor()
    commune = _commune(actor, str(unit_id))
    if role not in LOGO_ROLES:
        raise NotFoundError("Không có chỗ cho biểu trưng này.")
    designs = all_designs(stock().designs)
    try:
        found = received(*_sent(), role, designs)
        with unit_of_work():
            propose_logo(actor, moment(), _settings().logos_dir, commune, role, found)
    except RefusedError as wrong:
        return _page(actor, commune, {role: str(wrong)}), wrong.status
    note = note_on(found.logo, role, designs)
    flash(f"Đã nhận biểu trưng; chờ một người khác duyệt rồi mới in. {note}".strip(), "good")
    return redirect(url_for("printing.logos", unit=unit_id))


def _sent() -> tuple[bytes, str]:
    """Content and name of the file in the form."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise RefusedError("Chưa chọn tệp.", remedy="Hãy chọn tệp SVG, PDF hoặc PNG do đơn vị gửi.")
    return file.stream.read(BYTES_MAX + 1), Path(file.filename).name


@pages.post("/logos/<int:unit_id>/<int:logo_id>/<decision>")
@allow(*DECIDE)
@present
def decide_logo(unit_id: int, logo_id: int, decision: str) -> ResponseReturnValue:
    """Yes or no to a logo that waits."""
    actor = current_actor()
    commune = _commune(actor, str(unit_id), DECIDE)
    if decision not in DECISIONS:
        raise NotFoundError("Không có nút này.", remedy="Hãy tải lại trang.")
    try:
        with unit_of_work():
            if decision == "approve":
                approve_logo(actor, moment(), logo_id, commune.id)
            else:
                refuse_logo(actor, moment(), logo_id, commune.id, request.form.get("reason", ""))
    except NotFoundError:
        raise
    except DomainError as wrong:
        flash(str(wrong), "error")
    else:
        said = "Đã duyệt; lô đặt từ bây giờ có biểu trưng này." if decision == "approve" else "Đã bỏ tệp chờ duyệt."
        flash(said, "good")
    return redirect(url_for("printing.logos", unit=unit_id))


@pages.post("/logos/<int:unit_id>/<role>/drop")
@allow(*ORDER)
def leave_logo(unit_id: int, role: str) -> ResponseReturnValue:
    """Take a logo away."""
    actor = current_actor()
    commune = _commune(actor, str(unit_id))
    if role not in LOGO_ROLES:
        raise NotFoundError("Không có biểu trưng này.")
    with unit_of_work():
        drop_logo(actor, moment(), _settings().logos_dir, commune, role)
    return redirect(url_for("printing.logos", unit=unit_id))


@pages.get("/logos/<int:unit_id>/<role>/<which>.png")
@allow(*DECIDE)
def logo_picture(unit_id: int, role: str, which: str) -> ResponseReturnValue:
    """One logo as a screen shows it: the one in use, or the one that waits."""
    commune = _commune(current_actor(), str(unit_id), DECIDE)
    out = io.BytesIO()
    picture_of(_logo(commune, role, waiting=which == "waiting"), PICTURE_PX).save(out, "PNG")
    return _private_png(out.getvalue())


def _logo(commune: Unit, role: str, *, waiting: bool) -> Logo:
    folder, row = _settings().logos_dir, waiting_logo(commune.id, role) if waiting else None
    path = file_of(folder, row) if row else None if waiting else logo_file(folder, str(commune.id), role)
    try:
        if role in LOGO_ROLES and path is not None:
            return read_logo(path.read_bytes(), path.name)
    except (OSError, PaperError):
        pass
    raise NotFoundError("Không có biểu trưng này.")


@pages.get("/logos/<int:unit_id>/preview.png")
@allow(*DECIDE)
def logo_preview(unit_id: int) -> ResponseReturnValue:
    """A poster with this commune's logos, as the press prints it."""
    shelf, commune = stock(), _commune(current_actor(), str(unit_id), DECIDE)
    theme = theme_of(shelf, "default", words_of(commune, None, shown_site()))
    return _private_png(preview_png(load_design(shelf.designs, "poster-a3"), theme, SAMPLE, shelf, 900))


def _private_png(data: bytes) -> Response:
    response = Response(data, mimetype="image/png")
    response.headers["Cache-Control"] = "private, no-store"
    return response

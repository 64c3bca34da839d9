"""A commune's own logo and its provider's: take them in, see them as the press will print them."""

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.actors import ADMIN, COORDINATOR, Actor
from app.db import unit_of_work
from app.errors import NotFoundError, RefusedError
from app.paper.logos import BYTES_MAX
from app.places.models import Unit
from app.places.queries import communes_in_reach
from app.printing.design_files import load_design
from app.printing.ordering import theme_of, words_of
from app.printing.own_logos import drop_logo, keep_logo, logo_file
from app.printing.previews import SAMPLE, preview_png
from app.printing.shelf import stock
from app.printing.themes import LOGO_ROLES
from app.printing.views.frame import ORDER, pages, shown_site
from app.settings import Settings
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.row_ids import row_id

ROLES = {
    "commune": ("Biểu trưng của xã", "Của xã, của Đoàn hoặc của chợ; đứng thay hình mặt trời."),
    "provider": ("Biểu trưng đơn vị thanh toán", "Ngân hàng hoặc ví cùng làm chương trình, do chính đơn vị gửi."),
}


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _commune(actor: Actor, wanted: str = "") -> Unit:
    """The commune asked for, else the first; NotFoundError outside this person's reach."""
    reached = communes_in_reach(actor, COORDINATOR, ADMIN)
    found = next((each for each in reached if not wanted or each.id == row_id(wanted)), None)
    if found is None:
        raise NotFoundError("Không có xã này.", remedy="Hãy chọn xã trong danh sách.")
    return found


@pages.get("/logos")
@allow(*ORDER)
def logos() -> ResponseReturnValue:
    """Both logos of a commune, and a poster with them."""
    actor = current_actor()
    commune = _commune(actor, request.args.get("unit", ""))
    folder = _settings().logos_dir
    return render_template(
        "printing/logos.html",
        unit=commune,
        communes=communes_in_reach(actor, COORDINATOR, ADMIN),
        roles=[(role, *ROLES[role], logo_file(folder, str(commune.id), role)) for role in ("commune", "provider")],
        max_mb=BYTES_MAX // 1_000_000,
    )


@pages.post("/logos/<int:unit_id>/<role>")
@allow(*ORDER)
def take_logo(unit_id: int, role: str) -> ResponseReturnValue:
    """Take a logo in."""
    actor = current_actor()
    commune = _commune(actor, str(unit_id))
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise RefusedError("Chưa chọn tệp.", remedy="Hãy chọn tệp SVG, PDF hoặc PNG do đơn vị gửi.")
    with unit_of_work():
        data = sent.stream.read(BYTES_MAX + 1)
        keep_logo(actor, moment(), _settings().logos_dir, commune, role, sent.filename, data)
    flash("Đã nhận biểu trưng. Lô đặt từ bây giờ sẽ có biểu trưng này.", "good")
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


@pages.get("/logos/<int:unit_id>/preview.png")
@allow(*ORDER)
def logo_preview(unit_id: int) -> ResponseReturnValue:
    """A poster with this commune's logos, as the press prints it."""
    shelf, commune = stock(), _commune(current_actor(), str(unit_id))
    theme = theme_of(shelf, "default", words_of(commune, None, shown_site()))
    png = preview_png(load_design(shelf.designs, "poster-a3"), theme, SAMPLE, shelf, 900)
    response = Response(png, mimetype="image/png")
    response.headers["Cache-Control"] = "private, no-store"
    return response

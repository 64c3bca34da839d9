"""Communes and hamlets: finding one's commune by any of its names, adding and renaming hamlets, their outlines."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.actors import ADMIN, COORDINATOR
from app.db import unit_of_work
from app.errors import DomainError, ForbiddenError
from app.places import actions, catalogue, queries
from app.places.forms import HAMLET_KINDS, ZONE_WORDS
from app.places.geojson import AREAS, BYTES_MAX, middle_of, read_geometry
from app.places.models import Unit
from app.places.old_names import old_name_note
from app.places.queries import unit_in_reach
from app.places.views.frame import done, pages
from app.web.access import allow, current_actor
from app.web.clock import moment

NAMES_MAX = 100


@pages.get("")
@allow(COORDINATOR, ADMIN)
def overview() -> ResponseReturnValue:
    """Everything of the place: communes with their hamlets, zones by phase."""
    units = queries.units_in_reach(current_actor())
    communes = [unit for unit in units if unit.level == "commune"]
    return render_template(
        "places/overview.html",
        communes=communes,
        hamlets={unit.id: [each for each in units if each.parent_id == unit.id] for unit in communes},
        zones=queries.zones([unit.id for unit in units]),
        stalls=queries.stall_counts(),
        words=ZONE_WORDS,
    )


@pages.get("/communes")
@allow(COORDINATOR, ADMIN)
def commune_search() -> ResponseReturnValue:
    """Finds a commune of 2025 by today's name, an old one or its former district."""
    wanted = request.args.get("q", "").strip()[:100]
    return render_template("places/communes.html", q=wanted, found=catalogue.search(wanted))


@pages.post("/communes")
@allow(COORDINATOR, ADMIN)
def commune_adopt() -> ResponseReturnValue:
    """Takes the chosen commune into the records."""
    actor = current_actor()
    if not any(scope.kind == "all" for scope in actor.scopes):
        raise ForbiddenError("Bạn chỉ làm việc trong địa bàn được giao.", remedy="Hãy nhờ quản trị thêm xã này.")
    code = request.form.get("code", "")[:5]
    return done(url_for("places.overview"), "Đã thêm.", lambda: actions.adopt_commune(code, actor, moment()))


@pages.route("/communes/<int:unit_id>/hamlets", methods=["GET", "POST"])
@allow(COORDINATOR, ADMIN)
def hamlets_new(unit_id: int) -> ResponseReturnValue:
    """Adds hamlets, one name a line."""
    commune = _commune(unit_id)
    if request.method == "GET":
        return _hamlet_page(commune, "")
    kind = request.form.get("kind", "")
    names = [line.strip() for line in request.form.get("names", "").splitlines() if line.strip()]
    if kind not in HAMLET_KINDS or not names or len(names) > NAMES_MAX:
        return _hamlet_page(commune, f"Hãy chọn loại và ghi mỗi dòng một tên, tối đa {NAMES_MAX} tên."), 422
    try:
        with unit_of_work():
            for name in names:
                actions.create_hamlet(commune, kind, name, current_actor(), moment())
    except DomainError as error:
        return _hamlet_page(commune, str(error)), 422
    notes = {note for name in names if (note := old_name_note(name, queries.province_name(commune)))}
    flash(" ".join([f"Đã thêm {len(names)} {kind}.", *sorted(notes)]), "success")
    return redirect(url_for("places.overview"))


@pages.get("/units/<int:unit_id>")
@allow(COORDINATOR, ADMIN)
def unit_page(unit_id: int) -> ResponseReturnValue:
    """One commune or hamlet: names then and now, outline."""
    unit = unit_in_reach(current_actor(), unit_id)
    return render_template("places/unit.html", unit=unit, aliases=queries.aliases_of(unit.id), kinds=HAMLET_KINDS)


@pages.post("/units/<int:unit_id>/name")
@allow(COORDINATOR, ADMIN)
def unit_rename(unit_id: int) -> ResponseReturnValue:
    """Gives a hamlet its new name; the old one is kept."""
    unit = _hamlet(unit_id)
    kind = request.form.get("kind", "")
    names = (kind if kind in HAMLET_KINDS else unit.kind, request.form.get("name", ""))
    reason = request.form.get("reason", "").strip()[:500]
    return done(
        _unit_url(unit),
        "Đã đổi tên; tên cũ vẫn tìm được.",
        lambda: actions.rename_unit(unit, *names, current_actor(), moment(), reason),
    )


@pages.post("/units/<int:unit_id>/outline")
@allow(COORDINATOR, ADMIN)
def unit_outline(unit_id: int) -> ResponseReturnValue:
    """Keeps the outline that was uploaded or drawn; an empty one removes it."""
    unit = unit_in_reach(current_actor(), unit_id)

    def draw() -> None:
        text = sent_outline()
        geometry = read_geometry(text, AREAS) if text else None
        actions.draw_unit(unit, geometry, middle_of(geometry) if geometry else None, current_actor(), moment())

    return done(_unit_url(unit), "Đã lưu ranh giới.", draw)


@pages.post("/units/<int:unit_id>/close")
@allow(COORDINATOR, ADMIN)
def unit_close(unit_id: int) -> ResponseReturnValue:
    """Ends a hamlet (merged, split); what happened there stays."""
    unit = _hamlet(unit_id)
    reason = request.form.get("reason", "").strip()[:500]
    return done(
        url_for("places.overview"),
        "Đã kết thúc.",
        lambda: actions.close_unit(unit, current_actor(), moment(), reason),
    )


def sent_outline() -> str:
    """The GeoJSON text of this request: the uploaded file, else what was drawn."""
    file = request.files.get("file")
    content = file.stream.read(BYTES_MAX + 1) if file is not None and file.filename else b""
    return content.decode("utf-8-sig", errors="replace") if content else request.form.get("drawn", "").strip()


def _commune(unit_id: int) -> Unit:
    unit = unit_in_reach(current_actor(), unit_id)
    return queries.commune_of(unit)


def _hamlet(unit_id: int) -> Unit:
    unit = unit_in_reach(current_actor(), unit_id)
    if unit.level != "hamlet":
        raise ForbiddenError("Tên xã, phường theo danh mục nhà nước.", remedy="Chỉ thôn, tổ của xã mới sửa ở đây.")
    return unit


def _hamlet_page(commune: Unit, fault: str) -> str:
    return render_template("places/hamlets_new.html", place=commune, kinds=HAMLET_KINDS, fault=fault, form=request.form)


def _unit_url(unit: Unit) -> str:
    return url_for("places.unit_page", unit_id=unit.id)

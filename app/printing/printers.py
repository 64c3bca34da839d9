"""The office printers people measured, by name."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from app.actors import Actor
from app.audit.actions import record
from app.db import db
from app.errors import ConflictError, NotFoundError, RefusedError
from app.places.queries import commune_seen
from app.printing.calibration import Shift
from app.printing.models import OfficePrinter
from app.vn.text import fold

NAME_MAX = 60


def printers_for(actor: Actor) -> Sequence[OfficePrinter]:
    """The printers of this person's commune, and those measured on this machine's command line."""
    query = select(OfficePrinter).where(commune_seen(OfficePrinter.unit_id, actor))
    return db.session.scalars(query.order_by(OfficePrinter.name_key, OfficePrinter.id)).all()


def printer_for(actor: Actor, printer_id: int) -> OfficePrinter:
    """One of them; NotFoundError else."""
    found = next((printer for printer in printers_for(actor) if printer.id == printer_id), None)
    if found is None:
        raise NotFoundError("Không có máy in này.", remedy="Hãy chọn trong danh sách máy in văn phòng.")
    return found


def printer_named(name: str) -> OfficePrinter:
    """The printer of this name on this installation; raises where there is none, or two communes have one."""
    found = db.session.scalars(select(OfficePrinter).where(OfficePrinter.name_key == fold(name.strip()))).all()
    if not found:
        raise NotFoundError(
            f"Chưa đo máy in {name!r}.",
            remedy="In tờ đo (choso printer calibrate) rồi ghi số đo: choso printer measure.",
        )
    if len(found) > 1:
        raise ConflictError(f"Có nhiều máy in tên {name!r}.", remedy="Hãy đặt tên riêng cho từng máy.")
    return found[0]


def remember_printer(actor: Actor, now: datetime, name: str, unit_id: int | None, shift: Shift) -> OfficePrinter:
    """Keep what was measured; a printer of that name is measured anew."""
    name = " ".join(name.split())
    if not name or len(name) > NAME_MAX:
        raise RefusedError("Chưa ghi tên máy in.", remedy=f"Đặt một tên dễ nhớ, tối đa {NAME_MAX} ký tự.")
    query = select(OfficePrinter).where(OfficePrinter.name_key == fold(name), OfficePrinter.unit_id == unit_id)
    printer = db.session.scalar(query) or OfficePrinter(name_key=fold(name), unit_id=unit_id)
    printer.name = name
    printer.right_um, printer.down_um = round(shift.right_mm * 1000), round(shift.down_mm * 1000)
    printer.measured_at, printer.measured_by = now, actor.name
    db.session.add(printer)
    db.session.flush()
    facts = {"name": name, "right_mm": shift.right_mm, "down_mm": shift.down_mm}
    record(actor, now, "printer.measure", ("printer", printer.id), after=facts)
    return printer


def forget_printer(actor: Actor, now: datetime, printer: OfficePrinter) -> None:
    """The printer is gone."""
    record(actor, now, "printer.forget", ("printer", printer.id), before={"name": printer.name})
    db.session.delete(printer)
    db.session.flush()

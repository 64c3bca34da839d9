"""The logos a commune placed here: its own and its payment provider's, as files beside the records."""

import os
import tempfile
from datetime import datetime
from pathlib import Path

from app.actors import Actor
from app.audit.actions import record
from app.errors import NotFoundError, RefusedError
from app.paper.colours import WHITE
from app.paper.logos import Logo, read_logo
from app.paper.measures import PaperError
from app.places.models import Unit
from app.printing.themes import LOGO_ROLES, OwnLogo

SUFFIXES = (".svg", ".pdf", ".png")
CONTRAST_LEAST = 3.0
"""WCAG 2.2, 1.4.11: below it a mark is not made out."""


def logo_file(folder: Path, unit: str, role: str) -> Path | None:
    """The file of one of a commune's logos."""
    paths = (folder / unit / f"{role}{suffix}" for suffix in SUFFIXES)
    return next((path for path in paths if path.is_file()), None)


def logos_of(folder: Path | None, unit: str) -> dict[str, OwnLogo]:
    """A commune's logos by role."""
    if folder is None or not unit:
        return {}
    files = {role: logo_file(folder, unit, role) for role in LOGO_ROLES}
    return {role: OwnLogo(read_logo(path.read_bytes(), path.name)) for role, path in files.items() if path}


def keep_logo(actor: Actor, now: datetime, folder: Path, commune: Unit, role: str, name: str, data: bytes) -> Logo:
    """Take a logo in; raises RefusedError saying what its owner must send instead. Lots made from now on show it."""
    if role not in LOGO_ROLES:
        raise NotFoundError("Không có chỗ cho biểu trưng này.")
    try:
        logo = read_logo(data, name)
    except PaperError as error:
        raise RefusedError(f"Chưa nhận được {error}.", remedy="Xin đơn vị gửi lại tệp như vậy.") from error
    if logo.seen_on(WHITE) < CONTRAST_LEAST:
        raise RefusedError(f"{name}: màu quá nhạt, không thấy rõ trên nền trắng.", remedy="Xin bản dùng cho nền sáng.")
    remove_files(folder, commune, role)
    _write(folder / str(commune.id) / f"{role}{Path(name).suffix.lower()}", data)
    record(actor, now, "logo.keep", ("unit", commune.id), after={"role": role, "sha256": logo.sha256})
    return logo


def drop_logo(actor: Actor, now: datetime, folder: Path, commune: Unit, role: str) -> None:
    """The logo is gone; its name stands in its place again."""
    if logo_file(folder, str(commune.id), role) is None:
        raise NotFoundError("Không có biểu trưng này.", remedy="Hãy tải lại trang.")
    remove_files(folder, commune, role)
    record(actor, now, "logo.drop", ("unit", commune.id), before={"role": role})


def remove_files(folder: Path, commune: Unit, role: str) -> None:
    """Take the files of one role away."""
    for suffix in SUFFIXES:
        (folder / str(commune.id) / f"{role}{suffix}").unlink(missing_ok=True)


def _write(target: Path, data: bytes) -> None:
    """The file appears whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, partial = tempfile.mkstemp(dir=target.parent, prefix=".partial-")
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
    Path(partial).replace(target)

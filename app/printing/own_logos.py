"""The logos a commune placed here: its own and its payment provider's, as files beside the records.

A logo stands beside every code, so it is under four eyes as the account is: one person brings the file, another,
independent one agrees, and until then what was there before is printed.
"""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from app.actors import Actor
from app.approval.actions import refuse_objection
from app.approval.rules import APPROVED, PROPOSED, PROPOSER, REFUSED, RETIRED, WITHDRAWN, Involved
from app.audit.actions import record
from app.db import db
from app.errors import ForbiddenError, NotFoundError, RefusedError
from app.paper.logos import SUFFIXES, Logo, read_logo
from app.paper.measures import PaperError
from app.places.models import Unit
from app.places.queries import communes_in_reach, is_real
from app.printing.models import LogoFile
from app.printing.themes import LOGO_ROLES, OwnLogo
from app.registry.rules.rights import APPROVERS


@dataclass(frozen=True, slots=True)
class Received:
    """A file that was read and may stand on paper: not yet anybody's logo."""

    logo: Logo
    suffix: str
    data: bytes


def logo_file(folder: Path, unit: str, role: str) -> Path | None:
    """The file of the logo that is printed; None where there is none, or where it is no longer the one agreed to."""
    used = _row(int(unit), role, APPROVED)
    if used is not None:
        path = file_of(folder, used)
        return path if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == used.sha256 else None
    if _row(int(unit), role, RETIRED) is not None:
        return None
    # Placed before logos were under four eyes: printed until the next one is agreed to.
    paths = (folder / unit / f"{role}{suffix}" for suffix in SUFFIXES)
    return next((path for path in paths if path.is_file()), None)


def logos_of(folder: Path | None, unit: str) -> dict[str, OwnLogo]:
    """A commune's logos by role, those that may be printed; one that can be printed no more is left out."""
    if folder is None or not unit:
        return {}
    found = {}
    for role in LOGO_ROLES:
        path = logo_file(folder, unit, role)
        try:
            if path is not None:
                found[role] = OwnLogo(read_logo(path.read_bytes(), path.name))
        except PaperError:
            continue  # the page of the logos says why; here its name stands in its place
    return found


def waiting_logo(unit_id: int, role: str) -> LogoFile | None:
    """The logo that waits for a second person."""
    return _row(unit_id, role, PROPOSED)


def waiting_in(actor: Actor) -> list[LogoFile]:
    """Logos that wait for this person: brought by somebody else, for a commune where they may agree; oldest first."""
    query = select(LogoFile).where(LogoFile.state == PROPOSED).order_by(LogoFile.id)
    rows = [row for row in db.session.scalars(query) if row.proposed_by_id != actor.id] if actor.has(*APPROVERS) else []
    reached = {each.id for each in communes_in_reach(actor, *APPROVERS)} if rows else set()
    return [row for row in rows if row.unit_id in reached]


def file_of(folder: Path, row: LogoFile) -> Path:
    """Where a logo's file lies, under its own sum."""
    return folder / str(row.unit_id) / f"{row.sha256}{row.suffix}"


def behind(row: LogoFile) -> list[Involved]:
    """Whose hand is in a logo that waits."""
    return [Involved(row.proposed_by_id, PROPOSER, row.proposed_session, row.proposed_at)]


def propose_logo(actor: Actor, now: datetime, folder: Path, commune: Unit, role: str, received: Received) -> LogoFile:
    """Keep a logo until another person agrees; one that waited before is withdrawn. What is printed stays as it is."""
    if role not in LOGO_ROLES:
        raise NotFoundError("Không có chỗ cho biểu trưng này.")
    logo = received.logo
    earlier = waiting_logo(commune.id, role)
    if earlier is not None:
        _end(actor, now, earlier, WITHDRAWN, "có tệp mới hơn")
    row = LogoFile(
        unit_id=commune.id,
        role=role,
        sha256=logo.sha256,
        suffix=received.suffix,
        state=PROPOSED,
        proposed_at=now,
        proposed_by_id=actor.id,
        proposed_by=actor.name,
        proposed_session=actor.session,
    )
    db.session.add(row)
    db.session.flush()
    _write(file_of(folder, row), received.data)
    record(actor, now, "logo.propose", ("unit", commune.id), after={"role": role, "sha256": logo.sha256})
    return row


def approve_logo(actor: Actor, now: datetime, row_id: int, unit_id: int) -> LogoFile:
    """Another, independent person agrees: lots ordered from now on show it. Raises FourEyesError for all others."""
    row = _decided_by(actor, row_id, unit_id)
    refuse_objection(actor, now, behind(row), row.state, ("unit", row.unit_id), is_real=is_real(row.unit_id))
    used = _row(row.unit_id, row.role, APPROVED)
    if used is not None:
        _end(actor, now, used, RETIRED, "")
    _end(actor, now, row, APPROVED, "")
    before = {"sha256": used.sha256} if used else {}
    after = {"role": row.role, "sha256": row.sha256}
    record(actor, now, "logo.approve", ("unit", row.unit_id), before=before, after=after)
    return row


def refuse_logo(actor: Actor, now: datetime, row_id: int, unit_id: int, reason: str) -> LogoFile:
    """No, with a reason; who brought it may take it back without one."""
    row = _decided_by(actor, row_id, unit_id)
    own = row.proposed_by_id == actor.id
    if row.state != PROPOSED:
        raise RefusedError("Biểu trưng này đã được quyết định.", remedy="Hãy tải lại trang.")
    if not own and not reason.strip():
        raise RefusedError("Thiếu lý do từ chối.", remedy="Hãy ghi một câu.")
    _end(actor, now, row, WITHDRAWN if own else REFUSED, reason.strip())
    record(actor, now, "logo.refuse", ("unit", row.unit_id), before={"role": row.role, "sha256": row.sha256})
    return row


def drop_logo(actor: Actor, now: datetime, folder: Path, commune: Unit, role: str) -> None:
    """The logo is gone; its name stands in its place again."""
    used = _row(commune.id, role, APPROVED)
    legacy = None if used is not None else logo_file(folder, str(commune.id), role)
    if used is None and legacy is None:
        raise NotFoundError("Không có biểu trưng này.", remedy="Hãy tải lại trang.")
    if used is not None:
        _end(actor, now, used, RETIRED, "")
    elif legacy is not None:
        legacy.unlink(missing_ok=True)
    record(actor, now, "logo.drop", ("unit", commune.id), before={"role": role})


def _row(unit_id: int, role: str, state: str) -> LogoFile | None:
    query = select(LogoFile).where(LogoFile.unit_id == unit_id, LogoFile.role == role, LogoFile.state == state)
    return db.session.scalars(query.order_by(LogoFile.id.desc()).limit(1)).first()


def _decided_by(actor: Actor, row_id: int, unit_id: int) -> LogoFile:
    if not actor.has(*APPROVERS):
        raise ForbiddenError("Bạn không có vai trò duyệt biểu trưng.")
    query = select(LogoFile).where(LogoFile.id == row_id, LogoFile.unit_id == unit_id).with_for_update()
    row = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFoundError("Không có biểu trưng này.", remedy="Hãy tải lại trang.")
    return row


def _end(actor: Actor, now: datetime, row: LogoFile, state: str, reason: str) -> None:
    row.state, row.reason = state, reason
    row.decided_at, row.decided_by_id, row.decided_by = now, actor.id, actor.name
    db.session.flush()


def _write(target: Path, data: bytes) -> None:
    """The file appears whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, partial = tempfile.mkstemp(dir=target.parent, prefix=".partial-")
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
    Path(partial).replace(target)

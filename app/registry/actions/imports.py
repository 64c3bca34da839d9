"""Lists in steps: staged (read and checked), applied in one piece, undone to the last row."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, or_, select, update

from app.actors import Actor
from app.audit.actions import record
from app.db import db
from app.errors import ConflictError
from app.places.models import Unit
from app.places.old_names import old_name_note
from app.places.queries import province_name
from app.registry.actions.listing import Listed, list_merchants
from app.registry.actions.undoing import remove_places, remove_untouched
from app.registry.models import ImportBatch, ImportProfile, ImportRow, Merchant
from app.registry.queries.imports import source_of
from app.registry.rules.list_columns import Origin, columns_signature, headings_of
from app.registry.rules.lists import ListLine, read_lines
from app.tables import Headed

CHUNK = 1000
#: Fields of a line that say where it stood, not what it said.
PLACE_FIELDS = ("line", "cells", "label", "faults", "notes")


def stage_list(
    actor: Actor,
    now: datetime,
    headed: Headed,
    unit: Unit,
    *,
    file_name: str,
    sha256: str,
    size_bytes: int,
    origin: Origin = Origin(),  # noqa: B008 - frozen
) -> ImportBatch:
    """Reads and checks every line and keeps the result; nothing of it stands in the registry yet."""
    source = source_of(unit, origin.sender)
    province = province_name(unit)
    lines = [_with_todays_name(line, province) for line in read_lines(headed)]
    known = _known(source, lines)
    batch = ImportBatch(
        file_name=file_name[:200],
        sha256=sha256,
        size_bytes=size_bytes,
        state="validated",
        unit_id=unit.id,
        source=source,
        sender=origin.sender,
        columns_from=origin.columns_from,
        columns_told=origin.columns_told,
        heading_line=headed.line,
        headings=headings_of(headed),
        columns=dict(headed.columns),
        accepted=0,
        unchanged=0,
        refused=0,
        made={},
        created_at=now,
        created_by_id=actor.id,
        created_by=actor.name,
    )
    db.session.add(batch)
    db.session.flush()
    rows = [_row(batch.id, line, known) for line in _without_twins(lines)]
    for start in range(0, len(rows), CHUNK):
        db.session.execute(insert(ImportRow), rows[start : start + CHUNK])
    states = [row["state"] for row in rows]
    batch.accepted, batch.unchanged, batch.refused = (states.count(state) for state in ("new", "unchanged", "refused"))
    db.session.flush()
    return batch


def apply_batch(actor: Actor, now: datetime, batch: ImportBatch) -> Listed:
    """Writes every accepted line into the registry: merchant, point, account proposal. All or nothing.

    Accounts come in as proposals of whoever applies the list; another person approves them (two, where nobody is
    signed in). Raises ConflictError where the batch was applied already.
    """
    if batch.state != "validated":
        raise ConflictError("Tệp này không còn chờ ghi.", remedy="Hãy tải lại trang.")
    rows = db.session.scalars(
        select(ImportRow).where(ImportRow.batch_id == batch.id, ImportRow.state == "new").order_by(ImportRow.line)
    ).all()
    lines = [line_of(row) for row in rows]
    known = _known(batch.source, lines)
    fresh = [(row, line) for row, line in zip(rows, lines, strict=True) if external_id(line) not in known]
    unit = db.session.get_one(Unit, batch.unit_id)
    listed = list_merchants(actor, now, batch, unit, [(line, external_id(line)) for _, line in fresh])
    _mark(batch, [row for row, _ in fresh], listed.merchant_ids)
    batch.accepted, batch.unchanged = len(fresh), batch.unchanged + len(rows) - len(fresh)
    batch.state, batch.applied_at = "applied", now
    batch.made = {"zones": listed.zone_ids, "units": listed.unit_ids}
    _remember_columns(actor, now, batch)
    record(
        actor,
        now,
        "import.apply",
        ("import_batch", batch.id),
        after={
            "file": batch.file_name,
            "sha256": batch.sha256,
            "accepted": batch.accepted,
            "unchanged": batch.unchanged,
            "refused": batch.refused,
        },
    )
    return listed


def drop_batch(actor: Actor, now: datetime, batch: ImportBatch) -> None:
    """Puts a list aside that was not applied."""
    if batch.state != "validated":
        raise ConflictError("Tệp này không còn chờ ghi.", remedy="Hãy tải lại trang.")
    batch.state = "dropped"
    record(actor, now, "import.drop", ("import_batch", batch.id), after={"file": batch.file_name})


def undo_batch(actor: Actor, now: datetime, batch: ImportBatch, reason: str = "") -> int:
    """Takes out again what this list brought in; how many merchants are kept because people worked on them since."""
    if batch.state != "applied":
        raise ConflictError("Tệp này chưa ghi vào sổ hoặc đã hoàn tác.", remedy="Hãy tải lại trang.")
    removed = remove_untouched(batch)
    kept = batch.accepted - removed
    remove_places(batch)
    db.session.execute(
        update(ImportRow).where(ImportRow.batch_id == batch.id, ImportRow.state == "applied").values(state="kept")
    )
    batch.state, batch.undone_at = "undone", now
    record(
        actor,
        now,
        "import.undo",
        ("import_batch", batch.id),
        after={"file": batch.file_name, "removed": removed, "kept": kept},
        reason=reason,
    )
    return kept


def _with_todays_name(line: ListLine, province: str) -> ListLine:
    """A line that names its commune as it was called before 1 July 2025 is told what that is now."""
    if line.faults or line.label:
        return line
    written = (line.commune, f"xã {line.commune}" if line.commune else "", line.address, line.hamlet)
    note = next(filter(None, (old_name_note(each, province) for each in written)), "")
    return replace(line, notes=(*line.notes, note)) if note else line


def external_id(line: ListLine) -> str:
    """The sender's number for a line, or what it said where the list has no numbers."""
    return line.external_id or line.identity or f"={line.fingerprint}"


def line_of(row: ImportRow) -> ListLine:
    """The line a staged row was made of."""
    return ListLine(row.line, tuple(row.cells), **row.values)


def _without_twins(lines: Sequence[ListLine]) -> list[ListLine]:
    """Lines that carry a number another line of the file carries with other content are refused: which one is right?"""
    first: dict[str, int] = {}
    checked = []
    for line in lines:
        known = first.setdefault(line.external_id, line.line) if line.external_id and not line.faults else line.line
        if known != line.line:
            reason = f"Mã hộ {line.external_id} đã có ở dòng {known} với nội dung khác."
            checked.append(replace(line, faults=(reason,)))
        else:
            checked.append(line)
    return checked


def _known(source: str, lines: Sequence[ListLine]) -> set[str]:
    """Which of these lines the registry has already: by this sender's number, or by all they say, whoever said it."""
    whole = source.partition("/")[0]
    of_commune = or_(Merchant.source == whole, Merchant.source.startswith(f"{whole}/", autoescape=True))
    from_here = or_(Merchant.source == source, of_commune & Merchant.external_id.startswith("="))
    wanted = [external_id(line) for line in lines if not line.faults]
    found: set[str] = set()
    for start in range(0, len(wanted), CHUNK):
        query = select(Merchant.external_id).where(from_here, Merchant.external_id.in_(wanted[start : start + CHUNK]))
        found.update(number for number in db.session.scalars(query) if number is not None)
    return found


def _row(batch_id: int, line: ListLine, known: set[str]) -> dict[str, Any]:
    state = (
        "label" if line.label else "refused" if line.faults else "unchanged" if external_id(line) in known else "new"
    )
    values = {name: value for name, value in asdict(line).items() if name not in PLACE_FIELDS}
    return {
        "batch_id": batch_id,
        "line": line.line,
        "state": state,
        "cells": list(line.cells),
        "values": values,
        "message": " ".join(line.faults or line.notes) or line.label,
        "merchant_id": None,
    }


def _mark(batch: ImportBatch, rows: Sequence[ImportRow], merchant_ids: Sequence[int]) -> None:
    made: list[Mapping[str, Any]] = [
        {"id": row.id, "state": "applied", "merchant_id": merchant_id}
        for row, merchant_id in zip(rows, merchant_ids, strict=True)
    ]
    if made:
        db.session.execute(update(ImportRow), made)
    db.session.execute(
        update(ImportRow).where(ImportRow.batch_id == batch.id, ImportRow.state == "new").values(state="unchanged")
    )


def _remember_columns(actor: Actor, now: datetime, batch: ImportBatch) -> None:
    signature = columns_signature(batch.headings)
    of_sender = select(ImportProfile).where(ImportProfile.signature == signature, ImportProfile.source == batch.source)
    profile = db.session.scalar(of_sender)
    if profile is None:
        profile = ImportProfile(signature=signature, source=batch.source)
        db.session.add(profile)
    profile.sender, profile.columns = batch.sender, dict(batch.columns)
    profile.updated_at, profile.updated_by = now, actor.name
    db.session.flush()

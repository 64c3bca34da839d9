"""Lists in steps: staged (read and checked), applied in one piece, undone to the last row."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from app.actors import Actor
from app.audit.actions import record
from app.db import db, insert_rows
from app.errors import ConflictError
from app.places.models import Unit
from app.places.old_names import old_name_note
from app.places.queries import commune_of, province_name, units_below, zones
from app.registry.actions.list_changes import (
    apply_changes,
    line_of,
    propose_changed_accounts,
    withdraw_proposals,
)
from app.registry.actions.listing import Listed, list_merchants
from app.registry.actions.undoing import remove_places, remove_untouched
from app.registry.models import ImportBatch, ImportProfile, ImportRow
from app.registry.queries.imports import source_of
from app.registry.queries.known_lines import Match, recognised
from app.registry.rules.list_changes import told
from app.registry.rules.list_columns import Origin, columns_signature, headings_of
from app.registry.rules.lists import ListLine, read_lines
from app.registry.rules.markets import Markets
from app.tables import Headed

CHUNK = 1000
#: Fields of a line that say where it stood, not what it said.
PLACE_FIELDS = ("line", "cells", "label", "faults", "notes", "sheet", "is_account_confirmed")
VALUE_FIELDS = tuple(each.name for each in fields(ListLine) if each.name not in PLACE_FIELDS)


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
    known = Markets(zone.name for zone in zones(units_below([commune_of(unit).id])))
    lines = [_with_known_market(_with_todays_name(line, province), known) for line in read_lines(headed)]
    matches = recognised(source, unit, lines)
    lines = _without_twins(lines, matches)
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
        sheets=asdict(headed.sheets),
        heading_line=headed.line,
        headings=headings_of(headed),
        columns=dict(headed.columns),
        accepted=0,
        unchanged=0,
        changed=0,
        refused=0,
        made={},
        created_at=now,
        created_by_id=actor.id,
        created_by=actor.name,
    )
    db.session.add(batch)
    db.session.flush()
    rows = [_row(batch.id, line, matches.get(at)) for at, line in enumerate(lines)]
    for start in range(0, len(rows), CHUNK):
        insert_rows(ImportRow, rows[start : start + CHUNK])
    db.session.flush()
    count_rows(batch)
    return batch


def count_rows(batch: ImportBatch) -> None:
    """Brings the batch's figures up to what its lines are now."""
    query = select(ImportRow.state, func.count()).where(ImportRow.batch_id == batch.id).group_by(ImportRow.state)
    found = Counter({row[0]: row[1] for row in db.session.execute(query)})
    batch.accepted = found["new"] + found["applied"]
    batch.unchanged, batch.refused = found["unchanged"], found["refused"]
    batch.changed = found["changed"] + found["alike"]
    db.session.flush()


def apply_batch(actor: Actor, now: datetime, batch: ImportBatch, *, with_changes: bool = False) -> Listed:
    """Writes every accepted line into the registry: merchant, point, account proposal. All or nothing.

    Lines of known merchants that differ stay told, unless `with_changes`; an account that differs becomes a proposal.

    Accounts come in as proposals of whoever applies the list; another person approves them (two, where nobody is
    signed in). Raises ConflictError where the batch was applied already.
    """
    if batch.state != "validated":
        raise ConflictError("Tệp này không còn chờ ghi.", remedy="Hãy tải lại trang.")
    rows = db.session.scalars(
        select(ImportRow).where(ImportRow.batch_id == batch.id, ImportRow.state == "new").order_by(ImportRow.id)
    ).all()
    lines = [line_of(row) for row in rows]
    unit = db.session.get_one(Unit, batch.unit_id)
    # Once more, for others may have brought them in since; who only looks alike was decided upon already.
    matches = {at: match for at, match in recognised(batch.source, unit, lines).items() if match.is_sure}
    fresh = [(row, line) for at, (row, line) in enumerate(zip(rows, lines, strict=True)) if at not in matches]
    listed = list_merchants(actor, now, batch, unit, [(line, external_id(line)) for _, line in fresh])
    _mark([row for row, _ in fresh], listed.merchant_ids)
    for at, match in matches.items():
        rows[at].state, rows[at].differs, rows[at].merchant_id = _state(match), list(match.differs), match.known.id
        rows[at].message = _told(lines[at], match)
    propose_changed_accounts(actor, now, batch)
    if with_changes:
        apply_changes(actor, now, batch)
    count_rows(batch)
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
            "changed": batch.changed,
            "refused": batch.refused,
        },
    )
    return listed


def drop_batch(actor: Actor, now: datetime, batch: ImportBatch) -> None:
    """Puts a list aside that was not applied."""
    if batch.state not in {"validated", "uploaded"}:
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
    withdraw_proposals(actor, now, batch)
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


def _with_known_market(line: ListLine, known: Markets) -> ListLine:
    """A line whose market is known by another writing is of that market, and says so."""
    if not line.market or line.faults:
        return line
    market = known.find(line.market)
    if not market:
        known.add(line.market)
        return line
    if market.casefold() == line.market.casefold():
        return line
    return replace(line, market=market, notes=(*line.notes, f"“{line.market}” hiểu là {market}."))


def external_id(line: ListLine) -> str:
    """The sender's number for a line, or what it said where the list has no numbers."""
    return line.external_id or line.identity or f"={line.fingerprint}"


def _without_twins(lines: Sequence[ListLine], matches: Mapping[int, Match]) -> list[ListLine]:
    """Lines that carry a number another line of the file carries with other content are refused: which one is right?

    Our own export has a line for each stall of one merchant; their code says so.
    """
    first: dict[str, str] = {}
    checked = []
    for at, line in enumerate(lines):
        is_counted = bool(line.external_id) and not (line.faults or (line.merchant_code and at in matches))
        known = first.setdefault(line.external_id, line.place) if is_counted else line.place
        if known != line.place:
            reason = f"Mã hộ {line.external_id} đã có ở {known} với nội dung khác."
            checked.append(replace(line, faults=(reason,)))
        else:
            checked.append(line)
    return checked


def _row(batch_id: int, line: ListLine, match: Match | None) -> dict[str, Any]:
    values = {name: getattr(line, name) for name in VALUE_FIELDS}
    is_read = not (line.label or line.faults)
    return {
        "batch_id": batch_id,
        "line": line.line,
        "sheet": line.sheet,
        "account_waits": bool(line.account_number) and not line.proposes_account,
        "state": "label" if line.label else "refused" if line.faults else _state(match) if match else "new",
        "cells": list(line.cells),
        "values": values,
        "message": _told(line, match) if is_read else " ".join(line.faults) or line.label,
        "differs": list(match.differs) if match and is_read else [],
        "merchant_id": match.known.id if match and is_read else None,
    }


def _state(match: Match) -> str:
    return "unchanged" if not match.differs else "changed" if match.is_sure else "alike"


def _told(line: ListLine, match: Match | None) -> str:
    """What was mended in a line, and whom it means."""
    if match is None:
        unknown = f"Mã hồ sơ {line.merchant_code} không có trong sổ này: thêm như hộ mới." if line.merchant_code else ""
        return " ".join(filter(None, (*line.notes, unknown)))
    account = (line.bank_bin, line.account_number)
    is_past = "account_number" in match.differs and account in match.known.past
    known = told(match.known.code, match.differs, is_sure=match.is_sure, is_past=is_past) if match.differs else ""
    return " ".join(filter(None, (known, *line.notes)))


def _mark(rows: Sequence[ImportRow], merchant_ids: Sequence[int]) -> None:
    made: list[Mapping[str, Any]] = [
        {"id": row.id, "state": "applied", "merchant_id": merchant_id}
        for row, merchant_id in zip(rows, merchant_ids, strict=True)
    ]
    if made:
        db.session.execute(update(ImportRow), made)


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

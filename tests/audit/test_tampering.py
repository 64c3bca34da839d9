"""A thousand single tamperings behind the program's back, each of another kind and place: every one is found."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Table, delete, func, insert, select, text, update
from sqlalchemy.exc import DatabaseError

from app.actors import Actor
from app.audit.actions import record
from app.audit.anchors import note_anchor, noted_anchors
from app.audit.models import AuditEvent, AuditHead
from app.audit.queries import chain_break, chain_head
from app.audit.rules import Event, chained
from app.db import begin_writing, db, unit_of_work

EVENTS = 24
TAMPERINGS = 1000
Tampering = Callable[[random.Random, int], None]
table: Table = AuditEvent.__table__  # type: ignore[assignment]
COLUMNS = [column.name for column in table.columns]


@pytest.fixture
def chain(app: Flask, now: datetime) -> Flask:
    with unit_of_work():
        for number in range(EVENTS):
            record(
                Actor(number % 5 or None, f"Người {number % 5}"),
                now + timedelta(seconds=number),
                ("merchant.change", "account.approve", "consent.give")[number % 3],
                ("merchant", number % 7),
                before={"shop_name": "Bún riêu", "phone": None} if number % 2 else None,
                after={"shop_name": f"Bún riêu cô Lượng {number}", "points": [1, 2]} if number % 4 else None,
                reason="Gõ nhầm" if number % 3 else "",
            )
    return app


def rewritten(chance: random.Random, at: int) -> None:
    """One column of one row."""
    row = db.session.execute(select(table).where(table.c.id == at)).one()._mapping
    name = chance.choice(COLUMNS)
    old = row[name]
    if name in {"before", "after"}:
        new: object = {**(old or {}), chance.choice(("shop_name", "x")): chance.random()}
    elif name == "at":
        new = old + timedelta(microseconds=chance.randint(1, 10**9))
    elif name in {"id", "actor_id"}:
        new = (old or 0) + EVENTS * chance.randint(1, 5)
    elif name in {"hash", "previous"}:
        place = chance.randrange(64)
        digit = chance.choice([each for each in "0123456789abcdef" if each != old[place]])
        new = old[:place] + digit + old[place + 1 :]
    else:
        new = old + chance.choice("aăâ \u0301.")
    assert new != old
    db.session.execute(update(table).where(table.c.id == at).values({name: new}))


def removed(_: random.Random, at: int) -> None:
    """One row; the last one too."""
    db.session.execute(delete(table).where(table.c.id == at))


def inserted(chance: random.Random, at: int) -> None:
    """A row of one's own at the end, rightly chained; or a copy of another under a number that is free."""
    row = dict(db.session.execute(select(table).where(table.c.id == at)).one()._mapping)
    last = db.session.execute(select(table.c.hash).where(table.c.id == EVENTS)).scalar_one()
    row["id"] = chance.choice((EVENTS + 1, EVENTS + 9, 0))
    row["previous"] = chance.choice((last, row["previous"]))
    row["hash"] = chained(Event(**row)) if chance.random() < 0.7 else row["hash"]
    db.session.execute(insert(table).values(**row))


def exchanged(chance: random.Random, at: int) -> None:
    """Two rows change places."""
    other = chance.choice([number for number in range(1, EVENTS + 1) if number != at])
    for number, new in ((at, -1), (other, at), (-1, other)):
        db.session.execute(update(table).where(table.c.id == number).values(id=new))


def cut_off(_: random.Random, at: int) -> None:
    """Everything from here on."""
    db.session.execute(delete(table).where(table.c.id >= at))


def forged_end(chance: random.Random, at: int) -> None:
    """Cut off, and the head told to end there; or the rest chained anew after a change."""
    events = db.session.execute(select(table).order_by(table.c.id)).mappings().all()
    db.session.execute(delete(table).where(table.c.id >= at))
    previous = events[at - 2]["hash"] if at > 1 else "0" * 64
    count = at - 1
    if chance.random() < 0.5:
        for each in events[at - 1 :]:
            made = {**each, "previous": previous, "reason": each["reason"] + "!"}
            made["hash"] = previous = chained(Event(**made))
            db.session.execute(insert(table).values(**made))
            count += 1
    db.session.execute(update(AuditHead).values(events=count, hash=previous))


KINDS: tuple[Tampering, ...] = (rewritten, rewritten, rewritten, removed, inserted, exchanged, cut_off, forged_end)


def test_each_of_a_thousand_is_found(chain: Flask, tmp_path: Path, now: datetime) -> None:
    note_anchor(tmp_path, chain_head(), now)
    anchors = list(noted_anchors(tmp_path))
    chance = random.Random(20261122)
    missed = []
    db.session.rollback()
    begin_writing()
    _disarm()
    for number in range(TAMPERINGS):
        kind, at = KINDS[number % len(KINDS)], chance.randint(1, EVENTS)
        with db.session.begin_nested() as trial:
            kind(chance, at)
            if chain_break(anchors)[1] is None:
                missed.append((number, kind.__name__, at))
            trial.rollback()
    db.session.rollback()
    assert missed == []
    assert chain_break(anchors) == (EVENTS, None)


def test_the_database_refuses_every_column(chain: Flask) -> None:
    statements = [f"UPDATE audit_event SET {column} = {column} WHERE id = 7" for column in COLUMNS]
    for statement in (*statements, "DELETE FROM audit_event WHERE id = 7"):
        with pytest.raises(DatabaseError, match="append-only"), unit_of_work():
            db.session.execute(text(statement))
    assert db.session.scalar(select(func.count()).select_from(AuditEvent)) == EVENTS


def _disarm() -> None:
    """Triggers gone, within the transaction that is rolled back."""
    if db.engine.dialect.name == "sqlite":
        db.session.execute(text("DROP TRIGGER IF EXISTS audit_event_no_update"))
        db.session.execute(text("DROP TRIGGER IF EXISTS audit_event_no_delete"))
    else:
        db.session.execute(text("DROP TRIGGER IF EXISTS audit_event_append_only ON audit_event"))

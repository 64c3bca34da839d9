"""The world that a random walk goes through: people with sign-ins, sessions and tokens, stalls, accounts, copies kept.

One program for all walks; each begins on a fresh copy of the same prepared records.
"""

import shutil
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from flask import Flask, g
from sqlalchemy import event
from werkzeug.test import TestResponse

from app.accounts.actions import Grant, create_user
from app.accounts.devices import issue_device
from app.accounts.guard import actor_of
from app.accounts.models import DeviceToken, LoginSession, User
from app.accounts.rules import token_roles
from app.actors import ADMIN, APPROVER, COMMAND_LINE, COORDINATOR, SYSTEM, Actor
from app.db import begin_reading, begin_writing, db, migrate, unit_of_work
from app.factory import create_app
from tests.conftest import NOW, Browser, settings_for
from tests.registry.scene import commune, market, merchant, stall

DATABASE = "choso.sqlite3"
LONG_AGO = timedelta(days=30)
FOREVER = timedelta(days=3650)
FIRST_PEOPLE = ((COORDINATOR, APPROVER, ADMIN), (APPROVER, ADMIN), (APPROVER,))


@dataclass(frozen=True, slots=True)
class Way:
    """How somebody acts: on a page, through the API with a token of some kind, by a function call, from the machine."""

    kind: str  #: page, api, desk, call, machine
    session: int = 0  #: which of their browsers; 9: the browser that everybody in the office uses

    @property
    def is_token(self) -> bool:
        return self.kind in {"api", "desk"}


class World:
    """The program, its clock, and the prepared records that every walk begins with."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.app: Flask = create_app(settings_for(folder, f"sqlite:///{folder / DATABASE}"))
        self.app.test_client_class = Browser
        self.now: datetime = NOW
        self.context = self.app.app_context()
        self.context.push()
        event.listen(db.engine, "connect", _careless)
        begin_writing()
        migrate(db.engine)
        with unit_of_work():
            for number, roles in enumerate(FIRST_PEOPLE):
                grants = [Grant(role) for role in roles]
                name = f"nguoi{number}"
                create_user(
                    SYSTEM, NOW - LONG_AGO, name, f"Người {number}", grants=grants, sample=True, must_change=False
                )
        self.unit = commune(NOW, is_sample=True)
        self.zone = market(NOW, self.unit)
        for number in range(3):
            stall(NOW, merchant(NOW, self.unit, f"Lê Thị {'ABC'[number]}"), self.zone, f"A{number}")
        self.unit_id, self.zone_id = self.unit.id, self.zone.id
        self.keep("prepared")

    def begin(self) -> None:
        """A new walk."""
        self.now = NOW
        self.lay_back("prepared")

    def keep(self, name: str) -> None:
        """A copy of the records, as a backup keeps them."""
        self._let_go()
        shutil.copyfile(self.folder / DATABASE, self.folder / name)

    def lay_back(self, name: str) -> None:
        """The copy takes the place of the records."""
        self._let_go()
        shutil.copyfile(self.folder / name, self.folder / DATABASE)
        begin_reading()

    def has(self, name: str) -> bool:
        """Whether such a copy was kept."""
        return (self.folder / name).exists()

    def forget(self, name: str) -> None:
        """The copy is gone."""
        (self.folder / name).unlink(missing_ok=True)

    def close(self) -> None:
        """Nothing is left."""
        db.session.remove()
        db.engine.dispose()
        self.context.pop()
        shutil.rmtree(self.folder)

    def actor(self, person: User, way: Way) -> Actor:
        """This person with the rights they have this way, as the guard makes them."""
        if way.kind == "machine":
            return COMMAND_LINE
        if way.is_token:
            device = self._device(person, way)
            return actor_of(person, "api", f"device {device.id}", token_roles(way.kind))
        actor = actor_of(person, "web", self._session(person, way).id)
        return replace(actor, session="văn phòng") if way.session == 9 else actor

    def page(self, person: User, way: Way, address: str, **fields: object) -> TestResponse:
        """One POST on a page, with session and form token, at the walk's own time."""
        browser, row = self.app.test_client(), self._session(person, way)
        assert isinstance(browser, Browser)
        with browser.session_transaction() as kept:
            kept.update(_user_id=person.fs_uniquifier, sid=row.id, seen=int(self.now.timestamp()))
        return self._open(browser, address, data={"csrf_token": browser.form_token(), **fields})

    def call(self, person: User, way: Way, address: str, body: dict[str, Any] | None = None) -> TestResponse:
        """One POST through the API with this person's token."""
        token = uuid4().hex
        with unit_of_work():
            device, token = issue_device(SYSTEM, self.now, person, way.kind, "thử")
            device.expires_at = self.now + FOREVER
        browser = self.app.test_client()
        assert isinstance(browser, Browser)
        return self._open(browser, address, json=body or {}, headers={"Authorization": f"Bearer {token}"})

    def _open(self, browser: Browser, address: str, **options: Any) -> TestResponse:
        db.session.rollback()  # the request has a database session of its own
        with self.app.app_context():
            g.moment = self.now
            answer = super(Browser, browser).open(address, method="POST", buffered=True, **options)
        db.session.rollback()
        begin_reading()
        assert answer.status_code != 500, answer.get_data(as_text=True)
        return answer

    def _session(self, person: User, way: Way) -> LoginSession:
        name = f"{person.id}-{way.session}"
        found = db.session.get(LoginSession, name)
        if found is None or found.ended_at is not None:
            with unit_of_work():
                found = LoginSession(
                    id=f"{name}-{uuid4().hex[:8]}" if found else name,
                    user_id=person.id,
                    browser="thử",
                    started_at=self.now,
                    expires_at=self.now + FOREVER,
                )
                db.session.add(found)
        return found

    def _device(self, person: User, way: Way) -> DeviceToken:
        query = db.select(DeviceToken).where(DeviceToken.user_id == person.id, DeviceToken.kind == way.kind)
        found: DeviceToken | None = db.session.scalar(query.limit(1))
        if found is None:
            with unit_of_work():
                found, _ = issue_device(SYSTEM, self.now, person, way.kind, "thử")
        return found

    def _let_go(self) -> None:
        db.session.remove()
        with db.engine.connect() as connection:
            connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()


def _careless(connection: Any, _record: object) -> None:
    """Nothing here has to outlive a power cut: ten times as many steps."""
    connection.execute("PRAGMA synchronous=OFF")


__all__ = ["Way", "World"]

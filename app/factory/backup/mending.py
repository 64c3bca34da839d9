"""What an older backup must not bring back: people who were erased since, and codes that were changed since."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from shutil import rmtree

import pysqlite3.dbapi2 as sqlite
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.actors import SYSTEM
from app.audit.models import AuditEvent
from app.audit.queries import chain_head
from app.audit.rules import Anchor
from app.db import begin_reading, db, unit_of_work
from app.evidence import forget_file
from app.factory.application import create_app
from app.registry.actions.erasing import erase_person
from app.registry.actions.returning import hold_changed_codes, printed_now
from app.registry.erased import erased_codes, note_erased, noted_codes
from app.registry.models import Merchant
from app.settings import DATABASE, Settings

REASON = "Đã xoá theo yêu cầu trước khi khôi phục bản sao lưu cũ."


@dataclass(frozen=True, slots=True)
class Since:
    """What the records that are to be replaced know beyond the backup."""

    erased: frozenset[str] = frozenset()
    printed: Mapping[int, bytes] | None = None  #: None where the backup is no earlier state of these records


@dataclass(frozen=True, slots=True)
class Mended:
    """How many people were erased again, and how many codes wait for a second person."""

    people: int = 0
    codes: int = 0


def mend(files: Path, settings: Settings, now: datetime) -> Mended:
    """Mends a backup that is laid out in `files` before it takes the place of what `settings` name."""
    secret = files / "secret"
    key = secret.read_text(encoding="utf-8").strip() if secret.is_file() else settings.secret_key
    laid_out = replace(settings, instance=files, database_url=f"sqlite:///{files / DATABASE}", secret_key=key)
    with _records_of(laid_out):
        head = chain_head()
    since = _since(settings, head, now)
    with _records_of(laid_out):
        people = _erase_again(since.erased, laid_out, now)
        with unit_of_work():
            codes = hold_changed_codes(now, since.printed or {})
        note_erased(files, since.erased | erased_codes())
    return Mended(people, codes)


def _since(settings: Settings, head: Anchor, now: datetime) -> Since:
    """Read from the records as they stand; what cannot be read any more says nothing."""
    noted = noted_codes(settings.instance)
    if settings.sqlite and not (settings.instance / DATABASE).is_file():
        return Since(noted)
    try:
        with _records_of(settings):
            follows = db.session.scalar(select(AuditEvent.hash).where(AuditEvent.id == head.events)) == head.hash
            return Since(noted | erased_codes(), printed_now(now) if follows else None)
    except (SQLAlchemyError, sqlite.DatabaseError):
        return Since(noted)


def _erase_again(codes: frozenset[str], laid_out: Settings, now: datetime) -> int:
    back = select(Merchant.id).where(Merchant.code.in_(codes), Merchant.erased_at.is_(None))
    files: set[str] = set()
    erased = 0
    with unit_of_work():
        for merchant_id in db.session.scalars(back.order_by(Merchant.merged_into_id.is_not(None), Merchant.id)).all():
            merchant = db.session.get_one(Merchant, merchant_id, populate_existing=True)
            if merchant.erased_at is None:  # else gone already, with the record it was merged into
                merchant.merged_into_id = None
                gone = erase_person(SYSTEM, now, merchant, laid_out.secret_key, REASON)
                files |= gone.files
                erased += len(gone.codes)
    for digest in files:
        forget_file(laid_out.evidence_dir, digest)
    return erased


@contextmanager
def _records_of(settings: Settings) -> Iterator[None]:
    """The program on these records, and let go of again: one file, nothing else left behind."""
    had_log = (settings.instance / "log").exists()
    app = create_app(settings)
    with app.app_context():
        begin_reading()
        try:
            yield
        finally:
            db.session.remove()
            if settings.sqlite:
                _into_one_file(settings.instance / DATABASE)
            db.engine.dispose()
    if not had_log:
        rmtree(settings.instance / "log", ignore_errors=True)


def _into_one_file(file: Path) -> None:
    db.engine.dispose()
    connection = sqlite.connect(str(file), timeout=2)
    try:
        connection.execute("PRAGMA journal_mode=DELETE").fetchone()
    except sqlite.OperationalError:
        pass  # a program has them open: the restore itself refuses that, in its own words
    finally:
        connection.close()

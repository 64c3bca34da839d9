"""What a backup must not bring back: people who were erased since, and codes that were changed since or elsewhere."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from pathlib import Path
from shutil import rmtree

import pysqlite3.dbapi2 as sqlite
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from app.actors import SYSTEM
from app.audit.anchors import noted_anchors
from app.audit.models import AuditEvent
from app.audit.queries import chain_head
from app.audit.rules import Anchor
from app.db import begin_reading, db, unit_of_work
from app.evidence import forget_file
from app.factory.application import create_app
from app.printing.models import PrintPiece
from app.printing.rules import VOID
from app.registry.actions.erasing import erase_person
from app.registry.actions.returning import OnPaper, hold_changed_codes, printed_now
from app.registry.erased import erased_codes, note_erased, noted_codes
from app.registry.models import Merchant, QrAsset
from app.settings import DATABASE, Settings

REASON = "Đã xoá theo yêu cầu trước khi khôi phục bản sao lưu cũ."


class Kin(Enum):
    """What a backup is to the records that are there."""

    EARLIER = "earlier"
    FOREIGN = "foreign"  #: a fork of them, or another instance's
    UNKNOWN = "unknown"  #: there are none, and nothing tells what there was


@dataclass(frozen=True, slots=True)
class Since:
    """What the records that are to be replaced know beyond the backup."""

    erased: frozenset[str] = frozenset()
    kin: Kin = Kin.UNKNOWN
    printed: Mapping[int, OnPaper] = field(default_factory=dict)  #: of an earlier state: point -> what it printed last


@dataclass(frozen=True, slots=True)
class Mended:
    """How many people were erased again, and how many codes wait for a second person."""

    people: int = 0
    codes: int = 0
    is_foreign: bool = False


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
            codes = _hold(since, now)
        note_erased(files, since.erased | erased_codes())
    return Mended(people, codes, since.kin is Kin.FOREIGN)


def _hold(since: Since, now: datetime) -> int:
    if since.kin is Kin.UNKNOWN:
        return 0
    return hold_changed_codes(now, since.printed if since.kin is Kin.EARLIER else None)


def _since(settings: Settings, head: Anchor, now: datetime) -> Since:
    """Read from the records as they stand; where they are gone or unreadable, from the ends noted beside them."""
    noted = noted_codes(settings.instance)
    beside = Since(noted, _kin_of_noted(settings, head))
    if settings.sqlite and not (settings.instance / DATABASE).is_file():
        return beside
    try:
        with _records_of(settings):
            if chain_head().events == 0:
                return beside
            follows = db.session.scalar(select(AuditEvent.hash).where(AuditEvent.id == head.events)) == head.hash
            kin = Kin.EARLIER if follows else Kin.FOREIGN
            return Since(noted | erased_codes(), kin, _hung(now) if follows else {})
    except (SQLAlchemyError, sqlite.DatabaseError):
        return beside


def _kin_of_noted(settings: Settings, head: Anchor) -> Kin:
    """Of records that are lost: a backup whose end was noted here was made here. Where no end was, nobody can say."""
    ends = list(noted_anchors(settings.instance))
    return Kin.UNKNOWN if not ends or head in ends else Kin.FOREIGN


def _hung(now: datetime) -> dict[int, OnPaper]:
    """What every point prints at this moment, where the piece that was printed last says the same."""
    newest = select(func.max(PrintPiece.id)).where(PrintPiece.asset_id.is_not(None), PrintPiece.state != VOID)
    query = select(PrintPiece.point_id, QrAsset.payload).join(QrAsset, QrAsset.id == PrintPiece.asset_id)
    pieces = db.session.execute(query.where(PrintPiece.id.in_(newest.group_by(PrintPiece.point_id)))).all()
    last = {row.point_id: row.payload for row in pieces}
    found = printed_now(now)
    return {point_id: known for point_id, known in found.items() if last.get(point_id, known.printed) == known.printed}


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

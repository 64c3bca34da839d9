"""The records: readable to the last row, a whole chain, sealed values that open."""

from collections.abc import Iterator

from sqlalchemy import func, select, text

from app.accounts.models import User
from app.audit.anchors import noted_anchors
from app.audit.queries import chain_break
from app.cashback.drawing.sealing import opened
from app.cashback.models import DrawCommitment
from app.db import Model, db
from app.errors import RefusedError
from app.factory.doctor.check import Check, bad, good, listed
from app.factory.lived import is_key_of
from app.factory.trouble import DAMAGED
from app.settings import Settings

#: Names of the counts that the outside relies on (CONTRACT), by table; other tables count under their own name.
NAMES = {"merchant": "merchants", "point": "points", "payment_account": "accounts", "audit_event": "audit_events"}
#: One row each, that no person wrote: where the chain ends, when the registry was last looked through.
BOOKKEEPING = {"audit_head", "issue_sweep"}
RESTORE = "Hãy khôi phục từ bản sao lưu gần nhất còn nguyên: choso restore TỆP."
CHUNK = 1000


def counts() -> dict[str, int]:
    """How many records of each kind there are."""
    found = {}
    records = (table for name, table in Model.metadata.tables.items() if name not in BOOKKEEPING)
    for table in sorted(records, key=lambda table: table.name):
        found[NAMES.get(table.name, table.name)] = db.session.scalar(select(func.count()).select_from(table)) or 0
    return found


def records_check() -> Check:
    """Every page of the database, every link between records, every value of every row."""
    lite = db.engine.dialect.name == "sqlite"
    faults = list(_faults_of_sqlite() if lite else _faults_of_postgres())
    rows = 0
    for table in Model.metadata.sorted_tables:
        for part in db.session.execute(select(table).execution_options(yield_per=CHUNK)).partitions():
            rows += len(part)
    if faults:
        return bad("records", "Bản ghi", f"Cơ sở dữ liệu hỏng: {listed(faults)}.", RESTORE)
    return good("records", "Bản ghi", f"{rows} bản ghi, đọc được hết.")


def audit_check(settings: Settings) -> Check:
    """The chain, and every end of it that was noted beside the records."""
    events, broken = chain_break(noted_anchors(settings.instance))
    if broken is None:
        return good("audit", "Nhật ký", f"{events} sự kiện, nguyên vẹn.")
    remedy = "Hãy giữ nguyên máy và đối chiếu với bản sao lưu gần nhất (choso audit verify)."
    return bad("audit", "Nhật ký", f"HỎNG: {broken.message}.", remedy)


def secret_check(settings: Settings) -> Check:
    """The key is the one with which the instance began, and opens the seeds that were sealed.

    A second factor's secret carries no sum of its own: with another key it opens to something else, in silence.
    """
    people = db.session.scalar(select(func.count()).where(User.totp_secret.is_not(None))) or 0
    draws = db.session.scalars(select(DrawCommitment).where(DrawCommitment.sealed_seed.is_not(None))).all()
    closed = [draw for draw in draws if not _opens_seed(draw, settings)]
    if closed or not is_key_of(settings):
        words = "Khoá không phải khoá của dữ liệu này: không mở được nữa "
        words += f"mã xác thực hai lớp của {people} người, {len(closed)} hạt giống quay thưởng."
        remedy = (
            "Hãy đưa tệp secret (hoặc CHOSO_SECRET_KEY) cũ trở lại từ bản sao lưu. Mất hẳn rồi thì: choso doctor "
            "--new-key, rồi choso user reset TÊN cho từng người dùng mã xác thực hai lớp."
        )
        return bad("secret", "Khoá", words, remedy)
    return good("secret", "Khoá", f"Đúng khoá; {len(draws)} hạt giống niêm phong mở được.")


def _opens_seed(draw: DrawCommitment, settings: Settings) -> bool:
    try:
        opened(draw.sealed_seed or b"", settings.secret_key, draw.slug)
    except (RefusedError, ValueError):
        return False
    return True


def _faults_of_sqlite() -> Iterator[str]:
    found = db.session.execute(text("PRAGMA integrity_check(20)")).scalars().all()
    if found != ["ok"]:
        yield f"{DAMAGED.partition('.')[0]} ({len(found)} chỗ)"
    if db.session.execute(text("PRAGMA foreign_key_check")).first() is not None:
        yield "có bản ghi trỏ tới bản ghi không còn"


def _faults_of_postgres() -> Iterator[str]:
    """Where the server keeps checksums of its pages, it counts those that failed."""
    failed = "SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()"
    if (count := db.session.execute(text(failed)).scalar()) is not None and count:
        yield f"PostgreSQL đã gặp {count} trang hỏng"

"""The machine: room on the disk, the clock, who may read the folder, what runs on what."""

import os
import platform
import shutil
import stat
import sys
import tempfile
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import duckdb
import pysqlite3.dbapi2 as sqlite
from sqlalchemy import text

from app.db import db
from app.factory.doctor.check import Check, bad, good, warning
from app.vn.dates import format_datetime

ROOM_LOW_BYTES = 500_000_000
ROOM_NONE_BYTES = 2_000_000
CLOCK_OFF = timedelta(minutes=5)
MB = 1_000_000
GB = 1_000_000_000


def disk_check(instance: Path) -> Check:
    """Whether something can still be written where the data lie."""
    try:
        free = shutil.disk_usage(instance).free
        with tempfile.TemporaryFile(dir=instance, prefix=".doctor-") as probe:
            probe.write(b"\0" * 4096)
            probe.flush()
    except OSError as wrong:
        remedy = "Hãy dọn đĩa, hoặc mở khoá ghi cho thư mục dữ liệu. Xem thì vẫn được, ghi thì không."
        return bad("disk", "Đĩa", f"Không ghi được vào {instance}: {wrong.strerror or wrong}.", remedy)
    said = f"Còn trống {free // MB} MB"
    if free < ROOM_NONE_BYTES:
        return bad("disk", "Đĩa", f"{said}: đĩa đã đầy.", "Hãy dọn đĩa ngay; chưa dọn thì không ghi thêm được.")
    if free < ROOM_LOW_BYTES:
        return warning("disk", "Đĩa", f"{said}: sắp đầy.", "Hãy dọn đĩa, hoặc chuyển dữ liệu sang đĩa lớn hơn.")
    return good("disk", "Đĩa", f"Còn trống {free // GB} GB, ghi được.")


def clock_check(now: datetime, newest: datetime | None) -> Check:
    """The clock stands behind nothing that was written already."""
    if newest is not None and now + CLOCK_OFF < newest:
        words = f"Đồng hồ máy là {format_datetime(now)}, mà nhật ký đã ghi việc lúc {format_datetime(newest)}."
        remedy = "Hãy chỉnh lại giờ của máy; mọi hạn, ngày và chữ ký thời gian đều dựa vào nó."
        return bad("clock", "Đồng hồ", words, remedy)
    return good("clock", "Đồng hồ", "Không trước việc nào đã ghi.")


def privacy_check(instance: Path) -> Check:
    """Nobody but the owner reads the folder."""
    if os.name != "nt" and (mode := stat.S_IMODE(instance.stat().st_mode)) & 0o077:
        words = f"Người khác trên máy này mở được thư mục dữ liệu (quyền {mode:o})."
        return bad("privacy", "Quyền thư mục", words, f"Hãy chạy: chmod -R go= {instance}")
    return good("privacy", "Quyền thư mục", "Chỉ chủ máy đọc được.")


def versions_check() -> Check:
    """Program, Python, databases: what to say when asking for help."""
    step = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    server = ""
    if db.engine.dialect.name != "sqlite":
        server = f", PostgreSQL {db.session.scalar(text('SHOW server_version'))}"
    try:
        program = version("choso")
    except PackageNotFoundError:
        program = "?"
    words = (
        f"Chợ Số {program}, bước {step}, Python {platform.python_version()} ({sys.platform}), "
        f"SQLite {sqlite.sqlite_version}, DuckDB {duckdb.__version__}{server}."
    )
    return good("versions", "Phiên bản", words)

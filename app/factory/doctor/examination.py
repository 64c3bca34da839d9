"""All checks of one instance, one after the other; what breaks one of them is a finding, not the end."""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import func, select

from app.audit.models import AuditEvent
from app.db import db
from app.factory.doctor.check import Check, bad
from app.factory.doctor.files import evidence_check, facts_check, lots_check, orphans_check, runs_check
from app.factory.doctor.machine import clock_check, disk_check, privacy_check, versions_check
from app.factory.doctor.records import audit_check, records_check, secret_check
from app.factory.trouble import trouble_of
from app.settings import Settings

REPORT = "doctor.json"
ASK = "Hãy gửi choso-error.log trong thư mục dữ liệu cho người viết chương trình."


def examine(now: datetime) -> list[Check]:
    """Looks at everything that the instance of the program at hand holds."""
    settings: Settings = current_app.config["SETTINGS"]
    instance = settings.instance
    checks: tuple[tuple[str, str, Callable[[], Check]], ...] = (
        ("records", "Bản ghi", records_check),
        ("audit", "Nhật ký", lambda: audit_check(settings)),
        ("evidence", "Chứng cứ", lambda: evidence_check(settings, now)),
        ("facts", "Dòng giao dịch", lambda: facts_check(settings)),
        ("runs", "Quyết định", lambda: runs_check(settings)),
        ("lots", "Lô in", lambda: lots_check(settings)),
        ("orphans", "Tệp không bản ghi", lambda: orphans_check(settings)),
        ("secret", "Khoá", lambda: secret_check(settings)),
        ("disk", "Đĩa", lambda: disk_check(instance)),
        ("clock", "Đồng hồ", lambda: clock_check(now, _newest())),
        ("privacy", "Quyền thư mục", lambda: privacy_check(instance)),
        ("versions", "Phiên bản", versions_check),
    )
    return [_looked(*each) for each in checks]


def _looked(check_id: str, title: str, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except Exception as wrong:  # noqa: BLE001 - whatever is broken, the doctor says so and goes on
        db.session.rollback()
        return bad(check_id, title, trouble_of(wrong) or f"Không kiểm tra được ({type(wrong).__name__}).", ASK)


def _newest() -> datetime | None:
    return db.session.scalar(select(func.max(AuditEvent.at)))


def keep_report(instance: Path, now: datetime, checks: list[Check]) -> None:
    """What was found, for the admin's first page; where nothing can be written, nothing is."""
    told = {"at": now.isoformat(timespec="seconds"), "checks": [check.shown() for check in checks]}
    fresh = instance / f".{REPORT}.partial-{os.getpid()}"
    with suppress(OSError):
        try:
            fresh.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
            fresh.replace(instance / REPORT)
        finally:
            fresh.unlink(missing_ok=True)


def kept_report(instance: Path) -> dict[str, Any] | None:
    """The latest report that was kept; None where there is none."""
    try:
        found = json.loads((instance / REPORT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and "at" in found and isinstance(found.get("checks"), list) else None

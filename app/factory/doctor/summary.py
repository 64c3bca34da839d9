"""What the admin's first page tells: the machine as it is now, the files as they were when all was looked at last."""

from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import func, select

from app.audit.models import AuditEvent
from app.db import db
from app.factory.doctor.check import Check
from app.factory.doctor.examination import kept_report
from app.factory.doctor.machine import clock_check, disk_check
from app.programme.health import Health, Trouble
from app.settings import Settings

LIVE = frozenset({"disk", "clock"})
#: A warning that asks nobody to do anything stays off the page.
UNTOLD = frozenset({"orphans"})
STALE = timedelta(days=8)
LOOK = "Hãy chạy choso doctor trên máy chủ, hoặc đặt lịch sao lưu hằng ngày (sao lưu cũng kiểm tra)."


def look(now: datetime) -> Health:
    """Disk and clock at this moment, all else from the last doctor or backup."""
    settings: Settings = current_app.config["SETTINGS"]
    newest = db.session.scalar(select(func.max(AuditEvent.at)))
    live = (disk_check(settings.instance), clock_check(now, newest))
    told = [_of_check(check) for check in live if check.remedy]
    report = kept_report(settings.instance)
    if report is None:
        return Health((*told, Trouble("Kiểm tra", "Chưa kiểm tra toàn bộ lần nào.", LOOK, is_fault=False)), None)
    told += [_of_report(each) for each in report["checks"] if _is_told(each)]
    at = datetime.fromisoformat(report["at"])
    if now - at > STALE:
        told.append(Trouble("Kiểm tra", "Lần kiểm tra toàn bộ gần nhất đã quá một tuần.", LOOK, is_fault=False))
    return Health(tuple(told), at)


def _is_told(each: dict[str, Any]) -> bool:
    return each["id"] not in LIVE and (not each["ok"] or (each["warning"] and each["id"] not in UNTOLD))


def _of_check(check: Check) -> Trouble:
    return Trouble(check.title, check.words, check.remedy, is_fault=not check.is_ok)


def _of_report(each: dict[str, Any]) -> Trouble:
    return Trouble(each["title"], each["words"], each["remedy"], is_fault=not each["ok"])

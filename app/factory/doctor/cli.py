"""`choso doctor`: is everything in its place, and how much is there of each? Works whatever is broken."""

import json
import logging
import os
import secrets
from datetime import UTC, datetime

import click

from app.actors import COMMAND_LINE
from app.factory.application import create_ready_app
from app.factory.doctor.check import Check, bad
from app.factory.doctor.examination import ASK, examine, keep_report
from app.factory.doctor.machine import disk_check
from app.factory.doctor.records import counts
from app.factory.lived import LostRecordsError, begin_anew, mark
from app.factory.trouble import trouble_of
from app.settings import DATABASE, LostSecretError, Settings, SettingsError, instance_folder, load_settings
from app.transactions.queries import received, reports_in_use

log = logging.getLogger("choso")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Kết quả dạng JSON.")
@click.option("--mend", is_flag=True, help="Đọc lại dòng giao dịch bị mất hay hỏng từ tệp gốc, rồi kiểm tra.")
@click.option("--new-key", is_flag=True, help="Khoá cũ mất hẳn: dùng khoá hiện nay (hoặc khoá mới) từ nay về sau.")
@click.option("--begin-anew", is_flag=True, help="Cất mọi thứ trong thư mục dữ liệu sang một bên, bắt đầu từ đầu.")
@click.pass_context
def doctor(ctx: click.Context, *, as_json: bool, mend: bool, new_key: bool, begin_anew: bool) -> None:
    """Kiểm tra máy, dữ liệu và nhật ký; mã thoát 1 khi có chỗ không ổn."""
    now = datetime.now(UTC)
    if begin_anew:
        _put_aside(now)
    if new_key:
        mark(load_settings(new_secret=True), now, key_changed=True)
    found, number = _examined(now, mend=mend)
    is_ok = all(check.is_ok for check in found)
    if as_json:
        told = {"ok": is_ok, "counts": number, "checks": [check.shown() for check in found]}
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        _say(found, number)
    if not is_ok:
        ctx.exit(1)


def _examined(now: datetime, *, mend: bool) -> tuple[list[Check], dict[str, int]]:
    """The checks and the counts; where the program cannot even begin, the reason as the only fault."""
    lost_key: Check | None = None
    try:
        try:
            app = create_ready_app()
        except LostSecretError as lost:
            lost_key = bad("secret", "Khoá", lost.message, lost.remedy)
            borrowed = {**os.environ, "CHOSO_SECRET_KEY": secrets.token_hex(32)}  # for this look alone
            app = create_ready_app(load_settings(borrowed))
        with app.app_context():
            if mend:
                _mend(app.config["SETTINGS"])
            found = [lost_key if lost_key and check.id == "secret" else check for check in examine(now)]
            keep_report(app.config["SETTINGS"].instance, now, found)
            return found, _counts()
    except SettingsError:
        raise
    except LostRecordsError as lost:
        return [bad("records", "Bản ghi", lost.message, lost.remedy), disk_check(instance_folder())], {}
    except Exception as wrong:
        log.exception("doctor failed")
        told = trouble_of(wrong) or f"Chương trình không mở được dữ liệu ({type(wrong).__name__})."
        return [bad("records", "Bản ghi", told, ASK), disk_check(instance_folder())], {}


def _counts() -> dict[str, int]:
    try:
        return counts()
    except Exception:  # noqa: BLE001 - a damaged database; the check of the records tells
        return {}


def _mend(settings: Settings) -> None:
    for report in received(settings, reports_in_use(COMMAND_LINE)):
        if report.facts is not None:
            try:
                report.facts()
            except Exception as wrong:  # noqa: BLE001 - one that cannot be mended stays a finding
                click.echo(f"{report.name}: {trouble_of(wrong) or type(wrong).__name__}", err=True)


def _put_aside(now: datetime) -> None:
    settings = load_settings(new_secret=True)
    file = settings.instance / DATABASE
    if settings.sqlite and file.is_file() and file.stat().st_size:
        raise click.UsageError(
            "Dữ liệu vẫn còn. --begin-anew chỉ dùng khi tệp dữ liệu đã mất; muốn thư mục khác thì đặt CHOSO_INSTANCE."
        )
    aside = begin_anew(settings.instance, now)
    click.echo(f"Đã cất mọi thứ vào {aside}. Lần chạy sau bắt đầu từ đầu.", err=True)


def _say(found: list[Check], number: dict[str, int]) -> None:
    for name, count in number.items():
        click.echo(f"{name:28} {count:>10}")
    for check in found:
        mark_ = "CHÚ Ý " if check.is_warning else "ổn    " if check.is_ok else "HỎNG  "
        click.echo(f"{mark_} {check.title}: {check.words}")
        if check.remedy and (check.is_warning or not check.is_ok):
            click.echo(f"        {check.remedy}")

"""`choso backup` and `choso restore`: they ask nothing; the passphrase comes from CHOSO_BACKUP_PASSPHRASE."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from app.audit.anchors import note_anchor
from app.audit.queries import chain_head
from app.db import db
from app.factory.backup.archive import opened_archive
from app.factory.backup.keeping import make_backup, refuse_newer, restore_backup
from app.factory.backup.mending import Mended, mend
from app.factory.doctor.examination import examine, keep_report
from app.settings import Settings, load_settings
from app.vn.dates import format_datetime

PASSPHRASE_CHARS_GOOD = 12


@click.command()
@click.argument("file", metavar="TỆP", type=click.Path(readable=False, path_type=Path))
@with_appcontext
def backup(file: Path) -> None:
    """Sao lưu mọi bản ghi và tệp vào TỆP, trong lúc mọi người vẫn làm việc.

    Đặt CHOSO_BACKUP_PASSPHRASE để khoá bản sao lưu bằng mật khẩu; mất mật khẩu là mất bản sao lưu.
    """
    settings: Settings = current_app.config["SETTINGS"]
    passphrase = _passphrase()
    if not passphrase:
        click.echo(
            "Bản sao lưu không có mật khẩu: ai có tệp là đọc được. Đặt CHOSO_BACKUP_PASSPHRASE để khoá.", err=True
        )
    elif len(passphrase) < PASSPHRASE_CHARS_GOOD:
        click.echo(f"Mật khẩu sao lưu ngắn; nên từ {PASSPHRASE_CHARS_GOOD} ký tự.", err=True)
    now, head = datetime.now(UTC), chain_head()
    db.session.rollback()
    note_anchor(settings.instance, head, now)
    about = make_backup(db.engine, settings, file.absolute(), passphrase, now)
    size = file.stat().st_size / 1_000_000
    click.echo(f"{file}: {sum(about.counts.values())} bản ghi, {size:.1f} MB, đã đọc lại và nguyên vẹn.")
    click.echo(f"Mã cuối nhật ký: {head}. Ghi lại ở nơi khác để sau này đối chiếu.", err=True)
    found = examine(now)
    keep_report(settings.instance, now, found)
    if faults := [check.title for check in found if not check.is_ok]:
        click.echo(f"Có chỗ không ổn ({', '.join(faults)}): hãy chạy choso doctor để xem và sửa.", err=True)


@click.command()
@click.argument("file", metavar="TỆP", type=click.Path(readable=False, path_type=Path))
def restore(file: Path) -> None:
    """Khôi phục mọi bản ghi và tệp từ bản sao lưu TỆP; dữ liệu đang có được cất sang một bên, không xoá.

    Tệp hỏng hoặc sai mật khẩu bị từ chối trước khi có gì thay đổi.
    """
    with opened_archive(file, _passphrase()) as archive:
        refuse_newer(archive)
        settings = load_settings(new_secret=True)  # the backup brings its own
        now, done = datetime.now(UTC), Mended()

        def mended(files: Path) -> None:
            nonlocal done
            done = mend(files, settings, now)

        aside = restore_backup(archive, settings, now, mended)
    made_at = format_datetime(datetime.fromisoformat(archive.about.made_at))
    click.echo(f"Đã khôi phục bản sao lưu lúc {made_at} vào {settings.instance}.")
    if done.people:
        click.echo(f"Đã xoá lại dữ liệu cá nhân của {done.people} hồ sơ đã xoá sau bản sao lưu này.")
    if done.codes and done.is_foreign:
        click.echo(
            f"Bản sao lưu này không phải trạng thái trước đây của dữ liệu đã có ở đây: cả {done.codes} mã QR chờ người "
            "thứ hai duyệt lại trước khi in."
        )
    elif done.codes:
        click.echo(f"{done.codes} mã QR khác với mã in gần nhất, chờ người thứ hai duyệt lại trước khi in.")
    if aside is not None:
        click.echo(f"Dữ liệu trước đó được cất ở {aside}; khi chắc chắn không cần nữa thì xoá đi.", err=True)


def _passphrase() -> str:
    return os.environ.get("CHOSO_BACKUP_PASSPHRASE") or ""

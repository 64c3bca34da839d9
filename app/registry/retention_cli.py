"""`choso retention`: lets go of what is kept long enough; `--dry-run` only tells."""

from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import with_appcontext

from app.actors import COMMAND_LINE
from app.db import unit_of_work
from app.registry.actions.retention import due_now, forget_files, let_go
from app.registry.erased import note_erased
from app.settings import Settings


@click.command()
@click.option("--dry-run", is_flag=True, help="Chỉ đếm, không xoá gì.")
@with_appcontext
def retention(*, dry_run: bool) -> None:
    """Xoá dữ liệu cá nhân đã hết thời hạn lưu."""
    settings: Settings = current_app.config["SETTINGS"]
    now = datetime.now(UTC)
    files: frozenset[str] = frozenset()
    if dry_run:
        told = due_now(now, settings.evidence_dir)
    else:
        with unit_of_work():
            told, files = let_go(COMMAND_LINE, now, settings.evidence_dir, settings.secret_key)
        forget_files(settings.evidence_dir, sorted(files))
        note_erased(settings.instance)
    for each in told:
        click.echo(f"{each.count:>8}  {each.what} ({each.why})")
    click.echo("Chưa xoá gì: chạy thử." if dry_run else "Đã xong.", err=True)

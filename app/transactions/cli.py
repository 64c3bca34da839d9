"""`choso import report`: a provider's report into the instance, kept as evidence."""

from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from app.actors import COMMAND_LINE
from app.db import unit_of_work
from app.errors import NotFoundError, RefusedError
from app.settings import Settings
from app.transactions.actions import Sight, look_at, receive_report
from app.transactions.profiles import CANONICAL, Profile
from app.transactions.queries import on_sheet, profile_of, received, received_file, reports_in_use, sheets_of_file

SHOWN_MAX = 20


@click.command("report")
@click.argument("file", type=click.Path(readable=False, path_type=Path))
@click.option("--profile", default=CANONICAL, show_default=True, help="Hồ sơ đọc: mẫu của bên gửi.")
@click.option("--sheet", default="", metavar="NAME", help="Trang tính cần đọc; “*” là mọi trang cùng mẫu.")
@click.option("--dry-run", is_flag=True, help="Chỉ kiểm tra, không giữ gì.")
@click.pass_context
@with_appcontext
def report(ctx: click.Context, file: Path, *, profile: str, sheet: str, dry_run: bool) -> None:
    """Nhận báo cáo giao dịch từ tệp CSV hoặc XLSX; nhận lại cùng tệp không thay đổi gì."""
    settings: Settings = current_app.config["SETTINGS"]
    if file.is_dir():
        raise RefusedError(f"{file} là thư mục, cần một tệp.", remedy="Hãy ghi cả tên tệp.")
    if not file.is_file():
        raise NotFoundError(f"Không thấy tệp {file}.", remedy="Hãy kiểm tra đường dẫn.")
    chosen = on_sheet(profile_of(profile), sheet)
    _tell_sheets(file, chosen)
    if dry_run:
        others = received(settings, reports_in_use(COMMAND_LINE))
        sight = look_at(received_file(file, file.name, chosen), others, SHOWN_MAX)
        told = f"{_counts(sight)}, {sight.conflict_count} mâu thuẫn với báo cáo trước. Chưa giữ gì."
    else:
        with unit_of_work():
            kept, is_new = receive_report(
                COMMAND_LINE, datetime.now(UTC), file.read_bytes(), file.name, chosen, settings
            )
        beside = [one for one in reports_in_use(COMMAND_LINE) if one.id != kept.id]
        sight = look_at(received(settings, [kept])[0], received(settings, beside), SHOWN_MAX)
        conflicts = f"{_counts(sight)}, {kept.conflict_count} mâu thuẫn với báo cáo trước"
        told = f"{conflicts if is_new else 'đã nhận từ trước'} (báo cáo số {kept.id})."
    for line in sight.refused:
        click.echo(f"{file.name}, dòng {line.line}: {line.reason}", err=True)
    if sight.refused_count > SHOWN_MAX:
        click.echo(f"… và {sight.refused_count - SHOWN_MAX} dòng bị từ chối nữa.", err=True)
    for note, count in sight.doubts.notes:
        click.echo(f"{file.name}: {note} ({count} dòng)", err=True)
    for sentence in sight.doubts.sentences():
        click.echo(f"{file.name}: {sentence}", err=True)
    click.echo(f"{file.name}: {told}")
    if sight.refused:
        ctx.exit(1)


def _counts(sight: Sight) -> str:
    return f"{sight.line_count} dòng, {sight.duplicate_count} trùng, {sight.refused_count} bị từ chối"


def _tell_sheets(file: Path, profile: Profile) -> None:
    sheets = sheets_of_file(file, file.name, profile)
    if sheets.unread:
        unread, read = (", ".join(f"“{each}”" for each in names) for names in (sheets.unread, sheets.read))
        click.echo(
            f"{file.name}: đọc trang tính {read}; không đọc {unread}. Chọn bằng --sheet TÊN, hoặc --sheet “*”.",
            err=True,
        )

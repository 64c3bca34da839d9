"""`choso import merchants`: a commune's list of household businesses into the registry, in one piece."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from app.actors import COMMAND_LINE
from app.db import db, unit_of_work
from app.evidence import digest_of, keep_file
from app.registry.actions.imports import apply_batch, stage_list
from app.registry.models import ImportBatch
from app.registry.models.imports import COLUMNS_FROM
from app.registry.receiving import (
    Changed,
    Refused,
    arranged,
    changes,
    headed_list,
    notes,
    refusals,
    unit_for_list,
    write_refused,
)
from app.registry.rules.list_columns import given_columns
from app.settings import Settings
from app.tables import Headed, HeadingError, TableError

SHOWN_MAX = 20
SHEETS_HELP = "Trang tính cần đọc, nhắc lại được. Nhiều trang cùng mẫu được đọc chung; “*” là mọi trang cùng mẫu."
COLUMN_EXAMPLE = '--column "Họ tên=Tên người nộp thuế"'


@click.command("merchants")
@click.argument("file", type=click.Path(readable=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Chỉ kiểm tra, không ghi gì.")
@click.option("--json", "as_json", is_flag=True, help="Kết quả dạng JSON.")
@click.option("--unit", metavar="CODE", help="Mã hoặc tên xã, phường, thôn của danh sách (khi có nhiều xã).")
@click.option("--sender", metavar="NAME", default="", help="Nơi gửi danh sách, ví dụ “Ban quản lý chợ”.")
@click.option("--apply-changes", is_flag=True, help="Sửa luôn hộ đã có mà danh sách ghi khác (tài khoản chờ duyệt).")
@click.option("--sheet", "sheets", metavar="NAME", multiple=True, help=SHEETS_HELP)
@click.option("--column", "columns", metavar="MỤC=TIÊU ĐỀ", multiple=True, help=f"Cột nào là gì: {COLUMN_EXAMPLE}.")
@click.pass_context
@with_appcontext
def merchants(
    ctx: click.Context,
    file: Path,
    *,
    dry_run: bool,
    as_json: bool,
    unit: str | None,
    sender: str,
    apply_changes: bool,
    sheets: tuple[str, ...],
    columns: tuple[str, ...],
) -> None:
    """Nhập danh sách hộ kinh doanh từ tệp XLSX hoặc CSV.

    Dòng đúng được ghi trong một lần; dòng sai được ghi ra tệp cạnh tệp gốc, kèm lý do. Nhập lại cùng tệp không thêm gì.
    Cách hiểu các cột và mã hộ được nhớ riêng cho từng nơi gửi. Hộ đã có mà danh sách ghi khác thì được kể ra, không
    sửa; số tài khoản khác thành đề nghị chờ duyệt.
    Tài khoản nhập từ đây chờ hai người duyệt trên trang, vì dòng lệnh không có người đăng nhập.
    """
    now = datetime.now(UTC)
    data = file.read_bytes()
    given = given_columns(columns)
    headed = _opened(data, file.name, sheets, given)
    if isinstance(headed, Headed) and not headed.rows:
        raise TableError(f"{file.name}: dưới dòng tiêu đề {headed.line} không có dòng nào. Hãy kiểm tra lại tệp.")
    arrived = _Arrived(headed, file, data, unit, sender, apply_changes, bool(given))
    outcome = _checked(now, arrived) if dry_run else _imported(now, arrived)
    _tell(outcome, file, dry_run=dry_run, as_json=as_json)
    if outcome.refused:
        ctx.exit(1)


def _opened(data: bytes, name: str, sheets: Sequence[str], given: Mapping[str, str]) -> Headed | HeadingError:
    """The list, or why its headings do not tell enough: the sender's columns may be remembered."""
    try:
        return headed_list(data, name, sheets, given)
    except HeadingError as unsure:
        if given:
            raise
        return unsure


@dataclass(frozen=True, slots=True)
class _Arrived:
    """The list as it was given on the command line."""

    headed: Headed | HeadingError
    file: Path
    data: bytes
    unit: str | None
    sender: str
    with_changes: bool
    is_by_hand: bool

    def stage(self, now: datetime) -> ImportBatch:
        """Every line read and checked, with the columns that are known for its sender."""
        place, digest = unit_for_list(COMMAND_LINE, now, self.unit), digest_of(self.data)
        chosen = self.headed.columns if self.is_by_hand else None
        try:
            headed, origin = arranged(self.headed, place, digest, self.sender, chosen)
        except HeadingError as unsure:
            raise TableError(f"{unsure}\nHoặc nói cột nào là gì: {COLUMN_EXAMPLE}.") from unsure
        _tell_sheets(self.file.name, headed)
        name, size = self.file.name, len(self.data)
        return stage_list(
            COMMAND_LINE, now, headed, place, file_name=name, sha256=digest, size_bytes=size, origin=origin
        )


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of the list, how its columns were known, and where its refused lines lie."""

    accepted: int
    unchanged: int
    changed: list[Changed]
    noted: list[Refused]
    refused: list[Refused]
    columns: str
    written: Path | None = None


def _checked(now: datetime, arrived: _Arrived) -> _Outcome:
    """Looks at every line and keeps nothing."""
    batch = arrived.stage(now)
    outcome = _outcome(batch)
    db.session.rollback()
    return outcome


def _imported(now: datetime, arrived: _Arrived) -> _Outcome:
    """The whole list in one transaction; killed at any moment, all of it is there or nothing."""
    settings: Settings = current_app.config["SETTINGS"]
    with unit_of_work():
        keep_file(settings.evidence_dir, arrived.data)
        batch = arrived.stage(now)
        apply_batch(COMMAND_LINE, now, batch, with_changes=arrived.with_changes)
    return _outcome(batch, _refused_file(arrived.file, batch))


def _outcome(batch: ImportBatch, written: Path | None = None) -> _Outcome:
    return _Outcome(
        batch.accepted,
        batch.unchanged,
        changes(batch),
        notes(batch),
        refusals(batch),
        _columns_words(batch),
        written,
    )


def _tell_sheets(name: str, headed: Headed) -> None:
    """Names what was not read, and what a person does not see in their program though it was."""
    if headed.sheets.unread:
        unread = ", ".join(f"“{each}”" for each in headed.sheets.unread)
        read = ", ".join(f"“{each}”" for each in headed.sheets.read)
        more = ' Trang cùng mẫu đọc chung được: thêm --sheet "*".' if headed.sheets.alike else ""
        click.echo(f"{name}: đọc trang tính {read}; chưa đọc trang tính {unread} (chọn bằng --sheet).{more}", err=True)
    if hidden := sum(row.is_hidden for row in headed.rows):
        click.echo(f"{name}: {hidden} dòng đang ẩn trong bảng tính cũng được đọc.", err=True)
    if headed.hidden_headings:
        click.echo(f"{name}: cột đang ẩn cũng được đọc: {', '.join(headed.hidden_headings)}.", err=True)


def _columns_words(batch: ImportBatch) -> str:
    """Which profile told the columns, as a person reads it."""
    sender = f"nơi gửi {batch.sender}; " if batch.sender else ""
    told = f" ({batch.columns_told})" if batch.columns_told else ""
    return f"{sender}cột {COLUMNS_FROM[batch.columns_from]}{told}"


def _refused_file(file: Path, batch: ImportBatch) -> Path | None:
    """The refused lines beside the list; where nothing can be written there, the list is in all the same, and told."""
    try:
        return write_refused(file, batch)
    except OSError:
        click.echo(f"Không ghi được tệp các dòng bị từ chối vào {file.parent}. Hãy kiểm tra quyền ghi.", err=True)
        return None


def _list(file: Path, lines: Sequence[Refused | Changed]) -> None:
    for each in lines[:SHOWN_MAX]:
        click.echo(f"{file.name}, dòng {each.line}: {each.message}", err=True)
    if len(lines) > SHOWN_MAX:
        click.echo(f"… và {len(lines) - SHOWN_MAX} dòng nữa.", err=True)


def _tell(outcome: _Outcome, file: Path, *, dry_run: bool, as_json: bool) -> None:
    refused = outcome.refused
    if as_json:
        told = {
            "accepted": outcome.accepted,
            "unchanged": outcome.unchanged,
            "changed": [
                {"line": each.line, "merchant": each.code, "fields": list(each.fields), "message": each.message}
                for each in outcome.changed
            ],
            "notes": [{"line": each.line, "message": each.message} for each in outcome.noted],
            "refused": [{"line": each.line, "message": each.message} for each in refused],
        }
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        did = "sẽ thêm" if dry_run else "đã thêm"
        counts = f"{did} {outcome.accepted}, đã có từ trước {outcome.unchanged}, từ chối {len(refused)}"
        if outcome.changed:
            counts += f", đã có nhưng ghi khác {len(outcome.changed)}"
        click.echo(f"{file.name}: {counts}.")
        click.echo(f"{file.name}: {outcome.columns}.")
        _list(file, refused)
        _list(file, outcome.changed)
    if outcome.written is not None:
        click.echo(f"Các dòng bị từ chối kèm lý do: {outcome.written}. Sửa rồi nhập lại chính tệp ấy.", err=True)

"""`choso map`: a list of points as one file that is a map, for a phone without signal or a meeting without internet."""

import os
from collections.abc import Sequence
from pathlib import Path

import click

from app.errors import RefusedError
from app.mapping.spots import FIELDS, REQUIRED, Spots, spots_of
from app.mapping.standalone import page
from app.paths import sweep_dead
from app.tables import read_headed
from app.vn.text import tidy

REFUSED_SHOWN_MAX = 200
LINES_SHOWN_MAX = 50


@click.command(name="map")
@click.option(
    "--data",
    "data_file",
    required=True,
    type=click.Path(readable=False, path_type=Path),
    help="Danh sách điểm, CSV hoặc XLSX.",
)
@click.option(
    "--out",
    "out_file",
    required=True,
    type=click.Path(readable=False, path_type=Path),
    help="Tệp bản đồ sẽ ghi (.html).",
)
@click.option("--title", default="", help="Tên bản đồ; mặc định theo tên tệp dữ liệu.")
@click.pass_context
def map_(ctx: click.Context, data_file: Path, out_file: Path, title: str) -> None:
    """Vẽ bản đồ các điểm thành một tệp HTML, mở được khi không có mạng."""
    _refuse_unusable(out_file)
    table = read_headed(data_file, FIELDS, REQUIRED)
    if table.unread:
        click.echo(table.unread, err=True)
    found = spots_of(table)
    _report(data_file.name, found)
    if not found.spots:
        raise RefusedError(
            f"{data_file.name}: không dòng nào có toạ độ dùng được.", remedy="Hãy điền cột lat, lng rồi chạy lại."
        )
    _write(out_file, page(found.spots, tidy(title) or f"Bản đồ {tidy(data_file.stem)}"))
    click.echo(f"{out_file}: {len(found.spots)} điểm trên bản đồ.")
    if found.refused:
        ctx.exit(1)


def _report(name: str, found: Spots) -> None:
    for refusal in found.refused[:REFUSED_SHOWN_MAX]:
        click.echo(f"{name}, dòng {refusal.line}: {refusal.message}", err=True)
    if len(found.refused) > REFUSED_SHOWN_MAX:
        click.echo(f"… và {len(found.refused) - REFUSED_SHOWN_MAX} dòng bị từ chối nữa.", err=True)
    if found.refused:
        click.echo(f"{name}: {len(found.refused)} dòng bị từ chối, không có trên bản đồ.", err=True)
    if found.without_place:
        count = len(found.without_place)
        click.echo(f"{name}: {count} dòng chưa có toạ độ: dòng {_lines(found.without_place)}.", err=True)


def _lines(lines: Sequence[int]) -> str:
    shown = ", ".join(str(line) for line in lines[:LINES_SHOWN_MAX])
    return f"{shown} …" if len(lines) > LINES_SHOWN_MAX else shown


def _refuse_unusable(file: Path) -> None:
    """Says at once that no map can be written here, before a long list of other things."""
    if file.is_dir():
        raise RefusedError(f"{file} là thư mục.", remedy="Hãy ghi cả tên tệp, ví dụ ban-do.html.")
    if not file.parent.is_dir():
        raise RefusedError(f"Không có thư mục {file.parent}.", remedy="Hãy tạo thư mục ấy trước.")


def _write(file: Path, text: str) -> None:
    """The file is whole or not there: written beside its place, then moved into it."""
    sweep_dead(file.parent, f".{file.name}.")
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8", newline="\n")
        beside.replace(file)
    except PermissionError as error:
        raise RefusedError(f"Không được phép ghi {file}.", remedy="Hãy kiểm tra quyền của thư mục.") from error
    finally:
        beside.unlink(missing_ok=True)

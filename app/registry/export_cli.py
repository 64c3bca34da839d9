"""`choso export merchants`: the list of merchants as a file that the same program reads again, row by row."""

from datetime import UTC, datetime
from pathlib import Path

import click
from flask.cli import with_appcontext

from app.actors import COMMAND_LINE
from app.db import unit_of_work
from app.registry.exports import write_export
from app.registry.queries.merchants import MerchantFilter
from app.registry.receiving import unit_for_list


@click.group("export")
def export() -> None:
    """Xuất danh sách hộ kinh doanh."""


@export.command("merchants")
@click.option("--out", required=True, type=click.Path(readable=False, path_type=Path), help="Tệp .xlsx hoặc .csv.")
@click.option("--unit", metavar="CODE", help="Chỉ của xã, phường, thôn có mã hoặc tên này.")
@with_appcontext
def merchants(out: Path, unit: str | None) -> None:
    """Xuất hộ kinh doanh ra tệp XLSX hoặc CSV, mỗi dòng một điểm bán.

    Sửa rồi nhập lại bằng `choso import merchants`: hộ được nhận ra theo Mã hồ sơ. Số tài khoản chỉ có khi đang được
    phép in. Lần xuất được ghi vào nhật ký.
    """
    now = datetime.now(UTC)
    with unit_of_work():
        unit_id = unit_for_list(COMMAND_LINE, now, unit).id if unit else None
        rows = write_export(COMMAND_LINE, now, MerchantFilter(unit_id=unit_id), out)
    click.echo(f"{out}: {rows} dòng.")

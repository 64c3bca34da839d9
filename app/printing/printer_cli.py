"""`choso print calibrate`, `printer` and `printers`: an office printer is measured once and remembered by its name."""

from datetime import UTC, datetime
from pathlib import Path

import click
from flask.cli import with_appcontext

from app.actors import COMMAND_LINE, COORDINATOR
from app.db import unit_of_work
from app.places.queries import own_commune_id
from app.printing.calibration import BAR_MM, calibration_pdf, shift_of
from app.printing.printers import printers_for, remember_printer
from app.printing.shelf import stock


@click.command()
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Tệp PDF để in và đo.")
def calibrate(out: Path) -> None:
    """Tờ đo máy in văn phòng: in ra, lấy thước đo ba vạch."""
    out.write_bytes(calibration_pdf(stock().fonts, datetime.now(UTC)))
    click.echo(str(out))


@click.command()
@click.argument("name")
@click.option("--left", required=True, type=float, metavar="MM", help="Từ mép trái tờ giấy đến vạch A.")
@click.option("--top", required=True, type=float, metavar="MM", help="Từ mép trên tờ giấy đến vạch B.")
@click.option("--bar", default=BAR_MM, show_default=True, metavar="MM", help="Chiều dài vạch C.")
@with_appcontext
def printer(name: str, left: float, top: float, bar: float) -> None:
    """Nhớ số đo của máy in NAME; từ đó dùng: choso print --sheet a4 --printer NAME …"""
    shift = shift_of(left, top, bar)
    with unit_of_work():
        unit_id = own_commune_id(COMMAND_LINE, COORDINATOR)
        remember_printer(COMMAND_LINE, datetime.now(UTC), name, unit_id, shift)
    click.echo(f"{name}\t{shift.right_mm:+g}\t{shift.down_mm:+g}")


@click.command()
@with_appcontext
def printers() -> None:
    """Các máy in đã đo: tên, dời sang phải, dời xuống (mm)."""
    for each in printers_for(COMMAND_LINE):
        click.echo(f"{each.name}\t{each.right_mm:+g}\t{each.down_mm:+g}")

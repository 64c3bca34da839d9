"""`choso printer`: an office printer is measured once and remembered by its name."""

from datetime import UTC, datetime
from pathlib import Path

import click
from flask.cli import with_appcontext

from app.actors import COMMAND_LINE, COORDINATOR
from app.db import unit_of_work
from app.places.queries import own_commune_id
from app.printing.calibration import BAR_MM, calibration_pdf, shift_of
from app.printing.cli import print_group
from app.printing.printers import printer_named, printers_for, remember_printer
from app.printing.shelf import stock


@click.group()
def printer() -> None:
    """Máy in văn phòng: in tờ đo, nhớ độ lệch, in đúng chỗ cắt."""


@printer.command()
@click.option(
    "--out", required=True, type=click.Path(readable=False, path_type=Path, dir_okay=False), help="Tệp PDF để in và đo."
)
def calibrate(out: Path) -> None:
    """Tờ đo: in ra bằng máy in ấy, lấy thước đo ba vạch."""
    out.write_bytes(calibration_pdf(stock().fonts, datetime.now(UTC)))
    click.echo(str(out))


@printer.command()
@click.argument("name")
@click.option("--left", required=True, type=float, metavar="MM", help="Từ mép trái tờ giấy đến vạch A.")
@click.option("--top", required=True, type=float, metavar="MM", help="Từ mép trên tờ giấy đến vạch B.")
@click.option("--bar", default=BAR_MM, show_default=True, metavar="MM", help="Chiều dài vạch C.")
@with_appcontext
def measure(name: str, left: float, top: float, bar: float) -> None:
    """Nhớ số đo của máy in NAME."""
    shift = shift_of(left, top, bar)
    with unit_of_work():
        unit_id = own_commune_id(COMMAND_LINE, COORDINATOR)
        remember_printer(COMMAND_LINE, datetime.now(UTC), name, unit_id, shift)
    click.echo(f"{name}\t{shift.right_mm:+g}\t{shift.down_mm:+g}")


@printer.command("list")
@with_appcontext
def list_printers() -> None:
    """Các máy in đã đo: tên, dời sang phải, dời xuống (mm)."""
    for each in printers_for(COMMAND_LINE):
        click.echo(f"{each.name}\t{each.right_mm:+g}\t{each.down_mm:+g}")


@printer.command("print", context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("name")
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
@with_appcontext
def print_on(context: click.Context, name: str, options: tuple[str, ...]) -> None:
    """In lô cho máy in NAME; các tuỳ chọn như của choso print, thường là --sheet a4."""
    found = printer_named(name)
    moved = ["--move", f"{found.right_mm:g}", f"{found.down_mm:g}"]
    with print_group.make_context("print", [*options, *moved], parent=context) as inner:
        print_group.invoke(inner)

"""`choso print`: a lot from a list of points, and the designs there are."""

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from app.errors import DomainError, NotFoundError, RefusedError
from app.paper.imposition import SHEETS
from app.paths import resource_dir
from app.printing.design_files import all_designs, load_design
from app.printing.designs import Design
from app.printing.fitting import fitting
from app.printing.lots import Lot, make_lot, withdraw
from app.printing.orders import Order, Stock
from app.printing.points import PointList, read_points
from app.printing.shelf import stock, terms_of
from app.printing.themes import Theme, load_theme, own_theme
from app.settings import known_public_address
from app.tables import write_csv

SHOWN = 20
"""Refused lines told on the screen; all of them stand in refused.csv."""


@click.group(name="print", invoke_without_command=True)
@click.option("--design", "design_id", metavar="MẪU", help="Mẫu in, xem: choso print designs.")
@click.option("--data", type=click.Path(readable=False, path_type=Path), help="Danh sách điểm, CSV hoặc XLSX.")
@click.option(
    "--out",
    type=click.Path(readable=False, path_type=Path, file_okay=False),
    help="Thư mục nhận lot.pdf, manifest.csv, gate.json.",
)
@click.option("--theme", "theme_id", default="default", show_default=True, help="Chủ đề, hoặc tệp .yaml của xã.")
@click.option("--sheet", type=click.Choice(["single", *SHEETS]), default="single", show_default=True, help="Khổ giấy.")
@click.option(
    "--order",
    type=click.Choice(["stack", "row"]),
    default="stack",
    show_default=True,
    help="stack: cắt cả chồng rồi xếp nối các chồng; row: lần lượt từng tờ.",
)
@click.option(
    "--start-cell", type=click.IntRange(min=1), default=1, show_default=True, help="Ô đầu tiên còn trống trên tờ 1."
)
@click.option(
    "--width", "width_mm", type=click.FloatRange(min=1), metavar="MM", help="Chiều rộng, với mẫu may đo như băng rôn."
)
@click.option(
    "--move",
    "moved",
    type=float,
    nargs=2,
    default=(0.0, 0.0),
    metavar="PHẢI XUỐNG",
    help="Dời trang, mm, cho máy in lệch; máy in đã đo: choso printer print TÊN …",
)
@click.pass_context
def print_group(
    context: click.Context,
    design_id: str | None,
    data: Path | None,
    out: Path | None,
    theme_id: str,
    sheet: str,
    order: str,
    start_cell: int,
    width_mm: float | None,
    moved: tuple[float, float],
) -> None:
    """In bảng QR, tem, áp phích: mỗi mã được đọc lại từ trang in xong rồi mới giao tệp."""
    if context.invoked_subcommand:
        return
    for name, value in (("--design", design_id), ("--data", data), ("--out", out)):
        if value is None:
            raise click.UsageError(f"thiếu {name}.")
    assert design_id
    assert data
    assert out
    shelf = stock()
    design, theme = _chosen(shelf, design_id, theme_id)
    if any(moved) and sheet not in SHEETS:
        raise click.UsageError("chỉ dời được khi in ra tờ; hãy thêm --sheet a4 (hoặc a3, sra3).")
    try:
        if width_mm is not None:
            design = design.made_to(width_mm)
        listed = read_points(data, terms_of(design, shelf))
        if listed.unread:
            click.echo(listed.unread, err=True)
        wanted = Order(design, theme, sheet, order, start_cell, data.stem, moved_mm=moved)
        listed = _fitting(wanted, listed, shelf)
        if not listed.points:
            _tell_refusals(listed, None)
            raise RefusedError(f"{data.name}: không có dòng nào in được.", remedy="Hãy sửa danh sách rồi in lại.")
        lot = make_lot(
            wanted,
            listed.points,
            shelf,
            out,
            datetime.now(UTC),
            extra_headings=listed.extra_headings,
            on_progress=_tell_progress,
        )
    except (DomainError, ValueError):
        withdraw(out)
        raise
    _finish(listed, lot, out)


def _fitting(order: Order, listed: PointList, shelf: Stock) -> PointList:
    """The list without the rows that this design cannot print; they are refused like those that were read wrong."""
    order.design.layout_on(order.sheet)  # a sheet that is too small is no row's fault
    found = fitting(order, listed.points, shelf)
    refusals = sorted((*listed.refusals, *found.refusals), key=lambda refusal: refusal.line)
    return replace(listed, points=found.points, refusals=tuple(refusals))


def _chosen(shelf: Stock, design_id: str, theme_id: str) -> tuple[Design, Theme]:
    """The design and theme that the options name; a name that there is not is wrong usage."""
    try:
        design = load_design(shelf.designs, design_id)
    except NotFoundError as unknown:
        raise click.BadParameter(str(unknown), param_hint="--design") from unknown
    theme = _theme(shelf, theme_id)
    site = theme.texts.get("site") or ""
    if design.shows_address and site in {"", load_theme(shelf.themes, "default").texts["site"]}:  # no word of its own
        theme = replace(theme, texts={**theme.texts, "site": known_public_address()})
    return design, theme


def _theme(shelf: Stock, theme_id: str) -> Theme:
    own = Path(theme_id)
    if own.suffix == ".yaml":
        return own_theme(own, shelf.themes)
    try:
        return load_theme(shelf.themes, theme_id)
    except NotFoundError as unknown:
        raise click.BadParameter(str(unknown), param_hint="--theme") from unknown


def _finish(listed: PointList, lot: Lot, out: Path) -> None:
    refused = out / "refused.csv"
    refused.unlink(missing_ok=True)
    if listed.refusals:
        rows = [(listed.file, refusal.line, refusal.reason) for refusal in listed.refusals]
        write_csv(refused, ("file", "line", "reason"), rows)
        _tell_refusals(listed, refused)
    _tell_warnings(lot)
    report = lot.report
    if not report.passed:
        for failure in report.failures[:SHOWN]:
            where = (
                f"tờ {failure.sheet}, ô {failure.cell} ({failure.point_code})"
                if failure.cell
                else f"tờ {failure.sheet}"
            )
            click.echo(f"{where}: {failure.reason}", err=True)
        raise RefusedError(
            f"Không giao lot.pdf: kiểm trang in thấy {len(report.failures)} lỗi.", remedy=f"Xem {out / 'gate.json'}."
        )
    codes = f"{report.codes_right}/{report.codes} mã đọc lại đúng từ trang in" if report.codes else "không có mã QR"
    click.echo(f"{out / 'lot.pdf'}: {report.items} bản, {codes}")
    if listed.refusals:
        click.get_current_context().exit(1)


def _tell_progress(what: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{what} {done}/{total} ", nl=done == total, err=True)


def _tell_refusals(listed: PointList, file: Path | None) -> None:
    for refusal in listed.refusals[:SHOWN]:
        click.echo(f"{listed.file}, dòng {refusal.line}: {refusal.reason}.", err=True)
    more = len(listed.refusals) - SHOWN
    if more > 0:
        click.echo(f"… và {more} dòng nữa" + (f", xem {file}" if file else ""), err=True)


def _tell_warnings(lot: Lot) -> None:
    warned = [piece for piece in lot.pieces if piece.warnings]
    if warned:
        click.echo(f"{len(warned)} bản có lưu ý, xem cột warnings trong manifest.csv", err=True)


@print_group.command("designs")
@click.option("--json", "as_json", is_flag=True, help="Danh sách dạng JSON.")
def list_designs(*, as_json: bool) -> None:
    """Liệt kê các mẫu in: mã, cỡ tính bằng mm, dùng để làm gì."""
    folder = resource_dir("printables") / "designs"
    designs = all_designs(folder)
    if as_json:
        click.echo(json.dumps([_facts(design) for design in designs], ensure_ascii=False, indent=2))
        return
    for design in designs:
        click.echo(f"{design.id}\t{design.size}\t{design.title}: {design.purpose}")


def _facts(design: Design) -> dict[str, object]:
    return {
        "id": design.id,
        "size_mm": [design.width_mm, design.height_mm],
        "title": design.title,
        "purpose": design.purpose,
        "sheets": {name: list(size) for name, size in design.sheets.items()},
        "columns": list(design.needs),
    }

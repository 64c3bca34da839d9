"""`choso cashback reconcile`: what was decided against what the provider paid, from files to files."""

from datetime import UTC, datetime
from pathlib import Path

import click

from app.cashback.payouts.reconciling import Addressee, reconcile_files
from app.cashback.payouts.rules.matching import KIND_NAMES
from app.money import format_number, format_vnd
from app.vn.dates import local_date

FILE = click.Path(readable=False, path_type=Path)


@click.command("reconcile")
@click.option("--decisions", required=True, type=FILE, help="Thư mục kết quả của evaluate.")
@click.option("--payout", required=True, type=FILE, help="Tệp chi trả của đơn vị thanh toán (CSV/XLSX).")
@click.option("--out", required=True, type=FILE, help="Thư mục kết quả đối chiếu.")
@click.option("--issuer", default="Uỷ ban nhân dân xã", show_default=True, help="Nơi gửi, in trên công văn.")
@click.option("--place", default="", help="Địa danh trước ngày tháng, ví dụ Cẩm Tân.")
@click.option("--to", default="đơn vị thanh toán", show_default=True, help="Nơi nhận, in trên công văn.")
@click.option("--period", default="", help="Kỳ đối chiếu, ví dụ Tháng 8/2023.")
@click.pass_context
def reconcile_command(
    ctx: click.Context, decisions: Path, payout: Path, out: Path, issuer: str, place: str, to: str, period: str
) -> None:
    """Đối chiếu kết quả xét với tệp đã chi trả: khớp, thiếu, thừa, trả nhầm; kèm bảng tính và công văn."""
    today = local_date(datetime.now(UTC))
    outcome = reconcile_files(decisions, payout, out, Addressee(issuer, place, to, period), today)
    for each in outcome.tallies:
        click.echo(f"{KIND_NAMES[each.kind]}: {format_number(each.count)} khoản, {format_vnd(each.paid_vnd)} đã trả.")
    if outcome.refused_count:
        click.echo(f"{format_number(outcome.refused_count)} dòng chưa đọc được: xem {out / 'refused.csv'}.", err=True)
        ctx.exit(1)

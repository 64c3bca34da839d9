"""`choso qr slips`: notices of payment from a list, without a database."""

import sys
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from app.errors import RefusedError
from app.printing.notices.orders import Made, NoticeOrder, Payee
from app.printing.notices.paper import FILES, make_notices
from app.printing.notices.payers import COLUMNS, REQUIRED, PayerList, Terms, payers_of, refused_book
from app.printing.notices.rules import FORMS, NOTICES_MAX
from app.printing.orders import Stock
from app.printing.shelf import stock
from app.printing.themes import Theme, load_theme, own_theme
from app.qr import Bank, VietqrError, find_bank, vietqr
from app.qr.rules import ADDITIONAL_CHARS_MAX
from app.qr.vietqr import MEMO_CHARS_CEILING
from app.tables import read_headed
from app.vn.dates import DateError, local_date, parse_date

SHOWN = 20
REFUSED_FILE = "refused.xlsx"


@dataclass(frozen=True, slots=True)
class _Wish:
    """What stands on the command line about the payee and the paper."""

    bank: str
    account: str
    name: str
    payee: str
    title: str
    number: str
    form: str
    theme: str
    memo_max: int


@click.command()
@click.option("--bin", "bank", required=True, metavar="MÃ", help="Mã hoặc tên ngân hàng của đơn vị thu.")
@click.option("--account", required=True, metavar="SỐ", help="Số tài khoản của đơn vị thu.")
@click.option(
    "--data", required=True, type=click.Path(readable=False, path_type=Path), help="Danh sách người nộp, XLSX hoặc CSV."
)
@click.option(
    "--out", required=True, type=click.Path(readable=False, path_type=Path, file_okay=False), help="Thư mục nhận tệp."
)
@click.option("--name", default="", metavar="TÊN", help="Tên chủ tài khoản, đúng như ứng dụng ngân hàng hiện.")
@click.option("--payee", default="", metavar="TÊN", help="Tên đơn vị thu in trên giấy báo.")
@click.option("--title", default="", metavar="LỜI", help="Tên đợt thu; cũng là nội dung nộp khi danh sách không ghi.")
@click.option("--number", default="01", show_default=True, metavar="SỐ", help="Số của đợt thu, ghi trên giấy báo.")
@click.option("--due", default="", metavar="NGÀY", help="Hạn nộp cho dòng không ghi, ví dụ 30/11/2026.")
@click.option("--form", type=click.Choice(list(FORMS)), default="letter", show_default=True, help="Dạng giấy báo.")
@click.option("--theme", default="default", show_default=True, help="Chủ đề, hoặc tệp .yaml của xã.")
@click.option(
    "--memo-max",
    type=click.IntRange(8, MEMO_CHARS_CEILING),
    default=ADDITIONAL_CHARS_MAX,
    show_default=True,
    help="Độ dài nội dung chuyển khoản; nhiều ứng dụng ngân hàng chỉ nhận 25.",
)
def slips(data: Path, out: Path, due: str, **further: Any) -> None:  # noqa: ANN401 - as the options declare
    """Giấy báo nộp tiền: mỗi người nộp một mã QR ghi sẵn số tiền và nội dung, đọc lại từ trang in xong.

    Danh sách cần cột Mã người nộp và Số tiền; nên có Tên người nộp, Lớp, Nội dung, Hạn nộp. Ra notices.pdf,
    codes.xlsx, manifest.csv, gate.json; dòng bị từ chối vào refused.xlsx.
    """
    wish, shelf = _Wish(**further), stock()
    bank = _bank(wish)
    terms = Terms(shelf.fonts.covers, wish.title, _day(due), wish.memo_max)
    table = read_headed(data, COLUMNS, REQUIRED)
    if table.unread:
        click.echo(table.unread, err=True)
    listed = payers_of(table, terms)
    _tell(listed)
    if not listed.payers:
        raise RefusedError(
            f"{data.name}: không có dòng nào làm được giấy báo.", remedy="Hãy sửa danh sách rồi làm lại."
        )
    if len(listed.payers) > NOTICES_MAX:
        raise RefusedError(f"{data.name}: nhiều hơn {NOTICES_MAX} người nộp.", remedy="Hãy chia thành nhiều danh sách.")
    now = datetime.now(UTC)
    payee = Payee(wish.payee, bank.bin, bank.short_name, wish.account, wish.name)
    order = NoticeOrder(payee, FORMS[wish.form], _theme(wish.theme, shelf), wish.number, wish.title, local_date(now))
    made = make_notices(replace(order, memo_chars_max=wish.memo_max), listed.payers, shelf, out, now, _progress)
    _finish(listed, made, out)


def _bank(wish: _Wish) -> Bank:
    """The payee's bank; refuses here what would fail for every row alike."""
    bank = find_bank(wish.bank)
    if bank.refuses_transfers:
        raise RefusedError(
            f"{bank.short_name} không nhận chuyển khoản VietQR.", remedy="Hãy dùng tài khoản ngân hàng của đơn vị thu."
        )
    try:
        vietqr(bank.bin, wish.account)
    except VietqrError as fault:
        raise RefusedError(str(fault).rstrip(".") + ".", remedy="Hãy xem lại --account.") from fault
    return bank


def _day(written: str) -> date | None:
    try:
        return parse_date(written) if written.strip() else None
    except DateError as fault:
        raise click.UsageError(f"--due: {fault}") from fault


def _theme(named: str, shelf: Stock) -> Theme:
    own = Path(named)
    return own_theme(own, shelf.themes) if own.suffix == ".yaml" else load_theme(shelf.themes, named)


def _tell(listed: PayerList) -> None:
    for remark in listed.remarks:
        click.echo(f"{listed.file}: {remark}", err=True)
    for refusal in listed.refusals[:SHOWN]:
        click.echo(f"{listed.file}, dòng {refusal.line}: {refusal.reason}", err=True)
    more = len(listed.refusals) - SHOWN
    if more > 0:
        click.echo(f"… và {more} dòng nữa, xem {REFUSED_FILE}", err=True)
    shortened = sum(bool(payer.remark) for payer in listed.payers)
    if shortened:
        click.echo(f"{shortened} nội dung chuyển khoản được rút gọn, xem cột warnings trong manifest.csv", err=True)


def _finish(listed: PayerList, made: Made, out: Path) -> None:
    refused = out / REFUSED_FILE
    refused.unlink(missing_ok=True)
    if listed.refusals:
        refused.write_bytes(refused_book(listed.refusals))
    report = made.report
    if not report.passed:
        for failure in report.failures[:SHOWN]:
            where = f"tờ {failure.sheet}, ô {failure.cell} ({failure.point_code})" if failure.cell else "cả tệp"
            click.echo(f"{where}: {failure.reason}", err=True)
        raise RefusedError(
            f"Không giao {FILES[0]}: kiểm trang in thấy {len(report.failures)} lỗi.",
            remedy=f"Xem {out / 'gate.json'}.",
        )
    click.echo(
        f"{out / FILES[0]}: {report.items} giấy báo, {made.sheets} tờ A4, "
        f"{report.codes_right}/{report.codes} mã đọc lại đúng từ trang in"
    )
    if listed.refusals:
        click.get_current_context().exit(1)


def _progress(what: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{what} {done}/{total} ", nl=done == total, err=True)

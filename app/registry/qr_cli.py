"""`choso qr`: make, check, read and draw payment codes, without a database."""

import json
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO, Any

import click

from app.qr import (
    Bank,
    BankNotFoundError,
    Inspection,
    Kind,
    Symbol,
    SymbolError,
    banks,
    details,
    explain,
    find_bank,
    inspect,
    symbol,
)
from app.qr import drawing as draw_as
from app.qr.frame import LEVELS, Level
from app.qr.photo import SHOOT_AGAIN, PhotoError, read_image, read_photo
from app.qr.rules import ADDITIONAL_CHARS_MAX
from app.qr.vietqr import MEMO_CHARS_CEILING
from app.registry.code_batch import CodeRefusedError, CodeRequest, code_rows, make_code
from app.tables import TableError

STDIN_BYTES_MAX = 1_000_000
DRAWINGS: Mapping[str, Callable[[Symbol, float, str], bytes]] = {
    ".svg": lambda drawn, side_mm, title: draw_as.svg(drawn, side_mm=side_mm, title=title).encode(),
    ".png": lambda drawn, side_mm, _title: draw_as.png(drawn, side_mm=side_mm),
    ".pdf": lambda drawn, side_mm, title: draw_as.pdf(drawn, side_mm=side_mm, title=title),
}


class Refused(click.ClickException):
    """Input that was refused: the Vietnamese message alone on standard error, exit 1."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Say why."""
        click.echo(self.message, file=file, err=file is None)


class Refusing(click.Group):
    """What the rooms below refuse becomes one message and exit 1."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (BankNotFoundError, CodeRefusedError, PhotoError, SymbolError, TableError) as refused:
            raise Refused(_printable(str(refused))) from refused


@click.group(cls=Refusing)
def qr() -> None:
    """Mã QR thanh toán: tạo, kiểm tra, đọc từ ảnh, vẽ."""


@qr.command()
@click.option("--bin", "bank", default="", metavar="MÃ", help="Mã ngân hàng 6 số, ví dụ 970436 (xem: choso qr banks).")
@click.option("--account", default="", metavar="SỐ", help="Số tài khoản, giữ nguyên số 0 đứng đầu.")
@click.option("--name", default="", metavar="TÊN", help="Tên ghi trong mã; tự viết hoa không dấu.")
@click.option("--city", default="", metavar="NƠI", help="Tên nơi ghi trong mã.")
@click.option("--amount", default="", metavar="ĐỒNG", help="Số tiền; để trống thì người trả tự nhập.")
@click.option("--memo", default="", metavar="LỜI", help="Nội dung chuyển khoản, tối đa 25 ký tự.")
@click.option(
    "--memo-max",
    type=click.IntRange(1, MEMO_CHARS_CEILING),
    default=ADDITIONAL_CHARS_MAX,
    show_default=True,
    help="Cho nội dung dài hơn; nhiều ứng dụng ngân hàng chỉ nhận 25.",
)
@click.option("--unknown-bank", is_flag=True, help="Nhận cả mã ngân hàng không có trong danh sách.")
@click.option(
    "--batch",
    type=click.Path(readable=False, path_type=Path),
    metavar="F.csv",
    help="Danh sách CSV hoặc XLSX, mỗi dòng một mã.",
)
def encode(
    bank: str,
    account: str,
    name: str,
    city: str,
    amount: str,
    memo: str,
    memo_max: int,
    unknown_bank: bool,
    batch: Path | None,
) -> None:
    """In ra mã VietQR của một tài khoản, hoặc mỗi dòng của --batch một mã.

    Cột của danh sách: bin (hoặc Ngân hàng), account, name, city, amount, payer, memo, hoặc tên tiếng Việt. Cột nào
    không có thì lấy theo tùy chọn. Dòng bị từ chối để lại một dòng trống, nên dòng in ra luôn khớp với danh sách.
    """
    request = CodeRequest(bank, account, name, city, amount, memo, memo_max, unknown_bank)
    if batch is not None:
        _encode_rows(batch, request)
        return
    for option, value in (("--bin", bank), ("--account", account)):
        if not value:
            raise click.UsageError(f"thiếu {option}.")
    made = make_code(request)
    for notice in made.notices:
        click.echo(notice, err=True)
    click.echo(made.payload)


def _encode_rows(batch: Path, common: CodeRequest) -> None:
    refused = 0
    for row in code_rows(batch, common, partial(click.echo, err=True)):
        place = f"{batch.name}, dòng {row.line}"
        for notice in row.made.notices if row.made else (row.refusal,):
            click.echo(f"{place}: {notice}", err=True)
        click.echo(row.made.payload if row.made else "")
        refused += row.made is None
    if refused:
        raise Refused(f"{batch.name}: {refused} dòng bị từ chối. Hãy sửa rồi chạy lại.")


@qr.command()
@click.argument("payload")
def decode(payload: str) -> None:
    """Kiểm tra một mã (hoặc “-”: đọc từ đầu vào chuẩn) và nói mã trả tiền cho ai, dạng JSON."""
    text = _payload_of(payload)
    code = None if text is None else inspect(text)
    click.echo(_json(_told(code) if code else _NOT_UTF8))
    if code is None or not code.valid:
        raise click.exceptions.Exit(1)


def _told(code: Inspection) -> dict[str, object]:
    said = details(code) if code.valid else None
    return {
        "valid": code.valid,
        "errors": [found.message_vi for found in code.errors],
        "warnings": [found.message_vi for found in code.warnings],
        "kind": code.kind,
        "bin": said and said.bin,
        "account": said and said.account,
        "amount_vnd": said and said.amount_vnd,
        "memo": said and said.memo,
        "name": said and said.name,
        "city": said and said.city,
        "merchant_id": said and said.merchant_id,
        "explanation": explain(code.text),
        "findings": [
            {"code": seen.code, "severity": seen.severity, "path": seen.path, "place": seen.place + 1}
            for seen in code.findings
        ],
    }


_NOT_UTF8: dict[str, object] = {
    "valid": False,
    "errors": ["Dữ liệu đưa vào không phải chữ UTF-8"],
    "warnings": [],
    **dict.fromkeys(("kind", "bin", "account", "amount_vnd", "memo", "name", "city", "merchant_id")),
    "explanation": "Mã hỏng, đừng dùng: dữ liệu không phải chữ UTF-8",
    "findings": [{"code": "not-utf-8", "severity": "error", "path": "", "place": 1}],
}


@qr.command()
@click.argument("images", nargs=-1, required=True, type=click.Path(readable=False, path_type=Path), metavar="ẢNH...")
@click.option("--thorough", is_flag=True, help="Tìm kỹ: cả mã mờ nằm cạnh mã đã thấy.")
def read(images: tuple[Path, ...], thorough: bool) -> None:
    """Đọc mọi mã QR trong ảnh chụp, ảnh màn hình hoặc PDF; mỗi mã một dòng JSON."""
    unread = sum([not _read_one(image, thorough=thorough) for image in images])
    if unread:
        raise click.exceptions.Exit(1)


def _read_one(image: Path, *, thorough: bool) -> bool:
    try:
        found, trouble = read_photo(image, thorough=thorough), SHOOT_AGAIN
    except PhotoError as broken:
        found, trouble = (), str(broken)
    for code in found:
        told = explain(code.text)
        valid = inspect(code.text).valid
        click.echo(
            _json({"file": str(image), "payload": code.text, "valid": valid, "explanation": told, "page": code.page})
        )
    if not found:
        click.echo(_json({"file": str(image), "payload": None, "valid": False, "explanation": trouble}))
        click.echo(_printable(f"{image}: {trouble}"), err=True)
    return bool(found)


@qr.command()
@click.argument("payload")
@click.option(
    "--out",
    required=True,
    type=click.Path(readable=False, path_type=Path),
    metavar="F.svg|F.png|F.pdf",
    help="Tệp sẽ ghi.",
)
@click.option("--ec", type=click.Choice(list(LEVELS)), default="M", show_default=True, help="Mức sửa lỗi ít nhất.")
@click.option(
    "--size-mm", type=click.FloatRange(10, 2000), default=60.0, show_default=True, help="Cạnh, kể cả viền trắng."
)
@click.option("--any-text", is_flag=True, help="Vẽ cả nội dung không phải mã thanh toán, ví dụ đường dẫn.")
def draw(payload: str, out: Path, ec: Level, size_mm: float, any_text: bool) -> None:
    """Vẽ một mã thành tệp SVG, PNG hoặc PDF; mã hỏng thì không vẽ."""
    if out.suffix.lower() not in DRAWINGS:
        raise click.UsageError("--out phải có đuôi .svg, .png hoặc .pdf.")
    text = _payload_of(payload)
    code = inspect(text) if text is not None else None
    if text is None or code is None:
        raise Refused("Dữ liệu đưa vào không phải chữ UTF-8.")
    if not code.valid and not (any_text and code.kind is Kind.NOT_PAYMENT):
        hint = " Muốn vẽ đường dẫn hay chữ khác, thêm --any-text." if code.kind is Kind.NOT_PAYMENT else ""
        raise Refused(f"{code.errors[0].message_vi.rstrip('…')}.{hint}")
    drawn = symbol(text, ec)
    if [seen.text for seen in read_image(draw_as.image(drawn, module_pixels=4).convert("L"))] != [text]:
        raise Refused("Mã vẽ ra không đọc lại được đúng nội dung; không ghi tệp.")
    said = explain(text)
    _write(out, DRAWINGS[out.suffix.lower()](drawn, size_mm, said))
    click.echo(_printable(f"Đã vẽ {out}: {said}."), err=True)


@qr.command("banks")
@click.argument("wanted", required=False, metavar="[TÊN]")
@click.option("--json", "as_json", is_flag=True, help="Dạng JSON.")
def banks_command(wanted: str | None, as_json: bool) -> None:
    """Danh sách ngân hàng và ví: mã, tên ngắn, tên đầy đủ, ghi chú; hoặc tìm một tên."""
    listed = (find_bank(wanted),) if wanted is not None else banks()
    if as_json:
        click.echo(_json([_bank(bank) for bank in listed]))
        return
    for bank in listed:
        click.echo("\t".join((bank.bin, bank.short_name, bank.full_name, bank.note)).rstrip())


def _bank(bank: Bank) -> dict[str, object]:
    return {
        "bin": bank.bin,
        "kind": bank.kind,
        "code": bank.code,
        "short_name": bank.short_name,
        "full_name": bank.full_name,
        "takes_transfers": bank.takes_transfers,
        "aliases": bank.aliases,
        "note": bank.note,
    }


def _payload_of(argument: str) -> str | None:
    """The payload itself, or for "-" what stands on standard input without its last line end; None if not UTF-8."""
    if argument != "-":
        return argument
    data = sys.stdin.buffer.read(STDIN_BYTES_MAX)
    try:
        return data.decode("utf-8-sig").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        return None


def _write(out: Path, content: bytes) -> None:
    """The whole file or nothing."""
    part = out.with_name(f".{out.name}.part")
    try:
        part.write_bytes(content)
        part.replace(out)
    except (OSError, ValueError) as trouble:
        with suppress(OSError, ValueError):
            part.unlink(missing_ok=True)
        raise Refused(f"Không ghi được {_printable(str(out))}. Hãy kiểm tra thư mục và quyền ghi.") from trouble


def _json(value: object) -> str:
    return _printable(json.dumps(value, ensure_ascii=False))


def _printable(text: str) -> str:
    """File names may hold bytes that are no text; a terminal must not stumble over them."""
    return text.encode("utf-8", "replace").decode()

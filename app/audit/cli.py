"""`choso audit`: is the chain whole, and where does it end?"""

from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import with_appcontext

from app.audit.anchors import note_anchor, noted_anchors
from app.audit.queries import chain_break, chain_head
from app.audit.rules import Anchor, parse_anchor
from app.errors import RefusedError
from app.settings import Settings


@click.group()
def audit() -> None:
    """Nhật ký: ai đã làm gì."""


@audit.command()
@click.option("--anchor", "anchors", multiple=True, metavar="SỐ:MÃ", help="Mã đã ghi ở nơi khác; lặp lại được.")
@with_appcontext
def verify(anchors: tuple[str, ...]) -> None:
    """Kiểm tra chuỗi nhật ký từ đầu đến cuối; mã thoát 1 nếu có chỗ bị sửa, xoá, chèn hay cắt."""
    settings: Settings = current_app.config["SETTINGS"]
    events, broken = chain_break([*noted_anchors(settings.instance), *map(_anchor, anchors)])
    if broken is not None:
        raise RefusedError(f"Nhật ký hỏng: {broken.message}.", remedy="Hãy đối chiếu với bản sao lưu gần nhất.")
    head = chain_head()
    note_anchor(settings.instance, head, datetime.now(UTC))
    click.echo(f"Nhật ký nguyên vẹn: {events} sự kiện.")
    click.echo(f"Mã cuối chuỗi: {head}. Ghi lại ở nơi khác để sau này đối chiếu.", err=True)


@audit.command()
@with_appcontext
def head() -> None:
    """In mã cuối chuỗi (số sự kiện:mã băm), để ghi lại ở nơi khác."""
    click.echo(str(chain_head()))


def _anchor(text: str) -> Anchor:
    found = parse_anchor(text)
    if found is None:
        raise click.BadParameter("cần dạng SỐ:MÃ, ví dụ 1234:9f86d081884c")
    return found

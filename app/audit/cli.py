"""`choso audit`: is the chain whole?"""

import click
from flask.cli import with_appcontext

from app.audit.queries import chain_break
from app.errors import RefusedError


@click.group()
def audit() -> None:
    """Nhật ký: ai đã làm gì."""


@audit.command()
@with_appcontext
def verify() -> None:
    """Kiểm tra chuỗi nhật ký từ đầu đến cuối; mã thoát 1 nếu có chỗ bị sửa."""
    events, broken = chain_break()
    if broken is not None:
        raise RefusedError(f"Nhật ký hỏng: {broken.message}.", remedy="Hãy đối chiếu với bản sao lưu gần nhất.")
    click.echo(f"Nhật ký nguyên vẹn: {events} sự kiện.")

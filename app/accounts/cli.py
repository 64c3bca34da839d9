"""`choso user`: adding people from the machine itself."""

import sys
from datetime import UTC, datetime

import click
from flask.cli import with_appcontext

from app.accounts.actions import Grant, create_user, reset_password
from app.accounts.models import User
from app.accounts.proving import issue_hand_over
from app.accounts.queries import user_by_identity
from app.actors import COMMAND_LINE, ROLES
from app.db import unit_of_work
from app.errors import NotFoundError


@click.group()
def user() -> None:
    """Người dùng: thêm người, cấp lại mật khẩu."""


@user.command()
@click.argument("name")
@click.option("--role", "roles", multiple=True, type=click.Choice(list(ROLES)), help="Vai trò; có thể lặp lại.")
@click.option("--full-name", default="", help="Họ tên (mặc định: tên đăng nhập).")
@click.option("--phone", default="", help="Số điện thoại, cũng dùng để đăng nhập.")
@click.option("--password-stdin", is_flag=True, help="Đọc mật khẩu từ đầu vào chuẩn thay vì tự sinh.")
@with_appcontext
def add(name: str, roles: tuple[str, ...], full_name: str, phone: str, *, password_stdin: bool) -> None:
    """Thêm người dùng NAME và in mật khẩu dùng một lần."""
    given = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    with unit_of_work():
        _, password = create_user(
            COMMAND_LINE,
            datetime.now(UTC),
            name,
            full_name or name,
            phone=phone,
            grants=[Grant(role) for role in roles],
            password=given,
            must_change=given is None,
        )
    click.echo(f"Đã thêm người dùng {name}.", err=True)
    if given is None:
        click.echo("Mật khẩu dùng một lần, chỉ hiện lần này:", err=True)
        click.echo(password)


@user.command()
@click.argument("name")
@with_appcontext
def confirm(name: str) -> None:
    """In mã trao tay 8 số để NAME tự xác nhận (khi không có người thứ ba nào độc lập)."""
    with unit_of_work():
        found = _found(name)
        code = issue_hand_over(COMMAND_LINE, datetime.now(UTC), found)
    click.echo(f"Mã trao tay của {found.full_name}, dùng một lần trong 30 phút.", err=True)
    click.echo("Chỉ đọc cho chính người ấy; họ gõ ở Tài khoản của tôi, mục Tự xác nhận:", err=True)
    click.echo(code)


@user.command()
@click.argument("name")
@with_appcontext
def reset(name: str) -> None:
    """Cấp mật khẩu mới dùng một lần cho NAME (tên đăng nhập hoặc số điện thoại)."""
    with unit_of_work():
        found = _found(name)
        password = reset_password(COMMAND_LINE, datetime.now(UTC), found)
    click.echo(f"Mật khẩu dùng một lần của {found.user_name}, chỉ hiện lần này:", err=True)
    click.echo(password)


def _found(name: str) -> User:
    found = user_by_identity(name)
    if found is None:
        raise NotFoundError(f"Không có người dùng {name}.", remedy="Hãy kiểm tra tên đăng nhập.")
    return found

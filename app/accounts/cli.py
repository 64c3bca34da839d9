"""`choso user`: adding people from the machine itself."""

import sys
from datetime import UTC, datetime

import click
from flask.cli import with_appcontext

from app.accounts.actions import Grant, create_user, reset_password
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
def reset(name: str) -> None:
    """Cấp mật khẩu mới dùng một lần cho NAME (tên đăng nhập hoặc số điện thoại)."""
    with unit_of_work():
        found = user_by_identity(name)
        if found is None:
            raise NotFoundError(f"Không có người dùng {name}.", remedy="Hãy kiểm tra tên đăng nhập.")
        password = reset_password(COMMAND_LINE, datetime.now(UTC), found)
    click.echo(f"Mật khẩu dùng một lần của {found.user_name}, chỉ hiện lần này:", err=True)
    click.echo(password)

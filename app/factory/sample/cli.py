"""`choso demo`: the sample commune, in and out."""

import json
from dataclasses import asdict

import click
from flask import current_app
from flask.cli import with_appcontext

from app.db import unit_of_work
from app.factory.sample.build import install_sample, remove_sample, sample_exists
from app.factory.sample.people import sign_ins
from app.factory.verbs import collector_at_rest
from app.settings import Settings
from app.web.clock import moment


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Chỉ in danh sách đăng nhập dạng JSON.")
@click.option("--remove", is_flag=True, help="Gỡ xã mẫu.")
@with_appcontext
def demo(*, as_json: bool, remove: bool) -> None:
    """Nạp xã mẫu (dữ liệu bịa, có đánh dấu, gỡ được)."""
    settings: Settings = current_app.config["SETTINGS"]
    if remove:
        with unit_of_work():
            rows = remove_sample(settings, moment())
        click.echo(f"Đã gỡ xã mẫu ({rows} bản ghi)." if rows else "Không có xã mẫu để gỡ.", err=True)
        return
    if not sample_exists():
        click.echo("Đang dựng xã mẫu (khoảng mười giây) …", err=True)
        with collector_at_rest():
            install_sample(settings, moment())
    people = sign_ins(settings.secret_key)
    if as_json:
        click.echo(json.dumps([asdict(each) for each in people], ensure_ascii=False))
        return
    click.echo("Xã mẫu đã sẵn sàng. Đăng nhập bằng một trong các tên sau:", err=True)
    for each in people:
        click.echo(f"{each.role:12} {each.user:16} {each.password}")

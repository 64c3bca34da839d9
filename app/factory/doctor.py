"""`choso doctor`: is everything in its place, and how much is there of each?"""

import json

import click
from flask.cli import with_appcontext
from sqlalchemy import func, select

from app.audit.queries import chain_break
from app.db import Model, db

#: Names of the counts that the outside relies on (CONTRACT), by table; other tables count under their own name.
NAMES = {"merchant": "merchants", "point": "points", "payment_account": "accounts", "audit_event": "audit_events"}

#: One row each, that no person wrote: where the chain ends, when the registry was last looked through.
BOOKKEEPING = {"audit_head", "issue_sweep"}


def counts() -> dict[str, int]:
    """How many records of each kind there are."""
    found = {}
    records = (table for name, table in Model.metadata.tables.items() if name not in BOOKKEEPING)
    for table in sorted(records, key=lambda table: table.name):
        found[NAMES.get(table.name, table.name)] = db.session.scalar(select(func.count()).select_from(table)) or 0
    return found


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Kết quả dạng JSON.")
@click.pass_context
@with_appcontext
def doctor(ctx: click.Context, *, as_json: bool) -> None:
    """Kiểm tra máy, dữ liệu và nhật ký."""
    events, broken = chain_break()
    found = counts()
    if as_json:
        click.echo(json.dumps({"ok": broken is None, "counts": found}, ensure_ascii=False))
    else:
        for name, number in found.items():
            click.echo(f"{name:28} {number:>10}")
        click.echo(f"Nhật ký: {events} sự kiện, " + ("nguyên vẹn." if broken is None else f"HỎNG: {broken.message}."))
    if broken is not None:
        ctx.exit(1)

"""`choso import`: what comes in from outside, one verb for each kind of file."""

import click

from app.factory.verbs import LazyGroup

#: Kind of file -> module and attribute, loaded when asked for.
KINDS = {
    "merchants": "app.registry.cli:merchants",
    "report": "app.transactions.cli:report",
}


@click.group("import", cls=LazyGroup, table=KINDS)
def import_() -> None:
    """Nhập danh sách hộ kinh doanh, báo cáo giao dịch."""

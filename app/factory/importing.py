"""`choso import`: what comes in from outside, one verb for each kind of file."""

import importlib

import click

#: Kind of file -> module and attribute, loaded when asked for.
KINDS = {
    "merchants": "app.registry.cli:merchants",
}


class _Kinds(click.Group):
    """The kinds of file, each from the room it belongs to."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All kinds, sorted."""
        del ctx
        return sorted(KINDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this kind, or None."""
        del ctx
        target = KINDS.get(cmd_name)
        if target is None:
            return None
        module, attribute = target.split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.group("import", cls=_Kinds)
def import_() -> None:
    """Nhập danh sách hộ kinh doanh, báo cáo giao dịch."""

"""`choso qr`: the registry's verbs, and those of a room above it, loaded only when asked for."""

import click

from app.factory.verbs import LazyGroup
from app.registry.qr_cli import Refusing, qr

#: Verb -> module and attribute.
FURTHER = {"slips": "app.printing.notices.cli:slips"}


class _Codes(Refusing, LazyGroup):
    """One group of both."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All verbs, sorted."""
        return sorted((*qr.commands, *super().list_commands(ctx)))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, or None."""
        return qr.commands.get(cmd_name) or super().get_command(ctx, cmd_name)


codes = _Codes("qr", table=FURTHER, help=qr.help)

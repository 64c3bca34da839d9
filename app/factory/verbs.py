"""Verbs that are loaded when asked for, so that a light one does not wait for what only heavy ones need."""

import gc
import importlib
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click


class LazyGroup(click.Group):
    """A group that imports a command's module only when the command is used.

    `table` says where each verb lives: name -> "module:attribute"; `words` what the list of verbs says of it, so that
    listing them loads none.
    """

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - click's own
        table: Mapping[str, str],
        words: Mapping[str, str] | None = None,
        **kwargs: Any,  # noqa: ANN401 - click's own
    ) -> None:
        super().__init__(*args, **kwargs)
        self.table = table
        self.words = words or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All verbs, sorted."""
        del ctx
        return sorted(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, or None."""
        target = self.table.get(cmd_name)
        if target is None:
            return None
        command: click.Command = _load(target)
        if ctx.obj is None:
            ctx.obj = _program()
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Lists the verbs by their words; where there are none, as click does."""
        if not self.words:
            super().format_commands(ctx, formatter)
            return
        with formatter.section("Lệnh"):
            formatter.write_dl([(name, self.words[name]) for name in self.list_commands(ctx)])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb that was typed; an unknown one is told with those nearest to it."""
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as unknown:
            raise click.NoSuchCommand(unknown.command_name, possibilities=self.list_commands(ctx), ctx=ctx) from None


def _program() -> object | None:
    """Flask's handle on the program, for verbs that touch the records; None where no such verb has been loaded.

    A verb needs the records exactly when its module imports `flask.cli` (for `with_appcontext`).
    """
    flask_cli = sys.modules.get("flask.cli")
    return flask_cli and flask_cli.ScriptInfo(create_app=_ready_app)


def _ready_app() -> object:
    with collector_at_rest():
        return _load("app.factory.application:create_ready_app")()


def _load(target: str) -> Any:  # noqa: ANN401 - what a module holds is of any type
    module, attribute = target.split(":")
    with collector_at_rest():
        return getattr(importlib.import_module(module), attribute)


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """While a program is loaded, or a sample built: what is made stays, the collector would walk it over and over."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()

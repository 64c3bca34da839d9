"""Addresses that are compiled when the first one of their kind is made.

Werkzeug compiles two functions a route at start, most of which no command and few visits ever call; with hundreds of
routes that is two thirds of what building the program costs.
"""

from collections.abc import Callable

from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]


class LateRule(Rule):
    """A route whose addresses are put together by Werkzeug's own code, compiled at first use."""

    def _compile_builder(self, append_unknown: bool = True) -> Builder:
        compile_now, compiled = super()._compile_builder, list[Builder]()

        def build(rule: Rule, **values: object) -> tuple[str, str]:
            if not compiled:
                compiled.append(compile_now(append_unknown))
            return compiled[0](rule, **values)

        return build

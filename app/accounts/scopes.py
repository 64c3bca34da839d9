"""Parts of the world by name. Accounts know kinds and numbers; the factory brings the names."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from flask import Flask, current_app

from app.accounts.rules import Reach, reach
from app.actors import Actor, Scope
from app.errors import RefusedError

EVERYWHERE = Scope("all")
_KEY = "choso_scopes"


@dataclass(frozen=True, slots=True)
class ScopeChoice:
    """One part of the world as people choose it: "Xã Cẩm Tân" in the group "Địa bàn"."""

    scope: Scope
    label: str
    group: str

    @property
    def value(self) -> str:
        """How a form names it: unit:12."""
        return f"{self.scope.kind}:{self.scope.id}"


@dataclass(frozen=True, slots=True)
class World:
    """All parts there are, and for every unit the units above it."""

    choices: Sequence[ScopeChoice] = ()
    ancestors: Mapping[int, Sequence[int]] = field(default_factory=dict)
    zone_units: Mapping[int, int] = field(default_factory=dict)

    def label(self, scope: Scope) -> str:
        """The name of a part."""
        if scope == EVERYWHERE:
            return "Toàn hệ thống"
        return next((each.label for each in self.choices if each.scope == scope), f"{scope.kind} {scope.id}")

    def parsed(self, value: str) -> Scope:
        """The part a form names. Raises RefusedError for one that does not exist."""
        if value == "all:0":
            return EVERYWHERE
        for each in self.choices:
            if each.value == value:
                return each.scope
        raise RefusedError("Chưa chọn phạm vi.", remedy="Hãy chọn một phạm vi trong danh sách.")

    def reached(self, actor: Actor, *roles: str) -> Reach:
        """What these roles of this person reach."""
        return reach(actor, self.ancestors, *roles)

    def within(self, reached: Reach, scope: Scope) -> bool:
        """Whether a whole part lies within a reach."""
        if reached.everything:
            return True
        match scope.kind:
            case "unit":
                return scope.id in reached.units
            case "zone":
                return scope.id in reached.zones or self.zone_units.get(scope.id) in reached.units
            case "provider":
                return scope.id in reached.providers
        return False

    def offered(self, reached: Reach) -> Sequence[ScopeChoice]:
        """The parts within a reach, as choices."""
        return [choice for choice in self.choices if self.within(reached, choice.scope)]


def init_scopes(app: Flask, source: Callable[[], World]) -> None:
    """Tells the app where the parts of the world come from."""
    app.extensions[_KEY] = source


def world() -> World:
    """The parts of the world at this moment."""
    source: Callable[[], World] = current_app.extensions.get(_KEY, World)
    return source()

"""What approval has to know about a person. The room of accounts tells it; this one knows numbers alone."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from flask import Flask, current_app

_KEY = "choso_approval_people"


@dataclass(frozen=True, slots=True)
class Known:
    """A person as sentences name them; of the sample commune, whose passwords everybody knows."""

    name: str
    sample: bool = False
    is_gone: bool = False


Source = Callable[[Collection[int]], Mapping[int, Known]]


def init_people(app: Flask, source: Source) -> None:
    """Tells the app where names come from."""
    app.extensions[_KEY] = source


def people(ids: Collection[int]) -> dict[int, Known]:
    """Everybody with these numbers; whoever is gone goes by the number."""
    source: Source = current_app.extensions.get(_KEY, lambda _: {})
    found = source(ids)
    return {each: found.get(each) or Known(f"người số {each}", is_gone=True) for each in ids}

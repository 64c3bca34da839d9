"""Pages of a list: which rows, how many in all, and the words that say so."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

from flask import request, url_for

Item = TypeVar("Item")
PER_PAGE = 25
PER_PAGE_MAX = 200
PAGE_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a list. `number` counts from 1; `total` counts all rows of the filter."""

    items: Sequence[Item]
    number: int
    per_page: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.per_page))

    @property
    def first(self) -> int:
        """Number of the first row shown, 0 on an empty list."""
        return 0 if not self.items else (self.number - 1) * self.per_page + 1

    @property
    def last(self) -> int:
        """Number of the last row shown."""
        return 0 if not self.items else self.first + len(self.items) - 1


@dataclass(frozen=True, slots=True)
class Cut:
    """What to ask the database for."""

    number: int = 1
    per_page: int = PER_PAGE

    @property
    def offset(self) -> int:
        """Rows to pass over."""
        return (self.number - 1) * self.per_page

    def page(self, items: Sequence[Item], total: int) -> Page[Item]:
        """The page, once the rows are known."""
        return Page(items, self.number, self.per_page, total)


def requested_cut(per_page: int = PER_PAGE) -> Cut:
    """`?page=` and `?per_page=` of this request; nonsense counts as the first page."""
    return Cut(_number("page", 1, PAGE_MAX), _number("per_page", per_page, PER_PAGE_MAX))


def same_filter(endpoint: str, **values: object) -> str:
    """The address of `endpoint` with all that this request asks for, whatever its parameters are called.

    `values`: parts of that address itself.
    """
    address = url_for(endpoint, **values)  # type: ignore[arg-type]
    return f"{address}?{urlencode(list(request.args.items(multi=True)))}".removesuffix("?")


def _number(name: str, default: int, most: int) -> int:
    text = request.args.get(name, "")
    return (
        min(max(int(text), 1), most)
        if text.isascii() and text.isdigit() and len(text) < len(str(PAGE_MAX))
        else default
    )

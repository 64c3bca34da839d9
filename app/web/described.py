"""What operations under /api/v1 are described with: strict fields, pages of lists, the shape of a fault.

A body says exactly what it means: "5" is no number and 1 is no yes. What no database can hold (NUL, half a character)
is refused before any room sees it.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any, TypeVar

from marshmallow import Schema, ValidationError, fields, post_dump, pre_load, validate

from app.vn.dates import format_date
from app.web.paging import PAGE_MAX, PER_PAGE, PER_PAGE_MAX, Cut, Page
from app.web.row_ids import ID_MAX

Item = TypeVar("Item")
NOTE_MAX = 500
TEXT_MAX = 2000
UNFIT = "Có ký tự không dùng được."


class Entry(Schema):
    """What comes in."""

    @pre_load
    def refuse_unfit(self, data: Any, **_: object) -> Any:  # noqa: ANN401 - whatever was sent
        """Text that cannot be stored is nobody's name."""
        if not _storable(data):
            raise ValidationError(UNFIT)
        return data


class Shown(Schema):
    """What goes out; None stands only where a field allows it."""

    @post_dump
    def without_unknown(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        """A field that this person may not see is not there at all."""
        return {name: value for name, value in data.items() if value is not ABSENT}


ABSENT = object()


class Whole(fields.Integer):
    """A whole number; text that looks like one is refused in a body."""

    def __init__(self, **more: Any) -> None:  # noqa: ANN401 - what marshmallow takes
        super().__init__(strict=True, **more)

    def _validated(self, value: Any) -> int:  # noqa: ANN401 - whatever was sent
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.make_error("invalid", input=value)
        whole: int = super()._validated(int(value) if isinstance(value, float) and value.is_integer() else value)
        return whole


class Number(fields.Float):
    """A number; text that looks like one is refused in a body."""

    def _validated(self, value: Any) -> float:  # noqa: ANN401 - whatever was sent
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.make_error("invalid", input=value)
        number: float = super()._validated(value)
        return number


class YesNo(fields.Boolean):
    """true or false, nothing that is like it."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:  # noqa: ANN401 - whatever was sent
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class PageQuery(Entry):
    """Which page of a list."""

    page = fields.Integer(
        load_default=1,
        validate=validate.Range(min=1, max=PAGE_MAX),
        metadata={"description": "trang, từ 1"},
    )
    limit = fields.Integer(
        load_default=PER_PAGE,
        validate=validate.Range(min=1),
        metadata={"description": f"số dòng một trang, nhiều nhất {PER_PAGE_MAX}"},
    )


class Done(Shown):
    """What became of it."""

    state = fields.String(metadata={"description": "trạng thái sau thao tác"})


class Reason(Entry):
    """Why."""

    reason = fields.String(
        load_default="", validate=validate.Length(max=NOTE_MAX), metadata={"description": "lý do, một câu"}
    )


class EventOut(Shown):
    """One act of the audit."""

    id = fields.Integer()
    at = fields.AwareDateTime()
    actor = fields.String()
    via = fields.String()
    action = fields.String()
    action_name = fields.String()
    subject_kind = fields.String()
    subject_id = fields.String()
    reason = fields.String()
    before = fields.Dict(allow_none=True)
    after = fields.Dict(allow_none=True)


def row_number(words: str, **more: Any) -> Whole:  # noqa: ANN401 - what marshmallow takes
    """The number of a record in a body."""
    return Whole(validate=validate.Range(min=1, max=ID_MAX), metadata={"description": words}, **more)


def row_query(words: str) -> fields.Integer:
    """The number of a record in an address; nothing: not narrowed."""
    checked = validate.Range(min=1, max=ID_MAX)
    return fields.Integer(load_default=None, validate=checked, metadata={"description": words})


def text_field(words: str, longest: int = NOTE_MAX, **more: Any) -> fields.String:  # noqa: ANN401 - what marshmallow takes
    """Text of a body, empty where it is left out."""
    if not more.get("required"):
        more.setdefault("load_default", "")
    return fields.String(validate=validate.Length(max=longest), metadata={"description": words}, **more)


def one_of(choices: Iterable[str] | Mapping[str, str], words: str = "", **more: Any) -> fields.String:  # noqa: ANN401 - what marshmallow takes
    """One of these words; a mapping tells what each means."""
    known = list(choices)
    if isinstance(choices, Mapping):
        words = (f"{words}: " if words else "") + ", ".join(
            f"{key} ({choices[key]})" if key else "để trống" for key in known
        )
    return fields.String(validate=validate.OneOf(known), metadata={"description": words}, **more)


@cache
def paged(item: type[Schema]) -> type[Schema]:
    """One page of these and how many there are in all."""
    return Shown.from_dict(
        {
            "items": fields.List(fields.Nested(item), required=True),
            "total": fields.Integer(required=True, metadata={"description": "tổng số dòng khớp điều kiện"}),
        },
        name=f"{item.__name__.removesuffix('Out')}Page",
    )


def cut_of(query: Mapping[str, Any]) -> Cut:
    """What to ask the database for."""
    return Cut(query["page"], min(query["limit"], PER_PAGE_MAX))


def shown_page(page: Page[Item], show: Callable[[Item], Mapping[str, Any]]) -> dict[str, Any]:
    """The page as it goes out."""
    return {"items": [show(item) for item in page.items], "total": page.total}


def day_words(day: date | None) -> str | None:
    """A day as people read it."""
    return format_date(day) if day else None


def _storable(data: Any) -> bool:  # noqa: ANN401 - whatever was sent
    if isinstance(data, str):
        return _encodes(data)
    if isinstance(data, Mapping):
        return all(_storable(key) and _storable(value) for key, value in data.items())
    return all(map(_storable, data)) if isinstance(data, list | tuple) else True


def _encodes(text: str) -> bool:
    try:
        return b"\x00" not in text.encode()
    except UnicodeEncodeError:
        return False

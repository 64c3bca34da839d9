"""A list's columns: the headings that communes use, who sent it, and by what its columns are known again. Pure."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from app.errors import RefusedError
from app.registry.rules.entries import clean
from app.registry.rules.list_headings import FIELDS, FIRST_OF, LABELS, NAME_WAYS, NAMES, SPLIT_NAME
from app.tables import (
    Grid,
    Headed,
    HeadingError,
    Sheets,
    Table,
    find_heading,
    headed_under,
    heading_at,
    likely_heading,
    text,
)
from app.vn.text import fold

SAMPLE_ROWS: Final = 60
WITHIN: Final = 80
GIVEN_WORDS_MAX: Final = 2
ADDRESS_WORDS_MIN: Final = 3
_COLUMN: Final = re.compile(r"[A-Za-z]{1,2}")
#: Who sends a list, as a person names them: room for commune and name in a record's source.
SENDER_MAX: Final = 48


@dataclass(frozen=True, slots=True)
class Origin:
    """Who sent a list, and how its columns were known: a key of models.imports.COLUMNS_FROM, and whose they are."""

    sender: str = ""
    columns_from: str = "headings"
    columns_told: str = ""


def find_columns(table: Table, given: Mapping[str, str] | None = None) -> Headed:
    """The heading and its columns; `given` says by hand which heading (or letter of a column) holds a field.

    Raises HeadingError with file, line and remedy where no column tells who is meant, or two columns mean the same.
    """
    hand = _by_hand(table, given) if given else None
    first: HeadingError | None = None
    for required in NAME_WAYS:
        try:
            if hand is None:
                return _settled(find_heading(table, FIELDS, required, first_of=FIRST_OF))
            grid, columns = hand
            headed = headed_under(table, grid, FIELDS, required, columns, first_of=FIRST_OF)
            return with_columns(headed, {**_settled(headed).columns, **columns})
        except HeadingError as fault:
            first = first or fault
    assert first is not None
    raise first


def _by_hand(table: Table, given: Mapping[str, str]) -> tuple[Grid, dict[str, int]]:
    """The heading that holds what a person named, and where. Raises HeadingError where no row does."""
    grids = [grid for row in table.rows[:WITHIN] for depth in (1, 2) if (grid := heading_at(table, row.line, depth))]
    found = [(grid, places) for grid in grids if (places := _places(grid, given))]
    likely = likely_heading(table, FIELDS)
    if found:  # "Ai" may be a heading or a letter: the row that names most of them is meant
        return max(
            found, key=lambda each: (_named(each[0], each[1], given), each[0].line == getattr(likely, "line", 0))
        )
    shown = ", ".join(filter(None, likely.headings)) if likely else ""
    reason = f"{table.name}: không có dòng tiêu đề nào mang cột “{'”, “'.join(given.values())}”."
    raise HeadingError(f"{reason}\nTệp có các cột: {shown[:300]}.", table, likely, {})


def _places(grid: Grid, given: Mapping[str, str]) -> dict[str, int]:
    """Where this heading has what a person named, by its text or by the letter of the column; {} where it lacks one."""
    at = {fold(heading): index for index, heading in reversed(list(enumerate(grid.headings))) if heading}
    places: dict[str, int] = {}
    for name, heading in given.items():
        letter = column_index(heading) if _COLUMN.fullmatch(heading) else len(grid.headings)
        index = at.get(fold(heading), letter)
        if index >= len(grid.headings):
            return {}
        places[name] = index
    return places


def _named(grid: Grid, places: Mapping[str, int], given: Mapping[str, str]) -> int:
    return sum(fold(grid.headings[places[name]]) == fold(heading) for name, heading in given.items())


def _settled(headed: Headed) -> Headed:
    """The same with what the rows tell besides: a name over two columns, and a place of business that is an address."""
    columns = dict(headed.columns)
    if "holder_name" in columns:
        beside = columns["holder_name"] + 1
        columns = {name: index for name, index in columns.items() if name not in SPLIT_NAME}
        if _is_given_name(headed, beside):
            columns |= {"family_name": columns.pop("holder_name"), "given_name": beside}
    elif "given_name" not in columns:
        columns.pop("family_name", None)
    if "stall" in columns and "address" not in columns and _is_address(headed, columns["stall"]):
        columns["address"] = columns.pop("stall")
    return headed if columns == headed.columns else with_columns(headed, columns)


def _texts(headed: Headed, index: int) -> list[str]:
    return [text(row.cells[index]) if index < len(row.cells) else "" for row in headed.rows[:SAMPLE_ROWS]]


def _is_given_name(headed: Headed, index: int) -> bool:
    """Whether a column without a heading beside the names holds their last word ("Họ và tên" merged over two)."""
    if index in headed.columns.values() or index in headed.unknown.values():
        return False
    texts = _texts(headed, index)
    words = [
        each for each in texts if each and len(each.split()) <= GIVEN_WORDS_MAX and each.replace(" ", "").isalpha()
    ]
    return bool(texts) and len(words) * 2 > len(texts)


def _is_address(headed: Headed, index: int) -> bool:
    texts = [each for each in _texts(headed, index) if each]
    return bool(texts) and sum(len(each.split()) >= ADDRESS_WORDS_MIN for each in texts) * 2 > len(texts)


def headings_of(headed: Headed) -> list[str]:
    """The headings in the order of their columns, "" where a column has none."""
    places = {index: heading for heading, index in headed.unknown.items()}
    places |= {headed.columns[name]: heading for name, heading in headed.headings.items()}
    return [places.get(index, "") for index in range(max(places, default=-1) + 1)]


def with_columns(headed: Headed, columns: Mapping[str, int]) -> Headed:
    """The same list with other columns. Raises RefusedError where none of them tells who is meant."""
    headings = headings_of(headed)
    width = max([len(headings), *(len(row.cells) for row in headed.rows[:SAMPLE_ROWS])])
    headings += [""] * (width - len(headings))
    chosen = {name: index for name, index in columns.items() if name in FIELDS and 0 <= index < width}
    if not {"shop_name", *NAMES} & chosen.keys():
        raise RefusedError("Chưa chọn cột họ tên.", remedy="Hãy chọn cột chứa họ tên chủ hộ hoặc tên cửa hàng.")
    taken = set(chosen.values())
    return replace(
        headed,
        columns=chosen,
        unknown={heading: index for index, heading in enumerate(headings) if heading and index not in taken},
        headings={name: headings[index] for name, index in chosen.items()},
    )


def under_hand(unsure: HeadingError, columns: Mapping[str, int]) -> Headed:
    """The list that did not tell its columns, with those that a person chose or that are remembered."""
    if unsure.grid is None:
        raise unsure
    needed = [name for name in ("holder_name", "given_name", "shop_name") if name in columns][:1]
    headed = with_columns(headed_under(unsure.table, unsure.grid, {}, needed, columns), columns)
    return replace(headed, sheets=Sheets(tuple(filter(None, [unsure.table.sheet])), (), unsure.table.others))


def given_columns(written: Iterable[str]) -> dict[str, str]:
    """Field -> heading, from what stands after --column: "Họ tên=Tên người nộp thuế". Raises RefusedError."""
    known = {fold(heading.rstrip(".")): name for name, headings in FIELDS.items() for heading in (*headings, name)}
    found: dict[str, str] = {}
    for each in written:
        label, mark, heading = (part.strip() for part in each.partition("="))
        name = known.get(fold(label))
        if name is None or not mark or not heading:
            raise RefusedError(
                f"Không hiểu --column “{each[:80]}”.",
                remedy=f'Hãy ghi --column "Họ tên=<tiêu đề trong tệp>". Bên trái là: {", ".join(LABELS.values())}.',
            )
        found[name] = heading
    return found


def column_index(letters: str) -> int:
    """The place of a column from its letter, counted from 0.

    >>> column_index("A"), column_index("ab")
    (0, 27)
    """
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


def checked_sender(written: str) -> str:
    """Who sent a list, as written, without stray spaces. Raises RefusedError where it is too long to be a name."""
    sender = clean(written)
    if len(sender) > SENDER_MAX:
        raise RefusedError(
            f"Tên nơi gửi dài {len(sender)} ký tự, tối đa {SENDER_MAX}.", remedy="Hãy ghi ngắn, ví dụ: Ban quản lý chợ."
        )
    return sender


def columns_signature(headings: Iterable[str]) -> str:
    """Equal for lists with the same headings in the same order: by it and the sender columns are remembered."""
    return hashlib.sha256("\x1f".join(map(fold, headings)).rstrip("\x1f").encode()).hexdigest()

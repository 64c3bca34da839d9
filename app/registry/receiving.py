"""A list as it arrives, by page or by command: which commune, which columns, and what goes back to the sender."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path

from app.actors import Actor
from app.errors import ForbiddenError, RefusedError
from app.places import queries as places
from app.places.actions import adopt_commune, create_commune, create_province
from app.places.catalogue import search
from app.places.models import Unit
from app.registry.models import ImportBatch, ImportRow
from app.registry.queries.imports import (
    changed_rows,
    earlier_sender,
    noted_rows,
    refused_rows,
    remembered_columns,
    source_of,
)
from app.registry.rules.list_columns import (
    Origin,
    checked_sender,
    find_columns,
    headings_of,
    under_hand,
    with_columns,
)
from app.registry.rules.rights import KEEPERS
from app.tables import (
    EVERY,
    Headed,
    HeadingError,
    Sheet,
    Table,
    headed_sheets,
    read_tables,
    write_csv,
    write_xlsx,
)
from app.vn.dates import format_date, local_date

NEAR_MAX = 5
#: Where a list is put as long as nobody has said which commune this is; it can be renamed under Địa bàn.
UNNAMED = ("00", "00000")
REASON, LINE = "Lý do", "Dòng trong tệp gốc"


@dataclass(frozen=True, slots=True)
class Refused:
    """One refused line, as a person counts, and why."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Changed:
    """One line of a known merchant that says something else than the registry: whose, and in which fields."""

    line: int
    code: str
    fields: tuple[str, ...]
    message: str


def unit_for_list(actor: Actor, now: datetime, code: str | None) -> Unit:
    """The commune (or hamlet) a list belongs to: the one with this code, else the only one there is, else a new one.

    Raises RefusedError where the code is unknown, or several communes leave the choice open.
    """
    if code:
        for level in ("commune", "hamlet"):
            found = places.unit_by_code(level, code)
            if found is not None:
                return found
        return adopt_commune(_todays_code(code), actor, now)
    known = places.communes_in_reach(actor, *KEEPERS)  # whoever keeps one of many is not told the others
    if len(known) > 1:
        names = ", ".join(f"{unit.code} ({unit.title})" for unit in known[:NEAR_MAX])
        how = "Hãy thêm --unit với một mã" if actor.via == "cli" else "Hãy chọn xã của danh sách"
        raise RefusedError("Có nhiều xã, chưa rõ danh sách của xã nào.", remedy=f"{how}: {names}.")
    if not known and places.communes():
        raise ForbiddenError("Bạn chưa phụ trách xã nào trọn vẹn.", remedy="Hãy nhờ quản trị trao vai trò ở cấp xã.")
    return known[0] if known else _unnamed_commune(actor, now)


def _todays_code(written: str) -> str:
    """The code as it is, or of the one commune that this name means. Raises RefusedError that names those it may mean.

    An old name is never taken for today's without a word: it is suggested.
    """
    if not any(letter.isalpha() for letter in written) or any(letter.isdigit() for letter in written):
        return written
    found = search(written, NEAR_MAX)
    if len(found) == 1 and found[0].through is None:
        return found[0].commune.code
    if not found:
        raise RefusedError(
            f"Không có xã, phường nào tên “{written[:60]}”.", remedy="Hãy ghi mã xã, hoặc tên kèm huyện cũ, tỉnh."
        )
    meant = "; ".join(
        f"{each.commune.code} ({each.commune.title}{f', trước là {each.through.title}' if each.through else ''})"
        for each in found
    )
    raise RefusedError(f"“{written[:60]}” có thể là: {meant}.", remedy="Hãy chọn một mã trong số đó.")


def headed_list(
    source: Path | bytes,
    name: str,
    sheets: Sequence[str] = (),
    given: Mapping[str, str] | None = None,
    columns: Mapping[str, int] | None = None,
) -> Headed:
    """The list under its heading: of the first sheet that has one, or of the `sheets` asked for, read as one list.

    `given` (field -> heading) and `columns` (field -> place) say by hand what a column is. Raises HeadingError where
    the headings do not tell who is meant, TableError where it is no table or has no such sheet.
    """

    def find(table: Table) -> Headed:
        try:
            headed = find_columns(table, given)
        except HeadingError as unsure:
            if not columns:
                raise
            return under_hand(unsure, columns)
        return with_columns(headed, columns) if columns else headed

    named = list(sheets) if sheets and EVERY not in sheets else [EVERY]
    return headed_sheets(read_tables(source, name=name, sheets=named), find, sheets)


def arranged(
    found: Headed | HeadingError, unit: Unit, sha256: str, sender: str = "", columns: Mapping[str, int] | None = None
) -> tuple[Headed, Origin]:
    """The list with its columns: those given, those remembered for this sender, else for these headings, or as it is.

    A file that is in the registry already keeps the sender it came from then: sent again it adds nothing. Raises the
    HeadingError that was found where nobody has said yet what its columns are.
    """
    earlier = earlier_sender(unit, sha256)
    sender = checked_sender(sender) if earlier is None else earlier
    if columns:
        return _by_hand(found, columns), Origin(sender, "chosen")
    profile = remembered_columns(_headings(found), unit, sender)
    if profile is None:
        if isinstance(found, HeadingError):
            raise found
        return found, Origin(sender)
    own, whole = profile.source == source_of(unit, sender), source_of(unit)
    near = own or profile.source.partition("/")[0] == whole
    told = (
        ["" if own else profile.sender, profile.updated_by, format_date(local_date(profile.updated_at))] if near else []
    )
    origin = Origin(sender, "sender" if own else "other", ", ".join(filter(None, told)))
    return _by_hand(found, profile.columns), origin


def _headings(found: Headed | HeadingError) -> Sequence[str]:
    if isinstance(found, HeadingError):
        return found.grid.headings if found.grid else ()
    return headings_of(found)


def _by_hand(found: Headed | HeadingError, columns: Mapping[str, int]) -> Headed:
    return under_hand(found, columns) if isinstance(found, HeadingError) else with_columns(found, columns)


def refusals(batch: ImportBatch) -> list[Refused]:
    """Every refused line of a list with its reason."""
    return [Refused(row.line, _in_sheet(row)) for row in refused_rows(batch.id)]


def _in_sheet(row: ImportRow) -> str:
    """What is told of a line, with its sheet where several are read as one list."""
    return f"Trang tính “{row.sheet}”: {row.message}" if row.sheet else row.message


def changes(batch: ImportBatch) -> list[Changed]:
    """Every line of a known merchant that differs."""
    return [Changed(row.line, code, tuple(row.differs), _in_sheet(row)) for row, code in changed_rows(batch.id)]


def notes(batch: ImportBatch) -> list[Refused]:
    """Every line that came in with something mended or left out, and what."""
    return [Refused(row.line, _in_sheet(row)) for row in noted_rows(batch.id)]


def refused_table(headings: Sequence[str], rows: Sequence[ImportRow]) -> tuple[list[str], list[list[str]]]:
    """Only the refused lines, in the columns they came in, with line and reason: mended, it can be sent again."""
    width = max([len(headings), *(len(row.cells) for row in rows)])
    header = [*headings, *([""] * (width - len(headings))), LINE, REASON]
    return header, [[*row.cells, *([""] * (width - len(row.cells))), _line(row), row.message] for row in rows]


def _line(row: ImportRow) -> str:
    return f"{row.sheet}, dòng {row.line}" if row.sheet else str(row.line)


def write_refused(source: Path, batch: ImportBatch) -> Path | None:
    """Writes them beside the list, in the same kind of file; None where nothing was refused."""
    rows = refused_rows(batch.id)
    if not rows:
        return None
    header, table = refused_table(batch.headings, rows)
    target = source.with_name(f"{source.stem}-bi-tu-choi{'.csv' if source.suffix.lower() == '.csv' else '.xlsx'}")
    if target.suffix == ".csv":
        write_csv(target, header, table, bom=True)
    else:
        write_xlsx(target, [Sheet("Bị từ chối", header, table)])
    return target


def refused_book(batch: ImportBatch) -> bytes:
    """The same as a workbook, for the page's download."""
    header, table = refused_table(batch.headings, refused_rows(batch.id))
    stream = BytesIO()
    write_xlsx(stream, [Sheet("Bị từ chối", header, table)])
    return stream.getvalue()


def _unnamed_commune(actor: Actor, now: datetime) -> Unit:
    province = create_province(UNNAMED[0], "tỉnh", "(chưa đặt tên)", actor, now)
    return create_commune(province, UNNAMED[1], "xã", "(chưa đặt tên)", actor, now)

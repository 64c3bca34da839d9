"""Finding the heading in a list that people made: titles above it, columns in any order, headings over two rows."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from app.tables.cells import RawRow, Table, column_letter, is_blank, text
from app.tables.headed import Grid, Headed, HeadingError
from app.tables.labels import is_amount, is_signature, is_sure_total, is_total_label
from app.vn.text import fold

WITHIN = 80
_Rows = tuple[RawRow, ...]
_Told = tuple[dict[str, int], dict[str, tuple[int, int]]]
_WORD = re.compile(r"[a-z0-9]+")
_NUMBERED_COLUMNS_MIN = 3
_SIGNERS_MAX = 4
_IDENTIFIER = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)+")
_COLUMN_NUMBER = re.compile(r"[(\[]?(?:[0-9]{1,2}|[a-zA-Z])[)\]]?")


@dataclass(frozen=True, slots=True)
class _Claim:
    """A column that may be a field: how surely (exactly, or how many letters of its heading agree)."""

    field: str
    is_exact: bool
    letters: int


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A row, or two, read as heading."""

    at: int
    depth: int
    headings: tuple[str, ...]
    claims: tuple[_Claim | None, ...]

    def score(self, required: Sequence[str]) -> tuple[int, int, int, int]:
        """More required fields, more exact headings, more fields, fewer rows."""
        found = {claim.field for claim in self.claims if claim}
        exact = {claim.field for claim in self.claims if claim and claim.is_exact}
        return len(found.intersection(required)), len(exact), len(found), -self.depth


def find_heading(
    table: Table,
    fields: Mapping[str, Sequence[str]],
    required: Sequence[str] = (),
    *,
    within: int = WITHIN,
    first_of: Collection[str] = (),
) -> Headed:
    """The heading among the first `within` rows with content, and the data below it.

    `fields` gives for each field the headings people use for it, the one shown in messages first. Accents, case,
    spaces and punctuation do not matter; a heading that is exactly a synonym goes before one that contains it.
    Raises HeadingError when a required field has no column, or two columns claim one field equally well (of the fields
    in `first_of` the first column is taken).
    """
    synonyms = _synonyms(fields)
    candidates = [candidate for candidate in _candidates(table, synonyms, within) if any(candidate.claims)]
    if not candidates:
        wanted = ", ".join(fields[name][0] for name in required or fields)
        reason = f"{table.name}: không thấy dòng tiêu đề.\nCần các cột: {wanted}."
        raise HeadingError(reason, table, likely_heading(table, fields, within=within), {})
    best = max(candidates, key=lambda candidate: candidate.score(required))
    return _under(table, best, fields, required, _columns(best, {}, first_of))


def headed_under(
    table: Table,
    grid: Grid,
    fields: Mapping[str, Sequence[str]],
    required: Sequence[str],
    given: Mapping[str, int],
    *,
    first_of: Collection[str] = (),
) -> Headed:
    """The table under this heading, with the columns a person gave and those that its headings tell besides.

    Raises HeadingError as `find_heading` does.
    """
    at = next(index for index, row in enumerate(table.rows) if row.line == grid.line)
    best = _candidate(at, grid.depth, list(grid.headings), _synonyms(fields))
    return _under(table, best, fields, required, _columns(best, given, first_of))


def _under(
    table: Table, best: _Candidate, fields: Mapping[str, Sequence[str]], required: Sequence[str], told: _Told
) -> Headed:
    columns, twice = told
    line, grid = table.rows[best.at].line, Grid(table.rows[best.at].line, best.depth, best.headings)
    for name, (first, second) in twice.items():
        reason = (
            f"{table.name}: cột {column_letter(first)} “{best.headings[first]}” và cột {column_letter(second)} "
            f"“{best.headings[second]}” đều là {fields[name][0]}.\nHãy đổi tên hoặc xoá một cột."
        )
        raise HeadingError(reason, table, grid, columns)
    missing = [fields[name][0] for name in required if name not in columns]
    if missing:
        reason = f"{table.name}, dòng {line}: thiếu cột {', '.join(missing)}."
        raise HeadingError(f"{reason}\nHãy thêm cột hoặc sửa tên cột rồi nạp lại.", table, grid, columns)
    return _headed(table, best, columns, required)


def likely_heading(table: Table, fields: Mapping[str, Sequence[str]], *, within: int = WITHIN) -> Grid | None:
    """The row that looks most like a heading: it knows most of the fields, else it is the first of the widest ones."""
    candidates = list(_candidates(table, _synonyms(fields), within))
    if not candidates:
        return None
    best = max(candidates, key=lambda each: each.score(()))
    if not any(best.claims):
        best = max(
            (each for each in candidates if each.depth == 1), key=lambda each: len(set(filter(None, each.headings)))
        )
    return Grid(table.rows[best.at].line, best.depth, best.headings)


def heading_at(table: Table, line: int, depth: int = 1) -> Grid | None:
    """The heading that a person says stands in this line, over one row or two; None where there is no such row."""
    at = next((index for index, row in enumerate(table.rows) if row.line == line), None)
    return _grid(table, at, depth) if at is not None else None


def headed_exactly(table: Table, fields: Mapping[str, str], depth: int = 1, *, within: int = WITHIN) -> Headed | None:
    """The table under the first row (or two) that holds each of these headings, exactly but for accents, case and
    spaces; None where no row does.
    """
    for at in range(min(within, len(table.rows))):
        grid = _grid(table, at, depth)
        if grid.depth != depth:
            continue
        places = {fold(heading): index for index, heading in reversed(list(enumerate(grid.headings)))}
        if all(fold(heading) in places for heading in fields.values()):
            columns = {name: places[fold(heading)] for name, heading in fields.items()}
            return _headed(table, _Candidate(at, grid.depth, grid.headings, ()), columns, list(fields))
    return None


def _grid(table: Table, at: int, depth: int) -> Grid:
    row = table.rows[at]
    upper = [text(cell) for cell in row.cells]
    if depth == 1 or at + 1 >= len(table.rows):
        return Grid(row.line, 1, tuple(upper))
    joined, group = [], ""
    for top, bottom in zip_longest(upper, (text(cell) for cell in table.rows[at + 1].cells), fillvalue=""):
        below = "" if fold(bottom) == fold(top) else bottom
        group = top or (group if below else "")
        joined.append(f"{group} {below}".strip())
    return Grid(row.line, 2, tuple(joined))


def guess_columns(headings: Sequence[str], fields: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Field -> the column whose heading fits it best; the first of several. A column is one field at most."""
    claims = [_claim(heading, _synonyms(fields)) for heading in headings]
    found: dict[str, int] = {}
    for exact in (True, False):
        for index, claim in enumerate(claims):
            if claim is not None and claim.is_exact == exact:
                found.setdefault(claim.field, index)
    return found


def _synonyms(fields: Mapping[str, Sequence[str]]) -> list[tuple[str, tuple[str, ...]]]:
    """Field and words of each heading people use; one that ends in "." is meant alone, never as part of a longer one
    ("Tên." is not "Tên hàng"), and is marked by an empty last word.
    """
    return [
        (name, (*_words(synonym), "") if synonym.endswith(".") else tuple(_words(synonym)))
        for name, group in fields.items()
        for synonym in (*group, name)
    ]


def _words(heading: str) -> list[str]:
    return _WORD.findall(fold(heading))


def _candidates(table: Table, synonyms: list[tuple[str, tuple[str, ...]]], within: int) -> Iterator[_Candidate]:
    for at, row in enumerate(table.rows[:within]):
        upper = [text(cell) for cell in row.cells]
        yield _candidate(at, 1, upper, synonyms)
        if at + 1 < len(table.rows):
            below = list(map(text, table.rows[at + 1].cells))
            joined = _joined(upper, below)
            if joined:
                yield _candidate(at, 2, joined, synonyms, below)


def _candidate(
    at: int, depth: int, headings: list[str], synonyms: list[tuple[str, tuple[str, ...]]], below: Sequence[str] = ()
) -> _Candidate:
    """A heading with what its columns may be. Of two rows the lower one goes first where it says enough by itself:
    "Ngân hàng" below "Tài khoản" is the bank.
    """
    by_itself = [synonym for synonym in synonyms if synonym[1] and synonym[1][-1]]  # none that is meant alone
    claims = []
    for heading, lower in zip_longest(headings, below[: len(headings)], fillvalue=""):
        claim = _claim(lower, by_itself) if lower else None
        claims.append(claim if claim and claim.is_exact else _claim(heading, synonyms))
    return _Candidate(at, depth, tuple(headings), tuple(claims))


def _joined(upper: list[str], below: Sequence[str]) -> list[str]:
    """Two rows as one heading where the first groups columns of the second ("Tài khoản" over "Số", "Tên"); else []."""
    pairs = list(zip_longest(upper, below, fillvalue=""))
    joined: list[str] = []
    group, grouped = "", False
    for at, (top, below_top) in enumerate(pairs):
        bottom = below_top if fold(below_top) != fold(top) else ""  # a heading merged over both rows stands in both
        following = pairs[at + 1] if at + 1 < len(pairs) else ("", "")
        if top and bottom and (following[0] or not following[1]):
            return []  # a filled cell under a filled heading that spans nothing: this is data
        group = top or (group if bottom else "")
        grouped = grouped or bool(top and bottom)
        joined.append(f"{group} {bottom}".strip())
    return joined if grouped else []


def _claim(heading: str, synonyms: list[tuple[str, tuple[str, ...]]]) -> _Claim | None:
    """The field whose synonym a heading is, or contains with the most letters; None if there is none.

    A program's own column (zone_id beside zone) is what it is called or nothing.
    """
    words = _words(heading)
    squashed = "".join(words)
    is_prose = _IDENTIFIER.fullmatch(heading) is None
    best: _Claim | None = None
    for name, synonym in synonyms:
        letters = "".join(synonym)
        if letters and letters == squashed:
            return _Claim(name, is_exact=True, letters=len(letters))
        if is_prose and _contains(words, synonym) and (best is None or len(letters) > best.letters):
            best = _Claim(name, is_exact=False, letters=len(letters))
    return best


def _contains(words: list[str], synonym: tuple[str, ...]) -> bool:
    """Do these words stand in a row in the heading? A single word must stand at its start."""
    size = len(synonym)
    starts = range(len(words) - size + 1) if size > 1 else range(min(1, len(words)))
    return size > 0 and bool(synonym[-1]) and any(tuple(words[start : start + size]) == synonym for start in starts)


def _columns(best: _Candidate, given: Mapping[str, int], first_of: Collection[str]) -> _Told:
    """Field -> column, and the fields that two columns claim equally well; what a person gave is not asked again."""
    columns, twice = dict(given), dict[str, tuple[int, int]]()
    for exact in (True, False):
        taken = set(columns)
        for index, claim in enumerate(best.claims):
            if claim is None or claim.is_exact != exact or claim.field in taken or index in given.values():
                continue
            if claim.field not in columns:
                columns[claim.field] = index
            elif claim.field not in first_of:
                twice.setdefault(claim.field, (columns[claim.field], index))
    return columns, twice


def _headed(table: Table, best: _Candidate, columns: dict[str, int], required: Sequence[str]) -> Headed:
    known = set(columns.values())
    unknown: dict[str, int] = {}
    for index, heading in enumerate(best.headings):
        if heading and index not in known:
            unknown[heading if heading not in unknown else f"{heading} ({column_letter(index)})"] = index
    rows = table.rows[best.at + best.depth :]
    if rows and _is_column_numbers(rows[0]):
        rows = rows[1:]
    needed = [columns[name] for name in required]
    data, totals, footer = _split([row for row in rows if not _is_repeated(row, best.headings, known)], needed)
    shown = {name: best.headings[index] for name, index in columns.items()}
    checked = tuple(_without_overflow(row, len(best.headings)) for row in data)
    line = table.rows[best.at].line
    return Headed(table.name, line, columns, unknown, checked, totals, footer, shown, hidden=table.hidden_columns)


def _is_repeated(row: RawRow, headings: Sequence[str], known: set[int]) -> bool:
    """Is it the heading once more, as word processors put it on each page?"""
    compared = known if len(known) > 1 else range(max(len(headings), len(row.cells)))
    return all(
        (text(row.cells[index]) if index < len(row.cells) else "") == "".join(headings[index : index + 1])
        for index in compared
    )


def _without_overflow(row: RawRow, width: int) -> RawRow:
    """A row with more filled cells than headings was cut wrongly: nobody knows which column is which."""
    if row.fault or not any(text(cell) for cell in row.cells[width:]):
        return row
    return replace(row, fault="Dòng nhiều ô hơn dòng tiêu đề (có thể thừa dấu phân cách).")


def _split(rows: Sequence[RawRow], needed: Sequence[int]) -> tuple[_Rows, _Rows, _Rows]:
    """Data, total rows, and what stands below the list: signatures and all that follows them or the last total without
    being an entry. Totals and signatures in the middle (of a page, a row of stalls) end nothing.
    """
    data: list[RawRow] = []
    totals: list[RawRow] = []
    footer: list[RawRow] = []
    below: list[RawRow] = []  #: since the last total or signature
    is_over = is_signed = False
    for row in rows:
        if is_blank(row):
            continue
        signs = _signs(row)
        if not signs and not _is_total(row, needed):
            (below if is_over else data).append(row)
            continue
        last = _last_entry(below, needed, is_signed=is_signed)
        end = len(below) if last and not is_signed else last
        data, footer = [*data, *below[:end]], [*footer, *below[end:]]
        is_over, is_signed, below = True, signs or (is_signed and not last), []
        (footer if signs else totals).append(row)
    last = _last_entry(below, needed, is_signed=is_signed)
    return (*data, *below[:last]), tuple(totals), (*footer, *below[last:])


def _signs(row: RawRow) -> bool:
    """Is it a row of signatures? Long rows are not looked at: few offices sign a list."""
    filled = [cell for cell in row.cells if cell != ""]
    return len(filled) <= _SIGNERS_MAX and is_signature([text(cell) for cell in filled])


def _last_entry(rows: Sequence[RawRow], needed: Sequence[int], *, is_signed: bool) -> int:
    """How many rows below a total or a signature are still data: all up to the last entry."""
    return max((at for at, row in enumerate(rows, 1) if _is_entry(row, needed, is_signed=is_signed)), default=0)


def _is_entry(row: RawRow, needed: Sequence[int], *, is_signed: bool) -> bool:
    filled = [text(cell) for cell in row.cells if text(cell)]
    if not _is_full(row, needed) or (len(needed) < 2 and len(filled) < 2):  # noqa: PLR2004 - a lone name under a total signs
        return False
    return not is_signed or (len(filled) > 1 and any(letter.isdigit() for cell in filled for letter in cell))


def _is_full(row: RawRow, needed: Sequence[int]) -> bool:
    return all(index < len(row.cells) and text(row.cells[index]) for index in needed)


def _is_total(row: RawRow, needed: Sequence[int]) -> bool:
    """Is it a row that starts with "Tổng cộng" or "Cộng" and is no entry? A shop may be called Cộng.

    A label may fill the very column that is needed (a payout's payee): one that is no name, or with sums alone beside.
    """
    at, first = next(((at, text(cell)) for at, cell in enumerate(row.cells) if text(cell)), (-1, ""))
    if not is_total_label(first):
        return False
    if not (needed and _is_full(row, needed)):
        return True
    if at not in needed:
        return False
    beside = [text(cell) for cell in row.cells[at + 1 :] if text(cell)]
    return is_sure_total(first) or (bool(beside) and all(map(is_amount, beside)))


def _is_column_numbers(row: RawRow) -> bool:
    """The row "(1) (2) (3)" that administrative forms put under the heading."""
    filled = [text(cell) for cell in row.cells if text(cell)]
    numbers = [int(digits) for cell in filled if (digits := cell.strip("()[]")).isascii() and digits.isdigit()]
    counts_up = numbers == list(range(1, len(numbers) + 1)) and len(numbers) >= _NUMBERED_COLUMNS_MIN
    return counts_up and all(_COLUMN_NUMBER.fullmatch(cell) for cell in filled)

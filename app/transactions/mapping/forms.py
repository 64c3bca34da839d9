"""The mapping page's form: what a person chose, whatever the browser sent."""

from collections.abc import Mapping, Sequence

from app.tables import Grid, Table, heading_at
from app.transactions.mapping.rules import MAPPED, TEXT_MAX, WORD_NAMES, WORDS_MAX, Choice
from app.transactions.profiles import AMOUNTS, CLOCKS, DATES, MIXED, NEGATIVES, REFERENCES, UNITS
from app.web.row_ids import row_id

TWO_ROWS = 2


def heading_asked(form: Mapping[str, str]) -> tuple[int, int]:
    """The line and the number of rows of the heading as entered; line 0 where none is."""
    return row_id(form.get("line", "")) or 0, TWO_ROWS if form.get("depth") == "2" else 1


def choice_from(form: Mapping[str, str], table: Table) -> Choice | None:
    """The form as a choice; None where there is no such line. Columns and words that cannot be are left out."""
    grid = heading_at(table, *heading_asked(form))
    if grid is None:
        return None
    return Choice(
        grid,
        _columns(form, grid),
        _fixed(form),
        _said(form),
        title=_text(form, "title"),
        sender=_text(form, "sender"),
        marker=_text(form, "marker"),
        sheet=_text(form, "sheet"),
        stop=_text(form, "stop"),
        references=_one_of(form, "references", list(REFERENCES)),
        amounts=_one_of(form, "amounts", list(AMOUNTS)),
        unit=_one_of(form, "unit", list(UNITS)),
        dates=_one_of(form, "dates", list(DATES)),
        clock=_one_of(form, "clock", list(CLOCKS)),
        mixed=_one_of(form, "mixed", list(MIXED)),
        negative=_one_of(form, "negative", list(NEGATIVES)),
        has_totals=form.get("has_totals") == "1",
    )


def _columns(form: Mapping[str, str], grid: Grid) -> dict[str, int]:
    found = {}
    for column in MAPPED:
        index = row_id(form.get(f"col-{column}", "").removeprefix("c"))
        if index is not None and index < len(grid.headings) and grid.headings[index]:
            found[column] = index
    return found


def _fixed(form: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for column, names in WORD_NAMES.items():
        word = form.get(f"col-{column}", "").removeprefix("=")
        if word in names:
            found[column] = word
    if merchant := _text(form, "fixed-merchant"):
        found["merchant"] = merchant
    return found


def _said(form: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Column -> writing -> word: pairs of fields word-kind-0 and is-kind-0."""
    found: dict[str, dict[str, str]] = {}
    for column, names in WORD_NAMES.items():
        for number in range(WORDS_MAX):
            writing, word = form.get(f"word-{column}-{number}", ""), form.get(f"is-{column}-{number}", "")
            if writing and word in names:
                found.setdefault(column, {})[writing[:TEXT_MAX]] = word
    return found


def _one_of(form: Mapping[str, str], name: str, known: Sequence[str]) -> str:
    return form[name] if form.get(name) in known else known[0]


def _text(form: Mapping[str, str], name: str) -> str:
    return " ".join(form.get(name, "").split())[:TEXT_MAX]

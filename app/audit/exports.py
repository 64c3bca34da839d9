"""Files that leave the house: handed out, and written down with who took what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import Response, flash, redirect, request
from flask.typing import ResponseReturnValue

from app.audit.actions import record
from app.db import unit_of_work
from app.errors import NotFoundError, RefusedError
from app.tables.cells import Cell
from app.web.access import current_actor
from app.web.clock import moment
from app.web.downloads import streamed_csv, workbook


@dataclass(frozen=True, slots=True)
class Leaving:
    """What is taken out: the act and the record as the audit names them."""

    act: str
    subject: tuple[str, object]

    def write_down(self, what: str) -> None:
        """Into the audit: the form of the file, or what of several it is, and what was asked for."""
        after = {**request.args.to_dict(), "format": what}
        with unit_of_work():
            record(current_actor(), moment(), self.act, self.subject, after=after)


def export_list(
    leaving: Leaving, name: str, title: str, heading: Sequence[str], rows: Iterable[Sequence[Cell | None]]
) -> ResponseReturnValue:
    """A list as `name` says, .csv or .xlsx, written down; back to the list where a spreadsheet would be too long.

    The list lies at the address of the file without its ending. Raises NotFoundError for any other kind of file.
    """
    stem, _, kind = name.rpartition(".")
    if kind == "csv":
        leaving.write_down(kind)
        return streamed_csv(name, heading, rows)
    if kind != "xlsx":
        raise NotFoundError(f"Không có tệp {stem} dạng này.", remedy="Tệp có hai dạng: CSV và Excel.")
    try:
        answer: Response = workbook(name, title, heading, rows)
    except RefusedError as wrong:
        flash(str(wrong), "error")
        return redirect(request.full_path.replace(f".{kind}?", "?", 1))
    leaving.write_down(kind)
    return answer

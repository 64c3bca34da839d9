"""Numbers of records as addresses and forms carry them: whatever cannot be one is no fault, only nobody's number."""

from flask import Flask
from werkzeug.routing import IntegerConverter

#: What a primary key holds in PostgreSQL (integer) and, well within, in SQLite.
ID_MAX = 2**31 - 1


class RowIdConverter(IntegerConverter):
    """`<int:...>` of an address; a number that no record can have is that of a record that does not exist."""

    def to_python(self, value: str) -> int:
        """The number; what is beyond all numbers of records becomes the last, which none has."""
        return int(value) if len(value) <= len(str(ID_MAX)) and int(value) <= ID_MAX else ID_MAX


def row_id(text: str) -> int | None:
    """The number of a record that a form or an address names, None where it is none.

    >>> [row_id(each) for each in ("12", "", "²", "-1", "99999999999")]
    [12, None, None, None, None]
    """
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(ID_MAX))):
        return None
    return int(text) if int(text) <= ID_MAX else None


def init_row_ids(app: Flask) -> None:
    """Before the first address is declared."""
    app.url_map.converters["int"] = RowIdConverter

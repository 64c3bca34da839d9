"""The one definition of a valid line, as SQL over text columns: ASCII patterns decide, never an engine's cast.

A cast only follows where a pattern has said that the text is a number or a calendar day is left to be proved. Every
way into the program (CSV, XLSX, a provider's profile) ends here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.transactions.rules import CHANNELS, KINDS, SOURCES, STATUSES


@dataclass(frozen=True, slots=True)
class Wording:
    """How refusals speak of a file: what each column is called, and how a value should be written there."""

    names: Mapping[str, str] = field(default_factory=dict)
    remedies: Mapping[str, str] = field(default_factory=dict)

    def name(self, column: str) -> str:
        """A column in words, as the file calls it where that is known."""
        return f"cột {self.names[column]}" if column in self.names else _NAMES[column]


LOCAL_OFFSET_MIN = 420
UNKNOWN = 9
_SHOWN_MAX = 40
_NAMES = {
    "reference": "mã giao dịch",
    "paid_at": "thời gian",
    "kind": "loại giao dịch",
    "amount_vnd": "số tiền",
    "customer": "khách hàng",
    "status": "trạng thái",
}
#: A file in the canonical columns, whose names are the contract's own.
CANONICAL_WORDING = Wording(
    {},
    {
        "paid_at": "viết như 2023-08-01T09:30:00",
        "kind": f"một trong {', '.join(KINDS)}",
        "amount_vnd": "chỉ gồm 1 đến 15 chữ số, đơn vị đồng",
        "status": f"một trong {', '.join(STATUSES)}",
    },
)

_CLOCK = "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_LOCAL = _CLOCK
_ZONED = rf"{_CLOCK}([.,][0-9]{{1,9}})?(Z|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?)?"


def literal(text: str) -> str:
    """Text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def code_of(column: str, codes: dict[str, int]) -> str:
    """SQL: the code of a word, null for any other."""
    return f"(case {column} {' '.join(f'when {literal(word)} then {code}' for word, code in codes.items())} end)"


def local_us_sql(column: str) -> str:
    """SQL: microseconds of Vietnam's clock since 1970-01-01 00:00 there, null where the text is no time with seconds.

    Without an offset the text is Vietnam's clock. 31 September, 24:00, second 60 and year 0 are no times.
    """
    fraction = f"coalesce(rpad(left(regexp_extract({column}, '[.,]([0-9]+)', 1), 6), 6, '0')::bigint, 0)"
    sign = f"(case when substr({_zone(column)}, 1, 1) = '-' then -1 else 1 end)"
    digits = f"rpad(regexp_replace(substr({_zone(column)}, 2), ':', ''), 4, '0')"
    minutes = f"{sign} * (left({digits}, 2)::bigint * 60 + right({digits}, 2)::bigint)"
    offset = f"(case {_zone(column)} when '' then {LOCAL_OFFSET_MIN} when 'Z' then 0 else {minutes} end)"
    return (
        f"(case when {column} < '0001' then null "
        f"when regexp_full_match({column}, '{_LOCAL}') then {_second(column)} "
        f"when regexp_full_match({column}, '{_ZONED}') "
        f"then {_second(f'left({column}, 19)')} + {fraction} + ({LOCAL_OFFSET_MIN} - {offset}) * 60000000 end)"
    )


def _second(text: str) -> str:
    return f"epoch_us(try_cast({text} as timestamp))"


def _zone(column: str) -> str:
    return f"regexp_extract(substr({column}, 20), '(Z|[+-].*)$', 1)"


def shown_at_sql(local_us: str) -> str:
    """SQL: the time as decisions show it, Vietnam's clock without an offset, sortable as text."""
    return f"replace(make_timestamp({local_us})::varchar, ' ', 'T')"


def word_code_sql(column: str, codes: dict[str, int]) -> str:
    """SQL: the code of a word that may be anything: 0 for none, UNKNOWN for one the contract does not name."""
    return f"coalesce({code_of(column, codes)}, case {column} when '' then 0 else {UNKNOWN} end)::tinyint"


def amount_sql(column: str) -> str:
    """SQL: whole dong of 1 to 15 ASCII digits, null for any other writing ("20.000" too)."""
    return f"(case when regexp_full_match({column}, '[0-9]{{1,15}}') then {column}::bigint end)"


def filled_sql(column: str) -> str:
    """SQL: whether a text holds anything but blanks; most begin with a letter or digit, which is seen at a glance."""
    return f"(case when {column} >= '!' and {column} < '\u00a0' then true else trim({column}, ' \t\u00a0') <> '' end)"


def parsed_sql(source: str, columns: dict[str, str], extra: str = "", wording: Wording | None = None) -> str:
    """SQL: lines of text (`columns`: canonical name, row_fault, row_note, row_place -> SQL of its text, never null) as
    typed values, `note` and `fault`.

    `fault` is null for a valid line and else a Vietnamese sentence naming every column at fault, as `wording` (None:
    the canonical names) calls them.
    """
    cells = ", ".join(f"{sql} as {name}" for name, sql in columns.items())
    placed = "case when row_place <> '' then row_place || ', ' else '' end"
    named = (
        f"{placed} || case when has_reference then 'giao dịch “' || left(reference, {_SHOWN_MAX}) || '”: ' else '' end"
    )
    faults = f"{named} || concat_ws('; ', {', '.join(_faults(wording))})"
    return f"""
        select {extra} reference, local_us, kind_code as kind, amount as amount_vnd, customer, merchant,
            source_code as source, channel_code as channel,
            case when {UNKNOWN} in (source_code, channel_code) then source || chr(10) || channel end as other_words,
            beneficiary, status_code as status, reverses, row_note as note,
            case when has_reference and local_us is not null and kind_code is not null and amount is not null
                and has_customer and status_code is not null and row_fault = '' then null else {faults} end as fault
        from (select *, {local_us_sql("paid_at")} as local_us, {code_of("kind", KINDS)}::tinyint as kind_code,
                {amount_sql("amount_vnd")} as amount, {code_of("status", STATUSES)}::tinyint as status_code,
                {word_code_sql("source", SOURCES)} as source_code, {word_code_sql("channel", CHANNELS)} as channel_code,
                {filled_sql("reference")} as has_reference, {filled_sql("customer")} as has_customer
            from (select *, {cells} from {source}))"""


def _faults(wording: Wording | None) -> list[str]:
    remedies = (wording or CANONICAL_WORDING).remedies

    def name(column: str) -> str:
        return wording.name(column) if wording else f"{_NAMES[column]} ({column})"

    def shown(column: str) -> str:
        return f"'“' || left({column}, {_SHOWN_MAX}) || '”'"

    def wrong(test: str, column: str) -> str:
        return (
            f"case when {test} then null when {column} = '' then {literal(f'thiếu {name(column)}')} "
            f"else {literal(f'{name(column)} ')} || {shown(column)} || "
            f"{literal(f' không đúng: {remedies[column]}')} end"
        )

    return [
        f"case when not has_reference then {literal('thiếu ' + name('reference'))} end",
        wrong("local_us is not null", "paid_at"),
        wrong("kind_code is not null", "kind"),
        wrong("amount is not null", "amount_vnd"),
        f"case when not has_customer then {literal('thiếu ' + name('customer'))} end",
        wrong("status_code is not null", "status"),
        "case when row_fault <> '' then row_fault end",
    ]

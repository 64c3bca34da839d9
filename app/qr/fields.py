"""All fields of a code by their path, templates opened: {"38/01/00": "970436", ...}."""

from collections.abc import Iterator, Sequence

from app.qr.emvco import HEADER_CHARS, Item, Payload, join, tile
from app.qr.findings import Finding, PayloadError, error, warning

NAPAS_AID = "A000000727"
Fields = dict[str, Item]


def open_fields(payload: Payload) -> tuple[Fields, list[Finding]]:
    """Every field by path, with what is wrong about the nesting: repeated tags, templates that do not tile.

    Two fields with one tag are refused at every level (EMVCo MPM 4.3.1.2): one app would pay the first, another the
    last.
    """
    fields: Fields = {}
    findings = list(_open(payload.items, "", fields))
    return fields, findings


def _open(items: Sequence[Item], path: str, fields: Fields) -> Iterator[Finding]:
    for item in items:
        here = join(path, item.tag)
        if here in fields:
            yield error(
                "duplicate-tag", here, item.place, f"Trường {here} có hai lần; không biết ứng dụng sẽ theo cái nào"
            )
            continue
        fields[here] = item
        if not item.value:
            yield _empty(here, item)
        elif _is_template(here, item, fields):
            yield from _open_template(here, item, fields)


def _open_template(here: str, item: Item, fields: Fields) -> Iterator[Finding]:
    try:
        children = tile(item.value, path=here, start=item.place + HEADER_CHARS)
    except PayloadError as fault:
        yield fault.finding
        return
    yield from _open(children, here, fields)


def _empty(here: str, item: Item) -> Finding:
    # Some shops' QRPUSH codes carry an empty 62; nothing hangs on it, so they are shown and not refused.
    kind = warning if here == "62" else error
    return kind("empty-value", here, item.place, f"Trường {here} rỗng (độ dài 00)")


def _is_template(here: str, item: Item, fields: Fields) -> bool:
    parts = here.split("/")
    tag = int(item.tag)
    if len(parts) == 1:
        return 26 <= tag <= 51 or item.tag in {"62", "64"} or (tag >= 80 and claims_template(item.value))  # noqa: PLR2004 - EMVCo's own ranges
    if parts[0] == "62" and len(parts) == 2:  # noqa: PLR2004 - a child of 62
        return tag >= 50 and claims_template(item.value)  # noqa: PLR2004 - payment-system templates
    aid = fields.get("38/00")
    return here == "38/01" and aid is not None and aid.value.upper() == NAPAS_AID


def claims_template(value: str) -> bool:
    """Whether an 80-99 value starts like a template (tag 00 and a length).

    Old MoMo codes keep three bare digits of a phone number in tag 80: such a value is left closed.
    """
    header = value[:HEADER_CHARS]
    return len(header) == HEADER_CHARS and header.isascii() and header.isdigit() and header.startswith("00")

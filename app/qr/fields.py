"""All fields of a code by their path, templates opened: {"38/01/00": "970436", ...}."""

from collections.abc import Iterator, Sequence

from app.qr.emvco import HEADER_CHARS, Item, Payload, join, tile
from app.qr.findings import Finding, PayloadError, error, warning

NAPAS_AID = "A000000727"
ACCOUNT_TEMPLATES, OPEN_TEMPLATES, ADDITIONAL_TEMPLATES = range(26, 52), range(80, 100), range(50, 100)
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
        elif _is_template(here, item, items):
            yield from _open_template(here, item, fields)


def _open_template(here: str, item: Item, fields: Fields) -> Iterator[Finding]:
    try:
        children = tile(item.value, path=here, start=item.place + HEADER_CHARS)
    except PayloadError as fault:
        if int(item.tag) not in OPEN_TEMPLATES and here != f"62/{item.tag}":
            yield fault.finding
        return  # an unreserved field that only looks like a template: left closed, told by `inspect`
    yield from _open(children, here, fields)


def _empty(here: str, item: Item) -> Finding:
    # By the letter (4.4.1.2: length 01-99) an empty field is wrong. Techcombank's app ends its codes in 83 and 84
    # empty, some shops' QRPUSH codes carry an empty 62: nothing about payee or amount hangs on them.
    says_nothing = here == "62" or (here == item.tag and int(item.tag) in OPEN_TEMPLATES)
    kind = warning if says_nothing else error
    return kind("empty-value", here, item.place, f"Trường {here} rỗng (độ dài 00)")


def _is_template(here: str, item: Item, siblings: Sequence[Item]) -> bool:
    """Whether a field holds fields: 26-51, 62, 64, what claims to be one, and VietQR's beneficiary."""
    tag = int(item.tag)
    if here == item.tag:
        return tag in ACCOUNT_TEMPLATES or item.tag in {"62", "64"} or (tag in OPEN_TEMPLATES and claims_template(item))
    if here == f"62/{item.tag}":
        return tag in ADDITIONAL_TEMPLATES and claims_template(item)
    # Fields may stand in any order (4.6.1): the identifier may follow the beneficiary.
    return here == "38/01" and any(other.tag == "00" and other.value.upper() == NAPAS_AID for other in siblings)


def claims_template(item: Item) -> bool:
    """Whether an unreserved field starts like a template (tag 00 and a length).

    Old MoMo codes keep three bare digits of a phone number in tag 80: such a value is left closed.
    """
    header = item.value[:HEADER_CHARS]
    return len(header) == HEADER_CHARS and header.isascii() and header.isdigit() and header.startswith("00")

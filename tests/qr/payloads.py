"""Makes payloads with a right CRC, right or wrong inside; invented accounts only."""

from app.qr.emvco import field, seal

BIN, ACCOUNT = "970436", "0011001237465"


def template(
    acquirer: str = BIN, account: str = ACCOUNT, service: str | None = "QRIBFTTA", aid: str = "A000000727"
) -> str:
    inner = field("00", acquirer) + field("01", account)
    return field("38", field("00", aid) + field("01", inner) + ("" if service is None else field("02", service)))


def transfer(**replaced: str) -> str:
    """A transfer code with some root fields replaced or added (`t54="..."`), each given as its value."""
    parts = {"00": "01", "01": "11", "38": template()[4:], "53": "704", "58": "VN"}
    parts |= {key.removeprefix("t"): value for key, value in replaced.items()}
    return seal("".join(field(tag, value) for tag, value in sorted(parts.items()) if tag != "63"))


def additional(**children: str) -> str:
    return "".join(field(key.removeprefix("t"), value) for key, value in children.items())

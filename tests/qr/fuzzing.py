"""Payloads bent in every way that scanners, typists, libraries and thieves bend them."""

import random
from collections.abc import Iterator

from app.qr import vietqr
from tests.qr.oracle import checksum
from tests.qr.test_kinds import SAMPLES

LETTERS = "0123456789" * 3 + "ABCZabcz .-/+%" + "٣０ạ🍜\x00\x7f\ufeff\u0301"


def bent_payloads(count: int, seed: int) -> Iterator[str]:
    """So many payloads, two in three with their CRC made right again; the same seed gives the same ones."""
    chance = random.Random(seed)
    seeds = list(SAMPLES.values()) + [_made(chance) for _ in range(40)]
    for _ in range(count):
        text = chance.choice(seeds)
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            text = chance.choice(BENDS)(text, chance, seeds)
        yield _sealed(text) if chance.random() < 0.67 else text


def _made(chance: random.Random) -> str:
    return vietqr(
        chance.choice(["970436", "970422", "970405", "971005"]),
        "".join(chance.choices("0123456789ABCxyz", k=chance.randint(1, 19))),
        name=chance.choice(["", "CO BA"]),
        city=chance.choice(["", "QUANG NGAI"]),
        amount_vnd=chance.choice([None, 5000, 499_999_999]),
        memo=chance.choice(["", "SAP 12", "A" * 25]),
    )


def _sealed(text: str) -> str:
    body = text[:-4] if text[-8:-4] == "6304" else text + "6304"
    return body + (checksum(body) if not any("\ud800" <= letter <= "\udfff" for letter in body) else "0000")


def _replaced(text: str, chance: random.Random, _seeds: list[str]) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice(LETTERS) + text[at + 1 :]


def _inserted(text: str, chance: random.Random, _seeds: list[str]) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice(LETTERS) + text[at:]


def _dropped(text: str, chance: random.Random, _seeds: list[str]) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + text[at + chance.choice((1, 1, 2, 4)) :]


def _swapped(text: str, chance: random.Random, _seeds: list[str]) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + text[at : at + 2][::-1] + text[at + 2 :]


def _cut(text: str, chance: random.Random, _seeds: list[str]) -> str:
    return text[: chance.randrange(len(text) + 1)]


def _spliced(text: str, chance: random.Random, seeds: list[str]) -> str:
    other = chance.choice(seeds)
    return text[: chance.randrange(len(text) + 1)] + other[chance.randrange(len(other)) :]


def _pieces(text: str) -> list[str]:
    pieces = []
    while len(text) >= 4 and text[:4].isascii() and text[:4].isdigit():
        size = 4 + int(text[2:4])
        pieces.append(text[:size])
        text = text[size:]
    return [*pieces, text] if text else pieces


def _field_repeated(text: str, chance: random.Random, _seeds: list[str]) -> str:
    pieces = _pieces(text) or [text]
    pieces.insert(chance.randrange(len(pieces) + 1), chance.choice(pieces))
    return "".join(pieces)


def _field_moved(text: str, chance: random.Random, _seeds: list[str]) -> str:
    pieces = _pieces(text) or [text]
    piece = pieces.pop(chance.randrange(len(pieces)))
    pieces.insert(chance.randrange(len(pieces) + 1), piece)
    return "".join(pieces)


def _field_rewritten(text: str, chance: random.Random, _seeds: list[str]) -> str:
    pieces = _pieces(text) or [text]
    at = chance.randrange(len(pieces))
    values = [
        "",
        "0",
        "1",
        "0.00",
        "1.000",
        "-5",
        "5e3",
        "50000.",
        "13",
        "A" * 26,
        "A" * 99,
        "01",
        "03",
        "VN",
        "***",
        "0002VI",
    ]
    tag = chance.choice([pieces[at][:2], f"{chance.randrange(100):02d}"])
    value = chance.choice(values)
    pieces[at] = f"{tag}{len(value):02d}{value}"
    return "".join(pieces)


def _inside_rewritten(text: str, chance: random.Random, seeds: list[str]) -> str:
    pieces = _pieces(text) or [text]
    at = chance.randrange(len(pieces))
    if len(pieces[at]) > 8:
        bend = chance.choice((_field_repeated, _field_moved, _field_rewritten, _replaced, _dropped))
        value = bend(pieces[at][4:], chance, seeds)[:99]
        pieces[at] = f"{pieces[at][:2]}{len(value):02d}{value}"
    return "".join(pieces)


BENDS = (
    _replaced,
    _inserted,
    _dropped,
    _swapped,
    _cut,
    _spliced,
    _field_repeated,
    _field_moved,
    _field_rewritten,
    _inside_rewritten,
    _inside_rewritten,
)

"""The codewords of a symbol: data, padding and Reed-Solomon words, interleaved (ISO/IEC 18004:2015, 7.4.10, 7.5, 7.6).

`qrcode` splits the text and knows the tables; its arithmetic goes bit by bit. Here the remainder is taken a byte at a
time from a table, as a CRC is: the words are the same (a test compares all versions and levels) at a tenth of the cost.
"""

from collections.abc import Sequence
from functools import cache
from itertools import chain, zip_longest

from qrcode import base, util
from qrcode.exceptions import DataOverflowError

TERMINATOR_BITS = 4
PADDING = (0xEC, 0x11)


class _Bits:
    """Takes what a segment writes, as text of 0 and 1."""

    def __init__(self) -> None:
        self.text = ""

    def put(self, value: int, length: int) -> None:
        """`length` bits of a value, the highest first."""
        self.text += f"{value:0{length}b}"


def codewords(version: int, level: int, segments: Sequence[util.QRData]) -> list[int]:
    """All words in the order they are placed; `level` as `qrcode` numbers it. Raises DataOverflowError."""
    blocks = base.rs_blocks(version, level)
    data = _padded(_written(version, segments), sum(block.data_count for block in blocks))
    plain, checks, at = [], [], 0
    for block in blocks:
        words = data[at : at + block.data_count]
        at += block.data_count
        plain.append(words)
        checks.append(_check_words(words, block.total_count - block.data_count))
    mixed = chain.from_iterable((*zip_longest(*plain), *zip_longest(*checks)))
    return [word for word in mixed if word is not None]


def _written(version: int, segments: Sequence[util.QRData]) -> str:
    bits = _Bits()
    for segment in segments:
        bits.put(segment.mode, 4)
        bits.put(len(segment), util.length_in_bits(segment.mode, version))
        segment.write(bits)
    return bits.text


def _padded(bits: str, count: int) -> bytes:
    """The data words: terminated, filled up to a whole word, then with the two padding words in turn."""
    if len(bits) > 8 * count:
        raise DataOverflowError(f"{len(bits)} bits, room for {8 * count}")
    bits += "0" * min(TERMINATOR_BITS, 8 * count - len(bits))
    bits += "0" * (-len(bits) % 8)
    words = int(bits, 2).to_bytes(len(bits) // 8, "big")
    fill = count - len(words)
    return words + bytes(PADDING[at % 2] for at in range(fill))


def _check_words(words: bytes, count: int) -> bytes:
    """The remainder of the words, as a polynomial over GF(256), by the generator of this many check words."""
    table = _table(count)
    top, keep = 8 * (count - 1), (1 << 8 * (count - 1)) - 1
    rest = 0
    for word in words:
        rest = (rest & keep) << 8 ^ table[rest >> top ^ word]
    return rest.to_bytes(count, "big")


@cache
def _table(count: int) -> tuple[int, ...]:
    """Leading word -> what taking it away leaves in the lower `count` words."""
    generator = [1]
    for power in range(count):
        root = base.gexp(power)
        raised = [*generator, 0]
        for at, factor in enumerate(generator):
            raised[at + 1] ^= _product(factor, root)
        generator = raised
    lower = generator[1:]
    return tuple(int.from_bytes(bytes(_product(lead, factor) for factor in lower), "big") for lead in range(256))


def _product(one: int, other: int) -> int:
    """One element of GF(256) times another."""
    return base.gexp(base.glog(one) + base.glog(other)) if one and other else 0

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.qr import Item, PayloadError, build, crc, inspect, parse
from app.qr.emvco import field, seal

tags = st.integers(0, 99).map("{:02d}".format)
values = st.text(st.characters(codec="utf-8"), max_size=99)


@given(st.lists(st.tuples(tags, values), max_size=12))
def test_what_is_built_is_parsed_back(pairs: list[tuple[str, str]]) -> None:
    text = build([Item(tag, value) for tag, value in pairs])
    parsed = parse(text)
    assert [(item.tag, item.value) for item in parsed.items] == pairs
    assert build(parsed) == text
    assert all(text[item.place : item.place + 2] == item.tag for item in parsed.items)


@given(st.text(alphabet="0123456789" + "٣０ạA", max_size=60))
def test_any_text_is_either_refused_or_kept_whole(text: str) -> None:
    try:
        parsed = parse(text)
    except PayloadError:
        return
    assert build(parsed) == text


def bitwise_crc(data: bytes) -> int:
    register = 0xFFFF
    for byte in data:
        register ^= byte << 8
        for _ in range(8):
            register = (register << 1 ^ 0x1021 if register & 0x8000 else register << 1) & 0xFFFF
    return register


@given(values)
def test_crc_is_the_standards(text: str) -> None:
    assert crc(text) == f"{bitwise_crc(text.encode()):04X}"


def test_crc_keeps_leading_zeros() -> None:
    sealed = [seal(field("00", "01") + field("99", str(number))) for number in range(600)]
    assert all(len(text) == len(sealed[0]) or text[-8:-4] == "6304" for text in sealed)
    assert any(text[-4] == "0" for text in sealed)


@pytest.mark.parametrize("text", ["000", "0002", "00020", "٠٠0201", "0００201", "00-101", "0002011", " 000201"])
def test_headers_and_lengths_are_ascii_digits_that_fit(text: str) -> None:
    with pytest.raises(PayloadError):
        parse(text)


def test_values_longer_than_99_are_never_written() -> None:
    # vietnam-qr-pay writes `62100...` with a right CRC: the rest of the code shifts.
    with pytest.raises(PayloadError, match="tối đa 99"):
        field("62", "A" * 100)
    with pytest.raises(PayloadError):
        field("６2", "A")


@given(st.text(max_size=200))
def test_inspection_never_raises_and_never_accepts_noise(text: str) -> None:
    assert not inspect(text).valid


@given(st.text(alphabet=string.printable + "\x00\ud800ạ", max_size=80))
def test_inspection_says_something_in_vietnamese_about_every_refusal(text: str) -> None:
    code = inspect(text)
    assert code.errors
    assert all(found.message_vi for found in code.findings)

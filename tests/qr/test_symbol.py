import time
from collections.abc import Iterator
from itertools import product

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from qrcode import util
from qrcode.exceptions import DataOverflowError
from qrcode.main import QRCode

from app.qr import QUIET_MODULES, Symbol, SymbolError, symbol, vietqr
from app.qr.codewords import codewords
from app.qr.frame import LEVELS, Level
from app.qr.segments import GROUPS, best_segments
from tests.qr.payloads import ACCOUNT, BIN


def picture(drawn: Symbol, pixels: int = 3) -> Image.Image:
    side = drawn.size + 2 * QUIET_MODULES
    image = Image.new("L", (side, side), 255)
    for x, y, width in drawn.runs():
        image.paste(0, (x + QUIET_MODULES, y + QUIET_MODULES, x + width + QUIET_MODULES, y + 1 + QUIET_MODULES))
    return image.resize((side * pixels, side * pixels), Image.Resampling.NEAREST)


def stock(payload: str, drawn: Symbol) -> tuple[int, ...]:
    code = QRCode(version=drawn.version, error_correction=LEVELS[drawn.level])
    code.data_list = best_segments(payload.encode(), drawn.version)
    code.make(fit=False)
    return tuple(int("".join("1" if dark else "0" for dark in row), 2) for row in code.modules)


PAYLOADS = [
    vietqr(BIN, ACCOUNT),
    vietqr(BIN, ACCOUNT, name="NGUYEN THI HOA", city="QUANG NGAI", amount_vnd=50_000, memo="SAP 12 CHO DONG HA"),
    "https://example.vn/m/A0106",
    "1" * 500,
    "Tiền rau củ ở chợ Đông Hà " * 8,
]


@pytest.mark.parametrize("ec", ["L", "M", "Q", "H"])
@pytest.mark.parametrize("payload", PAYLOADS)
def test_same_modules_as_the_library_gives_eight_times_slower(payload: str, ec: Level) -> None:
    drawn = symbol(payload, ec)
    assert drawn.rows == stock(payload, drawn)
    smallest = QRCode(error_correction=LEVELS[ec])
    smallest.add_data(payload)
    assert drawn.version <= smallest.best_fit()


def needed_bits(segments: list[util.QRData], version: int) -> int:
    def bits(each: util.QRData) -> int:
        size, mode = len(each), each.mode
        if mode == util.MODE_NUMBER:
            return 10 * (size // 3) + (0, 4, 7)[size % 3]
        return 11 * (size // 2) + 6 * (size % 2) if mode == util.MODE_ALPHA_NUM else 8 * size

    return sum(4 + util.length_in_bits(each.mode, version) + bits(each) for each in segments)


def every_cut(data: bytes) -> Iterator[list[util.QRData]]:
    signs = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
    allowed = [[4, *([2] if byte in signs else []), *([1] if 48 <= byte <= 57 else [])] for byte in data]
    for modes in product(*allowed):
        starts = [at for at in range(len(data)) if at == 0 or modes[at] != modes[at - 1]]
        ends = [*starts[1:], len(data)]
        yield [
            util.QRData(data[start:end], mode=modes[start], check_data=False)
            for start, end in zip(starts, ends, strict=True)
        ]


@settings(max_examples=40, deadline=None)
@given(st.text("019AZ:b\u00e9", min_size=1, max_size=7), st.sampled_from(GROUPS))
def test_no_cut_into_segments_needs_fewer_bits(text: str, version: int) -> None:
    data = text.encode()
    segments = best_segments(data, version)
    assert b"".join(each.data for each in segments) == data
    assert needed_bits(segments, version) == min(needed_bits(cut, version) for cut in every_cut(data))


def test_a_bank_style_payload_gets_the_version_that_suffices() -> None:
    """findings/qr.md G1: python-qrcode's cut put it into version 6."""
    payload = (
        "00020101021238530010A0000007270123000697042201091171192650208QRIBFTTA530370454061800005802VN62230819thanh toan"
        " don hang63043CCB"
    )
    assert symbol(payload).version == 5


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=120), st.sampled_from(["L", "M", "Q", "H"]))
def test_another_library_reads_what_is_drawn(payload: str, ec: Level) -> None:
    (read,) = zxingcpp.read_barcodes(picture(symbol(payload, ec)), formats=zxingcpp.barcode_formats_from_str("QRCode"))
    assert read.bytes == payload.encode()


def test_error_correction_is_raised_while_the_version_stays() -> None:
    raised = [symbol("a" * length) for length in range(1, 200)]
    assert {drawn.level for drawn in raised} == {"M", "Q", "H"}
    assert {drawn.size - 4 * drawn.version for drawn in raised} == {17}
    assert symbol(PAYLOADS[0], "H").level == "H"


def test_capitals_and_mixed_segments_keep_a_full_code_at_37_modules() -> None:
    assert symbol(vietqr(BIN, ACCOUNT, name="BUI NGOC ON", memo="SAP 12 CHO DONG HA")).size == 37


def test_runs_and_pdf_path_cover_the_dark_modules_once() -> None:
    drawn = symbol(PAYLOADS[0])
    dark = {(x, y) for y in range(drawn.size) for x in range(drawn.size) if drawn.is_dark(x, y)}
    covered = [(x + step, y) for x, y, width in drawn.runs() for step in range(width)]
    assert len(covered) == len(set(covered))
    assert set(covered) == dark
    numbers = [[int(n) for n in part.split()] for part in drawn.pdf_path().removesuffix(" f").split(" re") if part]
    assert {(x + step, drawn.size - 1 - y) for x, y, width, _ in numbers for step in range(width)} == dark


@pytest.mark.parametrize("payload", ["", "A" * 5000])
def test_what_no_symbol_holds_is_refused(payload: str) -> None:
    with pytest.raises(SymbolError):
        symbol(payload)


def test_a_symbol_costs_less_than_4_ms() -> None:
    payloads = [vietqr(BIN, f"{number:013d}", memo="SAP 12") for number in range(60)]
    symbol(payloads[0])
    started = time.process_time()
    for payload in payloads[1:]:
        symbol(payload)
    assert (time.process_time() - started) / 59 < 0.004


@pytest.mark.parametrize("level", LEVELS.values())
@pytest.mark.parametrize("version", range(1, 41))
def test_codewords_are_those_of_qrcode_itself(version: int, level: int) -> None:
    room = util.BIT_LIMIT_TABLE[level][version] // 8 - 3
    for length in {1, room // 2, room}:
        segments = [util.QRData(f"{length}0123456789aé".encode() * length, mode=util.MODE_8BIT_BYTE)]
        segments[0].data = segments[0].data[:length]
        assert codewords(version, level, segments) == util.create_data(version, level, segments)


def test_more_than_a_symbol_holds_is_no_codeword() -> None:
    with pytest.raises(DataOverflowError):
        codewords(1, LEVELS["H"], [util.QRData("A" * 40)])

"""Photos that were never taken and files that are no photos. The whole set of photos: benchmarks/qr_photos.py."""

import io
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from app.qr import symbol, vietqr
from app.qr.drawing import image, pdf, png, svg
from app.qr.photo import PhotoError, read_image, read_photo
from tests.qr.payloads import ACCOUNT, BIN
from tests.qr.photos import MODERATE, Scene, jpeg, photo

PAYLOAD = vietqr(BIN, ACCOUNT, name="TIEM VI DU", memo="SAP 12 CHO DONG HA")
RESCUED = {
    "very dark": Scene(light=0.06, noise=3.0),
    "far out of focus": Scene(blur=8.0),
    "thumbnail": Scene(width=120, height=160, blur=0.2),
}


@pytest.mark.parametrize("scene", [*MODERATE.values(), *RESCUED.values()], ids=[*MODERATE, *RESCUED])
def test_photo_is_read_to_the_letter(scene: Scene) -> None:
    assert [code.text for code in read_photo(jpeg(photo(PAYLOAD, scene, seed=3), scene.quality))] == [PAYLOAD]


@pytest.mark.parametrize("name", RESCUED)
def test_the_ladder_is_what_reads_the_bad_ones(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    grey = photo(PAYLOAD, RESCUED[name], seed=1).convert("L")
    assert len(read_image(grey)) == 1
    monkeypatch.setattr("app.qr.photo.LADDER", (lambda picture: picture,))
    assert read_image(grey) == ()


def test_unreadable_photo_gives_nothing_and_never_a_guess() -> None:
    assert read_photo(jpeg(photo(PAYLOAD, Scene(blur=30)))) == ()


def test_all_codes_are_found_and_two_copies_are_two() -> None:
    one, other = (image(symbol(text), module_pixels=4).convert("L") for text in (PAYLOAD, "https://example.vn/"))
    board = Image.new("L", (900, 900), 255)
    for picture, place in ((one, (0, 0)), (other, (450, 0)), (one, (0, 450))):
        board.paste(picture, place)
    assert sorted(code.text for code in read_image(board)) == [PAYLOAD, PAYLOAD, "https://example.vn/"]
    assert len(read_image(board, thorough=True)) == 3


def test_worn_code_beside_a_good_one_is_found_when_looking_thoroughly() -> None:
    good = image(symbol(PAYLOAD), module_pixels=8).convert("L").resize((500, 500))
    worn = photo("https://example.vn/", RESCUED["very dark"], seed=1).convert("L")
    board = Image.new("L", (worn.width, worn.height + 500), 255)
    board.paste(good, (0, 0))
    board.paste(worn, (0, 500))
    assert {code.text for code in read_image(board, thorough=True)} >= {PAYLOAD}


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    with io.BytesIO() as file:
        picture.save(file, kind, **options)
        return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF"])
def test_formats(kind: str) -> None:
    assert [code.text for code in read_photo(encoded(image(symbol(PAYLOAD)).convert("L"), kind))] == [PAYLOAD]


def test_transparent_picture_is_read_on_white() -> None:
    drawn = image(symbol(PAYLOAD)).convert("L")
    clear = Image.new("LA", drawn.size, (0, 0))
    clear.putalpha(drawn.point(lambda level: 255 - level))
    assert [code.text for code in read_photo(encoded(clear, "PNG"))] == [PAYLOAD]


def test_white_modules_on_nothing_are_read_on_black() -> None:
    modules = ImageOps.invert(image(symbol(PAYLOAD), module_pixels=6).convert("L"))
    clear = Image.new("RGBA", modules.size, (255, 255, 255, 0))
    clear.paste((255, 255, 255, 255), mask=modules)
    data = io.BytesIO()
    clear.save(data, "PNG")
    assert [code.text for code in read_photo(data.getvalue())] == [PAYLOAD]


@pytest.mark.parametrize("kind", [b"heic", b"mif1", b"avif"])
def test_a_phones_own_format_is_refused_with_what_to_do(kind: bytes) -> None:
    with pytest.raises(PhotoError, match="Tương thích nhất"):
        read_photo(b"\0\0\0\x24ftyp" + kind + bytes(200))


def test_a_picture_of_48_megapixels_is_read() -> None:
    large = Image.new("L", (8064, 6048), 200)
    large.paste(image(symbol(PAYLOAD), module_pixels=20).convert("L"), (3000, 2000))
    data = io.BytesIO()
    large.save(data, "PNG", compress_level=1)
    assert [code.text for code in read_photo(data.getvalue())] == [PAYLOAD]
    with pytest.raises(PhotoError, match="50 triệu"):
        read_photo(png_of(12_000, 9_000))


def png_of(width: int, height: int) -> bytes:
    """A grey picture so large, nearly all of it left out of the file."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    chunks = [
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def test_exif_turns_the_corners_with_the_picture() -> None:
    board = Image.new("L", (800, 600), 255)
    board.paste(image(symbol(PAYLOAD), module_pixels=4).convert("L"), (20, 20))
    exif = Image.Exif()
    exif[0x0112] = 6
    (code,) = read_photo(encoded(board, "JPEG", exif=exif))
    assert code.middle[0] > 0.5 > code.middle[1]


def test_every_page_of_a_pdf_is_read() -> None:
    document = pypdfium2.PdfDocument.new()
    for text in (PAYLOAD, "second"):
        with pypdfium2.PdfDocument(pdf(symbol(text))) as page:
            document.import_pages(page)
    file = io.BytesIO()
    document.save(file)
    document.close()
    assert [(code.text, code.page) for code in read_photo(file.getvalue())] == [(PAYLOAD, 1), ("second", 2)]


def test_pdfs_are_read_by_many_threads_at_once() -> None:
    files = [pdf(symbol(f"mã {number}")) for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(read_photo, files))
    assert [[code.text for code in codes] for codes in found] == [[f"mã {number}"] for number in range(24)]


def test_drawings_are_read_back_and_the_same_every_time() -> None:
    drawn = symbol(PAYLOAD)
    assert [code.text for code in read_photo(png(drawn))] == [PAYLOAD]
    assert [code.text for code in read_photo(pdf(drawn, title="Cô Ba & con"))] == [PAYLOAD]
    assert pdf(drawn) == pdf(drawn)
    assert b"0 0 0 1 k" in pdf(drawn)
    assert not any(operator in pdf(drawn) for operator in (b" rg", b" g\n", b"/Font"))
    assert "&lt;b&gt;" in svg(drawn, title="<b>")
    assert svg(drawn).count("M") == 1 + len(list(drawn.runs()))


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(side: int) -> bytes:
    """A PNG of a few bytes that claims side x side pixels."""
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


GOOD = jpeg(photo(PAYLOAD, Scene(width=300, height=400)))
HOSTILE = {
    "empty": b"",
    "text": b"xin chao",
    "truncated jpeg": GOOD[: len(GOOD) // 2],
    "png header only": b"\x89PNG\r\n\x1a\n",
    "49 MP": bomb(7000),
    "400 MP": bomb(20_000),
    "3,600 MP": bomb(60_000),
    "gif": b"GIF89a" + b"\xff" * 100,
    "bmp": b"BM" + b"\xff" * 200,
    "tiff": b"II*\x00" + b"\xff" * 200,
    "pdf": b"%PDF-1.7\n" + b"\x00" * 100,
    "heic": b"\x00\x00\x00\x18ftypheic" + b"\x00" * 100,
    "too many bytes": b"\xff" * (64 * 1024 * 1024 + 1),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_hostile_file_is_one_sentence(data: bytes) -> None:
    with pytest.raises(PhotoError) as refused:
        read_photo(data)
    assert 0 < len(str(refused.value)) < 200


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=20))
def test_damaged_photo_is_read_rightly_or_not_at_all(changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(GOOD)
    for place, value in changes:
        damaged[place] = value
    try:
        found = read_photo(bytes(damaged))
    except PhotoError:
        return
    assert {code.text for code in found} <= {PAYLOAD}

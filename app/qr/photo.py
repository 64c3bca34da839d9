"""Read the codes in a phone photo, a screenshot or a PDF; never a guess, and advice where nothing can be read.

zxing-cpp reads. What it cannot make out is tried again with more contrast, without shadow, softened, sharpened, halved
and enlarged, and with a white border where a dark ground touches the code: a ladder that costs nothing when the first
look succeeds. A QR code carries its own error correction: a reading is whole or none.
"""

import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import pypdfium2
import zxingcpp
from PIL import Image, ImageChops, ImageFile, ImageFilter, ImageOps, ImageSequence

from app.pdfium import PDFIUM

# Phones of 48 and 50 megapixels save pictures a little larger than that.
PIXELS_MAX = 55_000_000
DOUBLED_PIXELS_MAX = 40_000_000
ENLARGED_PIXELS_MAX = 16_000_000
BYTES_MAX = 64 * 1024 * 1024
PDF_PAGES_MAX = 200
FRAMES_MAX = 50  # pages of a TIFF, pictures of a GIF
FRAMES_PIXELS_MAX = 120_000_000  # of all of them
PDF_DOTS_PER_INCH = 200
PDF_PIXELS_MAX = 10_000_000
FIRST_LOOK_PIXELS = 1000
SAME_PLACE = 0.03
GROUND_DARK_MAX = 110  # mean grey at the edge of a picture whose ground is dark
GROUND_SPREAD = 4
LIGHT_MIN = 128
REGION_PIXELS = 200
MODULES_USUAL = (47, 37)  # of a payment code's side and a little more
APPLE_KINDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif")
HEIC_REMEDY = (
    "Ảnh dạng HEIC hoặc AVIF (thường từ iPhone) chưa đọc được. Hãy gửi ảnh chụp màn hình, lưu lại thành JPG, hoặc vào "
    "Cài đặt, Camera, Định dạng, chọn Tương thích nhất rồi chụp lại."
)
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
SHOOT_AGAIN = (
    "Không thấy mã QR nào đọc được. Hãy chụp lại: đứng thẳng trước mã, cách 20–30 cm, mã nằm phẳng và chiếm nửa khung "
    "hình, đủ sáng, không bật đèn flash, lau ống kính."
)

_QR = zxingcpp.barcode_formats_from_str("QRCode")
_WITH_ECI = frozenset({"]Q2", "]Q4", "]Q6"})  # ISO/IEC 18004, annex F
_CUT = "choso_cut"
_LENIENT = Lock()
_Look = Callable[[Image.Image], Image.Image | None]


class PhotoError(ValueError):
    """The file is not a picture that can be read; `str()` is the Vietnamese reason with the remedy."""


@dataclass(frozen=True, slots=True)
class FoundCode:
    """One code in a picture: its text, the page (from 1), and its corners as fractions of width and height."""

    text: str
    page: int
    corners: tuple[tuple[float, float], ...]

    @property
    def middle(self) -> tuple[float, float]:
        """Centre of the code as fractions of width and height."""
        return sum(x for x, _ in self.corners) / 4, sum(y for _, y in self.corners) / 4

    def is_same(self, other: "FoundCode") -> bool:
        """Whether two looks saw one code: the same text in the same place. Two copies side by side are two codes."""
        (x, y), (other_x, other_y) = self.middle, other.middle
        return self.text == other.text and abs(x - other_x) + abs(y - other_y) < SAME_PLACE


def read_photo(source: Path | bytes, *, thorough: bool = False) -> tuple[FoundCode, ...]:
    """All codes of a picture or PDF, from the top; an empty tuple where none is readable (say SHOOT_AGAIN then).

    `thorough` climbs the whole ladder even after something was found: for a board where a second, worn code may hide.
    Raises PhotoError for a file that is missing, too large, broken or not a picture.
    """
    data = source if isinstance(source, bytes) else _bytes_of(source)
    if len(data) > BYTES_MAX:
        raise PhotoError("Tệp ảnh quá lớn (trên 64 MB). Hãy chụp hoặc lưu lại ảnh nhỏ hơn.")
    if data[:1024].lstrip().startswith(b"%PDF"):
        return _read_pdf(data, thorough=thorough)
    if data[4:8] == b"ftyp" and data[8:12] in APPLE_KINDS:
        raise PhotoError(HEIC_REMEDY)
    with _hostile_file():
        # A large JPEG is first decoded at half its size or less, which costs a fraction and is mostly enough.
        first = _open(data)
        full_size = first.size
        if getattr(first, "n_frames", 1) > 1 and first.format in {"TIFF", "GIF"}:
            return _read_frames(first, thorough=thorough)
        first.draft("L", (FIRST_LOOK_PIXELS, FIRST_LOOK_PIXELS))
        found = read_image(_grey(first), thorough=thorough)
        if not found and first.has_transparency_data:
            found = read_image(_grey(first, ground="black"), thorough=thorough)  # white modules, for a dark screen
        if first.size == full_size or _pixels(full_size) > PIXELS_MAX or (found and not thorough):
            return _unless_cut(first, found)
        whole = _open(data)
        return _unless_cut(whole, read_image(_grey(whole), thorough=thorough) or found)


def _unless_cut(picture: Image.Image, found: tuple[FoundCode, ...]) -> tuple[FoundCode, ...]:
    """What was found; a file that ends early and shows nothing is a broken one."""
    if not found and picture.info.get(_CUT):
        raise OSError("truncated")
    return found


def _read_frames(picture: Image.Image, *, thorough: bool) -> tuple[FoundCode, ...]:
    """All codes on the pages of a TIFF or in the pictures of a GIF, of the first FRAMES_MAX."""
    found: list[FoundCode] = []
    seen = 0
    for number, frame in enumerate(ImageSequence.Iterator(picture), start=1):
        seen += _pixels(frame.size)
        if number > FRAMES_MAX or (number > 1 and seen > FRAMES_PIXELS_MAX):
            break
        here = read_image(_grey(frame), page=number, thorough=thorough)
        found += [code for code in here if picture.format == "TIFF" or not any(map(code.is_same, found))]
    return tuple(found)


def read_image(grey: Image.Image, *, page: int = 1, thorough: bool = False) -> tuple[FoundCode, ...]:
    """All codes in a picture that is already in memory, mode L."""
    found: list[FoundCode] = []
    for look in LADDER:
        seen = look(grey)
        if seen is None:
            continue
        found += [code for code in _look(seen, page) if not any(code.is_same(other) for other in found)]
        if found and not thorough:
            break
    return tuple(sorted(found, key=lambda code: (code.middle[1], code.middle[0])))


def _as_it_is(grey: Image.Image) -> Image.Image:
    return grey


def _softened(grey: Image.Image) -> Image.Image:
    return ImageOps.autocontrast(grey, cutoff=1).filter(ImageFilter.GaussianBlur(1.5))


def _levelled(grey: Image.Image) -> Image.Image:
    """Without shadow and dusk: each pixel against the mean of its neighbourhood."""
    around = grey.filter(ImageFilter.BoxBlur(max(8, min(grey.size) // 16)))
    return ImageOps.autocontrast(ImageChops.subtract(grey, around, scale=1.0, offset=128), cutoff=2)


def _halved(grey: Image.Image) -> Image.Image:
    """Half the size and sharper: noise and a slight blur disappear, at a quarter of the work."""
    return ImageOps.autocontrast(grey.reduce(2), cutoff=1).filter(ImageFilter.UnsharpMask(4, 300, 0))


def _sharpened(grey: Image.Image) -> Image.Image:
    """Against a lens that focused elsewhere."""
    return _softened(grey).filter(ImageFilter.UnsharpMask(8, 300, 0))


def _doubled(grey: Image.Image) -> Image.Image:
    if 4 * grey.width * grey.height > DOUBLED_PIXELS_MAX:
        return grey
    return grey.resize((2 * grey.width, 2 * grey.height), Image.Resampling.BICUBIC)


def _enlarged(grey: Image.Image) -> Image.Image | None:
    """Four times the size, or three: a code of less than two pixels a module that a chat compressed twice."""
    times = next((each for each in (4, 3) if each**2 * _pixels(grey.size) <= ENLARGED_PIXELS_MAX), 0)
    if not times:
        return None
    size = (times * grey.width, times * grey.height)
    return grey.resize(size, Image.Resampling.BICUBIC).filter(ImageFilter.UnsharpMask(4, 200, 0))


def _ground_whitened(grey: Image.Image) -> Image.Image | None:
    """A dark ground that touches the code, painted white: it is the commonest grey, the code's black is another."""
    if not _is_on_dark(grey):
        return None
    counts = grey.histogram()
    ground = counts.index(max(counts))
    return grey.point([255 if abs(shade - ground) <= GROUND_SPREAD else shade for shade in range(256)])


def _cut_out(grey: Image.Image) -> Image.Image | None:
    """An upright code on black: what is light, on white. Light modules reach all four sides of a code."""
    box = _light(grey).getbbox() if _is_on_dark(grey) else None
    if box is None:
        return None
    edge = max(box[2] - box[0], box[3] - box[1]) // 8
    return ImageOps.expand(grey.crop(box), edge, 255)


def _framed(modules: int) -> _Look:
    """A turned code on black: white from one module around the light region on, so that its finders stay whole."""

    def framed(grey: Image.Image) -> Image.Image | None:
        light = _light(grey)
        box = light.getbbox() if _is_on_dark(grey) else None
        if box is None:
            return None
        side = max(box[2] - box[0], box[3] - box[1])
        step = max(1, side // REGION_PIXELS)
        small = grey.reduce(step).point(lambda shade: 255 if shade > LIGHT_MIN // 2 else 0)
        closing = max(1, side // step // 10)
        region = ImageOps.expand(small, closing, 0)
        region = _grown(region, closing, ImageFilter.MaxFilter)
        region = _grown(region, closing, ImageFilter.MinFilter)
        region = _grown(region, max(1, round(side / step / modules)), ImageFilter.MaxFilter)
        region = ImageOps.crop(region, closing).resize(grey.size, Image.Resampling.BILINEAR)
        inside = region.point(lambda shade: 255 if shade >= LIGHT_MIN else 0)
        return Image.composite(grey, Image.new("L", grey.size, 255), inside)

    return framed


def _grown(region: Image.Image, by: int, rank: type[ImageFilter.MaxFilter | ImageFilter.MinFilter]) -> Image.Image:
    """The region wider (or, with MinFilter, narrower) by so many pixels; small filters, for large ones crawl."""
    for _ in range(by // 3):
        region = region.filter(rank(7))
    return region.filter(rank(2 * (by % 3) + 1)) if by % 3 else region


def _is_on_dark(grey: Image.Image) -> bool:
    """Whether the edge of the picture is mostly dark."""
    width, height = grey.size
    edges = ((0, 0, width, 1), (0, height - 1, width, height), (0, 0, 1, height), (width - 1, 0, width, height))
    values = b"".join(grey.crop(edge).tobytes() for edge in edges)
    return sum(values) <= GROUND_DARK_MAX * len(values)


def _light(grey: Image.Image) -> Image.Image:
    return grey.point(lambda shade: 255 if shade > LIGHT_MIN else 0)


LADDER: tuple[_Look, ...] = (
    _as_it_is,
    _halved,
    _softened,
    _levelled,
    _sharpened,
    _doubled,
    _ground_whitened,
    _cut_out,
    *map(_framed, MODULES_USUAL),
    _enlarged,
)


def _look(grey: Image.Image, page: int) -> Iterator[FoundCode]:
    for code in zxingcpp.read_barcodes(grey, formats=_QR, text_mode=zxingcpp.TextMode.Plain):
        text = _text(code)
        if text:
            corners = (
                code.position.top_left,
                code.position.top_right,
                code.position.bottom_right,
                code.position.bottom_left,
            )
            yield FoundCode(text, page, tuple((at.x / grey.width, at.y / grey.height) for at in corners))


def _text(code: zxingcpp.Barcode) -> str:
    """The text exactly as the bytes say it, control characters too."""
    # Payment codes are UTF-8 and never say so; the reader would otherwise guess a code page. One that names its own
    # (ECI) is believed.
    if code.symbology_identifier in _WITH_ECI:
        return str(code.text)
    try:
        return bytes(code.bytes).decode()
    except UnicodeDecodeError:
        return str(code.text)


def _grey(picture: Image.Image, ground: str = "white") -> Image.Image:
    """The picture upright in shades of grey, anything transparent on this ground."""
    if _pixels(picture.size) > PIXELS_MAX:
        raise PhotoError(
            f"Ảnh quá lớn ({picture.width}×{picture.height} điểm). Hãy chụp hoặc lưu lại ảnh dưới 50 triệu điểm."
        )
    _load(picture)
    upright = ImageOps.exif_transpose(picture)
    if upright.has_transparency_data:
        flat = Image.new("RGBA", upright.size, ground)
        flat.alpha_composite(upright.convert("RGBA"))
        upright = flat
    return upright.convert("L")


def _load(picture: Image.Image) -> None:
    """Decodes the picture; of one that ends early (a bad line) what came is looked at, the rest is grey."""
    try:
        picture.load()
    except OSError as cut:
        if "truncated" not in str(cut):
            raise
        with _LENIENT:  # Pillow has one switch for all pictures of the process
            ImageFile.LOAD_TRUNCATED_IMAGES = True
            try:
                picture.load()
            finally:
                ImageFile.LOAD_TRUNCATED_IMAGES = False
        picture.info[_CUT] = True


def _open(data: bytes) -> Image.Image:
    # Pillow only warns up to twice its own limit; here the size is judged in _grey, before any pixel is read.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        return Image.open(io.BytesIO(data), formats=FORMATS)


def _pixels(size: tuple[int, int]) -> int:
    return size[0] * size[1]


def _read_pdf(data: bytes, *, thorough: bool) -> tuple[FoundCode, ...]:
    found: list[FoundCode] = []
    with _hostile_file(), _document(data) as document:
        with PDFIUM:
            count = len(document)
        if count > PDF_PAGES_MAX:
            raise PhotoError(f"PDF có {count} trang, chỉ đọc được tối đa {PDF_PAGES_MAX}. Hãy tách nhỏ.")
        for number in range(count):
            found.extend(read_image(_render(document, number), page=number + 1, thorough=thorough))
    return tuple(found)


@contextmanager
def _document(data: bytes) -> Iterator[pypdfium2.PdfDocument]:
    with PDFIUM:
        document = pypdfium2.PdfDocument(data)
    try:
        yield document
    finally:
        with PDFIUM:
            document.close()


def _render(document: pypdfium2.PdfDocument, number: int) -> Image.Image:
    with PDFIUM, closing(document[number]) as page:
        width, height = page.get_size()
        fitting = (PDF_PIXELS_MAX / max(width * height, 1.0)) ** 0.5
        bitmap = page.render(scale=min(PDF_DOTS_PER_INCH / 72, fitting), grayscale=True)
        rendered: Image.Image = bitmap.to_pil().convert("L")
        return rendered


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(BYTES_MAX + 1)
    except (OSError, ValueError) as missing:
        reason = "Không thấy tệp" if isinstance(missing, FileNotFoundError) else "Không mở được tệp"
        raise PhotoError(f"{reason}. Hãy kiểm tra lại tên và quyền đọc.") from missing


@contextmanager
def _hostile_file() -> Iterator[None]:
    """Whatever a decoder throws at a broken file becomes one sentence."""
    try:
        yield
    except PhotoError:
        raise
    except Image.DecompressionBombError as bomb:
        raise PhotoError("Ảnh quá lớn. Hãy chụp hoặc lưu lại ảnh dưới 50 triệu điểm.") from bomb
    except Exception as broken:
        raise PhotoError(
            "Tệp không phải ảnh (JPG, PNG, WebP) hay PDF, hoặc đã hỏng. Ảnh HEIC của iPhone: hãy lưu lại thành JPG."
        ) from broken

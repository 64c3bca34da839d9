import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.paper.canvas import Line, Part
from app.paper.colours import BLACK
from app.paper.fonts import Fonts, load_fonts
from app.paper.imposition import single
from app.paper.measures import Box, PaperError
from app.paper.text import Setting, fit, printable
from app.paths import vendor_dir

VIETNAMESE = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵđ"


@pytest.fixture(scope="module")
def fonts() -> Fonts:
    return load_fonts(vendor_dir() / "fonts")


def test_every_vietnamese_letter_is_there_in_every_weight(fonts: Fonts) -> None:
    for letter in VIETNAMESE + VIETNAMESE.upper() + "₫·•–…":
        assert fonts.covers(letter), letter


def test_parted_accents_are_joined(fonts: Fonts) -> None:
    name = "Đặng Thị Thuỳ Hường"
    assert printable(unicodedata.normalize("NFD", name), fonts.covers).text == name


def test_emoji_leave_and_are_named_fancy_letters_become_plain(fonts: Fonts) -> None:
    shown = printable("Trà sữa 🧋\ufe0f\u200d  𝐇𝐨𝐚\tﬁ", fonts.covers)
    assert (shown.text, shown.dropped, shown.dropped_letters) == ("Trà sữa Hoa fi", "🧋", "")
    assert printable("Trần 中", fonts.covers).dropped_letters == "中"


@given(st.text(st.sampled_from(VIETNAMESE + "  AXW"), min_size=1, max_size=300))
def test_a_text_is_never_cut_and_always_fits(text: str) -> None:
    fonts = load_fonts(vendor_dir() / "fonts")
    face, (width, height) = fonts["bold"], (250.0, 20.0)
    clean = printable(text, fonts.covers).text
    setting = fit(clean, face, width, height, 14, lines=2)
    assert "".join(setting.lines).replace(" ", "") == clean.replace(" ", "")
    assert setting.size_pt <= 14
    assert all(face.width(line) * setting.size_pt <= width for line in setting.lines)
    block = (len(setting.lines) - 1) * 1.25 * setting.size_pt
    assert block <= height


def test_a_long_name_shrinks_then_wraps_into_even_lines(fonts: Fonts) -> None:
    face = fonts["bold"]
    short = fit("Bún riêu", face, 200, 40, 20, lines=2)
    assert (short.lines, short.size_pt) == (("Bún riêu",), 20)
    slightly = fit("Bún riêu cô Lượng chợ", face, 200, 40, 20, lines=2)
    assert len(slightly.lines) == 1
    assert 16 <= slightly.size_pt < 20
    long = fit("Tiệm vàng mã hương đèn và đồ thờ cúng Thanh Thuỷ", face, 200, 40, 20, lines=2)
    assert len(long.lines) == 2
    assert abs(face.width(long.lines[0]) - face.width(long.lines[1])) < 6


def test_a_name_is_not_broken_inside_a_word(fonts: Fonts) -> None:
    face = fonts["bold"]
    setting = fit("NGUYỄN THỊ KHÁNH HUYỀN TRANG", face, 110, 26, 9, lines=2, leading=1.1)
    assert setting.lines == ("NGUYỄN THỊ KHÁNH", "HUYỀN TRANG")
    endless = fit("Ư" * 60, face, 60, 60, 12, lines=2)
    assert len(endless.lines) > 1


def test_kerning_is_harfbuzz_and_line_widths_hold_it(fonts: Fonts) -> None:
    face = fonts["regular"]
    assert face.kerning("To")[0] > 0
    plain = sum(face.font.face.getCharWidth(ord(sign)) for sign in "To") / 1000
    assert face.width("To") == pytest.approx(plain - face.kerning("To")[0] / 1000, abs=0.001)


def test_an_unknown_role_names_those_there_are(fonts: Fonts) -> None:
    with pytest.raises(PaperError, match="regular, medium"):
        fonts["thin"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Bún riêu cô Lượng", ("Bún riêu", "cô Lượng")),
        ("Nhà văn hoá thôn Đông Lĩnh", ("Nhà văn hoá", "thôn Đông Lĩnh")),
        ("Mọi ngân\u00a0hàng, mọi ví đều quét được", ("Mọi ngân hàng,", "mọi ví đều quét được")),
        ("Hoàn ngay cho bà con 20.000 ₫", ("Hoàn ngay cho", "bà con 20.000 ₫")),
    ],
)
def test_a_line_ends_where_a_reader_pauses(fonts: Fonts, text: str, lines: tuple[str, ...]) -> None:
    face = fonts["bold"]
    width = max(face.width(line) for line in lines) * 20 * 1.1
    assert fit(text, face, width, 60, 20, lines=2).lines == lines


def test_no_short_word_is_left_alone_on_the_last_line(fonts: Fonts) -> None:
    text = "Nơi đây đang được xã gìn giữ, mời bà con và du khách quét mã để đọc lời giới thiệu về đình"
    face = fonts["regular"]
    for width in range(120, 420, 7):
        setting = fit(text, face, width, 400, 14, lines=9)
        assert len(setting.lines) == 1 or len(setting.lines[-1].split()) > 1, setting.lines


def test_a_letter_the_type_lacks_is_never_a_blank_on_paper(fonts: Fonts, tmp_path: Path) -> None:
    part = Part(tmp_path / "x.pdf", fonts, single(50, 50, 3), title="x")
    face = fonts["bold"]
    line = Line(Box(0, 0, 50, 10), face, Setting(("In ấn → máy in",), 10), BLACK)
    with pytest.raises(PaperError, match="→"):
        part.text(line, 50)


def test_variation_selectors_and_direction_marks_leave_no_trace(fonts: Fonts) -> None:
    assert printable("Bà\u200f Sáu\ufe0e", fonts.covers).text == "Bà Sáu"
    assert printable("  Bà \u00a0 Sáu ", fonts.covers).text == "Bà Sáu"

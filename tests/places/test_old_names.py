"""Names of before 1 July 2025 in what people type."""

import pytest

from app.places.old_names import old_name_note

LONG = "Xã Cẩm Long (Huyện Cẩm Thủy) nay thuộc Xã Cẩm Tân."


@pytest.mark.parametrize(
    ("typed", "note"),
    [
        ("Thôn 3, xã Cẩm Long, huyện Cẩm Thủy", LONG),
        ("x. Cẩm Long", LONG),
        ("Xã CẨM LONG - H. Cẩm Thủy", LONG),
        ("Số 5, thị trấn Phong Sơn", "Thị trấn Phong Sơn (Huyện Cẩm Thủy) nay thuộc Xã Cẩm Thủy."),
        ("Xã Cẩm Tân, huyện Cẩm Thủy", ""),  # still called so
        ("Số 5 phố Huế", ""),
        ("xã", ""),
        ("xã Không Có Thật", ""),
        ("", ""),
        ("xã " * 500, ""),
        ("<b>xã Cẩm Long</b>", ""),
    ],
)
def test_an_old_name_is_told_what_it_is_now(typed: str, note: str) -> None:
    assert old_name_note(typed, "Thanh Hóa") == note


def test_a_name_that_may_mean_several_is_not_guessed() -> None:
    assert old_name_note("xã Tân Tiến") == ""
    assert "nay thuộc" in old_name_note("xã Cẩm Long")

"""Words by kind of place: nobody calls a school a stall, and nothing is promised that a commune did not promise."""

from pathlib import Path

import pypdfium2
import pytest

from app.factory.cli import run
from app.paths import resource_dir
from app.printing.ordering import theme_of
from app.printing.place_words import LABELS, place_kind, place_label, programme_of
from app.printing.shelf import stock
from app.registry.rules.words import POINT_KINDS
from tests.printing.lists import HEADINGS, row, rows_of, write


def test_every_kind_of_point_has_its_word() -> None:
    assert LABELS.keys() == POINT_KINDS.keys()


@pytest.mark.parametrize(
    ("kind", "zone", "zone_kind", "name", "label", "programme"),
    [
        ("", "Chợ Mẫu", "", "Bún riêu", "Quầy A1", "Chợ Mẫu không tiền mặt"),
        ("stall", "Phố Mẫu", "street", "Bún riêu", "Cửa hàng A1", "Phố Mẫu không tiền mặt"),
        ("", "Tuyến phố Mẫu", "", "Bún riêu", "Cửa hàng A1", "Tuyến phố Mẫu không tiền mặt"),
        ("shop", "", "", "Trường Giang quán", "Cửa hàng A1", "Phố không dùng tiền mặt"),
        ("", "Chợ Mẫu", "", "Trường Giang quán", "Quầy A1", "Chợ Mẫu không tiền mặt"),
        ("", "Chợ Mẫu", "", "Trường mầm non Hoa Mây", "Trường học A1", "Thanh toán không dùng tiền mặt"),
        ("school", "Chợ Mẫu", "market", "Hoa Mây", "Trường học A1", "Thanh toán không dùng tiền mặt"),
        ("one_stop", "", "", "Xã Mẫu", "Một cửa A1", "Thanh toán không dùng tiền mặt"),
        ("stall", "", "", "Bộ phận một cửa", "Một cửa A1", "Thanh toán không dùng tiền mặt"),
        ("", "", "", "TRẠM Y TẾ XÃ", "Trạm y tế A1", "Thanh toán không dùng tiền mặt"),
        ("", "", "", "Điểm thu tiền điện", "Thu tiền điện A1", "Thanh toán không dùng tiền mặt"),
        ("", "", "", "Bún riêu", "Quầy A1", "Chợ không dùng tiền mặt"),
    ],
)
def test_a_place_is_called_what_it_is(
    kind: str, zone: str, zone_kind: str, name: str, label: str, programme: str
) -> None:
    found = place_kind(kind, zone, zone_kind, name)
    assert place_label(found, "A1") == label
    assert programme_of(found, zone, theme_of(stock(), "default", {}).texts) == programme


def test_a_school_is_no_stall_on_paper_and_its_kind_goes_through(tmp_path: Path) -> None:
    rows = [row(1), row(2, kind="Trường học"), row(3, shop_name="Bộ phận một cửa")]
    data, out = write(tmp_path / "points.csv", rows, (*HEADINGS, "kind")), tmp_path / "lot"
    for design in ("standee-a6", "sticker-80", "stall-sign", "tent-a6", "receipt-slip"):
        assert run(["print", "--design", design, "--data", str(data), "--out", str(out)]) == 0
        texts = [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(out / "lot.pdf")]
        assert ["Quầy A01" in text for text in texts] == [True, False, False]
        assert "Trường học" in texts[1]
        assert "Một cửa" in texts[2]
    assert [line["kind"] for line in rows_of(out / "manifest.csv")] == ["", "Trường học", ""]


def test_a_street_has_words_of_its_own() -> None:
    street = theme_of(stock(), "sen", {"zone_kind": "street", "slogan": "Của xã"}).texts
    assert (street["headline_1"], street["programme"], street["slogan"]) == (
        "Mua sắm nhẹ tênh,", "Phố không dùng tiền mặt", "Của xã",
    )  # fmt: skip


def test_nothing_on_paper_is_promised_for_a_commune_and_nobody_is_told_to_tap() -> None:
    files = resource_dir("printables").rglob("themes/*.yaml")
    said = "\n".join(path.read_text(encoding="utf-8") for path in files).casefold()
    assert not [word for word in ("chạm", "thứ bảy", "hằng tuần", "nhà văn hoá", "có người tới") if word in said]

"""The catalogue of 2025: 34 provinces, 3,321 communes, and the way from old names."""

import unicodedata

import pytest

from app.places import catalogue
from app.places.catalogue import search


def test_34_provinces_and_3321_communes() -> None:
    communes = catalogue.communes().values()
    assert len({each.province for each in communes}) == 34
    assert len(communes) == 3321
    assert {each.kind for each in communes} == {"xã", "phường", "đặc khu"}
    assert all(len(each.code) == 5 and len(each.province.code) == 2 for each in communes)


def test_names_stand_without_their_kind() -> None:
    ba_dinh = next(each for each in catalogue.communes().values() if each.name == "Ba Đình" and each.kind == "phường")
    assert ba_dinh.title == "Phường Ba Đình, Thành phố Hà Nội"


@pytest.mark.parametrize(
    "typed", ["Cẩm Tân", "cam tan", "CAM TAN, thanh hoa", "xã cẩm tân", unicodedata.normalize("NFD", "Cẩm Tân")]
)
def test_todays_name_in_any_spelling(typed: str) -> None:
    assert search(typed)[0].commune.title == "Xã Cẩm Tân, Tỉnh Thanh Hóa"


def test_an_old_name_leads_to_todays_commune() -> None:
    found = search("xã Quang Kim, Bát Xát")[0]
    assert found.commune.title == "Xã Bát Xát, Tỉnh Lào Cai"
    assert found.through is not None
    assert found.through.title == "Xã Quang Kim, Huyện Bát Xát, Tỉnh Lào Cai"


def test_a_district_offers_the_communes_it_became() -> None:
    names = {found.commune.name for found in search("huyện Vĩnh Lộc, Thanh Hóa")}
    assert {"Vĩnh Lộc", "Tây Đô", "Biện Thượng"} <= names


@pytest.mark.parametrize(("typed", "first"), [("Văn Lăng", "Văn Lăng"), ("Văn Lang", "Văn Lang"), ("Ba Tô", "Ba Tô")])
def test_names_that_fold_alike_are_told_apart_by_their_accents(typed: str, first: str) -> None:
    assert search(typed)[0].commune.name == first


def test_a_name_of_many_provinces_offers_them_all() -> None:
    provinces = {found.commune.province.name for found in search("xã tân tiến") if found.through is None}
    assert len(provinces) >= 5


@pytest.mark.parametrize("typed", ["", "   ", ",", "không có nơi nào tên thế này", "<script>", "%_"])
def test_nothing_found_is_an_empty_list(typed: str) -> None:
    assert search(typed) == []


def test_typography_does_not_matter() -> None:
    assert search("chan may - lang co")[0].commune.name.startswith("Chân Mây")
    assert search("M'drắk")[0].commune.province.name == "Đắk Lắk"


def test_nearly_all_old_communes_find_their_way() -> None:
    """Names that no source of today knows are dropped, never guessed; they must stay the rare exception."""
    data = catalogue._data(catalogue.OLD_NAMES_PACKAGE, "ward_mapping.json")
    all_old = sum(1 for _ in catalogue._conversions(data))
    assert len(catalogue.old_names()) / all_old > 0.995

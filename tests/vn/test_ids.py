"""Tax codes and personal numbers, all invented."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.vn import ids
from app.vn.ids import IdError, TaxCodeKind, mask_id, parse_personal_number, parse_tax_code


def test_doctests() -> None:
    assert doctest.testmod(ids).failed == 0


@pytest.mark.parametrize(
    ("written", "number", "kind"),
    [
        ("0100233488", "0100233488", TaxCodeKind.ENTERPRISE),
        (" 0100 233 488 ", "0100233488", TaxCodeKind.ENTERPRISE),
        ("0100233488-001", "0100233488-001", TaxCodeKind.BRANCH),
        ("0100233488001", "0100233488-001", TaxCodeKind.BRANCH),
        ("001201001234", "001201001234", TaxCodeKind.PERSONAL),
        ("'001201001234", "001201001234", TaxCodeKind.PERSONAL),
    ],
)
def test_tax_codes_in_their_three_forms(written: str, number: str, kind: TaxCodeKind) -> None:
    code = parse_tax_code(written)
    assert (code.number, code.kind, code.note) == (number, kind, "")


@pytest.mark.parametrize(("cell", "number"), [(100233488, "0100233488"), (38201001234.0, "038201001234")])
def test_a_zero_lost_in_a_number_cell_comes_back_with_a_note(cell: float, number: str) -> None:
    code = parse_tax_code(cell)
    assert code.number == number
    assert "số 0" in code.note


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("", "Thiếu"),
        ("0100233489", "kiểm tra"),
        ("0100233488-000", "kiểm tra"),
        ("01002334", "8 chữ số"),
        ("003201001234", "mã tỉnh"),
        ("000201001234", "mã tỉnh"),
        ("001501001234", "thứ tư"),
        ("0100-233488", "ký tự"),
        ("０１００２３３４８８", "ký tự"),
        ("ABC", "ký tự"),
        (True, "không phải"),
        (1.5, "số nguyên"),
        (-5, "số nguyên"),
        (float("nan"), "số nguyên"),
        (float("inf"), "số nguyên"),
    ],
)
def test_what_is_no_tax_code_is_refused(written: str | float, says: str) -> None:
    with pytest.raises(IdError, match=says):
        parse_tax_code(written)


def test_a_personal_number_needs_its_form() -> None:
    assert parse_personal_number("038099001234") == "038099001234"
    assert parse_personal_number("201301001234") == "201301001234"
    for wrong in ("038099", "0380990012345", "", "038a99001234", "097201001234"):
        with pytest.raises(IdError):
            parse_personal_number(wrong)


@given(st.text() | st.integers() | st.floats() | st.text(alphabet="0123456789- ", max_size=15))
def test_anything_is_a_code_or_a_refusal(written: str | float) -> None:
    try:
        code = parse_tax_code(written)
    except IdError:
        return
    assert parse_tax_code(code.number).number == code.number


@given(st.text(alphabet="0123456789", max_size=15))
def test_a_masked_number_hides_its_middle(number: str) -> None:
    masked = mask_id(number)
    assert len(masked) == len(number)
    assert sum(letter == "•" for letter in masked) >= min(len(number), 2)
    assert masked[3:-4].strip("•") == ""

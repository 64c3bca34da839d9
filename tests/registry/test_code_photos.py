"""Which of the codes in a photo is the trader's."""

import pytest

from app.errors import RefusedError
from app.qr import vietqr
from app.registry.views.accounts import _one_payment_code

LINK = "https://example.vn/ung-dung"
ONE, OTHER = vietqr("970436", "0011001234567"), vietqr("970422", "0011007654321")


def test_the_payment_code_beside_a_link_is_taken() -> None:
    """findings/qr.md S3-4: bank cards carry both."""
    assert _one_payment_code([LINK, ONE]) == _one_payment_code([ONE, ONE, LINK]) == ONE


@pytest.mark.parametrize(
    ("texts", "told"),
    [([ONE, OTHER], "2 mã thanh toán"), ([LINK, "khác"], "không mã nào là mã thanh toán"), ([], "Không thấy mã QR")],
)
def test_two_payment_codes_are_never_guessed_between(texts: list[str], told: str) -> None:
    with pytest.raises(RefusedError, match=told):
        _one_payment_code(texts)

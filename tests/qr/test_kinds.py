"""One synthetic code of every kind, in the shape that real ones have; accounts and names are invented."""

import pytest

from app.qr import Kind, details, explain, inspect
from app.qr.emvco import field, seal
from tests.qr.payloads import additional, template, transfer


def merchant(account: str, **replaced: str) -> str:
    """A code of another scheme: `account` is the account template, 58 stands after 60 as in ShopeePay's."""
    parts = {"53": "704", "59": "QUAN CO BA", "60": "QUANG NGAI", "58": "VN"}
    parts |= {key.removeprefix("t"): value for key, value in replaced.items()}
    return seal(
        "000201010211" + account + field("52", "5411") + "".join(field(tag, value) for tag, value in parts.items())
    )


SAMPLES = {
    Kind.TRANSFER_ACCOUNT: transfer(),
    Kind.TRANSFER_CARD: transfer(t38=template(account="9704361234567890", service="QRIBFTTC")[4:]),
    Kind.MERCHANT_PAYMENT: merchant(
        template(account="SAMPLE01", service="QRPUSH"), t62=additional(t03="CHO", t07="T1")
    ),
    Kind.CASH_WITHDRAWAL: merchant(template(account="ATM00001", service="QRCASH")),
    Kind.VNPAY: merchant(field("26", "0010A0000007750110" + "0100000001"), t62=additional(t01="B1", t07="SAMPLE01")),
    Kind.MOMO: merchant(template("971025", "PSP000000000000001"), t62=additional(t05="MOMOW2W00000001")),
    Kind.ZALOPAY: transfer(t38=template("970454", "99ZP00000000000001")[4:]),
    Kind.SHOPEEPAY: merchant(field("26", "0013vn.airpay.www" + field("01", "s" * 40))),
    Kind.EVN: merchant(
        field("26", "000200" + field("01", "0100000001")),
        t59="CONG TY DIEN LUC VI DU MOT HAI BA",
        t62=additional(t06="PC00000000001"),
    ),
    Kind.KHQR: merchant(field("29", field("00", "sample@bank")), t53="116", t58="KH", t99="0013" + "1" * 13),
    Kind.PROMPTPAY: merchant(field("29", "0016A000000677010111" + "01130066000000001"), t53="764", t58="TH"),
    Kind.QRIS: merchant(
        field("26", "0013ID.SAMPLE.WWW") + field("51", "0014ID.CO.QRIS.WWW"), t53="360", t58="ID", t59="W" * 44
    ),
    Kind.LAOQR: merchant(field("38", "0016A0052662846625770108" + "27710418"), t53="418", t58="LA"),
    Kind.PAYNOW: merchant(field("26", "0009SG.PAYNOW010120210" + "+650000000"), t53="702", t58="SG"),
    Kind.DUITNOW: merchant(field("26", "0014A0000006150001"), t53="458", t58="MY"),
    Kind.PIX: merchant(field("26", "0014BR.GOV.BCB.PIX0104abcd"), t53="986", t58="BR"),
    Kind.OTHER: merchant(field("30", "0012D15600000000")),
}


@pytest.mark.parametrize(("kind", "payload"), SAMPLES.items())
def test_kind_is_named_and_not_refused(kind: Kind, payload: str) -> None:
    code = inspect(payload)
    assert (code.kind, code.errors) == (kind, ())
    assert details(code).kind is kind
    assert explain(payload)


def test_every_kind_has_a_sample() -> None:
    assert set(SAMPLES) == set(Kind) - {Kind.NOT_PAYMENT}


def test_old_momo_keeps_digits_of_a_phone_in_80() -> None:
    payload = merchant(template("970454", "99MM00000000000001"), t62=additional(t05="MOMOW2W00000001"), t80="123")
    assert inspect(payload).kind is Kind.MOMO
    assert inspect(payload).valid


def test_tag_38_alone_is_not_vietqr() -> None:
    assert details(inspect(SAMPLES[Kind.LAOQR])).account is None


@pytest.mark.parametrize(
    ("payload", "sentence"),
    [
        (transfer(), "Chuyển khoản đến Vietcombank, tài khoản …7465, không ghi sẵn số tiền"),
        (
            transfer(t01="12", t54="1250000", t62=additional(t08="HOC PHI T11")),
            "Chuyển khoản đến Vietcombank, tài khoản …7465, số tiền 1.250.000 ₫, nội dung “HOC PHI T11”",
        ),
        (SAMPLES[Kind.TRANSFER_CARD], "Chuyển khoản đến thẻ …7890 của Vietcombank, không ghi sẵn số tiền"),
        (
            SAMPLES[Kind.MERCHANT_PAYMENT],
            "Thanh toán cho QUAN CO BA qua Vietcombank, mã điểm bán …LE01, không ghi sẵn số tiền",
        ),
        (SAMPLES[Kind.VNPAY], "Thanh toán VNPAY-QR cho QUAN CO BA, không ghi sẵn số tiền"),
        (SAMPLES[Kind.MOMO], "Chuyển tiền đến ví MoMo, tài khoản …0001 (QUAN CO BA), không ghi sẵn số tiền"),
        (SAMPLES[Kind.KHQR], "Mã KHQR (Campuchia) cho QUAN CO BA, không ghi sẵn số tiền"),
        ("https://example.vn/m/1", "Không phải mã thanh toán: là một đường dẫn"),
        ("xin chào", "Không phải mã thanh toán"),
    ],
)
def test_sentence_for_a_person(payload: str, sentence: str) -> None:
    assert explain(payload) == sentence


def test_damaged_code_is_explained_without_an_account() -> None:
    payload = transfer()
    sentence = explain(payload.replace("7465", "7466"))
    assert sentence.startswith("Mã hỏng, đừng dùng: CRC sai")
    assert "7466" not in sentence

import pytest

from app.qr import Kind, Profile, details, inspect
from app.qr.emvco import field, seal
from tests.qr.payloads import ACCOUNT, BIN, additional, template, transfer

HEAD = "000201010211"
TAIL = "53037045802VN"


def codes(payload: str, profile: Profile = Profile.VN) -> list[str]:
    return [f"{fault.code} {fault.path}".strip() for fault in inspect(payload, profile).errors]


def warnings(payload: str, profile: Profile = Profile.VN) -> list[str]:
    return [f"{found.code} {found.path}".strip() for found in inspect(payload, profile).warnings]


def raw(*parts: str) -> str:
    return seal("".join(parts))


def test_plain_transfer_has_nothing_to_say() -> None:
    assert inspect(transfer()).findings == ()


STRUCTURE = {
    "00 not first": (raw("010211000201", template(), TAIL), "format-not-first 00"),
    "format 02": (raw("000202010211", template(), TAIL), "format-unknown 00"),
    "63 not last": (raw(HEAD, template(), TAIL) + "6102AB", "crc-not-last 63"),
    "no 63": (HEAD + template() + TAIL, "crc-not-last 63"),
    "two accounts": (raw(HEAD, template(), template(account="9999999999999"), TAIL), "duplicate-tag 38"),
    "two amounts": (raw(HEAD, template(), "530370454052000054059000058" + "02VN"), "duplicate-tag 54"),
    "two services": (
        raw(HEAD, field("38", template()[4:] + field("02", "QRPUSH")), TAIL),
        "duplicate-tag 38/02",
    ),
    "two account numbers": (
        raw(
            HEAD,
            field("38", "0010A000000727" + field("01", field("00", BIN) + field("01", "1") + field("01", "2"))),
            TAIL,
        ),
        "duplicate-tag 38/01/01",
    ),
    "two memos": (raw(HEAD, template(), TAIL, field("62", "0801A0801B")), "duplicate-tag 62/08"),
    "two names in 64": (raw(HEAD, template(), TAIL, field("64", "0002VI0101A0101B")), "duplicate-tag 64/01"),
    "two in an open template": (raw(HEAD, template(), TAIL, field("80", "0004ABCD0001E")), "duplicate-tag 80/00"),
    "empty name": (raw(HEAD, template(), TAIL, "5900"), "empty-value 59"),
    "empty account": (raw(HEAD, template(account=""), TAIL), "empty-value 38/01/01"),
    "inner overrun": (raw(HEAD, field("38", "0010A00000072701990006970436"), TAIL), "value-overrun 38/01"),
    "inner rest": (raw(HEAD, field("38", template()[4:] + "0"), TAIL), "truncated-header 38"),
    "62 does not tile": (raw(HEAD, template(), TAIL, field("62", "0899AB")), "value-overrun 62/08"),
    "64 does not tile": (raw(HEAD, template(), TAIL, field("64", "0002VI01")), "truncated-header 64"),
    "arabic digits": (raw("000201010211٥٣03704"), "header-not-digits"),
    "leading blank": (" " + transfer(), "not-a-payment"),
    "trailing newline": (transfer() + "\n", "control-character"),
    "nul": (transfer(t59="A\x00B"), "control-character"),
    "lone surrogate": ("000201\ud800", "not-unicode"),
    "empty": ("", "empty"),
    "huge": ("0002" * 5000, "too-long"),
}


@pytest.mark.parametrize(("payload", "wanted"), STRUCTURE.values(), ids=STRUCTURE)
def test_broken_structure_is_refused(payload: str, wanted: str) -> None:
    assert wanted in codes(payload)


def test_length_in_bytes_is_refused() -> None:
    assert inspect(raw(HEAD, template(), TAIL, "62120808Tien cho")).valid
    assert not inspect(raw(HEAD, template(), TAIL, "62160812Tiền chợ")).valid


FIELDS = {
    "initiation 13": ({"t01": "13"}, "initiation-unknown 01"),
    "initiation full-width": ({"t01": "1１"}, "initiation-unknown 01"),
    "mcc of three": ({"t52": "599"}, "not-numeric 52"),
    "currency letters": ({"t53": "VND"}, "not-numeric 53"),
    "currency dollars": ({"t53": "840"}, "currency-not-dong 53"),
    "amount zero": ({"t54": "0"}, "amount-malformed 54"),
    "amount 0.00": ({"t54": "0.00"}, "amount-malformed 54"),
    "amount negative": ({"t54": "-500"}, "amount-malformed 54"),
    "amount exponent": ({"t54": "1e5"}, "amount-malformed 54"),
    "amount comma": ({"t54": "50,000"}, "amount-malformed 54"),
    "amount blank": ({"t54": "50 000"}, "amount-malformed 54"),
    "amount arabic": ({"t54": "٥٠٠٠"}, "amount-malformed 54"),
    "amount two points": ({"t54": "1.000.000"}, "amount-malformed 54"),
    "amount point only": ({"t54": "."}, "amount-malformed 54"),
    "amount of 14": ({"t54": "12345678901234"}, "amount-malformed 54"),
    "amount grouped": ({"t54": "20.000"}, "dong-with-fraction 54"),
    "amount half a dong": ({"t54": "20000.50"}, "dong-with-fraction 54"),
    "tip 04": ({"t55": "04"}, "tip-unknown 55"),
    "tip 02 without fee": ({"t55": "02"}, "tip-inconsistent 56"),
    "tip 03 with fixed fee": ({"t55": "03", "t56": "500"}, "tip-inconsistent 56"),
    "fee without tip": ({"t57": "5"}, "tip-inconsistent 57"),
    "fee zero": ({"t55": "02", "t56": "0"}, "fee-malformed 56"),
    "fee 100 %": ({"t55": "03", "t57": "100"}, "fee-malformed 57"),
    "fee 0 %": ({"t55": "03", "t57": "00.00"}, "fee-malformed 57"),
    "fee sign": ({"t55": "03", "t57": "5%"}, "fee-malformed 57"),
    "country": ({"t58": "VNM"}, "country-malformed 58"),
    "name of 26": ({"t59": "A" * 26}, "value-over-limit 59"),
    "city of 16": ({"t60": "A" * 16}, "value-over-limit 60"),
    "postal of 11": ({"t61": "A" * 11}, "value-over-limit 61"),
    "bill of 26": ({"t62": additional(t01="A" * 26)}, "value-over-limit 62/01"),
    "data request": ({"t62": additional(t09="AA")}, "data-request-malformed 62/09"),
    "language": ({"t64": "0003VIE0101A"}, "language-malformed 64/00"),
    "language without name": ({"t64": "0002VI"}, "language-without-name 64"),
    "local name of 26": ({"t64": "0002VI" + field("01", "ạ" * 26)}, "value-over-limit 64/01"),
    "bin of five": ({"t38": template(acquirer="97043")[4:]}, "bin-malformed 38/01/00"),
    "bin full-width": ({"t38": template(acquirer="９70436")[4:]}, "bin-malformed 38/01/00"),
    "account of 20": ({"t38": template(account="1" * 20)[4:]}, "account-malformed 38/01/01"),
    "account accented": ({"t38": template(account="ĐÀO123")[4:]}, "account-malformed 38/01/01"),
    "template without identifier": ({"t26": "0103ABC"}, "no-identifier 26"),
}


@pytest.mark.parametrize(("replaced", "wanted"), FIELDS.values(), ids=FIELDS)
def test_wrong_field_is_refused(replaced: dict[str, str], wanted: str) -> None:
    assert wanted in codes(transfer(**replaced))


@pytest.mark.parametrize("missing", ["53", "58", "38"])
def test_missing_mandatory_field_is_refused(missing: str) -> None:
    parts = {"00": "01", "01": "11", "38": template()[4:], "53": "704", "58": "VN"}
    del parts[missing]
    wanted = "no-account 38" if missing == "38" else f"missing {missing}"
    assert wanted in codes(seal("".join(field(tag, value) for tag, value in parts.items())))


TOLERATED = {
    "50000.": {"t01": "12", "t54": "50000."},
    "fee": {"t55": "02", "t56": "500"},
    "percent": {"t55": "03", "t57": "02.50"},
    "ask for a tip": {"t55": "01"},
    "unknown tag": {"t70": "x"},
    "card number stays closed": {"t04": "9999"},
    "accents in 64": {"t64": "0002VI" + field("01", "Quán Cô Ba")},
    "customer is asked": {"t62": additional(t06="***")},
    "letters in the account": {"t38": template(account="VQRQ0001abcd")[4:]},
    "memo with accents": {"t62": additional(t08="Tiền chợ")},
}


@pytest.mark.parametrize("replaced", TOLERATED.values(), ids=TOLERATED)
def test_what_the_standard_allows_is_accepted(replaced: dict[str, str]) -> None:
    assert codes(transfer(**replaced)) == []


WARNED = {
    "static with amount": ({"t54": "50000"}, "static-with-amount 01"),
    "once without amount": ({"t01": "12"}, "dynamic-without-amount 01"),
    "decimals": ({"t54": "50000.00"}, "dong-with-decimals 54"),
    "over one transfer": ({"t54": "500000000"}, "amount-over-transfer-limit 54"),
    "memo of 50": ({"t62": additional(t08="A" * 50)}, "value-over-limit 62/08"),
    "accents in the name": ({"t59": "Quán Cô Ba"}, "not-ascii 59"),
    "letters apart from marks": ({"t59": "Quan Co Ba\u0300"}, "not-composed"),
    "unknown bank": ({"t38": template(acquirer="970999")[4:]}, "bin-unknown 38/01/00"),
    "a library's wrong bank": ({"t38": template(acquirer="970488")[4:]}, "bin-unknown 38/01/00"),
    "unknown service": ({"t38": template(service="QRSOMETHING")[4:]}, "service-unknown 38/02"),
    "no service": ({"t38": template(service=None)[4:]}, "service-missing 38"),
    "identifier in small letters": ({"t38": template(aid="a000000727")[4:]}, "identifier-lower-case 38/00"),
    "three digits of a phone": ({"t80": "008"}, "no-identifier 80"),
    "empty 62": ({"t62": ""}, "empty-value 62"),
    "abroad": ({"t58": "LA"}, "country-not-vietnam 58"),
}


@pytest.mark.parametrize(("replaced", "wanted"), WARNED.values(), ids=WARNED)
def test_habits_are_shown_and_not_refused(replaced: dict[str, str], wanted: str) -> None:
    payload = transfer(**replaced)
    assert codes(payload) == []
    assert wanted in warnings(payload)


def test_crc_in_small_letters_is_a_warning() -> None:
    payload = next(
        text
        for text in (transfer(t59=f"SAP {number}") for number in range(99))
        if text[-4:].upper() != text[-4:].lower()
    )
    assert codes(payload[:-4] + payload[-4:].lower()) == []
    assert warnings(payload[:-4] + payload[-4:].lower()) == ["crc-lower-case 63"]


def test_what_napas_leaves_out_is_only_named_in_the_emvco_profile() -> None:
    assert warnings(transfer()) == []
    assert warnings(transfer(), Profile.EMVCO) == ["missing 52", "missing 59", "missing 60"]
    assert codes(transfer(), Profile.EMVCO) == []


def test_emvco_profile_holds_the_memo_to_25() -> None:
    assert codes(transfer(t62=additional(t08="A" * 26)), Profile.EMVCO) == ["value-over-limit 62/08"]


def test_every_single_wrong_character_is_noticed() -> None:
    payload = transfer(t01="12", t54="180000", t62=additional(t08="SAP 12"))
    for place in range(len(payload) - 4):
        for letter in "0A9":
            changed = payload[:place] + letter + payload[place + 1 :]
            assert changed == payload or not inspect(changed).valid, place


def test_place_points_at_the_field() -> None:
    payload = transfer(t54="0")
    (fault,) = inspect(payload).errors
    assert payload[fault.place : fault.place + 5] == "54010"


def test_details_are_those_of_the_fields() -> None:
    said = details(
        inspect(transfer(t01="12", t54="50000", t59="CO BA", t60="QUANG NGAI", t62=additional(t08="SAP 12")))
    )
    assert (said.kind, said.bin, said.account) == (Kind.TRANSFER_ACCOUNT, BIN, ACCOUNT)
    assert (said.amount_vnd, said.memo, said.name, said.city) == (50000, "SAP 12", "CO BA", "QUANG NGAI")

"""Rules of the fields that say who is paid: card numbers (02-25), account templates (26-51), VietQR's own (38).

Sources: EMVCo QRCPS-MPM v1.1, 4.7.2 and 4.7.8; NAPAS, "Quy định về định dạng mã VietQR" v1.0, 4.2.
"""

from collections.abc import Iterator

from app.qr.banks import known_bin
from app.qr.findings import Finding
from app.qr.kinds import ACCOUNT_TAGS, SERVICES, is_napas
from app.qr.rules import DONG, Subject

BIN_CHARS, ACCOUNT_CHARS_MAX, GUID_CHARS_MAX = 6, 19, 32
CARD_TAGS = tuple(f"{tag:02d}" for tag in range(2, 26))
OPEN_TAGS = tuple(f"{tag:02d}" for tag in range(80, 100))


def findings(subject: Subject) -> Iterator[Finding]:
    """What the account fields get wrong."""
    yield from _someone_is_paid(subject)
    yield from _templates(subject)
    if is_napas(subject.fields):
        yield from _beneficiary(subject)
        yield from _napas_frame(subject)


def _someone_is_paid(subject: Subject) -> Iterator[Finding]:
    if not any(tag in subject.fields for tag in (*CARD_TAGS, *ACCOUNT_TAGS)):
        yield subject.error("no-account", "38", "(hoặc 02–51) không có: mã không nói trả tiền cho ai")
    for tag in CARD_TAGS:
        if not subject.text(tag).isascii():
            yield subject.error("not-ascii", tag, "chỉ được gồm chữ ASCII")


def _templates(subject: Subject) -> Iterator[Finding]:
    for tag in ACCOUNT_TAGS:
        path = f"{tag}/00"
        if tag in subject.fields and subject.text(tag) and path not in subject.fields:
            yield subject.error("no-identifier", tag, "không có định danh tổ chức (00)")
        if len(subject.text(path)) > GUID_CHARS_MAX:
            yield subject.error("value-over-limit", path, f"dài quá {GUID_CHARS_MAX} ký tự")
    for tag in OPEN_TAGS:
        if subject.text(tag) and f"{tag}/00" not in subject.fields:
            yield subject.warning("no-identifier", tag, "không theo khuôn mẫu EMVCo; giữ nguyên văn")


def _beneficiary(subject: Subject) -> Iterator[Finding]:
    acquirer, account, service = (subject.text(path) for path in ("38/01/00", "38/01/01", "38/02"))
    if not (len(acquirer) == BIN_CHARS and acquirer.isascii() and acquirer.isdigit()):
        yield subject.error("bin-malformed", "38/01/00", f"(mã ngân hàng) phải là {BIN_CHARS} chữ số, gặp “{acquirer}”")
    elif not known_bin(acquirer):
        yield subject.warning(
            "bin-unknown", "38/01/00", f"(mã ngân hàng) {acquirer} không có trong danh sách ngân hàng"
        )
    if not (0 < len(account) <= ACCOUNT_CHARS_MAX and account.isascii()):
        message = f"(số tài khoản) phải có 1–{ACCOUNT_CHARS_MAX} chữ hoặc số, gặp “{account}”"
        yield subject.error("account-malformed", "38/01/01", message)
    elif not account.isalnum():
        yield subject.warning("account-odd", "38/01/01", f"(số tài khoản) có ký tự lạ: “{account}”")
    if service and service.upper() not in SERVICES:
        yield subject.warning("service-unknown", "38/02", f"(dịch vụ) lạ: “{service}”")
    if "38/02" not in subject.fields:
        yield subject.warning("service-missing", "38", "không ghi dịch vụ (38/02); NAPAS coi là thanh toán QRPUSH")


def _napas_frame(subject: Subject) -> Iterator[Finding]:
    aid, currency, country = (subject.text(path) for path in ("38/00", "53", "58"))
    if aid != aid.upper():
        yield subject.warning("identifier-lower-case", "38/00", f"viết chữ thường: {aid}")
    if "53" in subject.fields and currency != DONG:
        yield subject.error("currency-not-dong", "53", f"(tiền tệ) của VietQR phải là {DONG}, gặp “{currency}”")
    if country and country.upper() != "VN":
        yield subject.warning("country-not-vietnam", "58", f"(nước) của VietQR phải là VN, gặp “{country}”")
    if "01" not in subject.fields:
        yield subject.warning("missing", "01", "(loại mã) không có; NAPAS yêu cầu 11 hoặc 12")

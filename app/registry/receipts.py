"""Paper for the person: what they agreed to (A5), and all that is known about them (A4). Flowing text, never cut."""

import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, A5
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, HRFlowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table

from app.paper.fonts import Fonts, load_fonts
from app.paper.text import printable
from app.paths import vendor_dir
from app.registry.models import Consent, Merchant
from app.registry.rules.signatures import HEIGHT, WIDTH, Signature
from app.registry.rules.texts import CONSENT_VERSION, consent_text
from app.registry.rules.words import CONSENT_METHODS, PURPOSES
from app.vn.dates import format_date, format_datetime

TEAL = colors.HexColor("#184354")
MARIGOLD = colors.HexColor("#F6B82A")
#: Table -> what its part of the paper is called; a table not named here keeps its own name.
TABLES: Mapping[str, str] = {
    "merchant": "Hồ sơ",
    "payment_account": "Tài khoản nhận tiền",
    "account_approval": "Ai đã duyệt tài khoản",
    "qr_asset": "Mã QR",
    "tenancy": "Thời gian giữ điểm bán",
    "point": "Điểm bán",
    "milestone": "Các mốc",
    "consent": "Đồng ý",
    "import_row": "Dòng trong danh sách đã nhập",
    "person_request": "Yêu cầu về dữ liệu",
    "issue_record": "Việc cần xử lý",
    "bulk_change": "Sửa cùng lúc với nhiều hộ",
    "merchant_merge": "Gộp hồ sơ",
    "audit_event": "Ai đã xem, sửa hồ sơ",
}


def receipt_pdf(
    merchant: Merchant,
    consents: Sequence[Consent],
    issuer: str,
    today: date,
    signed: Mapping[str, Signature] | None = None,
) -> bytes:
    """The receipt on A5: what was agreed to and what not, in the words that were read out, and how to take it back.

    `signed` holds the signatures drawn on the screen by the SHA-256 they are kept under.
    """
    look = _Look(load_fonts(vendor_dir() / "fonts"), 8.2)
    return _document(look, A5, "Phiếu đồng ý", issuer, _receipt(look, merchant, consents, issuer, today, signed or {}))


def person_pdf(merchant: Merchant, rows: Mapping[str, Sequence[Mapping[str, Any]]], issuer: str, today: date) -> bytes:
    """Everything that is known about one person, readable, on A4."""
    look = _Look(load_fonts(vendor_dir() / "fonts"), 9)
    return _document(look, A4, "Dữ liệu về tôi", issuer, _person(look, merchant, rows, issuer, today))


class _Look:
    """The few looks of text on these papers; what was typed by anybody is never read as markup."""

    def __init__(self, fonts: Fonts, size: float) -> None:
        self.fonts = fonts
        regular, bold = fonts["regular"].name, fonts["bold"].name
        self.text = ParagraphStyle("text", fontName=regular, fontSize=size, leading=size * 1.38, spaceAfter=2)
        self.text.splitLongWords = 1
        self.title = ParagraphStyle("title", parent=self.text, fontName=bold, fontSize=size * 1.7, leading=size * 2.2)
        self.head = ParagraphStyle("head", parent=self.text, fontName=bold, textColor=TEAL, spaceBefore=5)
        self.soft = ParagraphStyle("soft", parent=self.text, fontSize=size * 0.85, leading=size * 1.25)

    def p(self, words: str, style: ParagraphStyle | None = None) -> Paragraph:
        """One paragraph."""
        return Paragraph(escape(printable(words, self.fonts.covers).text), style or self.text)


class Drawn(Flowable):  # type: ignore[misc]  # reportlab has no types
    """A signature, 30 mm wide, as the strokes were drawn."""

    def __init__(self, signature: Signature) -> None:
        super().__init__()
        self.signature = signature
        self.width, self.height = 30 * mm, 30 * mm * HEIGHT / WIDTH

    def wrap(self, *_available: float) -> tuple[float, float]:
        """How much room it takes."""
        return self.width, self.height

    def draw(self) -> None:
        """Each stroke as a line of its own, from the bottom left as PDF counts."""
        scale = self.width / WIDTH
        pen = self.canv
        pen.setStrokeColor(TEAL)
        pen.setLineWidth(0.9)
        pen.setLineCap(1)
        pen.setLineJoin(1)
        for stroke in self.signature.strokes:
            path = pen.beginPath()
            path.moveTo(stroke[0][0] * scale, self.height - stroke[0][1] * scale)
            for x, y in stroke[1:]:
                path.lineTo(x * scale, self.height - y * scale)
            pen.drawPath(path)


def _document(look: _Look, size: tuple[float, float], title: str, issuer: str, story: Iterator[Flowable]) -> bytes:
    target = io.BytesIO()
    document = SimpleDocTemplate(
        target,
        pagesize=size,
        leftMargin=13 * mm,
        rightMargin=13 * mm,
        topMargin=10 * mm,
        bottomMargin=9 * mm,
        title=title,
        author=issuer,
        lang="vi-VN",
        initialFontName=look.fonts["regular"].name,
        invariant=1,
    )
    document.build(list(story))
    return target.getvalue()


def _receipt(
    look: _Look,
    merchant: Merchant,
    consents: Sequence[Consent],
    issuer: str,
    today: date,
    signed: Mapping[str, Signature],
) -> Iterator[Flowable]:
    given = {each.purpose: each for each in reversed(consents) if each.withdrawn_at is None}
    version = next((each.text_version for each in consents), CONSENT_VERSION)
    words = consent_text(version)
    yield look.p(f"{issuer} · lời văn bản {version} · lập ngày {format_date(today)}", look.soft)
    yield look.p("Phiếu đồng ý", look.title)
    yield HRFlowable(width="100%", thickness=1.6, color=MARIGOLD, spaceBefore=0, spaceAfter=4)
    yield look.p(f"{merchant.holder_name} · {merchant.title} · mã hồ sơ {merchant.code}", look.head)
    yield look.p(words.opening if words else "Lời văn theo mẫu giấy đã ký.")
    for purpose, label in PURPOSES.items():
        yield KeepTogether(
            list(_purpose(look, label, words.purposes.get(purpose, "") if words else "", given.get(purpose)))
        )
    yield Spacer(1, 4)
    yield look.p("Muốn xem, sửa, rút đồng ý hoặc xoá", look.head)
    yield look.p(words.rights if words else "Hãy liên hệ uỷ ban nhân dân xã.")
    yield look.p(
        f"Chỉ cần nói mã hồ sơ {merchant.code} với cán bộ xã hoặc đoàn thanh niên. Rút đồng ý có hiệu lực ngay."
    )
    for digest, drawing in signed.items():
        purposes = [each for each in given.values() if each.signature_digest == digest]
        if purposes:
            yield KeepTogether(list(_signed(look, merchant, purposes, drawing)))


def _signed(look: _Look, merchant: Merchant, consents: Sequence[Consent], drawing: Signature) -> Iterator[Flowable]:
    labels = ", ".join(PURPOSES[each.purpose].lower() for each in consents)
    told = f"{merchant.holder_name} ký trên màn hình lúc {format_datetime(consents[0].given_at)}: {labels}."
    beside = Table([[Drawn(drawing), look.p(told, look.soft)]], colWidths=[34 * mm, None], hAlign="LEFT")
    beside.setStyle([("VALIGN", (0, 0), (-1, -1), "BOTTOM"), ("LEFTPADDING", (0, 0), (-1, -1), 0)])
    yield look.p("Chữ ký của người bán", look.head)
    yield beside


def _purpose(look: _Look, label: str, words: str, consent: Consent | None) -> Iterator[Flowable]:
    yield look.p(f"{'Đồng ý' if consent else 'Không đồng ý'}: {label}", look.head)
    if words:
        yield look.p(words)
    if consent is not None:
        witness = f", người chứng kiến {consent.witness}" if consent.witness else ""
        until = f"đến hết {format_date(consent.expires_on)}" if consent.expires_on else "đến khi rút lại"
        how = CONSENT_METHODS[consent.method].lower()
        yield look.p(f"{format_datetime(consent.given_at)}, {how}{witness}; {until}.", look.soft)


def _person(
    look: _Look, merchant: Merchant, rows: Mapping[str, Sequence[Mapping[str, Any]]], issuer: str, today: date
) -> Iterator[Flowable]:
    yield look.p(issuer, look.soft)
    yield look.p(f"Dữ liệu về {merchant.holder_name}", look.title)
    yield look.p(
        f"Mã hồ sơ {merchant.code}. Lập ngày {format_date(today)}. Tệp JSON kèm theo có đủ mọi dòng.", look.soft
    )
    for table in sorted(rows, key=lambda name: (name not in TABLES, list(TABLES).index(name) if name in TABLES else 0)):
        yield look.p(f"{TABLES.get(table, table)} ({len(rows[table])})", look.head)
        for row in rows[table]:
            told = "; ".join(f"{name}: {value}" for name, value in row.items() if value not in (None, "", [], {}))
            yield look.p(told)

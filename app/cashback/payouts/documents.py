"""Letters and statements on A4 in the form of Vietnamese administrative papers, with totals in words."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from app.paper.fonts import Fonts, load_fonts
from app.paper.text import printable
from app.paths import vendor_dir

_MARGIN = 20 * mm
_TEXT_WIDTH = A4[0] - 2 * _MARGIN
_RULE = colors.HexColor("#184354")
_SHADE = colors.HexColor("#E8EEF0")
_FAINT = colors.HexColor("#F3D9D6")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a paper table: heading, share of the width, and whether figures stand in it."""

    label: str
    share: float
    is_figure: bool = False


@dataclass(frozen=True, slots=True)
class PaperTable:
    """A table with a caption; the last row is bold where it is a total."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    has_total: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """One paper: who issues it, where and when, title, what it says, tables, closing, and who signs."""

    issuer: str
    place_and_date: str
    title: str
    subject: str
    opening: Sequence[str]
    tables: Sequence[PaperTable]
    closing: Sequence[str]
    signers: Sequence[str]
    mark: str = ""  #: stands across every page of a paper that is not in force


def letter_pdf(letter: Letter) -> bytes:
    """The paper as PDF: fonts embedded, headings of tables repeated on each page, pages numbered."""
    fonts = load_fonts(vendor_dir() / "fonts")
    target = io.BytesIO()
    document = SimpleDocTemplate(
        target,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=18 * mm,
        bottomMargin=18 * mm,
        title=letter.title,
        author=letter.issuer,
        lang="vi-VN",
        initialFontName=fonts["regular"].name,
        invariant=1,
    )
    pager = _Pager(fonts, letter.mark)
    document.build(list(_story(letter, _Styles(fonts))), onFirstPage=pager.number, onLaterPages=pager.number)
    return target.getvalue()


class _Pager:
    """Puts the page's number at its foot, and the mark of a paper not in force across it."""

    def __init__(self, fonts: Fonts, mark: str) -> None:
        self._font, self._bold = fonts["regular"].name, fonts["bold"].name
        self._mark = mark

    def number(self, canvas: Canvas, document: SimpleDocTemplate) -> None:
        if self._mark:
            canvas.saveState()
            canvas.setFillColor(_FAINT)
            canvas.setFont(self._bold, 44)
            canvas.translate(A4[0] / 2, A4[1] / 2)
            canvas.rotate(45)
            canvas.drawCentredString(0, 0, self._mark)
            canvas.restoreState()
        canvas.setFont(self._font, 9)
        canvas.drawCentredString(A4[0] / 2, 10 * mm, str(document.page))


class _Styles:
    """The few looks of text on these papers."""

    def __init__(self, fonts: Fonts) -> None:
        self._covers = fonts.covers
        regular, bold = fonts["regular"].name, fonts["bold"].name
        self.bold_name = bold
        self.text = ParagraphStyle("text", fontName=regular, fontSize=10.5, leading=15, spaceAfter=4)
        self.cell = ParagraphStyle("cell", fontName=regular, fontSize=9, leading=12)
        self.figure = ParagraphStyle("figure", parent=self.cell, alignment=TA_RIGHT)
        self.cell_bold = ParagraphStyle("cell-bold", parent=self.cell, fontName=bold)
        self.figure_bold = ParagraphStyle("figure-bold", parent=self.figure, fontName=bold)
        self.head = ParagraphStyle("head", fontName=bold, fontSize=10.5, leading=14, alignment=TA_CENTER)
        self.head_plain = ParagraphStyle("head-plain", parent=self.head, fontName=regular)
        self.title = ParagraphStyle("title", fontName=bold, fontSize=14, leading=20, alignment=TA_CENTER, spaceBefore=8)
        self.caption = ParagraphStyle("caption", fontName=bold, fontSize=10.5, leading=15, spaceBefore=8, spaceAfter=3)

    def paragraph(self, words: str, style: ParagraphStyle) -> Paragraph:
        """Text that was typed by anybody: no markup of it is obeyed, and what the type lacks is left out."""
        return Paragraph(escape(printable(words, self._covers).text), style)


def _story(letter: Letter, styles: _Styles) -> Iterator[Flowable]:
    yield _heading(letter, styles)
    yield styles.paragraph(letter.title, styles.title)
    if letter.subject:
        yield styles.paragraph(letter.subject, styles.head_plain)
    yield Spacer(1, 4 * mm)
    for words in letter.opening:
        yield styles.paragraph(words, styles.text)
    for table in letter.tables:
        if table.caption:
            yield styles.paragraph(table.caption, styles.caption)
        yield _table(table, styles)
    yield Spacer(1, 3 * mm)
    for words in letter.closing:
        yield styles.paragraph(words, styles.text)
    if letter.signers:
        yield KeepTogether([Spacer(1, 4 * mm), _signatures(letter.signers, styles)])


def _heading(letter: Letter, styles: _Styles) -> Flowable:
    issuer = [styles.paragraph(letter.issuer, styles.head)]
    motto = [
        styles.paragraph("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", styles.head),
        styles.paragraph("Độc lập - Tự do - Hạnh phúc", styles.head),
        styles.paragraph(letter.place_and_date, styles.head_plain),
    ]
    table = Table([[issuer, motto]], colWidths=[_TEXT_WIDTH * 0.42, _TEXT_WIDTH * 0.58])
    table.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP")]))
    return table


def _table(table: PaperTable, styles: _Styles) -> Flowable:
    shares = sum(column.share for column in table.columns)
    widths = [_TEXT_WIDTH * column.share / shares for column in table.columns]
    rows = [
        [
            styles.paragraph(column.label, styles.figure_bold if column.is_figure else styles.cell_bold)
            for column in table.columns
        ]
    ]
    last = len(table.rows) - 1
    for at, row in enumerate(table.rows):
        bold = table.has_total and at == last
        cell, figure = (styles.cell_bold, styles.figure_bold) if bold else (styles.cell, styles.figure)
        rows.append(
            [
                styles.paragraph(words, figure if column.is_figure else cell)
                for words, column in zip(row, table.columns, strict=True)
            ]
        )
    made = Table(rows, colWidths=widths, repeatRows=1)
    made.setStyle(
        TableStyle(
            [
                ("BACKGROUND", (0, 0), (-1, 0), _SHADE),
                ("LINEBELOW", (0, 0), (-1, 0), 0.8, _RULE),
                ("LINEBELOW", (0, 1), (-1, -1), 0.25, colors.grey),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 4),
                ("RIGHTPADDING", (0, 0), (-1, -1), 8),
                ("TOPPADDING", (0, 0), (-1, -1), 3),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
            ]
        )
    )
    return made


def _signatures(signers: Sequence[str], styles: _Styles) -> Flowable:
    cells = [[styles.paragraph(title, styles.head) for title in signers]]
    cells.append([styles.paragraph("(Ký, ghi rõ họ tên)", styles.head_plain) for _ in signers])
    made = Table(cells, colWidths=[_TEXT_WIDTH / len(signers)] * len(signers), rowHeights=[None, 30 * mm])
    made.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP")]))
    return made

"""The tutorial way to print standees: what a first search finds, and what peers do.

One `qrcode.make` PNG a page through ReportLab's drawImage, everything drawn again on every page, nothing read back.
"""

import csv
import io
import sys
from pathlib import Path

import qrcode
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.qr.vietqr import vietqr  # noqa: E402 -- found only once the clone is on the path


def print_standees(data: Path, out: Path) -> None:
    for weight in ("Medium", "ExtraBold"):
        path = ROOT / "static" / "vendor" / "fonts" / f"BeVietnamPro-{weight}.ttf"
        pdfmetrics.registerFont(TTFont(weight, str(path)))
    page = Canvas(str(out), pagesize=(105 * mm, 148 * mm))
    with data.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            print_standee(page, row)
    page.save()


def print_standee(page: Canvas, row: dict[str, str]) -> None:
    page.setFillColorRGB(0.1, 0.26, 0.33)
    page.rect(0, 80 * mm, 105 * mm, 68 * mm, stroke=0, fill=1)
    page.rect(0, 0, 105 * mm, 12 * mm, stroke=0, fill=1)
    page.setFillColorRGB(1, 1, 1)
    page.roundRect(12 * mm, 36 * mm, 81 * mm, 76 * mm, 5 * mm, stroke=0, fill=1)
    page.setFont("ExtraBold", 26)
    page.drawCentredString(52.5 * mm, 124 * mm, "Quét mã là trả xong")
    image = io.BytesIO()
    qrcode.make(vietqr(row["bank_bin"], row["account_number"]), error_correction=0).save(image)
    image.seek(0)
    page.drawImage(ImageReader(image), 20 * mm, 42 * mm, 65 * mm, 65 * mm)
    page.setFillColorRGB(0.1, 0.2, 0.25)
    page.setFont("ExtraBold", 18)
    page.drawCentredString(52.5 * mm, 28 * mm, row["shop_name"])
    page.setFont("Medium", 11)
    page.drawCentredString(52.5 * mm, 21 * mm, row["holder_name"].upper())
    page.drawCentredString(52.5 * mm, 15 * mm, f"Quầy {row['point_code']}")
    page.showPage()


if __name__ == "__main__":
    print_standees(Path(sys.argv[1]), Path(sys.argv[2]))

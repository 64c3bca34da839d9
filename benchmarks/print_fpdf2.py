"""Standees with fpdf2, as its manual shows: a picture of the code a page, two faces, everything drawn on every page.

Runs in an environment of its own (fpdf2, qrcode, Pillow); see print_lot.py.
"""

import csv
import sys
from pathlib import Path

import qrcode
from fpdf import FPDF

FONTS = Path(__file__).resolve().parent.parent / "static" / "vendor" / "fonts"


def print_standees(data: Path, out: Path) -> None:
    sheet = FPDF(unit="mm", format=(105, 148))
    sheet.set_auto_page_break(False)
    for weight in ("Medium", "ExtraBold"):
        sheet.add_font(weight, fname=str(FONTS / f"BeVietnamPro-{weight}.ttf"))
    with data.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            print_standee(sheet, row)
    sheet.output(str(out))


def print_standee(sheet: FPDF, row: dict[str, str]) -> None:
    sheet.add_page()
    sheet.set_fill_color(25, 66, 84)
    sheet.rect(0, 0, 105, 68, style="F")
    sheet.rect(0, 136, 105, 12, style="F")
    sheet.set_fill_color(255, 255, 255)
    sheet.rect(12, 36, 81, 76, style="F", round_corners=True, corner_radius=5)
    sheet.set_text_color(255, 255, 255)
    say(sheet, "Quét mã là trả xong", "ExtraBold", 26, 16)
    sheet.image(qrcode.make(row["payload"], error_correction=0).get_image(), 20, 41, 65, 65)
    sheet.set_text_color(25, 50, 64)
    say(sheet, row["shop_name"], "ExtraBold", 18, 114)
    say(sheet, row["holder_name"].upper(), "Medium", 11, 122)
    say(sheet, f"Quầy {row['point_code']}", "Medium", 11, 128)


def say(sheet: FPDF, text: str, font: str, size: float, y: float) -> None:
    sheet.set_font(font, size=size)
    sheet.set_xy(0, y)
    sheet.cell(105, 8, text, align="C")


if __name__ == "__main__":
    print_standees(Path(sys.argv[1]), Path(sys.argv[2]))

"""Standees with WeasyPrint: one HTML document, a page a piece, the code as one SVG path.

Runs in an environment of its own (weasyprint, qrcode); see print_lot.py.
"""

import csv
import sys
from html import escape
from pathlib import Path

import qrcode
import weasyprint

FONTS = Path(__file__).resolve().parent.parent / "static" / "vendor" / "fonts"
STYLE = f"""
@font-face {{ font-family: B; font-weight: 500; src: url(file://{FONTS}/BeVietnamPro-Medium.ttf) }}
@font-face {{ font-family: B; font-weight: 800; src: url(file://{FONTS}/BeVietnamPro-ExtraBold.ttf) }}
@page {{ size: 105mm 148mm; margin: 0 }}
body {{ margin: 0; font: 500 11pt B; color: #193240; text-align: center }}
section {{ position: relative; height: 148mm; page-break-after: always }}
.top {{ position: absolute; inset: 0 0 auto; height: 68mm; background: #194254 }}
.foot {{ position: absolute; inset: auto 0 0; height: 12mm; background: #194254 }}
.card {{ position: absolute; left: 12mm; top: 36mm; width: 81mm; height: 76mm; background: #fff; border-radius: 5mm }}
h1 {{ position: absolute; inset: 12mm 0 auto; margin: 0; font: 800 26pt B; color: #fff }}
svg {{ position: absolute; left: 20mm; top: 41mm; width: 65mm; height: 65mm }}
h2 {{ position: absolute; inset: 114mm 0 auto; margin: 0; font: 800 18pt B }}
p {{ position: absolute; inset: 123mm 0 auto; margin: 0 }}
"""


def code(payload: str) -> str:
    drawn = qrcode.QRCode(error_correction=0, border=4)
    drawn.add_data(payload)
    rows = drawn.get_matrix()
    runs = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return f'<svg viewBox="0 0 {len(rows)} {len(rows)}"><path d="{runs}"/></svg>'


def standee(row: dict[str, str]) -> str:
    words = f"{escape(row['holder_name'].upper())}<br>Quầy {escape(row['point_code'])}"
    return (
        '<section><div class="top"></div><div class="foot"></div><div class="card"></div><h1>Quét mã là trả xong</h1>'
        f"{code(row['payload'])}<h2>{escape(row['shop_name'])}</h2><p>{words}</p></section>"
    )


def print_standees(data: Path, out: Path) -> None:
    with data.open(encoding="utf-8", newline="") as stream:
        pages = "".join(map(standee, csv.DictReader(stream)))
    weasyprint.HTML(string=f"<html lang=vi><style>{STYLE}</style><body>{pages}").write_pdf(str(out))


if __name__ == "__main__":
    print_standees(Path(sys.argv[1]), Path(sys.argv[2]))

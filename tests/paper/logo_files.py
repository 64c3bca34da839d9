"""Small logos as drawing programs write them, each with one way to say something that is easily printed wrong."""

import io
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name


def pdf(code: str, size: tuple[float, ...] = (0, 0, 200, 100), **more: pikepdf.Object | int) -> bytes:
    book = pikepdf.new()
    page = book.add_blank_page(page_size=(100, 100)).obj
    page.MediaBox = Array(size)
    page.Contents = book.make_stream(code.encode())
    for key, value in more.items():
        page[f"/{key}"] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def pdf_with_form() -> bytes:
    book = pikepdf.new()
    page = book.add_blank_page(page_size=(200, 100)).obj
    made = book.make_stream(b"0 0.9 0.8 0 k -50 -50 500 500 re f 1 g 10 10 20 20 re f")
    made.Type, made.Subtype, made.BBox = Name.XObject, Name.Form, Array([0, 0, 60, 60])
    made.Matrix = Array([1, 0.2, 0, 1, 40, 10])
    page.Resources = Dictionary(XObject=Dictionary(F=made))
    page.Contents = book.make_stream(b"0.9 0.4 0 0.2 k 0 0 200 30 re f q 1 0 0 1 10 10 cm /F Do Q")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


SVGS = {path.stem: path.read_bytes() for path in sorted((Path(__file__).parent / "logos").glob("*.svg"))}
PDFS = {
    "crop": pdf("0.9 0.4 0 0.2 k -50 -50 500 400 re f 0 0.9 0.8 0 k 0 0 200 100 re f", (-50, -50, 450, 350),
                CropBox=Array([0, 0, 200, 100])),
    "turned": pdf("0 0.9 0.8 0 k 0 0 200 100 re f 0.9 0.4 0 0.2 k 10 10 60 30 re f", Rotate=90),
    "turned-back": pdf("0 0.9 0.8 0 k 0 0 200 100 re f 0.9 0.4 0 0.2 k 10 10 60 30 re f", Rotate=270, UserUnit=2),
    "upside-down": pdf("0 0.9 0.8 0 k 0 0 200 100 re f 0.9 0.4 0 0.2 k 10 10 60 30 re f", Rotate=180),
    "clips": pdf("q 20 20 m 180 20 l 100 90 l h W n 1 .6 0 .1 k -200 -200 800 800 re f q 80 0 40 100 re W n "
                 "0 g 0 0 200 50 re f Q Q 0 0 1 rg 0 0 20 20 re f"),
    "clip-even-odd": pdf("0 0 200 100 re 40 20 120 60 re W* n 0.8 0 0 rg -9 -9 300 200 re f"),
    "dashes": pdf("0 0.9 0.8 0 K 10 w [20 10] 5 d 10 50 m 190 50 l S [] 0 d 1 J 10 20 m 190 20 l S"),
    "forms": pdf_with_form(),
    "stretched-line": pdf("2 0 0 .5 0 0 cm 8 w 0 0 1 RG 20 40 60 120 re S"),
    "curves": pdf("1 0 0 rg 10 10 m 20 90 60 90 v 90 10 140 60 y 180 80 190 40 150 10 c b "
                  "0 g 5 5 m 20 5 l 20 20 l h 30 30 l 5 40 l f"),
}  # fmt: skip

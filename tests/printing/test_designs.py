"""Every design in every theme: it prints, it is readable, it looks as it looked when it was last approved."""

import json
import os
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageChops, ImageStat

from app.errors import NotFoundError
from app.factory.cli import run
from app.paper.measures import points
from app.paths import resource_dir
from app.printing.artwork import Artwork
from app.printing.design_files import design_ids, load_design
from app.printing.designs import DesignError
from app.printing.elements import Words
from app.printing.shelf import stock
from app.printing.themes import ThemeError, load_theme, theme_ids
from tests.printing.lists import HEADINGS, row, rows_of, write

FOLDER = resource_dir("printables") / "designs"
DESIGNS = design_ids(FOLDER)
PROMISED = (
    "standee-a6", "standee-a5", "tent-a6", "sticker-80", "stall-sign", "poster-a4", "poster-a3", "poster-a2", "banner",
    "sign-horizontal-5m2", "sign-vertical-1m2", "plate-address", "plate-heritage", "feedback-poster", "receipt-slip",
    "volunteer-badge", "keyring", "pile-header",
)  # fmt: skip
GOLDEN = Path(__file__).parent / "golden"
GOLDEN_HEIGHT = 96
DIFFERENCE_MAX = 4.0
"""Mean difference of grey levels that another version of a renderer may make."""


def test_all_promised_designs_are_there() -> None:
    assert set(PROMISED) <= set(DESIGNS)


@pytest.mark.parametrize("design_id", [each for each in DESIGNS if load_design(FOLDER, each).shows_address])
@pytest.mark.parametrize("address", ["", "http://127.0.0.1:8000", "https://choso.example"])
def test_a_design_that_leads_to_us_waits_for_the_public_address(
    design_id: str, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHOSO_PUBLIC_URL", address)
    monkeypatch.setenv("CHOSO_INSTANCE", str(tmp_path / "none"))
    out, data = tmp_path / "lot", write(tmp_path / "points.csv", [row(1)])
    assert run(["print", "--design", design_id, "--data", str(data), "--out", str(out)]) == 1
    told = capsys.readouterr().err.strip()
    assert "\n" not in told
    assert "CHOSO_PUBLIC_URL" in told
    assert not (out / "lot.pdf").exists()
    assert not (tmp_path / "none").exists()


def test_a_row_with_a_link_of_its_own_needs_no_address_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHOSO_PUBLIC_URL")
    monkeypatch.setenv("CHOSO_INSTANCE", str(tmp_path / "none"))
    data = write(tmp_path / "points.csv", [row(1, link="https://xa.gov.vn/gop-y")], (*HEADINGS, "link"))
    assert run(["print", "--design", "feedback-poster", "--data", str(data), "--out", str(tmp_path / "lot")]) == 0


def test_a_warning_names_an_address_and_never_repeats_it(tmp_path: Path) -> None:
    secret = "8a5UhPVU1gLmrVCq7q6CPQ" * 5
    data = write(tmp_path / "points.csv", [row(1, card=secret)], (*HEADINGS, "card"))
    assert run(["print", "--design", "receipt-slip", "--data", str(data), "--out", str(tmp_path / "lot")]) == 0
    (line,) = rows_of(tmp_path / "lot" / "manifest.csv")
    assert "chữ nhỏ: địa chỉ của mã" in line["warnings"]
    papers = ("manifest.csv", "gate.json")
    assert all(secret not in (tmp_path / "lot" / name).read_text(encoding="utf-8") for name in papers)


@pytest.mark.parametrize("design_id", DESIGNS)
def test_a_design_prints_from_the_plain_columns_and_reads_back(design_id: str, tmp_path: Path) -> None:
    data = write(tmp_path / "points.csv", [row(1, shop_name="Bún riêu cô Lượng"), row(2)])
    out = tmp_path / "lot"
    assert run(["print", "--design", design_id, "--data", str(data), "--out", str(out)]) == 0
    gate = json.loads((out / "gate.json").read_text(encoding="utf-8"))
    assert gate["items"] == gate["read_back"] == 2
    assert gate["codes"] == gate["codes_right"] == 2 * len(load_design(FOLDER, design_id).codes)
    page = pypdfium2.PdfDocument(out / "lot.pdf")[0]
    width, height = page.get_size()
    picture = page.render(scale=GOLDEN_HEIGHT / height, grayscale=True).to_pil()
    compare(picture, GOLDEN / f"{design_id}.png")
    trim = page.get_trimbox()
    design = load_design(FOLDER, design_id)
    assert (trim[2] - trim[0], trim[3] - trim[1]) == pytest.approx(
        (points(design.width_mm), points(design.height_mm)), abs=0.02
    )
    assert width > trim[2]


def compare(picture: Image.Image, golden: Path) -> None:
    """Compare with the approved picture; RENEW_GOLDEN=1 approves the new one."""
    if os.environ.get("RENEW_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        picture.save(golden, optimize=True)
    approved = Image.open(golden)
    assert approved.size == picture.size
    assert ImageStat.Stat(ImageChops.difference(approved, picture)).mean[0] < DIFFERENCE_MAX


def test_no_golden_picture_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.png")} == set(DESIGNS)


@pytest.mark.parametrize("theme_id", theme_ids(FOLDER.parent / "themes"))
@pytest.mark.parametrize("design_id", DESIGNS)
def test_every_theme_has_what_every_design_needs_and_can_be_read(design_id: str, theme_id: str) -> None:
    shelf = stock()
    artwork = Artwork(load_design(FOLDER, design_id), load_theme(shelf.themes, theme_id), shelf.fonts, shelf.art)
    assert artwork.layers


@pytest.mark.parametrize(("design_id", "whole"), [("sign-horizontal-5m2", 5_000_000), ("sign-vertical-1m2", 1_000_000)])
def test_signs_give_provider_three_and_commune_seven_parts(design_id: str, whole: int, tmp_path: Path) -> None:
    data = write(tmp_path / "points.csv", [row(1)])
    assert run(["print", "--design", design_id, "--data", str(data), "--out", str(tmp_path / "lot")]) == 0
    areas = json.loads((tmp_path / "lot" / "gate.json").read_text(encoding="utf-8"))["areas"]
    assert areas["provider_mm2"] + areas["commune_mm2"] == pytest.approx(whole, rel=0.001)
    assert areas["provider_mm2"] / whole == pytest.approx(0.3, abs=0.002)


def test_a_sign_that_gives_the_provider_too_much_is_withheld(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = (FOLDER / "sign-vertical-1m2.yaml").read_text(encoding="utf-8")
    folder = tmp_path / "printables"
    (folder / "designs").mkdir(parents=True)
    wrong = original.replace("[-20, 875, 840, 395], fill: call, owner", "[-20, 775, 840, 495], fill: call, owner")
    assert wrong != original
    (folder / "designs" / "sign-vertical-1m2.yaml").write_text(wrong, encoding="utf-8")
    for name in ("themes", "art"):
        (folder / name).symlink_to(FOLDER.parent / name)
    monkeypatch.setattr("app.printing.shelf.resource_dir", lambda _name: folder)
    data = write(tmp_path / "points.csv", [row(1)])
    assert run(["print", "--design", "sign-vertical-1m2", "--data", str(data), "--out", str(tmp_path / "lot")]) == 1
    gate = json.loads((tmp_path / "lot" / "gate.json").read_text(encoding="utf-8"))
    assert "đơn vị thanh toán" in gate["failures"][0]["reason"]
    assert not (tmp_path / "lot" / "lot.pdf").exists()


@pytest.mark.parametrize(("width", "page"), [("3000", 3000), ("9000", 900)])
def test_a_banner_is_made_to_measure(width: str, page: float, tmp_path: Path) -> None:
    data = write(tmp_path / "points.csv", [row(1)])
    order = ["print", "--design", "banner", "--data", str(data), "--out", str(tmp_path / "lot"), "--width", width]
    assert run(order) == 0
    with pikepdf.open(tmp_path / "lot" / "lot.pdf") as book:
        trim = [float(edge) for edge in book.pages[0].trimbox]
    assert trim[2] - trim[0] == pytest.approx(points(page), rel=0.001)


def test_a_piece_of_one_size_is_not_made_to_measure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write(tmp_path / "points.csv", [row(1)])
    order = ["print", "--design", "standee-a6", "--data", str(data), "--out", str(tmp_path / "lot"), "--width", "300"]
    assert run(order) == 1
    assert "một cỡ" in capsys.readouterr().err


def test_what_is_too_large_for_the_sheet_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write(tmp_path / "points.csv", [row(1)])
    order = ["print", "--design", "poster-a2", "--data", str(data), "--out", str(tmp_path / "lot"), "--sheet", "a4"]
    assert run(order) == 1
    assert "không đặt vừa khổ A4" in capsys.readouterr().err


def design_file(tmp_path: Path, text: str) -> Path:
    (tmp_path / "mau.yaml").write_text(
        f"id: mau\ntitle: Mẫu\npurpose: thử\ntrim_mm: [50, 50]\nelements:\n{text}", encoding="utf-8"
    )
    return tmp_path


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("  - {panel: [0, 0, 5, 5], fil: deep}", "mục lạ: fil"),
        ("  - {panel: [0, 0, 0, 5]}", "rộng và cao"),
        ("  - {qr: payload, box: [0, 0, 20, 10]}", "vuông"),
        ("  - {text: a, box: [0, 0, 9, 9], size: 8, colour: ink}", "ground"),
        ("  - {circle: [0, 0]}", "đúng một trong"),
        ("  - [", "YAML"),
    ],
)
def test_a_wrong_design_file_is_named_with_its_fault(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(DesignError, match=r"mau\.yaml") as caught:
        load_design(design_file(tmp_path, text), "mau")
    assert reason in str(caught.value)


def test_a_text_nobody_could_read_is_refused(tmp_path: Path) -> None:
    shelf = stock()
    folder = design_file(tmp_path, "  - {text: Mờ, box: [0, 0, 9, 9], size: 8, colour: accent, ground: white}")
    with pytest.raises(DesignError, match="tương phản"):
        Artwork(load_design(folder, "mau"), load_theme(shelf.themes, "default"), shelf.fonts, shelf.art)


@pytest.mark.parametrize(
    ("palette", "reason"),
    [("{deep: [100, 100, 100, 100]}", "mực"), ("{deep: [10, 20]}", "bốn số"), ("{deep: [1, 2, 3, 400]}", "bốn số")],
)
def test_a_theme_with_impossible_ink_is_refused(tmp_path: Path, palette: str, reason: str) -> None:
    (tmp_path / "moi.yaml").write_text(f"title: Mới\npalette: {palette}\n", encoding="utf-8")
    with pytest.raises(ThemeError, match=reason):
        load_theme(tmp_path, "moi")


def test_an_unknown_theme_names_those_there_are() -> None:
    with pytest.raises(NotFoundError, match="default"):
        load_theme(FOLDER.parent / "themes", "la")


@pytest.mark.parametrize("theme_id", theme_ids(FOLDER.parent / "themes"))
@pytest.mark.parametrize("design_id", ["sign-horizontal-5m2", "sign-vertical-1m2", "poster-a3", "standee-a6"])
def test_the_three_steps_are_set_in_one_size(design_id: str, theme_id: str) -> None:
    shelf = stock()
    design, theme = load_design(FOLDER, design_id), load_theme(shelf.themes, theme_id)
    artwork = Artwork(design, theme, shelf.fonts, shelf.art)
    steps = [words for words in design.elements if isinstance(words, Words) and words.group == "steps"]
    assert len(steps) == 3
    assert len({artwork.size_of(words, words.resolve(theme.texts)) for words in steps}) == 1


@pytest.mark.parametrize("design_id", [each for each in DESIGNS if each not in {"banner", "sign-horizontal-5m2"}])
def test_ink_reaches_the_bleed_where_it_reaches_the_trim(design_id: str, tmp_path: Path) -> None:
    """By raster: what is printed just inside the knife is printed at the end of the bleed too."""
    data = write(tmp_path / "points.csv", [row(1)])
    assert run(["print", "--design", design_id, "--data", str(data), "--out", str(tmp_path / "lot")]) == 0
    page = pypdfium2.PdfDocument(tmp_path / "lot" / "lot.pdf")[0]
    scale = 2.0
    picture = page.render(scale=scale, grayscale=True).to_pil()
    high = page.get_size()[1]
    trim = [edge * scale for edge in page.get_trimbox()]
    bleed = [edge * scale for edge in page.get_bleedbox()]
    for at in range(1, 40):
        x = trim[0] + (trim[2] - trim[0]) * at / 40
        y = high * scale - (trim[1] + (trim[3] - trim[1]) * at / 40)
        pairs = [
            ((x, high * scale - trim[3] + 2), (x, high * scale - bleed[3] + 2)),
            ((x, high * scale - trim[1] - 2), (x, high * scale - bleed[1] - 2)),
            ((trim[0] + 2, y), (bleed[0] + 2, y)),
            ((trim[2] - 2, y), (bleed[2] - 2, y)),
        ]
        for inside, outside in pairs:
            if picture.getpixel((int(inside[0]), int(inside[1]))) != 255:
                assert picture.getpixel((int(outside[0]), int(outside[1]))) != 255, (inside, outside)


def test_a_tent_stands_on_a_floor_and_its_folds_are_marked_outside_the_product(tmp_path: Path) -> None:
    design = load_design(FOLDER, "tent-a6")
    apex, floor, flap = design.folds_mm
    assert apex == floor - apex, "both faces are as high"
    assert flap - floor >= 50, "the foot of the triangle"
    assert design.height_mm - flap >= 8, "a flap to glue"
    for sheet in ("single", "a3", "sra3"):
        data = write(tmp_path / "points.csv", [row(1), row(2)])
        out = tmp_path / sheet
        assert run(["print", "--design", "tent-a6", "--sheet", sheet, "--data", str(data), "--out", str(out)]) == 0
        page = pypdfium2.PdfDocument(out / "lot.pdf")[0]
        picture = page.render(scale=4, grayscale=True).to_pil()
        left, _, _, top = page.get_bleedbox()
        for fold in design.folds_mm:
            y = int((page.get_size()[1] - top + points(design.bleed_mm + fold)) * 4)
            strip = picture.crop((int((left - points(6)) * 4), y - 4, int((left - points(0.5)) * 4), y + 4))
            assert strip.getextrema()[0] < 128, "a dash in the margin"

"""`choso print` as CONTRACT.md promises it, seen from outside."""

import json
import unicodedata
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
import zxingcpp

from app.factory.cli import run
from app.paper.measures import points
from app.qr.vietqr import vietqr
from tests.printing.lists import HEADINGS, row, rows_of, write

FOREIGN = "00020101021126570011ID.DANA.WWW011893600915302259148102090225914810303UMI51440014ID.CO.QRIS.WWW0215ID10200176114730303UMI5204581253033605802ID5922Warung Sayur Bu Sugeng6010Kab. Demak610559567630458C7"  # noqa: E501 -- one payload, byte for byte


def printed(data: Path, out: Path, *more: str) -> int:
    return run(["print", "--design", "standee-a6", "--data", str(data), "--out", str(out), *more])


def codes_on(pdf: Path, sheet: int) -> list[tuple[float, float, str]]:
    """Every code on a whole sheet as an outsider's phone sees it: x, y in mm from the top left, and its text."""
    page = pypdfium2.PdfDocument(pdf)[sheet - 1]
    scale = 200 / 72
    found = zxingcpp.read_barcodes(page.render(scale=scale, grayscale=True).to_pil())
    per_mm = scale * points(1)
    return sorted((code.position.top_left.x / per_mm, code.position.top_left.y / per_mm, code.text) for code in found)


def test_a_lot_holds_every_point_where_the_manifest_says(tmp_path: Path) -> None:
    data = write(tmp_path / "points.csv", [row(number) for number in range(1, 12)])
    assert printed(data, tmp_path / "lot", "--sheet", "a4", "--order", "stack") == 0
    manifest = rows_of(tmp_path / "lot" / "manifest.csv")
    assert len(manifest) == 11
    assert [(line["sheet"], line["cell"]) for line in manifest[:5]] == [
        ("1", "1"), ("1", "2"), ("1", "3"), ("1", "4"), ("2", "1"),
    ]  # fmt: skip
    # Three sheets: cell k of sheet s holds point 3k + s.
    assert [line["point_code"] for line in manifest[:4]] == ["A01-01", "A01-04", "A01-07", "A01-10"]
    by_code = {line["point_code"]: line for line in manifest}
    assert by_code["A01-05"]["account_tail"] == "0005"
    assert by_code["A01-05"]["ghi_chu"] == "riêng 5"
    for sheet in (1, 2, 3):
        on_sheet = [line for line in manifest if line["sheet"] == str(sheet)]
        seen = codes_on(tmp_path / "lot" / "lot.pdf", sheet)
        assert len(seen) == len(on_sheet)
        for x, y, text in seen:
            cell = (1 if x < 105 else 2) + (0 if y < 148.5 else 2)
            line = next(line for line in on_sheet if line["cell"] == str(cell))
            assert text == vietqr("970436", f"001100{int(line['point_code'][-2:]):07}")
            assert line["payload_crc"] == text[-4:]


def test_columns_named_like_the_manifests_own_go_through(tmp_path: Path) -> None:
    data = tmp_path / "points.csv"
    data.write_text(
        "point_code,shop_name,holder_name,bank_bin,account_number,sheet,warnings,input_sheet\n"
        "A1,Mẫu,Nguyễn Thị Mẫu,970436,0011000000001,s,w,i\n",
        encoding="utf-8",
    )
    assert printed(data, tmp_path / "lot") == 0
    (line,) = rows_of(tmp_path / "lot" / "manifest.csv")
    assert (line["sheet"], line["warnings"]) == ("1", "")
    assert {line["input_sheet"], line["input_input_sheet"]} == {"s", "i"}
    assert line["input_warnings"] == "w"


@pytest.mark.parametrize("more", [("--design", "khong-co"), ("--theme", "khong-co"), ("--sheet", "a9")])
def test_a_name_that_there_is_not_is_wrong_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, str]
) -> None:
    data = write(tmp_path / "points.csv", [row(1)])
    assert printed(data, tmp_path / "lot") == 0
    assert printed(data, tmp_path / "lot", *more) == 2
    assert more[0] in capsys.readouterr().err
    assert (tmp_path / "lot" / "lot.pdf").exists(), "nothing was ordered, so nothing has changed"


@pytest.mark.parametrize("text", ["point_code,shop_name\nA1,Mẫu\n", "", "a,b\n1,2\n"])
def test_a_list_that_is_refused_leaves_no_older_lot_to_be_taken_for_it(tmp_path: Path, text: str) -> None:
    data = write(tmp_path / "points.csv", [row(1)])
    assert printed(data, tmp_path / "lot") == 0
    (tmp_path / "lot" / "cua-toi.txt").write_text("x", encoding="utf-8")
    data.write_text(text, encoding="utf-8")
    assert printed(data, tmp_path / "lot") == 1
    assert [each.name for each in (tmp_path / "lot").iterdir()] == ["cua-toi.txt"]


def test_turned_pieces_keep_their_cells(tmp_path: Path) -> None:
    data = write(tmp_path / "points.csv", [row(number) for number in range(1, 9)])
    assert printed(data, tmp_path / "lot", "--sheet", "sra3", "--order", "row") == 0
    manifest = rows_of(tmp_path / "lot" / "manifest.csv")
    assert [line["point_code"] for line in manifest] == [f"A01-{number:02}" for number in range(1, 9)]
    for x, y, text in codes_on(tmp_path / "lot" / "lot.pdf", 1):
        cell = (1 if x < 160 else 2) + 2 * int((y - 10) // 109)
        assert text == vietqr("970436", f"001100{cell:07}")


def test_the_start_cell_leaves_used_cells_free(tmp_path: Path) -> None:
    data = write(tmp_path / "points.csv", [row(number) for number in range(1, 4)])
    assert printed(data, tmp_path / "lot", "--sheet", "a4", "--order", "row", "--start-cell", "3") == 0
    manifest = rows_of(tmp_path / "lot" / "manifest.csv")
    assert [(line["sheet"], line["cell"]) for line in manifest] == [("1", "3"), ("1", "4"), ("2", "1")]


def test_the_file_is_what_a_press_wants(tmp_path: Path) -> None:
    data = write(tmp_path / "points.csv", [row(1)])
    assert printed(data, tmp_path / "lot") == 0
    with pikepdf.open(tmp_path / "lot" / "lot.pdf") as book:
        page = book.pages[0]
        trim, bleed = [float(edge) for edge in page.trimbox], [float(edge) for edge in page.bleedbox]
        assert (trim[2] - trim[0], trim[3] - trim[1]) == pytest.approx((points(105), points(148)), abs=0.01)
        assert (bleed[2] - bleed[0], bleed[3] - bleed[1]) == pytest.approx((points(111), points(154)), abs=0.01)
        assert str(book.Root.Lang) == "vi-VN"
        assert book.Root.OutputIntents[0].S == pikepdf.Name.GTS_PDFX
        assert "Bảng QR" in str(book.docinfo.Title)
        assert book.pdf_version == "1.4"
    gate = json.loads((tmp_path / "lot" / "gate.json").read_text(encoding="utf-8"))
    assert gate["items"] == gate["read_back"] == 1
    assert (gate["failures"], gate["design"], gate["sheet"]) == ([], "standee-a6", "single")


def test_a_providers_payload_is_printed_byte_for_byte_and_wins(tmp_path: Path) -> None:
    data = write(tmp_path / "points.csv", [row(1, payload=FOREIGN)])
    assert printed(data, tmp_path / "lot") == 0
    assert [text for _, _, text in codes_on(tmp_path / "lot" / "lot.pdf", 1)] == [FOREIGN]
    assert rows_of(tmp_path / "lot" / "manifest.csv")[0]["payload_crc"] == "58C7"


def test_bad_rows_are_refused_by_line_and_the_good_ones_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        row(1),
        row(2, bank_bin="999999"),
        row(3, payload=FOREIGN[:-1] + "0"),
        row(4, holder_name=""),
        row(5, account_number=""),
        row(6, point_code=""),
        row(7, holder_name="Trần 中"),
        row(8),
    ]
    assert printed(write(tmp_path / "points.csv", rows), tmp_path / "lot") == 1
    assert [line["point_code"] for line in rows_of(tmp_path / "lot" / "manifest.csv")] == ["A01-01", "A01-08"]
    refused = rows_of(tmp_path / "lot" / "refused.csv")
    assert [line["line"] for line in refused] == ["3", "4", "5", "6", "7", "8"]
    told = capsys.readouterr().err
    for number, word in ((3, "999999"), (4, "CRC"), (5, "tên chủ"), (6, "tài khoản"), (7, "mã điểm"), (8, "中")):
        assert f"points.csv, dòng {number}: " in told
        assert word in next(line for line in told.splitlines() if f"dòng {number}:" in line)


def test_hostile_values_are_printed_as_text_and_disarmed(tmp_path: Path) -> None:
    rows = [
        row(1, shop_name="<b>Bún</b> & “phở”", ghi_chu="=1+1"),
        row(2, shop_name="=HYPERLINK(1)", holder_name=unicodedata.normalize("NFD", "Đặng Thị Hường")),
        row(3, shop_name="Trà sữa 🧋"),
        row(4, shop_name="rất " * 75, holder_name="Nguyễn " * 30),
        row(1),
        row(5, shop_name=""),
    ]
    assert printed(write(tmp_path / "points.csv", rows), tmp_path / "lot") == 0
    manifest = rows_of(tmp_path / "lot" / "manifest.csv")
    assert manifest[0]["ghi_chu"] == "'=1+1"
    assert manifest[1]["shop_name"] == "'=HYPERLINK(1)"
    assert manifest[1]["holder_name"] == "Đặng Thị Hường"
    assert "U+1F9CB" in manifest[2]["warnings"]
    assert "chữ nhỏ" in manifest[3]["warnings"]
    assert "2 lần" in manifest[4]["warnings"]
    assert "thiếu tên cửa hàng" in manifest[5]["warnings"]
    assert len({line["print_id"] for line in manifest}) == 6
    pdf = pypdfium2.PdfDocument(tmp_path / "lot" / "lot.pdf")
    texts = [page.get_textpage().get_text_bounded() for page in pdf]
    assert "<b>Bún</b> & “phở”" in texts[0]
    assert "ĐẶNG THỊ HƯỜNG" in texts[1]
    assert texts[3].upper().split().count("NGUYỄN") == 30


@pytest.mark.parametrize(
    ("more", "word"),
    [
        (["--sheet", "a4", "--start-cell", "9"], "ô bắt đầu 9"),
        (["--data", "khong-co.csv"], "khong-co.csv"),
    ],
)
def test_an_order_that_cannot_be_done_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], word: str
) -> None:
    data = write(tmp_path / "points.csv", [row(1)])
    assert printed(data, tmp_path / "lot", *more) == 1
    told = capsys.readouterr().err
    assert word in told
    assert len(told.splitlines()) <= 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["points.csv"]


def test_a_file_without_the_columns_is_refused_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write(tmp_path / "points.csv", [row(1)], [name for name in HEADINGS if name != "point_code"])
    assert printed(data, tmp_path / "lot") == 1
    assert "point_code" in capsys.readouterr().err
    assert not (tmp_path / "lot").exists()


def test_designs_are_listed_for_people_and_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["print", "designs"]) == 0
    assert any(line.startswith("standee-a6\t105×148 mm\t") for line in capsys.readouterr().out.splitlines())
    assert run(["print", "designs", "--json"]) == 0
    listed = {design["id"]: design for design in json.loads(capsys.readouterr().out)}
    assert listed["standee-a6"]["size_mm"] == [105, 148]


def test_missing_options_are_wrong_usage() -> None:
    assert run(["print", "--design", "standee-a6"]) == 2


def test_a_commune_brings_its_own_theme(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    theme = tmp_path / "xa.yaml"
    theme.write_text("extends: sen\ntitle: Xã Mẫu\nprefix: XM\ntexts: {commune: Xã Mẫu, slogan: Quét là xong}\n")
    data = write(tmp_path / "points.csv", [row(1)])
    assert printed(data, tmp_path / "lot", "--theme", str(theme)) == 0
    page = pypdfium2.PdfDocument(tmp_path / "lot" / "lot.pdf")[0]
    text = page.get_textpage().get_text_bounded()
    assert "Quét là xong" in text
    assert "XM-A0101-1-" in text
    capsys.readouterr()
    theme.write_text("a: [")
    assert printed(data, tmp_path / "lot", "--theme", str(theme)) == 1
    assert len(capsys.readouterr().err.splitlines()) <= 3
    theme.write_text("extends: khong-co\ntitle: x\n")
    assert printed(data, tmp_path / "lot", "--theme", str(theme)) == 1
    assert "khong-co" in capsys.readouterr().err
    assert printed(data, tmp_path / "lot", "--theme", "chua-co.yaml") == 1
    assert "chua-co.yaml" in capsys.readouterr().err

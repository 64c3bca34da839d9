"""`choso map`: one file with everything in it, good rows drawn, bad ones named by line."""

import base64
import hashlib
import html
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.factory.cli import run
from app.mapping import marks
from app.mapping.drawing import map_parts
from app.mapping.marks import MARKS, stage_named
from app.mapping.spots import Spot, degrees
from app.mapping.standalone import data_block, page
from app.registry.rules.stages import STAGES
from app.tables import Sheet, write_xlsx

HEADING = "point_code,zone,row,stall,shop_name,holder_name,bank_bin,account_number,payload,lat,lng,stage"
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "${alert(1)}",
    "`backtick`",
    "back\\slash",
    "</script><script>alert(2)</script>",
    "<!--<script>",
    '"quote" \' & <b>đậm</b>',
]


class Scripts(HTMLParser):
    """Collects the content of script and style elements as a browser sees them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None], str]] = []
        self.links: list[str] = []
        self.policy = ""
        self._open: tuple[str, dict[str, str | None]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if values.get("http-equiv") == "Content-Security-Policy":
            self.policy = values["content"] or ""
        self.links += [str(values[name]) for name in ("src", "href") if name in values]
        if tag in {"script", "style"}:
            self._open = (tag, values)
            self.found.append((*self._open, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self._open = None

    def handle_data(self, data: str) -> None:
        if self._open:
            tag, values, before = self.found[-1]
            self.found[-1] = (tag, values, before + data)


def write_list(file: Path, *lines: str) -> Path:
    file.write_text("\n".join([HEADING, *lines]) + "\n", encoding="utf-8")
    return file


def draw(capsys: pytest.CaptureFixture[str], data: Path) -> tuple[int, str, str, Path]:
    out = data.with_suffix(".html")
    status = run(["map", "--data", str(data), "--out", str(out)])
    said = capsys.readouterr()
    return status, said.out, said.err, out


def read(file: Path) -> Scripts:
    seen = Scripts()
    seen.feed(file.read_text("utf-8"))
    return seen


def data_of(file: Path) -> dict[str, Any]:
    block = next(text for _, values, text in read(file).found if values.get("type") == "application/json")
    found: dict[str, Any] = json.loads(block)
    return found


def test_every_point_stands_in_the_file_with_code_and_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write_list(
        tmp_path / "cho.csv",
        "A01-01,Chợ Mẫu,A01,01,Bún chả Hường,Đặng Thị Hường,970436,0011001234567,,20.05,105.6,active",
        "A01-02,Chợ Mẫu,A01,02,,Lê Văn Ất,,,,20.0501,105.6001,Đã in",
    )
    status, said, complaints, out = draw(capsys, data)
    assert (status, complaints) == (0, "")
    assert "2 điểm" in said
    found = data_of(out)
    rows = [dict(zip(found["columns"], row, strict=True)) for row in found["rows"]]
    assert [(row["code"], row["name"]) for row in rows] == [("A01-01", "Bún chả Hường"), ("A01-02", "Lê Văn Ất")]
    assert [found["stages"][row["stage"]]["stage"] for row in rows] == ["active", "printed"]
    assert found["zones"] == ["Chợ Mẫu"]
    assert "0011001234567" not in out.read_text("utf-8"), "a map that travels holds no account numbers"


def test_the_file_fetches_nothing_and_may_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    *_, out = draw(capsys, write_list(tmp_path / "a.csv", "A1,,,,Tên,,,,,20,105,"))
    seen = read(out)
    assert all(link.startswith("data:") for link in seen.links)
    assert seen.policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in seen.policy
    assert "http:" not in seen.policy
    for tag, values, text in seen.found:
        if values.get("type") != "application/json":
            digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in seen.policy, f"this {tag} would not run"
    assert not re.search(r"@import|sourceMappingURL|url\((?!\"?data:|#default#VML)", out.read_text("utf-8"))


def test_hostile_names_stay_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    quoted = ['"' + name.replace('"', '""') + '"' for name in HOSTILE]
    lines = [f"{name},{name},{name},{name},{name},{name},,,,{20 + at},105,{name}" for at, name in enumerate(quoted)]
    status, _, complaints, out = draw(capsys, write_list(tmp_path / "hostile.csv", *lines))
    assert (status, complaints) == (0, "")
    found = data_of(out)
    assert [row[1] for row in found["rows"]] == HOSTILE
    usual = read(draw(capsys, write_list(tmp_path / "usual.csv", "A1,,,,Tên,,,,,20,105,"))[-1])
    assert len(read(out).found) == len(usual.found), "no name opened or closed an element"


@given(st.text(), st.text())
@settings(max_examples=60)
def test_no_text_ends_the_data_block(code: str, name: str) -> None:
    block = data_block([Spot(2, code, name, name, name, "", "", 20.0, 105.0, name)])
    assert "<" not in block
    assert json.loads(block)["rows"][0][:2] == [code, name]


def test_bad_coordinates_are_refused_by_line_and_the_good_rows_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write_list(
        tmp_path / "cho.csv",
        "A1,,,,Tốt,,,,,20.05,105.6,",
        "A2,,,,Chữ,,,,,hai mươi,105.6,",
        "A3,,,,Đổi chỗ,,,,,105.6,20.05,",
        "A4,,,,Một nửa,,,,,20.05,,",
        "A5,,,,Chưa đo,,,,,,,",
        ",,,,Không mã,,,,,20.05,105.6,",
        "A7,,,,Không định vị,,,,,0,0,",
        "A8,,,,Ngoài,,,,,20.05,181,",
        'A9,,,,Dấu phẩy,,,,,"20,0512","105,6034",',
    )
    status, said, complaints, out = draw(capsys, data)
    assert status == 1
    assert "2 điểm" in said
    for line, word in ((3, "hai mươi"), (4, "đổi chỗ"), (5, "kinh độ"), (7, "mã"), (8, "0, 0"), (9, "181")):
        assert re.search(rf"^cho\.csv, dòng {line}: .*{word}", complaints, re.MULTILINE), (line, complaints)
    assert "1 dòng chưa có toạ độ: dòng 6" in complaints
    assert [row[0] for row in data_of(out)["rows"]] == ["A1", "A9"]
    assert data_of(out)["rows"][1][6:8] == [20.0512, 105.6034]


def test_rows_without_place_alone_are_no_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write_list(tmp_path / "a.csv", "A1,,,,Tên,,,,,20,105,", "A2,,,,Tên,,,,,,,")
    status, _, complaints, _ = draw(capsys, data)
    assert status == 0
    assert "dòng 3" in complaints


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "tệp trống"),
        ("a,b\n1,2\n", "tiêu đề"),
        (f"{HEADING}\nA1,,,,Tên,,,,,,,\n", "toạ độ"),
        ("<html><body>", "trang web"),
    ],
)
def test_a_file_refused_whole_leaves_nothing_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, words: str
) -> None:
    data = tmp_path / "a.csv"
    data.write_text(content, encoding="utf-8")
    status, said, complaints, _ = draw(capsys, data)
    assert (status, said) == (1, "")
    assert words in complaints
    assert "Traceback" not in complaints
    assert list(tmp_path.iterdir()) == [data]


def test_places_that_do_not_exist_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write_list(tmp_path / "a.csv", "A1,,,,Tên,,,,,20,105,")
    assert run(["map", "--data", str(tmp_path / "x.csv"), "--out", str(tmp_path / "x.html")]) == 1
    assert run(["map", "--data", str(data), "--out", str(tmp_path / "nowhere" / "x.html")]) == 1
    assert run(["map", "--data", str(data), "--out", str(tmp_path)]) == 1
    complaints = capsys.readouterr().err
    assert complaints.count("Không") >= 2
    assert list(tmp_path.iterdir()) == [data]


def test_a_workbook_gives_the_same_map_as_its_csv(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row: list[str | int | float] = [
        "A01-06",
        "Chợ Mẫu",
        "A01",
        6,
        "Bún chả",
        "Lê Ất",
        "",
        "",
        "",
        20.0512,
        105.6034,
        "active",
    ]
    book = tmp_path / "cho.xlsx"
    write_xlsx(book, [Sheet("Điểm", HEADING.split(","), [row])])
    data = write_list(tmp_path / "cho.csv", ",".join(str(cell) for cell in row))
    from_csv = draw(capsys, data)[-1].read_bytes()
    assert draw(capsys, book)[-1].read_bytes() == from_csv


def test_20000_points_in_one_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = (
        f"P{at:05},Chợ {at % 3},A,{at},Quầy {at},,,,,{20 + at / 1e6},{105 + at / 1e6},active" for at in range(20000)
    )
    status, _, complaints, out = draw(capsys, write_list(tmp_path / "lon.csv", *lines))
    assert (status, complaints) == (0, "")
    assert len(data_of(out)["rows"]) == 20000
    assert out.stat().st_size < 3_000_000


def test_many_stages_of_a_files_own_become_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [f"A{at},,,,Tên,,,,,20,105,giai đoạn {at}" for at in range(30)]
    found = data_of(draw(capsys, write_list(tmp_path / "a.csv", *lines))[-1])
    assert [stage["label"] for stage in found["stages"]] == ["Khác"]
    assert {row[-1] for row in found["rows"]} == {0}


def test_title_is_text() -> None:
    written = page([Spot(2, "A1", "Tên", "", "", "", "", 20, 105, "active")], "<b>Chợ</b> & phố")
    assert f"<title>{html.escape('<b>Chợ</b> & phố')}</title>" in written


def test_every_stage_has_a_mark_and_each_colour_with_its_glyph_is_used_once() -> None:
    assert list(MARKS) == list(STAGES)
    assert len({(mark.fill, mark.glyph) for mark in MARKS.values()}) == len(MARKS)
    assert len({mark.glyph for mark in MARKS.values()}) == len(MARKS), "glyphs alone tell the stages apart"
    glyphs = Path(marks.__file__).parents[2] / "static" / "js" / "map" / "marks.js"
    drawn = set(re.findall(r"^  (\w+): \[", glyphs.read_text("utf-8"), re.MULTILINE))
    assert {mark.glyph for mark in MARKS.values()} <= drawn


@pytest.mark.parametrize(
    ("words", "stage"), [("installed", "installed"), ("ĐÃ LẮP BẢNG", "installed"), ("", "listed"), ("lạ", "lạ")]
)
def test_stages_by_key_or_words(words: str, stage: str) -> None:
    assert stage_named(words) == stage


@given(st.floats(-90, 90))
def test_degrees_written_with_a_point_or_a_comma(value: float) -> None:
    written = f"{value:.7f}"
    assert degrees(written, 90) == degrees(written.replace(".", ","), 90) == float(written)


@pytest.mark.parametrize("written", ["", "abc", "1e2", "nan", "inf", "20.05.1", "1.234,5", "٢٠", "90.01", "--5", "5°"])
def test_what_is_no_number_is_not_guessed(written: str) -> None:
    assert degrees(written, 90) is None


def test_folium_draws_the_map_and_links_to_nothing() -> None:
    parts = map_parts()
    assert map_parts() == parts, "the same bytes each time"
    assert "L.map(" in parts.script
    assert "http" not in parts.html + parts.script + parts.style


@pytest.mark.parametrize(("place", "told"), [("", "là thư mục"), ("none/map.html", "Không có thư mục")])
def test_a_place_that_takes_no_map_is_told_at_once_by_its_name(
    tmp_path: Path, place: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "points.csv"
    data.write_text("point_code,lat,lng\nA1,999,106\nA2,10.5,106\n", encoding="utf-8")
    assert run(["map", "--data", str(data), "--out", str(tmp_path / place)]) == 1
    said = capsys.readouterr().err
    assert told in said
    assert len(said.splitlines()) == 1
    assert list(tmp_path.iterdir()) == [data]

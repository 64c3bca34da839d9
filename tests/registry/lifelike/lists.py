"""Twenty lists as market boards, tax offices and communes of three provinces send them. Invented, made by code."""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import openpyxl

from tests.registry.lifelike.files import Rows, ods, text, xls, xlsx
from tests.registry.lifelike.people import Trader, traders

Cell = str | int | float
Columns = Mapping[str, Callable[[int, Trader], Cell]]


@dataclass(frozen=True, slots=True)
class Lifelike:
    """A file, the traders that stand in it in its order, and which fields it says of them."""

    name: str
    data: bytes
    people: Sequence[Trader]
    says: frozenset[str] = field(default_factory=frozenset)
    sheets: tuple[str, ...] = ()


def _number(written: str) -> Cell:
    return int(written) if written else ""


def _float(written: str) -> Cell:
    """What pandas writes of a column of numbers with a gap."""
    return f"{int(written)}.0" if written else ""


def _rows(columns: Columns, people: Sequence[Trader], above: Rows = (), below: Rows = ()) -> list[list[Cell]]:
    body = [[read(at, person) for read in columns.values()] for at, person in enumerate(people, start=1)]
    return [*map(list, above), list(columns), *body, *map(list, below)]


STT: Callable[[int, Trader], Cell] = lambda at, _who: at  # noqa: E731 - one column of many
BOARD: Columns = {
    "STT": STT,
    "Họ và tên tiểu thương": lambda _, who: who.name,
    "Biển hiệu": lambda _, who: who.shop,
    "SĐT": lambda _, who: who.phone,
    "Dãy": lambda _, who: who.row,
    "Ki ốt số": lambda _, who: who.stall,
    "Ngân hàng": lambda _, who: who.bank,
    "STK": lambda _, who: who.account,
}
TAX: Columns = {
    "STT": STT,
    "MST": lambda _, who: who.tax_code,
    "Tên người nộp thuế": lambda _, who: who.name,
    "Tên hộ kinh doanh": lambda _, who: who.shop,
    "Địa chỉ kinh doanh": lambda _, who: who.address,
    "Ngành nghề kinh doanh": lambda _, who: who.trade,
    "Điện thoại": lambda _, who: who.phone,
}
COMMUNE: Columns = {
    "TT": STT,
    "Họ tên chủ hộ": lambda _, who: who.name,
    "Thôn/TDP": lambda _, who: who.hamlet,
    "Mặt hàng kinh doanh": lambda _, who: who.trade,
    "Số ĐT": lambda _, who: who.phone,
    "Ghi chú": lambda at, _: "" if at % 3 else "hộ mới",
}
WARD: Columns = {
    "Mã hộ": lambda _, who: who.number,
    "Họ và tên đệm": lambda _, who: who.family,
    "Tên": lambda _, who: who.given,
    "Điểm kinh doanh": lambda _, who: f"{who.row}-{who.stall}",
    "Điện thoại di động": lambda _, who: who.phone,
    "Nhóm hàng": lambda _, who: who.trade,
}
TITLE: Rows = (
    ("UỶ BAN NHÂN DÂN XÃ BÌNH MẪU", "", "CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
    ("BAN QUẢN LÝ CHỢ",),
    ("DANH SÁCH TIỂU THƯƠNG NĂM 2026",),
)
FOOT: Rows = (
    ("", "Tổng cộng: 60 hộ"),
    ("", "Bình Mẫu, ngày 12 tháng 10 năm 2026"),
    ("", "NGƯỜI LẬP BIỂU", "", "TRƯỞNG BAN"),
    ("", "(Ký, ghi rõ họ tên)"),
    ("", "Trần Văn Mẫu", "", "Lê Thị Mẫu"),
)


def _with(columns: Columns, **changed: Callable[[int, Trader], Cell]) -> dict[str, Callable[[int, Trader], Cell]]:
    """The same columns, some read otherwise; underscores stand for spaces."""
    return {**columns, **{name.replace("_", " "): read for name, read in changed.items()}}


def _said(*names: str) -> frozenset[str]:
    return frozenset(names)


NAMED = _said("name", "phone")
AT_STALL = _said("name", "phone", "stall")
PAID = _said("name", "phone", "stall", "account")


def lifelike_lists() -> Iterator[Lifelike]:
    """All twenty, one after the other."""
    yield from _of_market_boards()
    yield from _of_tax_offices()
    yield from _of_communes()


def _of_market_boards() -> Iterator[Lifelike]:
    people = list(traders(1, 60))
    yield Lifelike("bql-cho.xlsx", xlsx({"Sheet1": _rows(BOARD, people, TITLE, FOOT)}), people, PAID)
    people = list(traders(2, 400))
    numbers = _with(BOARD, SĐT=lambda _, who: _number(who.phone), STK=lambda _, who: _number(who.account))
    data = xlsx({"DS": _rows(numbers, people)}, {3: "0000000000", 7: "0000000000000"})
    yield Lifelike("so-co-dinh-dang.xlsx", data, people, PAID)
    yield Lifelike("so-khong-dinh-dang.xlsx", xlsx({"DS": _rows(numbers, people)}), people, PAID)
    people = list(traders(3, 200))
    yield Lifelike("bql-cho.ods", ods(_rows(numbers, people), {3: 10, 7: 13}), people, PAID)
    yield Lifelike("cho-utf16.csv", text(_rows(BOARD, people, TITLE), "utf-16"), people, PAID)
    floats = _with(BOARD, SĐT=lambda _, who: _float(who.phone), STK=lambda _, who: _float(who.account))
    yield Lifelike("pandas.csv", text(_rows(floats, people), "utf-8"), people, PAID)
    people = list(traders(4, 40))
    yield Lifelike("bql-cho.xls", xls(_rows(BOARD, people)), people, PAID)
    people = list(traders(5, 600))
    markets = {
        name: _rows(BOARD, [who for who in people if who.market == name])
        for name in dict.fromkeys(w.market for w in people)
    }
    guide = {"Hướng dẫn": [["Điền đủ các cột"], ["Mỗi chợ một trang"]]}
    yield Lifelike("moi-cho-mot-trang.xlsx", xlsx({**guide, **markets}), people, _said(*PAID, "market"), ("*",))
    yield _with_sections(list(traders(6, 120)))
    yield _over_two_rows(list(traders(7, 80)))


def _with_sections(people: list[Trader]) -> Lifelike:
    """A row that names the market's row of stalls above its traders, as printed lists have it."""
    columns = {name: read for name, read in BOARD.items() if name != "Dãy"}
    rows: list[list[Cell]] = [list(columns)]
    for row in dict.fromkeys(who.row for who in people):
        rows.append(["I", f"DÃY {row}"])
        rows += [[read(at, who) for read in columns.values()] for at, who in enumerate(people, 1) if who.row == row]
    return Lifelike("theo-day.xlsx", xlsx({"Chợ": rows}), people, PAID)


def _over_two_rows(people: list[Trader]) -> Lifelike:
    """A heading over two rows, cells merged over the stalls of a row, the name over two columns."""
    rows: list[list[Cell]] = [
        ["STT", "Họ và tên", "", "Vị trí", "", "Điện thoại", "Tài khoản", ""],
        ["", "", "", "Lô", "Sạp", "", "Số", "Ngân hàng"],
    ]
    for at, who in enumerate(people, 1):
        row = who.row if at % 40 == 1 else ""
        rows.append([at, who.family, who.given, row, who.stall, who.phone, who.account, who.bank])
    return Lifelike("hai-dong-tieu-de.xlsx", _merged(rows, len(people)), people, PAID)


def _merged(rows: list[list[Cell]], count: int) -> bytes:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    for row in rows:
        page.append([cell if cell != "" else None for cell in row])
    for place in ("A1:A2", "B1:C2", "D1:E1", "F1:F2", "G1:H1"):
        page.merge_cells(place)
    for start in range(3, count + 3, 40):
        page.merge_cells(f"D{start}:D{start + 39}")
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _of_tax_offices() -> Iterator[Lifelike]:
    said = _said("name", "phone", "tax_code")
    people = list(traders(11, 1000))
    yield Lifelike("thue-co-so-3.xlsx", xlsx({"DS_NNT": _rows(TAX, people)}), people, said)
    numbers = _with(TAX, MST=lambda _, who: int(who.tax_code), Điện_thoại=lambda _, who: _number(who.phone))
    yield Lifelike("thue-o-so.xlsx", xlsx({"DS_NNT": _rows(numbers, people)}), people, said)
    people = [who for who in traders(12, 150) if who.name.isascii() or ("Ƀ" not in who.name and "Ŭ" not in who.name)]
    people = [who for who in people if "H’" not in who.name and "Rơ" not in who.name]
    yield Lifelike("thue-cp1258.csv", text(_rows(TAX, people), "cp1258"), people, said)
    yield Lifelike("thue-cham-phay.csv", text(_rows(TAX, people), "utf-8-sig", ";"), people, said)
    people = list(traders(13, 3000))
    yield Lifelike("thue-ca-tinh.xlsx", xlsx({"Tất cả": _rows(TAX, people, TITLE)}), people, said)


def _of_communes() -> Iterator[Lifelike]:
    said = _said("name", "phone", "hamlet")
    people = list(traders(21, 150))
    yield Lifelike("xa-binh-mau.xlsx", xlsx({"Biểu 1": _rows(COMMUNE, people, TITLE[:2], FOOT[1:])}), people, said)
    two = _with(
        COMMUNE, Số_ĐT=lambda at, who: f"{who.phone}/0912000{at:03}" if who.phone and at % 5 == 0 else who.phone
    )
    yield Lifelike("hai-so.csv", text(_rows(two, people), "utf-8"), people, said)
    yield Lifelike("phuong.ods", ods(_rows(WARD, people)), people, AT_STALL)
    yield Lifelike("phuong.xlsx", xlsx({"Bìa": [["Danh sách"]], "Chi tiết": _rows(WARD, people)}), people, AT_STALL)
    columns: Columns = {
        "Số TT": STT,
        "Chủ sạp": lambda _, who: who.name,
        "Sạp": lambda _, who: f"{who.row}{who.stall}",
        "Điện thoại": lambda _, who: who.phone.replace("09", "+849", 1) if who.phone else "",
    }
    yield Lifelike("cho-dau-moi.csv", text(_rows(columns, people), "utf-8-sig", "\t"), people, AT_STALL)

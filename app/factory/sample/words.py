"""What the sample commune is made of: invented people, shops and streets, drawn by a seeded generator.

No name, phone or account here belongs to anybody: phones use the block 0900 000 xxx, accounts begin with 0000.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

PROVINCE = ("tỉnh", "Sông Mẫu")
COMMUNE = ("xã", "Sông Mây")
HAMLETS = ("Đông", "Đoài", "Trung", "Hạ", "Thượng", "Bến")
MARKET = "Chợ Sông Mây"
STREETS = ("Đường Bến Sông", "Đường Trung Tâm")
#: What is sold in each row of the market, A01 to A08.
ROWS: tuple[tuple[str, ...], ...] = (
    ("Rau củ", "Trái cây", "Hoa tươi", "Rau sạch"),
    ("Thịt heo", "Thịt bò", "Gà vịt", "Giò chả"),
    ("Cá biển", "Cá sông", "Tôm mực", "Cá khô"),
    ("Gạo", "Đồ khô gia vị", "Tạp hoá", "Trứng"),
    ("Bún riêu", "Phở bò", "Cháo lòng", "Bánh canh", "Chè", "Cà phê"),
    ("Quần áo", "Giày dép", "Vải", "Mũ nón"),
    ("Đồ nhựa", "Đồ gia dụng", "Chiếu cói", "Dụng cụ bếp"),
    ("Hàng mã", "Văn phòng phẩm", "Đồ chơi", "Mỹ phẩm"),
)
STALLS_PER_ROW = 40
STREET_TRADES = ("Tạp hoá", "Cà phê", "Cơm tấm", "Sửa xe", "Cắt tóc", "Nhà thuốc", "Vật liệu xây dựng", "Điện thoại")
#: Public payees and service points: kind of merchant, kind of point, name, services.
PUBLIC_PLACES: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("public_body", "one_stop", "Bộ phận một cửa xã Sông Mây", ()),
    ("public_body", "school", "Trường mầm non Hoa Mây", ()),
    ("public_body", "school", "Trường tiểu học Sông Mây", ()),
    ("public_body", "school", "Trường THCS Sông Mây", ()),
    ("public_body", "health_station", "Trạm y tế xã Sông Mây", ()),
    ("enterprise", "electricity", "Quầy thu tiền điện Sông Mây", ()),
    ("enterprise", "service_point", "Điểm dịch vụ Bưu điện Sông Mây", ("open_account", "cash_in", "cash_out", "bills")),
    ("enterprise", "service_point", "Điểm dịch vụ Bến", ("cash_in", "cash_out", "transfer")),
    ("public_body", "amenity", "Nhà văn hoá thôn Trung", ("wifi",)),
)
FAMILY = (
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Huỳnh",
    "Phan",
    "Vũ",
    "Võ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
)
MIDDLE = ("Thị", "Văn", "Ngọc", "Thanh", "Thuỳ", "Quốc", "Minh", "Kim", "Hồng", "Đức", "Thị Thu", "Thị Mỹ", "Xuân")
GIVEN = (
    "Lượng", "Yến", "Phượng", "Dũng", "Nguyệt", "Hoa", "Hạnh", "Tâm", "Loan", "Đào", "Bé", "Sương", "Thuý", "Hoà",
    "Ánh", "Ơn", "Phúc", "Lộc", "Thọ", "Quyên", "Vân", "Trang", "Hường", "Mai", "Liễu", "Tuyết", "Cúc",
    "Trúc", "Đông", "Nga", "Oanh", "Út",
)  # fmt: skip
#: BIN and short name of the banks the sample's traders use.
BANKS = (
    ("970436", "Vietcombank"),
    ("970415", "VietinBank"),
    ("970418", "BIDV"),
    ("970405", "Agribank"),
    ("970422", "MB"),
)


@dataclass(frozen=True, slots=True)
class Trader:
    """One invented trader: number from 1, holder, shop, phone (E.164), bank BIN and account."""

    number: int
    holder_name: str
    shop_name: str
    trade: str
    phone: str
    bank_bin: str
    account_number: str


def traders(rng: random.Random, trades: tuple[str, ...], first: int) -> Iterator[Trader]:
    """An endless row of traders in these trades, numbered from `first`."""
    number = first
    while True:
        given = rng.choice(GIVEN)
        trade = rng.choice(trades)
        called = rng.choice(("cô", "chị", "dì", "bà", "anh", "chú"))
        bank_bin, _ = rng.choice(BANKS)
        yield Trader(
            number=number,
            holder_name=f"{rng.choice(FAMILY)} {rng.choice(MIDDLE)} {given}",
            shop_name=f"{trade} {called} {given}",
            trade=trade,
            phone=f"+84900{number:06d}",
            bank_bin=bank_bin,
            account_number=f"0000{rng.randrange(10**8, 10**9)}",
        )
        number += 1

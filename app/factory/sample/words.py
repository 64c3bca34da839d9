"""What the sample commune is made of: invented people, shops and streets, drawn by a seeded generator.

No name, phone or account here belongs to anybody: phones use the block 0900 000 xxx, accounts begin with 0000.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

COMMUNE = ("xã", "Phú Vang Mẫu")
PROVINCE = ("tỉnh", "Mẫu")
HAMLETS = ("Thôn Đông", "Thôn Đoài", "Thôn Trung", "Thôn Hạ", "Thôn Thượng", "Thôn Bến")
MARKET = "Chợ Phú Vang"
STREETS = ("Đường Trần Hưng Đạo", "Đường Bến Sông")
#: Rows of the market: letter, how many stalls, what is sold there.
ROWS: tuple[tuple[str, int, tuple[str, ...]], ...] = (
    ("A", 40, ("Rau củ", "Trái cây", "Hoa tươi", "Rau sạch")),
    ("B", 40, ("Thịt heo", "Thịt bò", "Gà vịt", "Giò chả")),
    ("C", 40, ("Cá biển", "Cá sông", "Tôm mực", "Cá khô")),
    ("D", 40, ("Gạo", "Đồ khô gia vị", "Tạp hoá", "Trứng")),
    ("E", 40, ("Bún riêu", "Phở bò", "Cháo lòng", "Bánh canh", "Chè", "Cà phê")),
    ("F", 40, ("Quần áo", "Giày dép", "Vải", "Mũ nón")),
    ("G", 40, ("Đồ nhựa", "Đồ gia dụng", "Chiếu cói", "Dụng cụ nhà bếp")),
    ("H", 40, ("Hàng mã", "Văn phòng phẩm", "Đồ chơi", "Mỹ phẩm")),
)
STREET_TRADES = (
    "Tạp hoá",
    "Cà phê",
    "Cơm tấm",
    "Sửa xe",
    "Cắt tóc",
    "Nhà thuốc",
    "Vật liệu xây dựng",
    "Điện thoại",
    "Tiệm vàng",
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

"""Invented traders, the same for the same seed: what a list says of each, and what must be read from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

FAMILIES = (
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Huỳnh",
    "Võ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Lý",
    "Lô",
    "Tống",
)
MIDDLES = ("Thị", "Văn", "Thị Ngọc", "Đức", "Thị Kim", "Hữu", "Thanh", "Thị Bích", "Xuân")
GIVEN = (
    "An",
    "Bưởi",
    "Cúc",
    "Dũng",
    "Đào",
    "Hạnh",
    "Hường",
    "Lan",
    "Mười",
    "Nhàn",
    "Oanh",
    "Phượng",
    "Quý",
    "Sương",
    "Út",
)
OF_THE_HIGHLANDS = ("Y Blơk Êban", "H'Hen Niê", "Y Ƀlul Kpă", "H’Ŭn Adrơng", "Rơ Châm H’Biêu", "Ksor Ƀlin")
TRADES = ("Rau củ", "Thịt heo", "Cá biển", "Tạp hoá", "Quần áo", "Bún, phở", "Hoa quả", "Vải", "Đồ khô", "Giày dép")
BANKS = (("Vietcombank", "0011"), ("Agribank", "1500"), ("BIDV", "2151"), ("MB", "0987"), ("Techcombank", "1903"))
WALKS = ("Chợ Đầm Sen Mẫu", "Chợ Bến Mẫu", "Chợ Xép Mẫu")


@dataclass(frozen=True, slots=True)
class Trader:
    """One invented trader, as they are."""

    name: str
    shop: str
    phone: str
    tax_code: str
    bank: str
    account: str
    row: str
    stall: str
    trade: str
    market: str
    hamlet: str
    address: str
    number: str

    @property
    def family(self) -> str:
        """All of the name but its last word."""
        return self.name.rpartition(" ")[0]

    @property
    def given(self) -> str:
        """The last word of the name."""
        return self.name.rpartition(" ")[2]


def traders(seed: int, count: int) -> Iterator[Trader]:
    """So many of them; no two are alike, about one in ten has no phone and every other one no account."""
    rng = Random(seed)
    for at in range(count):
        name = f"{rng.choice(FAMILIES)} {rng.choice(MIDDLES)} {rng.choice(GIVEN)}"
        if at % 40 == 7:
            name = rng.choice(OF_THE_HIGHLANDS)
        bank, head = rng.choice(BANKS)
        tail = f"{rng.randrange(10**9):09}"
        yield Trader(
            name=name,
            shop=f"{rng.choice(('Quán', 'Tiệm', 'Shop', 'Sạp'))} {name.split()[-1]} {at + 1}",
            phone="" if rng.random() < 0.1 else f"09{rng.randrange(10**8):08}",
            tax_code=f"001{rng.randrange(2)}{rng.randrange(70, 99)}{rng.randrange(10**6):06}",
            bank=bank if at % 2 else "",
            account=f"{head}{tail}" if at % 2 else "",
            row=f"{'ABCDE'[at // 40 % 5]}",
            stall=f"{at % 40 + 1 + at // 200 * 40:02}",
            trade=rng.choice(TRADES),
            market=WALKS[at // 200 % 3],
            hamlet=f"Thôn {at % 9 + 1}",
            address=f"Số {at + 1} đường Lê Lợi",
            number=f"HKD{at + 1:05}",
        )

"""What would have been needed, for every reason there is."""

from datetime import date

import pytest

from app.cashback.needs import needed
from app.cashback.rules import Cap, Conditions, Pay, Per, Policy, Reason, Reward
from app.cashback.wording import Told

CAPS = (Cap(1, Per.DAY), Cap(2, Per.WEEK), Cap(5, Per.MONTH))
POLICY = Policy(
    "p",
    1,
    "Thử",
    "",
    date(2023, 8, 1),
    date(2023, 12, 31),
    Conditions(kinds=("qr_payment",), weekdays=("tuesday",), at_least_vnd=20_000),
    (),
    (Reward("customer", Pay(vnd=5000), None, CAPS),),
)


def told(reason: str, paid_at: str = "2023-08-01T09:00:00", amount: int = 20_000) -> Told:
    return Told(1, "customer", "0900000001", "T1", paid_at, 0, reason, None, None, 1, amount, "")


@pytest.mark.parametrize("reason", [each.word for each in Reason])
def test_every_reason_but_one_says_what_was_missing(reason: str) -> None:
    said = needed(POLICY, told(reason))
    assert (said == "") == (reason == "granted")
    assert not said or said.endswith(".")


@pytest.mark.parametrize(
    ("reason", "paid_at", "expected"),
    [
        ("daily_cap", "2023-08-31T23:59:59", "Khách hàng có lượt mới từ 01/09/2023."),
        ("weekly_cap", "2023-08-02T09:00:00", "Khách hàng có lượt mới từ 07/08/2023."),
        ("monthly_cap", "2023-12-01T09:00:00", "Không còn lượt mới: chương trình kết thúc 31/12/2023."),
        ("already_rewarded", "2023-08-01T09:00:00", "Không có cách nào: mỗi khách hàng chỉ được thưởng 1 lần."),
        ("not_promotion_day", "2023-08-02T09:00:00", "Cần trả vào thứ Ba."),
    ],
)
def test_the_next_turn_is_a_day(reason: str, paid_at: str, expected: str) -> None:
    assert needed(POLICY, told(reason, paid_at)) == expected


def test_how_much_was_missing() -> None:
    said = needed(POLICY, told("below_minimum", amount=19_999)).replace("\xa0", " ")
    assert said == "Cần trả từ 20.000 ₫, thêm ít nhất 1 ₫."

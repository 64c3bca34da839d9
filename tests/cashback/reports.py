"""Made-up reports and policies that meet often: few people, few days, many edges."""

import csv
import io
from datetime import date, timedelta
from random import Random
from typing import Any

import yaml
from hypothesis import strategies as st

COLUMNS = (
    "reference", "paid_at", "kind", "amount_vnd", "customer", "merchant", "source", "channel", "beneficiary",
    "status", "reverses",
)  # fmt: skip
CUSTOMERS = ["0901", "901", "0902", "ẵ"]
MERCHANTS = ["M1", "M2", "007", "7", ""]
KINDS = ["qr_payment", "electricity", "data_pack"]
REFERENCES = [f"T{number}" for number in range(90)] + ["t1", "Ạ", "0", "00"]
DAYS = [date(2023, 12, 31) + timedelta(days=add) for add in (-31, -7, -1, 0, 1, 2, 6)] + [
    date(2024, 2, 29), date(2024, 3, 1), date(2023, 9, 30), date(2023, 10, 1), date(2023, 8, 1),
]  # fmt: skip
CLOCKS = ["00:00:00", "16:59:59", "17:00:00", "23:59:59", "12:00:00"]
OFFSETS = ["", "", "", "Z", "+07:00", "-0500", "+00"]
AMOUNTS = ["0", "1", "19999", "20000", "20001", "30000", "30001", "33333", "25015", "999999999999999", "0020000"]
BAD = {
    "reference": ["", " "],
    "paid_at": ["", "2023-09-31T10:00:00", "2023-10-01", "2023-10-01T24:00:00", "31/10/2023 09:00", "2023-10-01T10:00"],
    "kind": ["", "QR_PAYMENT", "qr"],
    "amount_vnd": [
        "",
        "20.000",
        "20,000",
        "1e6",
        " 20000",
        "-1",
        "1_000",
        "２００００",
        "1234567890123456",
        "+5",
        "5.0",
    ],
    "customer": ["", "  "],
    "status": ["", "ok", "SUCCESS"],
}


NESTED = ("day", "month", "quarter", "year", "ever")
ANY_PERIOD = ("day", "week", "month", "quarter", "year", "ever")
SEED = "hạt giống mẫu"


def a_line(dice: Random, reference: str) -> dict[str, str]:
    line = {
        "reference": reference,
        "paid_at": f"{dice.choice(DAYS)}T{dice.choice(CLOCKS)}{dice.choice(OFFSETS)}",
        "kind": dice.choice(KINDS),
        "amount_vnd": dice.choice(AMOUNTS),
        "customer": dice.choice(CUSTOMERS),
        "merchant": dice.choice(MERCHANTS),
        "source": dice.choice(["viettelpay"] * 3 + ["bank", "", "visa"]),
        "channel": dice.choice(["app"] * 3 + ["ussd", ""]),
        "beneficiary": dice.choice([*CUSTOMERS, ""]),
        "status": dice.choice(["success"] * 18 + ["failed", "reversed"]),
        "reverses": "",
    }
    if dice.random() < 0.1:
        line["reverses"] = dice.choice([*REFERENCES, "nobody"])
    if dice.random() < 0.05:
        column = dice.choice(sorted(BAD))
        line[column] = dice.choice(BAD[column])
    return line


def as_csv(lines: list[dict[str, str]], **options: Any) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, **options)
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()


def made_reports(dice: Random) -> list[str]:
    """One or two files: lines of their own, some repeated, some at odds with another, in no order."""
    lines = [a_line(dice, name) for name in dice.sample(REFERENCES, dice.randint(0, len(REFERENCES)))]
    lines += [dict(dice.choice(lines)) for _ in range(dice.randint(0, 4)) if lines]
    if lines and dice.random() < 0.5:
        lines.append(a_line(dice, dice.choice(lines)["reference"]))
    dice.shuffle(lines)
    cut = dice.randint(0, len(lines))
    return [as_csv(lines)] if dice.random() < 0.5 else [as_csv(lines[:cut]), as_csv(lines[cut:])]


def reports() -> st.SearchStrategy[list[str]]:
    return st.integers(0, 2**32).map(lambda seed: made_reports(Random(seed)))


def made_conditions(dice: Random, chance: float) -> dict[str, Any]:
    """Each condition stands with this chance."""
    possible: dict[str, Any] = {
        "kind": dice.sample(KINDS, 2),
        "source": ["viettelpay", "bank"],
        "channel": ["app", "ussd"],
        "own_number": True,
        "weekday": ["sunday", "monday", "saturday"],
        dice.choice(["at_least_vnd", "more_than_vnd"]): dice.choice([1, 20000, 30000]),
        "points": dice.choice(["listed", "any"]),
        "new_subscribers": "listed",
    }
    return {name: value for name, value in possible.items() if dice.random() < chance}


def made_reward(dice: Random, periods: tuple[str, ...]) -> dict[str, Any]:
    reward: dict[str, Any] = {"to": dice.choice(["customer", "merchant", "fund"])}
    if dice.random() < 0.6:
        reward["pay_vnd"] = dice.choice([5000, 5000, 7000])
    else:
        reward["pay_percent"] = dice.choice([10, 15, 50, 12.5, 0.33])
        reward["rounding"] = dice.choice(["floor", "half_up", "floor_100", "floor_1000"])
        if dice.random() < 0.7:
            reward["most_vnd"] = dice.choice([3000, 50_000])
    caps = [{"count": dice.choice([1, 1, 2, 3, 5]), "per": dice.choice(periods)} for _ in range(dice.randint(0, 3))]
    return reward | {"caps": caps}


def made_policy(dice: Random, periods: tuple[str, ...]) -> dict[str, Any]:
    when = made_conditions(dice, 0.12)
    if dice.random() < 0.3:
        when["any_of"] = [made_conditions(dice, 0.3) for _ in range(dice.randint(0, 2))]
    return {
        "policy": "thử-1",
        "version": 1,
        "title": "Chính sách thử",
        "from": dice.choice([date(2023, 8, 1), date(2023, 12, 1)]),
        "until": dice.choice([date(2023, 12, 31), date(2024, 2, 29), date(2024, 12, 31)]),
        "when": when,
        "rewards": [made_reward(dice, periods) for _ in range(dice.randint(1, 3))],
        "budget_vnd": dice.choice([None, None, 20_000, 33_000, 70_000]),
        "on_exhaust": dice.choice(["stop", "skip"]),
    }


def policies(periods: tuple[str, ...] = ANY_PERIOD) -> st.SearchStrategy[dict[str, Any]]:
    return st.integers(0, 2**32).map(lambda seed: made_policy(Random(seed), periods))


def as_yaml(policy: dict[str, Any]) -> bytes:
    return yaml.safe_dump(policy, allow_unicode=True, sort_keys=False).encode()

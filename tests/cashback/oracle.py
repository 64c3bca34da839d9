"""An independent judge, written straight from the outside contract: slow, obvious, sharing nothing with the engine.

It reads the CSV text itself, counts caps by looking back over all it has granted, and knows nothing of SQL.
"""

import calendar
import csv
import hashlib
import hmac
import io
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

VIETNAM = timezone(timedelta(hours=7))
KINDS = {"qr_payment", "topup_prepaid", "bill_postpaid", "electricity", "telecom", "tuition", "data_pack", "other"}
ORDER = [
    "kind",
    "source",
    "channel",
    "own_number",
    "weekday",
    "at_least_vnd",
    "more_than_vnd",
    "points",
    "new_subscribers",
]
WORDS = {
    "kind": "wrong_kind", "source": "wrong_source", "channel": "wrong_channel", "own_number": "not_own_number",
    "weekday": "not_promotion_day", "at_least_vnd": "below_minimum", "more_than_vnd": "below_minimum",
    "points": "not_a_point", "new_subscribers": "not_new_subscriber",
}  # fmt: skip
CAPS = {
    "day": "daily_cap", "week": "weekly_cap", "month": "monthly_cap", "quarter": "quarterly_cap",
    "year": "yearly_cap", "ever": "already_rewarded",
}  # fmt: skip
ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d([.,]\d+)?(Z|[+-]\d\d(:?\d\d)?)?", re.ASCII)


@dataclass
class Verdict:
    decisions: list[dict[str, Any]]
    refused: list[tuple[int, int]]
    duplicates: int
    lines: int


def moment(text: str) -> datetime | None:
    if not ISO.fullmatch(text):
        return None
    try:
        found = datetime.fromisoformat(text.replace(",", "."))
    except ValueError:
        return None
    return found.replace(tzinfo=VIETNAM) if found.tzinfo is None else found


def records(text: str) -> list[tuple[int, dict[str, str]]]:
    reader = csv.reader(io.StringIO(text, newline=""))
    heading = next(reader)
    found = []
    start = reader.line_num + 1
    for row in reader:
        if row:
            found.append((start, dict(zip(heading, row + [""] * len(heading), strict=False))))
        start = reader.line_num + 1
    return found


def content(line: dict[str, Any]) -> tuple[Any, ...]:
    names = ("kind", "customer", "merchant", "source", "channel", "beneficiary", "status", "reverses")
    return (line["at"], int(line["amount_vnd"]), *(line.get(name, "") for name in names))


def accept(reports: Sequence[str]) -> tuple[list[dict[str, Any]], list[tuple[int, int]], int, int]:
    good: list[dict[str, Any]] = []
    refused = []
    total = 0
    for file, text in enumerate(reports):
        for number, raw in records(text):
            total += 1
            line: dict[str, Any] = {**raw, "file": file, "line": number, "at": moment(raw["paid_at"])}
            is_good = (
                raw["reference"].strip()
                and line["at"]
                and raw["kind"] in KINDS
                and re.fullmatch("[0-9]{1,15}", raw["amount_vnd"], re.ASCII)
                and raw["customer"].strip()
                and raw["status"] in {"success", "failed", "reversed"}
            )
            if is_good:
                good.append(line)
            else:
                refused.append((file, number))
    kept, duplicates = {}, 0
    for line in good:
        copies = [other for other in good if other["reference"] == line["reference"]]
        if any(content(other) != content(line) for other in copies):
            refused.append((line["file"], line["line"]))
        elif line["reference"] in kept:
            duplicates += 1
        else:
            kept[line["reference"]] = line
    return list(kept.values()), sorted(refused), duplicates, total


def is_taken_back(reference: str, lines: Sequence[dict[str, Any]], seen: tuple[str, ...] = ()) -> bool:
    for line in lines:
        names_it = line.get("reverses") == reference and line["status"] != "failed" and line["reference"] not in seen
        if names_it and not is_taken_back(line["reference"], lines, (*seen, reference)):
            return True
    return False


def period(per: str, day: date) -> Any:
    return {
        "day": day,
        "week": day - timedelta(days=day.weekday()),
        "month": (day.year, day.month),
        "quarter": (day.year, (day.month + 2) // 3),
        "year": day.year,
        "policy": "policy",
        "ever": "ever",
    }[per]


def first_failure(
    group: dict[str, Any], line: dict[str, Any], points: set[str], installed: dict[str, date]
) -> int | None:
    """Index in ORDER of the first condition of the group that the line fails."""
    day = line["day"]
    amount = int(line["amount_vnd"])
    holds: dict[str, Callable[[Any], bool]] = {
        "kind": lambda words: line["kind"] in words,
        "source": lambda words: line.get("source", "") in words,
        "channel": lambda words: line.get("channel", "") in words,
        "own_number": lambda wanted: not wanted or line.get("beneficiary", "") == line["customer"],
        "weekday": lambda words: calendar.day_name[day.weekday()].lower() in words,
        "at_least_vnd": lambda least: amount >= least,
        "more_than_vnd": lambda least: amount > least,
        "points": lambda which: which == "any" or line.get("merchant", "") in points,
        "new_subscribers": lambda _: line["customer"] in installed and installed[line["customer"]] <= day,
    }
    for at, name in enumerate(ORDER):
        if name in group and not holds[name](group[name]):
            return at
    return None


def condition_reason(
    policy: dict[str, Any],
    line: dict[str, Any],
    all_lines: Sequence[dict[str, Any]],
    points: set[str],
    installed: dict[str, date],
) -> str | None:
    if line["status"] == "failed":
        return "failed"
    if line["status"] == "reversed" or is_taken_back(line["reference"], all_lines):
        return "reversed"
    if not policy["from"] <= line["day"] <= policy["until"]:
        return "outside_dates"
    when = policy.get("when") or {}
    at = first_failure(when, line, points, installed)
    if at is not None:
        return WORDS[ORDER[at]]
    failures = [first_failure(group, line, points, installed) for group in when.get("any_of") or []]
    if failures and None not in failures:
        return WORDS[ORDER[max(at for at in failures if at is not None)]]
    return None


def pay(reward: dict[str, Any], amount: int) -> int:
    if "pay_vnd" in reward:
        return int(reward["pay_vnd"])
    percent = round(reward["pay_percent"] * 100)
    exact, rest = divmod(amount * percent, 10_000)
    rounding = reward.get("rounding", "floor")
    if rounding == "half_up":
        exact += 2 * rest >= 10_000
    elif rounding != "floor":
        step = int(rounding.split("_")[1])
        exact = exact // step * step
    return min(int(exact), reward.get("most_vnd") or int(exact))


def judge(  # noqa: C901 - one loop that a reader can hold against the contract's page
    policy: dict[str, Any],
    reports: Sequence[str],
    points: set[str] = frozenset(),  # type: ignore[assignment]
    installed: dict[str, date] | None = None,
    seed: str | None = None,
) -> Verdict:
    lines, refused, duplicates, total = accept(reports)
    for line in lines:
        line["day"] = line["at"].astimezone(VIETNAM).date()
    payments = sorted((x for x in lines if not x.get("reverses")), key=lambda x: (x["at"], x["reference"]))
    reasons = {x["reference"]: condition_reason(policy, x, lines, points, installed or {}) for x in payments}
    wins = winners(policy, payments, reasons, seed) if seed is not None else {}
    granted: list[tuple[int, str, date, int]] = []
    stopped = False
    decisions = []
    for line in payments:
        for number, reward in enumerate(policy["rewards"], 1):
            party = line.get("merchant", "") if reward["to"] == "merchant" else line["customer"]
            reason, amount = reasons[line["reference"]], 0
            if reason is None and "draw" not in reward:
                for cap in reward.get("caps") or []:
                    same = [
                        1 for n, p, d, _ in granted
                        if n == number and p == party and period(cap["per"], d) == period(cap["per"], line["day"])
                    ]  # fmt: skip
                    if len(same) >= cap["count"]:
                        reason = CAPS[cap["per"]]
                        break
                amount = pay(reward, int(line["amount_vnd"]))
            elif reason is None and seed is None:
                reason = "draw_pending"
            elif reason is None:
                amount = wins.get((number, line["reference"]), -1)
                reason = "not_drawn" if amount < 0 else None
            budget = policy.get("budget_vnd")
            if reason is None and budget is not None and (stopped or sum(a for *_, a in granted) + amount > budget):
                reason = "budget_spent"
                stopped = stopped or policy.get("on_exhaust", "stop") == "stop"
            if reason is None:
                granted.append((number, party, line["day"], amount))
            decisions.append(
                {
                    "policy": policy["policy"],
                    "reward": number,
                    "payee_role": reward["to"],
                    "payee": "fund" if reward["to"] == "fund" else party,
                    "reference": line["reference"],
                    "amount_vnd": amount if reason is None else 0,
                    "decision": "granted" if reason is None else "refused",
                    "reason": reason or "granted",
                }
            )
    decisions.sort(key=lambda row: row["reward"])
    return Verdict(decisions, refused, duplicates, total)


def winners(
    policy: dict[str, Any], payments: Sequence[dict[str, Any]], reasons: dict[str, str | None], seed: str
) -> dict[tuple[int, str], int]:
    found: dict[tuple[int, str], int] = {}
    for number, reward in enumerate(policy["rewards"], 1):
        draw = reward.get("draw")
        if not draw:
            continue
        playing = [line for line in payments if reasons[line["reference"]] is None]
        for which in {period(draw["per"], line["day"]) for line in playing}:
            mine = [line for line in playing if period(draw["per"], line["day"]) == which]
            name = {"day": "%Y-%m-%d", "month": "%Y-%m", "policy": "policy"}[draw["per"]]
            ranked: list[tuple[bytes, dict[str, Any]]] = []
            for line in mine:
                ticket = line["reference"] if draw["ticket_per"] == "transaction" else line["customer"]
                message = "\n".join([policy["policy"], line["day"].strftime(name), ticket])
                rank = hmac.new(seed.encode(), message.encode(), hashlib.sha256).digest()
                if rank not in [other for other, _ in ranked]:  # a customer's first line speaks for the ticket
                    ranked.append((rank, line))
            ranked.sort(key=lambda pair: pair[0])
            prizes = [prize["worth_vnd"] for prize in draw["prizes"] for _ in range(prize["winners"])]
            happy: Counter[str] = Counter()
            for _, line in ranked:
                party = line.get("merchant", "") if reward["to"] == "merchant" else line["customer"]
                if prizes and not happy[party]:
                    happy[party] += 1
                    found[number, line["reference"]] = prizes.pop(0)
    return found

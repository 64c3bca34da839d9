"""Findings as files: points, payments left out and flags as CSV and one workbook, and the figures."""

import json
import os
import shutil
from dataclasses import asdict
from pathlib import Path

from app.cashback.activity.checking import Findings
from app.cashback.activity.rules import (
    EXCLUSIONS,
    FLAG_NAMES,
    ActivityRules,
    activity_in_words,
    flag_in_words,
    is_active,
)
from app.errors import RefusedError
from app.paths import sweep_dead
from app.tables import Sheet, write_csv, write_xlsx

ACTIVITY, EXCLUDED, FLAGS, WORKBOOK, SUMMARY = (
    "activity.csv", "excluded.csv", "flags.csv", "activity.xlsx", "summary.json",
)  # fmt: skip


def sheets_of(found: Findings, rules: ActivityRules) -> dict[str, Sheet]:
    """The findings as tables, each under the name of its CSV file."""
    return {
        ACTIVITY: Sheet(
            "Hoạt động",
            ("Điểm bán", "Hoạt động", "Số ngày", "Số người trả", "Số giao dịch", "Số tiền", "Không tính", "Diễn giải"),
            [
                (
                    each.merchant, "có" if is_active(each, rules) else "chưa", each.days, each.payers, each.payments,
                    each.amount_vnd, each.excluded, activity_in_words(each, rules),
                )
                for each in found.points
            ],
        ),
        FLAGS: Sheet(
            "Nên xem lại",
            ("Điểm bán", "Dấu hiệu", "Lý do", "Mã giao dịch"),
            [
                (
                    each.merchant, FLAG_NAMES[each.flag],
                    flag_in_words(each.flag, each.count, each.amount_vnd, each.who, rules), each.references,
                )
                for each in found.flags
            ],
        ),
        EXCLUDED: Sheet(
            "Không tính",
            ("Mã giao dịch", "Điểm bán", "Người trả", "Số tiền", "Lý do"),
            [
                (each.reference, each.merchant, each.customer, each.amount_vnd, EXCLUSIONS[each.reason])
                for each in found.excluded
            ],
        ),
    }  # fmt: skip


def write_findings(found: Findings, rules: ActivityRules, out: Path) -> None:
    """The folder `out`, whole or not at all."""
    if out.exists() and not out.is_dir():
        raise RefusedError(f"{out} là một tệp.", remedy="Hãy chọn một thư mục cho --out.")
    sheets = sheets_of(found, rules)
    sweep_dead(out.parent, f".{out.name}.")
    beside = out.parent / f".{out.name}.{os.getpid()}"
    beside.mkdir(parents=True)
    try:
        for name, sheet in sheets.items():
            write_csv(beside / name, sheet.header, sheet.rows, bom=True)
        write_xlsx(beside / WORKBOOK, list(sheets.values()))
        (beside / SUMMARY).write_text(_summary(found, rules), encoding="utf-8", newline="\n")
        out.mkdir(exist_ok=True)
        for name in (*sheets, WORKBOOK, SUMMARY):
            (beside / name).replace(out / name)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _summary(found: Findings, rules: ActivityRules) -> str:
    summary = {
        "last_day": found.last_day.isoformat(),
        "rules": asdict(rules),
        "points": len(found.points),
        "active": sum(is_active(each, rules) for each in found.points),
        "excluded": len(found.excluded),
        "refused": found.refused_count,
        "flags": {flag: sum(each.flag == flag for each in found.flags) for flag in FLAG_NAMES},
    }
    return json.dumps(summary, ensure_ascii=False, indent=2) + "\n"

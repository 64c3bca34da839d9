"""Files in, files out: a run's decisions and the provider's payout file become workbook, letter and figures."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from app.cashback.payouts.comparison import HEADINGS, Told, comparison_letter, finding_row, sheets
from app.cashback.payouts.decided import decisions_file, dues_of, refusals_of
from app.cashback.payouts.documents import letter_pdf
from app.cashback.payouts.payout_file import read_payout_file, refuse_own
from app.cashback.payouts.rules.matching import Tally, reconcile, tallies
from app.errors import RefusedError
from app.tables import write_csv, write_xlsx
from app.vn.phones import PhoneError, parse_phone

FINDINGS, WORKBOOK, LETTER, REFUSED, SUMMARY = (
    "findings.csv", "reconciliation.xlsx", "letter.pdf", "refused.csv", "summary.json",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a comparison came to, for the person who started it."""

    tallies: tuple[Tally, ...]
    refused_count: int


@dataclass(frozen=True, slots=True)
class Addressee:
    """What the letter needs besides figures."""

    issuer: str = "Uỷ ban nhân dân xã"
    place: str = ""
    to: str = "đơn vị thanh toán"
    period: str = ""


def reconcile_files(decisions: Path, payout: Path, out: Path, addressee: Addressee, today: date) -> Outcome:
    """Compares and writes the folder `out`, whole or not at all. Raises RefusedError for files that cannot be used."""
    file = decisions_file(decisions)
    if out.exists() and not out.is_dir():
        raise RefusedError(f"{out} là một tệp.", remedy="Hãy chọn một thư mục cho --out.")
    paid = read_payout_file(payout)
    refuse_own(paid)
    refusals = refusals_of(file, (each.reference for each in paid.paid), spelled(each.payee for each in paid.paid))
    findings = reconcile(dues_of(file), paid.paid, refusals)
    digest = hashlib.sha256(payout.read_bytes()).hexdigest()
    told = Told(findings, paid.refused, payout.name, digest, paid.failed_count)
    outcome = Outcome(tuple(tallies(findings)), len(paid.refused))
    beside = out.parent / f".{out.name}.{os.getpid()}"
    beside.mkdir(parents=True)
    try:
        _write(beside, told, outcome, addressee, today)
        out.mkdir(exist_ok=True)
        for name in (FINDINGS, WORKBOOK, LETTER, REFUSED, SUMMARY):
            (beside / name).replace(out / name)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return outcome


def spelled(payees: Iterable[str]) -> list[str]:
    """Payees as written, and telephone numbers also in the two ways decisions may write them."""
    found = set()
    for payee in payees:
        found.add(payee)
        with suppress(PhoneError):
            e164 = parse_phone(payee).e164
            found |= {e164, e164.replace("+84", "0", 1)}
    return sorted(found)


def _write(folder: Path, told: Told, outcome: Outcome, addressee: Addressee, today: date) -> None:
    write_csv(folder / FINDINGS, HEADINGS, (finding_row(each) for each in told.findings), bom=True)
    write_xlsx(folder / WORKBOOK, list(sheets(told)))
    letter = comparison_letter(told, **asdict(addressee), today=today)
    (folder / LETTER).write_bytes(letter_pdf(letter))
    write_csv(
        folder / REFUSED, ("file", "line", "reason"), ((told.file, each.line, each.reason) for each in told.refused)
    )
    summary = {
        "payout_file": told.file,
        "payout_sha256": told.sha256,
        "refused": outcome.refused_count,
        "failed": told.failed_count,
        "due_vnd": sum(each.due_vnd for each in outcome.tallies),
        "paid_vnd": sum(each.paid_vnd for each in outcome.tallies),
        "classes": {
            each.kind.value: {key: value for key, value in asdict(each).items() if key != "kind"}
            for each in outcome.tallies
        },
    }
    text = json.dumps(summary, ensure_ascii=False, indent=2)
    (folder / SUMMARY).write_text(text + "\n", encoding="utf-8", newline="\n")

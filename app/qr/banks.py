"""Banks and wallets by their six-digit acquirer id, and by every name people type for them.

The list is data with date and sources (banks.tsv); it is never fetched while the program runs. The id is the key:
codes and names change when banks merge, ids did not in any merger so far.
"""

import csv
import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType

from app.qr.wording import capitals

BANKS_FILE = Path(__file__).with_name("banks.tsv")
NEAR_MAX = 4
NEAR_RATIO = 0.6


class BankKind(StrEnum):
    """What stands behind an id. A duplicate is a bank's second id; an error is an id that a published library has
    wrong.
    """

    BANK = "bank"
    WALLET = "wallet"
    FINANCE = "finance"
    DUPLICATE = "duplicate"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Bank:
    """One acquirer. `takes_transfers` is None where the sources do not say or disagree; `note` is Vietnamese."""

    bin: str
    kind: BankKind
    code: str
    short_name: str
    full_name: str
    takes_transfers: bool | None
    swift: str
    in_central_bank_list: bool
    sources: int
    aliases: tuple[str, ...]
    note: str

    @property
    def refuses_transfers(self) -> bool:
        """Whether a transfer code made for it leads nowhere: a wallet's codes come from the wallet alone."""
        return self.kind is BankKind.WALLET or self.takes_transfers is False


class BankNotFoundError(ValueError):
    """No bank, or more than one, is meant by this text; `str()` says so in Vietnamese and names the nearest."""

    def __init__(self, text: str, near: tuple[Bank, ...], message: str) -> None:
        self.text = text
        self.near = near
        super().__init__(message)


@cache
def all_banks() -> Mapping[str, Bank]:
    """Every entry of the list by id, wrong and second ids included."""
    with BANKS_FILE.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(
            (line for line in lines if not line.startswith("#")), delimiter="\t", quoting=csv.QUOTE_NONE
        )
        return MappingProxyType({row["bin"]: _bank(row) for row in rows})


def banks() -> tuple[Bank, ...]:
    """The banks and wallets a person may choose from, by short name."""
    offered = (bank for bank in all_banks().values() if bank.kind not in {BankKind.DUPLICATE, BankKind.ERROR})
    return tuple(sorted(offered, key=lambda bank: capitals(bank.short_name)))


def known_bin(text: str) -> bool:
    """Whether this is the id of a bank or wallet."""
    bank = all_banks().get(text)
    return bank is not None and bank.kind is not BankKind.ERROR


def bank_by_bin(text: str) -> Bank:
    """The bank with this id. Raises BankNotFoundError, naming ids that differ by a slip of the finger."""
    bank = all_banks().get(text)
    if bank is None:
        near = tuple(other for other in banks() if _one_slip(text, other.bin))[:NEAR_MAX]
        raise BankNotFoundError(text, near, f"Không có ngân hàng nào mang mã “{_shown(text)}”.{_hint(near)}")
    if bank.kind is BankKind.ERROR:
        raise BankNotFoundError(text, (), f"Mã “{text}” không dùng được: {bank.note}.")
    return bank


def find_bank(text: str) -> Bank:
    """The bank a person means by an id, code, SWIFT code or name, old names too.

    Accents, case, blanks and words such as "Ngân hàng TMCP" do not matter. Nothing is guessed: raises
    BankNotFoundError where no bank or more than one is meant.

    >>> [find_bank(text).bin for text in ("970436", "vcb", "Ngân hàng Ngoại thương", "MB Bank", "Đông Á")]
    ['970436', '970436', '970436', '970422', '970406']
    """
    typed = text.strip()
    if typed.isdigit():
        return bank_by_bin(typed)
    meant = _meant(typed)
    if not meant:
        raise _unknown(text)
    if len(meant) > 1:
        raise BankNotFoundError(text, meant, f"“{_shown(text)}” có thể là {_listed(meant, ' hoặc ')}. Hãy ghi mã 6 số.")
    return meant[0]


def _meant(typed: str) -> tuple[Bank, ...]:
    """Banks meant by the whole text, else by its parts: "Vietcombank - CN Quảng Ngãi", "Ngân hàng Á Châu (ACB)"."""
    found = _named(typed)
    if found:
        return found
    parts = {bank.bin: bank for part in re.split(r"[(),;/–—-]", typed) for bank in _named(part)}
    return tuple(parts.values())


def _named(typed: str) -> tuple[Bank, ...]:
    # The full name first: only where nobody bears it may "Ngân hàng" and "Việt Nam" be left out.
    return _names().get(name_key(typed)) or _names().get(core_key(typed)) or ()


def _unknown(text: str) -> BankNotFoundError:
    if not text.strip():
        return BankNotFoundError(text, (), "Thiếu tên hoặc mã ngân hàng.")
    near = _near(core_key(text) or name_key(text))
    return BankNotFoundError(text, near, f"Không có ngân hàng nào tên “{_shown(text)}”.{_hint(near)}")


def name_key(text: str) -> str:
    """A name without accents, case, blanks and marks: the form in which names are compared."""
    return re.sub(r"[^A-Z0-9]", "", capitals(text))


_GENERIC = re.compile(
    r"\b(NGAN HANG|NHTMCP|NHTM|NH|VI DIEN TU|VI|BANK|TNHH|MTV|MOT THANH VIEN|"
    r"THUONG MAI CO PHAN|THUONG MAI|TMCP|TM CP|CO PHAN)\b"
)


def core_key(text: str) -> str:
    """What is left of a name without the words that every bank has, and without a closing "Việt Nam"."""
    words = " ".join(_GENERIC.sub(" ", capitals(text)).split())
    return name_key(re.sub(r"\s*\b(VIET NAM|VIETNAM|VN)$", "", words))


@cache
def _names() -> Mapping[str, tuple[Bank, ...]]:
    names: dict[str, dict[str, Bank]] = {}
    for bank in banks():
        written = (bank.code, bank.short_name, bank.swift, bank.full_name, *bank.aliases)
        for key in {form(name) for name in written for form in (name_key, core_key)} - {""}:
            names.setdefault(key, {})[bank.bin] = bank
    return MappingProxyType({key: tuple(meant.values()) for key, meant in names.items()})


def _near(key: str) -> tuple[Bank, ...]:
    names = _names()
    containing = [name for name in names if len(key) > 2 and key in name]  # noqa: PLR2004 - shorter is in too many
    close = [*difflib.get_close_matches(key, names, n=2 * NEAR_MAX, cutoff=NEAR_RATIO), *sorted(containing, key=len)]
    found = {bank.bin: bank for name in close for bank in names[name]}
    return tuple(found.values())[:NEAR_MAX]


def _one_slip(typed: str, other: str) -> bool:
    if len(typed) != len(other):
        return difflib.SequenceMatcher(None, typed, other).ratio() > 0.9  # noqa: PLR2004 - one digit too few or too many
    wrong = [at for at in range(len(typed)) if typed[at] != other[at]]
    return len(wrong) == 1 or (sorted(typed) == sorted(other) and len(wrong) == len("ab"))


def _bank(row: Mapping[str, str]) -> Bank:
    return Bank(
        bin=row["bin"],
        kind=BankKind(row["kind"]),
        code=row["code"],
        short_name=row["short_name"],
        full_name=row["full_name"],
        takes_transfers={"yes": True, "no": False}.get(row["transfer"]),
        swift=row["swift"],
        in_central_bank_list=row["sbv_2023"] == "yes",
        sources=int(row["sources"]),
        aliases=tuple(alias for alias in row["aliases"].split("|") if alias),
        note=row["note"],
    )


def _listed(meant: tuple[Bank, ...], last: str = ", ") -> str:
    named = [f"{bank.short_name} ({bank.bin})" for bank in meant]
    return last.join([", ".join(named[:-1]), named[-1]]) if len(named) > 1 else named[0]


def _hint(near: tuple[Bank, ...]) -> str:
    return f" Gần giống: {_listed(near)}." if near else " Hãy ghi tên viết tắt hoặc mã 6 số của ngân hàng."


def _shown(text: str, chars_max: int = 40) -> str:
    printable = "".join(letter if letter.isprintable() else "�" for letter in text)
    return printable if len(printable) <= chars_max else printable[:chars_max] + "…"

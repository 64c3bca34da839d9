"""A list of payees turned into transfer codes: one account a row, or one account for all and an amount a row.

A school, a one-stop desk or the electricity collector gives its account once and a list of payer code, amount and
purpose.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.money import MoneyError, parse_vnd
from app.qr import Bank, BankNotFoundError, VietqrError, find_bank, vietqr
from app.qr.rules import ADDITIONAL_CHARS_MAX, CITY_CHARS_MAX, NAME_CHARS_MAX
from app.qr.wording import capitals, cut_at_word, loses_letters, place_that_fits
from app.tables import Headed, RawRow, Seen, find_heading, read_headed
from app.tables.seen import ZERO_LOST

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "bin": ("bin", "Mã ngân hàng", "bank_bin", "Mã BIN"),
    "bank": ("Ngân hàng", "bank", "Tên ngân hàng"),
    "account": ("account", "Số tài khoản", "account_number", "STK"),
    "name": ("name", "Tên", "Tên chủ tài khoản", "Chủ tài khoản", "holder_name"),
    "city": ("city", "Nơi", "Tỉnh", "Thành phố", "Xã"),
    "amount": ("amount", "Số tiền", "amount_vnd"),
    "payer": ("payer", "Mã người nộp", "Mã học sinh", "Mã khách hàng", "Mã hồ sơ", "payer_code"),
    "memo": ("memo", "Nội dung", "Nội dung chuyển khoản", "Diễn giải", "Mục đích"),
}


ZERO_LOST_WHY = Seen(doubt=ZERO_LOST).why_not


class CodeRefusedError(ValueError):
    """This code cannot be made; `str()` is the Vietnamese reason with the remedy."""


@dataclass(frozen=True, slots=True)
class CodeRequest:
    """What a person asks for, as written. `bank` is an id or a name; an empty amount leaves it to the payer."""

    bank: str = ""
    account: str = ""
    name: str = ""
    city: str = ""
    amount: str = ""
    memo: str = ""
    memo_chars_max: int = ADDITIONAL_CHARS_MAX
    takes_unknown_banks: bool = False


@dataclass(frozen=True, slots=True)
class CodeMade:
    """A payload, and what the person should know about it (Vietnamese sentences)."""

    payload: str
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One row of a list: its line as an editor counts, and its code or the reason why there is none."""

    line: int
    made: CodeMade | None = None
    refusal: str = field(default="")


def make_code(request: CodeRequest) -> CodeMade:
    """The code that was asked for. A long name is cut at a word and said so; a long memo is refused.

    Raises CodeRefusedError.
    """
    notices: list[str] = []
    try:
        payload = vietqr(
            _bin(request, notices),
            "".join(request.account.split()),
            name=_fitting("Tên", request.name, NAME_CHARS_MAX, notices),
            city=_fitting("Tên nơi", request.city, CITY_CHARS_MAX, notices, place_that_fits),
            amount_vnd=parse_vnd(request.amount) if request.amount.strip() else None,
            memo=_memo(request.memo, notices),
            memo_chars_max=request.memo_chars_max,
        )
    except (BankNotFoundError, MoneyError, VietqrError) as refused:
        raise CodeRefusedError(str(refused)) from refused
    return CodeMade(payload, tuple(notices))


def code_rows(
    path: Path, common: CodeRequest, tell: Callable[[str], None] = lambda _sentence: None
) -> Iterator[CodeRow]:
    """A code for every row with content of a CSV or XLSX file; `common` fills what the file has no column for.
    `tell` hears which sheets were not read.

    Raises TableError for the file as a whole, before the first row.
    """
    required = () if common.account else ("account",)
    table = read_headed(path, COLUMNS, required)
    headed = find_heading(table, COLUMNS, required)
    if table.unread:
        tell(table.unread)
    told: set[str] = set()
    for row in headed.rows:
        try:
            made = make_code(_request(headed, row, common))
            account = headed.digits_seen(row, "account")
            fresh = [each for each in (account.note, account.why_not) if each and each not in told]
            told |= {ZERO_LOST_WHY} & set(fresh)  # of a whole column: once is enough
            yield CodeRow(
                row.line, replace(made, notices=(*made.notices, *(f"Số tài khoản: {each}." for each in fresh)))
            )
        except CodeRefusedError as refused:
            yield CodeRow(row.line, refusal=str(refused))


def _request(headed: Headed, row: RawRow, common: CodeRequest) -> CodeRequest:
    if row.fault:
        raise CodeRefusedError(row.fault)
    account, payer, name = headed.digits_seen(row, "account"), headed.code_seen(row, "payer"), headed.seen(row, "name")
    if account.is_lost:
        raise CodeRefusedError(f"Số tài khoản: {account.why_not}.")
    for label, each in (("Mã người nộp", payer), ("Tên", name)):
        if each.is_lost:
            raise CodeRefusedError(f"{label}: {each.why_not}.")
    memo = f"{payer.text} {headed.text(row, 'memo') or common.memo}".strip()
    return CodeRequest(
        bank=headed.digits_seen(row, "bin").text or headed.seen(row, "bank").text or common.bank,
        account=account.text or ("" if "account" in headed.columns else common.account),
        name=name.text or common.name,
        city=headed.text(row, "city") or common.city,
        amount=headed.text(row, "amount") or common.amount,
        memo=memo,
        memo_chars_max=common.memo_chars_max,
        takes_unknown_banks=common.takes_unknown_banks,
    )


def _bin(request: CodeRequest, notices: list[str]) -> str:
    try:
        bank = find_bank(request.bank)
    except BankNotFoundError:
        if not request.takes_unknown_banks:
            raise
        notices.append(f"Mã ngân hàng {request.bank} không có trong danh sách; hãy quét thử trước khi in.")
        return request.bank.strip()
    notices += _bank_notices(bank)
    return bank.bin


def _bank_notices(bank: Bank) -> list[str]:
    if bank.takes_transfers is False:
        return [
            f"{bank.short_name} ({bank.bin}) chưa nhận chuyển khoản VietQR theo danh sách; hãy quét thử trước khi in."
        ]
    return []


def _fitting(
    label: str, text: str, chars_max: int, notices: list[str], shortened: Callable[[str, int], str] = cut_at_word
) -> str:
    """The text as the code will say it; what is dropped or cut is told."""
    folded = capitals(text)
    fitting = cut_at_word(shortened(folded, chars_max), chars_max)
    if fitting != folded:
        notices.append(f"{label} dài quá {chars_max} ký tự, trong mã ghi “{fitting}”.")
    elif folded and loses_letters(text):
        notices.append(f"{label} có ký tự mà ứng dụng ngân hàng không nhận, trong mã ghi “{folded}”.")
    return fitting or text


def _memo(text: str, notices: list[str]) -> str:
    if loses_letters(text) and capitals(text):
        notices.append(f"Nội dung có ký tự mà ứng dụng ngân hàng không nhận, trong mã ghi “{capitals(text)}”.")
    return text

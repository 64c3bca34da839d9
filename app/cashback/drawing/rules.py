"""What may be shown of a draw, and when its next step may be taken. Pure."""

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.errors import ConflictError

_CODE: Final = re.compile(r"[A-Z0-9]+(-[A-Z0-9]+)*")
_DIGITS_MIN: Final = 7
_HEAD, _TAIL = 4, 3
_PARTY_LENGTH: Final = 12


@dataclass(frozen=True, slots=True)
class PublicTicket:
    """A ticket as everybody may see it: `party` tells apart who holds it and says no more.

    `ticket` is empty where it would be a customer's own number; `number` and `prize` come after the reveal.
    """

    reward: int
    period: str
    ticket: str
    party: str
    masked: str
    number: str = ""
    taken_back: str = ""  #: "yes" where the payment was taken back after the list was closed
    prize: str = ""


def masked(payee: str) -> str:
    """Who it is, for those who know them: codes of points stay, numbers lose their middle, names all but initials.

    >>> [masked(each) for each in ("0987654321", "HK-2F8FMR", "Nguyễn Thị Lan", "M1", "")]
    ['0987•••321', 'HK-2F8FMR', 'N• T• L•', 'M1', '']
    """
    digits = sum(letter.isdigit() for letter in payee)
    if digits >= _DIGITS_MIN:
        return f"{payee[:_HEAD]}•••{payee[-_TAIL:]}"
    if _CODE.fullmatch(payee):
        return payee
    return " ".join(f"{word[0]}•" for word in payee.split())


def party_name(key: bytes, payee: str) -> str:
    """A name that is the same for the same party within one draw and says nothing of who it is."""
    return hmac.digest(key, payee.encode(), "sha256").hex()[:_PARTY_LENGTH]


def periods_over(names: Sequence[str], last_day: date, today: date) -> list[str]:
    """Those of a chain's periods that no payment can fall into any more.

    >>> periods_over(["2023-08", "2023-09"], date(2023, 9, 15), date(2023, 9, 15))
    ['2023-08']
    >>> periods_over(["2023-08", "2023-09"], date(2023, 9, 15), date(2023, 9, 16))
    ['2023-08', '2023-09']
    """
    return [name for name in names if today > last_day or name < today.isoformat()[: len(name)]]


def period_words(period: str) -> str:
    """A draw's period as people say it.

    >>> period_words("2023-08-01"), period_words("2023-08"), period_words("policy")
    ('01/08/2023', 'tháng 08/2023', 'cả chương trình')
    """
    if not period[:1].isdigit():
        return "cả chương trình"
    turned = "/".join(reversed(period.split("-")))
    return turned if len(period) > len("2023-08") else f"tháng {turned}"


def require_over(last_day: date | None, today: date) -> None:
    """Raises ConflictError while payments may still bring tickets: whoever knows the seed could choose among them."""
    if last_day is not None and today <= last_day:
        raise ConflictError(
            f"Chương trình còn đến hết {last_day:%d/%m/%Y}, vẫn có thể thêm phiếu.",
            remedy="Hãy chốt danh sách phiếu sau ngày ấy.",
        )

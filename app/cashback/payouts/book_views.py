"""The books on the page: every entry, filtered by figure, person, month or run, and as a file."""

from collections.abc import Iterator
from typing import Final

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.audit.exports import Leaving, export_list
from app.cashback.payouts import queries
from app.cashback.payouts.books import FIGURES, Wanted, every_line, lines_page, sum_of, wanted_of
from app.cashback.payouts.rules.postings import CAUSES, ROLE_NAMES
from app.cashback.payouts.rules.roles import READERS
from app.cashback.payouts.statements import month_in_words
from app.places.models import Unit
from app.tables.cells import Cell
from app.vn.dates import wall_clock
from app.web.access import allow, current_actor
from app.web.paging import requested_cut
from app.web.row_ids import row_id

_HEADING: Final = (
    "Ghi lúc", "Khoản", "Vai", "Người nhận", "Mã giao dịch", "Ngày giao dịch", "Số tiền", "Chính sách", "Bản",
    "Phần thưởng", "Tài khoản ghi nợ", "Tài khoản ghi có", "Đợt chi trả", "Lần ghi sổ", "Mã khoản",
)  # fmt: skip

pages = Blueprint("books", __name__, url_prefix="/desk/payouts")


@pages.get("/ledger")
@allow(*READERS)
def ledger() -> str:
    """What a figure of the books is made of."""
    unit, wanted = _asked()
    cut = requested_cut()
    count, total = sum_of(unit.id, wanted)
    page = lines_page(unit.id, wanted, cut, count)
    return render_template(
        "payouts/ledger.html",
        unit=unit,
        wanted=wanted,
        page=page,
        total_vnd=total,
        figures=[("", "Mọi khoản"), *((name, words) for name, (words, _) in FIGURES.items())],
        names=queries.payee_names(line.entry.payee for line in page.items),
        titles=queries.policy_titles(line.entry.policy for line in page.items if line.entry.policy),
        payee_roles=ROLE_NAMES,
        causes=CAUSES,
        month_in_words=month_in_words,
    )


@pages.get("/ledger.<format_name>")
@allow(*READERS)
def as_file(format_name: str) -> ResponseReturnValue:
    """Every entry that matches, in the order of writing; written down, for it says who was owed what."""
    unit, wanted = _asked()
    leaving = Leaving("ledger.export", ("ledger", unit.id))
    return export_list(
        leaving, f"so-hoan-tien-{unit.code}.{format_name}", "Sổ hoàn tiền", _HEADING, _rows(unit.id, wanted)
    )


def _asked() -> tuple[Unit, Wanted]:
    unit = queries.commune_in_reach(current_actor(), request.args.get("unit", type=row_id), *READERS)
    return unit, wanted_of(request.args)


def _rows(unit_id: int, wanted: Wanted) -> Iterator[list[Cell | None]]:
    for line in every_line(unit_id, wanted):
        one = line.entry
        yield [
            wall_clock(one.posted_at), CAUSES[one.cause], ROLE_NAMES[one.role], one.payee, one.reference,
            one.day, line.signed_vnd, one.policy, one.version or None, one.reward or None, one.debit,
            one.credit, one.batch_id, one.posting_id, one.id,
        ]  # fmt: skip

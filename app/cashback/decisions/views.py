"""The list of a run's decisions: filtered, a page at a time, or as a file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from app.audit.exports import Leaving, export_list
from app.cashback.decisions.queries import decisions_of, reasons_in
from app.cashback.decisions.rules import Wanted, wanted_of
from app.cashback.models import CashbackRun
from app.cashback.queries import run_folder, run_of
from app.cashback.rules import Per
from app.cashback.wording import PARTIES, PERIODS, REASON_NAMES, Told
from app.errors import NotFoundError, RefusedError
from app.settings import Settings
from app.tables.cells import Cell
from app.transactions.queries import READERS
from app.web.access import allow, current_actor
from app.web.paging import requested_cut

_HEADING: Final = (
    "Phần thưởng", "Vai", "Người nhận", "Mã giao dịch", "Lúc", "Số tiền giao dịch", "Tiền thưởng", "Lý do", "Kỳ đếm",
    "Đã dùng", "Tối đa", "Bị lấy lại bởi",
)  # fmt: skip

pages = Blueprint("decisions", __name__, url_prefix="/desk/cashback/runs/<int:run_id>")


@pages.get("/decisions")
@allow(*READERS)
def listed(run_id: int) -> str:
    """What a number of the run's page counts: every decision that matches, with its reason."""
    run, fault = run_of(current_actor(), run_id), ""
    try:
        wanted = wanted_of(request.args)
    except RefusedError as wrong:
        wanted, fault = wanted_of({**request.args, "day": ""}), str(wrong)
    folder, cut = run_folder(_settings().facts_dir, run.id), requested_cut()
    with decisions_of(folder, wanted) as decisions:
        counted = decisions.counted()
        page = cut.page(decisions.page(cut), counted.decisions)
    return render_template(
        "cashback/decisions.html",
        run=run,
        wanted=wanted,
        day_fault=fault,
        counted=counted,
        page=page,
        reasons=[("", "Mọi lý do"), *((word, _capital(REASON_NAMES[word])) for word in reasons_in(folder))],
        rewards=_rewards(run),
        names=REASON_NAMES,
        parties=PARTIES,
        periods=PERIODS,
    )


@pages.get("/decisions.<format_name>")
@allow(*READERS)
def as_file(run_id: int, format_name: str) -> ResponseReturnValue:
    """Every decision that matches; written down, for it says who paid where."""
    leaving = Leaving("cashback.export", ("cashback_run", run_id))
    return export_list(leaving, f"quyet-dinh-{run_id}.{format_name}", "Quyết định", _HEADING, _rows(*_asked(run_id)))


def _asked(run_id: int) -> tuple[Path, Wanted]:
    """Folder and filter of a file. Raises NotFoundError where there is no such list."""
    folder = run_folder(_settings().facts_dir, run_of(current_actor(), run_id).id)
    try:
        wanted = wanted_of(request.args)
    except RefusedError:
        raise NotFoundError("Không có danh sách này.", remedy="Hãy mở lại lần xét rồi tải.") from None
    with decisions_of(folder, wanted):
        return folder, wanted


def _rows(folder: Path, wanted: Wanted) -> Iterator[list[Cell | None]]:
    with decisions_of(folder, wanted) as decisions:
        yield from map(_row, decisions.every())


def _row(one: Told) -> list[Cell | None]:
    per = PERIODS[Per(one.counter_per)] if one.counter_per and one.counter_per != "budget" else ""
    counted = "ngân sách" if one.counter_per == "budget" else per
    return [
        one.reward, PARTIES[one.role], "" if one.role == "fund" else one.payee, one.reference, one.paid_at,
        one.line_amount_vnd, one.amount_vnd, REASON_NAMES[one.reason], counted, one.counter_used, one.counter_limit,
        one.taken_back_by,
    ]  # fmt: skip


def _rewards(run: CashbackRun) -> list[tuple[str, str]]:
    """The rewards to choose from; nothing to choose where there is only one."""
    found = [(str(each["reward"]), f"{each['reward']}: {PARTIES[each['to']]}") for each in run.summary["rewards"]]
    return [("", "Mọi phần thưởng"), *found] if len(found) > 1 else []


def _capital(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}"


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings

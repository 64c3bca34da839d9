"""The worklist: what wants attention, who looks after it, what was put aside, and what is over."""

import tempfile

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.audit.actions import record
from app.audit.words import act_words
from app.db import unit_of_work
from app.errors import DomainError, NotFoundError
from app.registry import forms
from app.registry.actions.issues import assign_issue, note_issue, snooze_issue
from app.registry.queries.views import first_view
from app.registry.queries.worklist import (
    PARTS,
    WHO,
    WorkFilter,
    WorkLine,
    helper,
    helpers,
    issue_in_reach,
    part_counts,
    work_counts,
    work_page,
    work_rows,
)
from app.registry.rules.issues import ISSUES, SNOOZES
from app.registry.rules.rights import KEEPERS, READERS, RECORDERS, SHARERS
from app.registry.sweeping import look_again
from app.registry.views.frame import pages
from app.registry.views.saved import view_address, view_bar
from app.tables import Cell, Sheet, write_xlsx
from app.vn.dates import format_date, format_datetime, local_date
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.downloads import download
from app.web.paging import PER_PAGE_MAX, requested_cut, same_filter
from app.web.row_ids import row_id

HEADINGS = [
    "Mã hồ sơ",
    "Hộ kinh doanh",
    "Quầy",
    "Nơi bán",
    "Việc",
    "Cách làm",
    "Ghi chú",
    "Thấy từ",
    "Ai lo",
    "Gác đến",
    "Vì sao gác",
    "Xong lúc",
    "Nhờ",
]


@pages.get("/issues")
@pages.get("/merchants/issues")
@allow(*READERS)
def issues() -> ResponseReturnValue:
    """What wants attention, the worst first; it is gone when its cause is gone."""
    actor, now = current_actor(), moment()
    first = None if request.args else first_view(actor, "issues")
    if first is not None:
        return redirect(view_address(first))
    look_again(now)
    wanted = work_filter(request.args)
    counts = work_counts(actor, wanted, now)
    return render_template(
        "registry/issues.html",
        page=work_page(actor, wanted, now, requested_cut(), counts),
        wanted=wanted,
        counts=counts,
        parts=part_counts(actor, now),
        part_words=PARTS,
        kinds=ISSUES,
        whose=WHO,
        zones=forms.zone_options(actor),
        snoozes=SNOOZES,
        people=helpers(actor) if actor.has(*SHARERS) else [],
        act_words=act_words,
        views=view_bar(actor, "issues"),
        view_address=view_address,
    )


@pages.get("/issues/export.xlsx")
@allow(*KEEPERS)
def export_issues() -> Response:
    """The worklist as a table to print or hand out, with who took it out; written down."""
    actor, now = current_actor(), moment()
    wanted = work_filter(request.args)
    rows = [_cells(line) for line in work_rows(actor, wanted, now)]
    about: list[list[Cell]] = [["Người xuất", actor.name], ["Xuất lúc", format_datetime(now)], ["Số dòng", len(rows)]]
    with unit_of_work():
        record(actor, now, "issue.export", ("merchant_list", "xlsx"), after={"rows": len(rows), "show": wanted.show})
    with tempfile.TemporaryFile() as stream:
        write_xlsx(stream, [Sheet("Việc cần xử lý", HEADINGS, rows), Sheet("Về tệp này", ["", ""], about)])
        stream.seek(0)
        return download(stream.read(), f"viec-can-xu-ly-{local_date(now):%Y%m%d}.xlsx")


def _cells(line: WorkLine) -> list[Cell]:
    row, merchant = line.row, line.merchant
    ended = act_words(row.closed_how) if row.closed_how else ""
    return [
        merchant.code if merchant else "",
        (merchant.shop_name or merchant.holder_name) if merchant else "",
        ", ".join(merchant.stalls) if merchant else "",
        ", ".join(merchant.zones) or merchant.place if merchant else "",
        line.issue.label if line.issue else row.kind,
        line.issue.remedy if line.issue and row.closed_at is None else "",
        row.note,
        format_date(row.found_at),
        row.assigned_to,
        format_date(row.snoozed_until) if row.snoozed_until else "",
        row.snooze_reason,
        format_datetime(row.closed_at) if row.closed_at else "",
        f"{ended} {row.closed_by}".strip(),
    ]


@pages.post("/issues")
@allow(*RECORDERS)
def work_on_issues() -> Response:
    """Takes over, hands over or puts aside every trouble that was ticked."""
    form = request.form
    ticked = [key for each in form.getlist("issue") if (key := row_id(each)) is not None][:PER_PAGE_MAX]
    done = 0
    try:
        with unit_of_work():
            for issue_id in ticked:
                _work_on(issue_id, form.get("act", ""))
                done += 1
    except NotFoundError:
        raise
    except DomainError as wrong:
        flash(str(wrong), "error")
        return _back()
    flash(f"Đã ghi cho {done} việc." if done else "Chưa chọn việc nào.", "good" if done else "warn")
    return _back()


def _work_on(issue_id: int, act: str) -> None:
    actor, now, form = current_actor(), moment(), request.form
    issue = issue_in_reach(actor, issue_id, *RECORDERS)
    if act == "take":
        assign_issue(actor, now, issue, actor.id, actor.name)
    elif act == "drop":
        assign_issue(actor, now, issue, None, "")
    elif act == "give":
        person = helper(actor, row_id(form.get("person", "")))
        assign_issue(actor, now, issue, person.id, person.full_name)
    elif act == "note":
        note_issue(actor, now, issue, form.get("note", ""))
    elif act in {"snooze", "wake"}:
        days = form.get("days", "") if act == "snooze" else "0"
        snooze_issue(actor, now, issue, int(days) if days in {"0", *SNOOZES} else -1, form.get("reason", ""))
    else:
        raise NotFoundError("Không có việc này.")


def work_filter(args: "MultiDict[str, str]") -> WorkFilter:
    """What the worklist is narrowed to by its address; nonsense narrows nothing."""
    show, who = args.get("show", "open"), args.get("who", "")
    return WorkFilter(
        show if show in PARTS else "open",
        tuple(kind for kind in args.getlist("kind") if kind in ISSUES),
        who if who in WHO else "",
        row_id(args.get("zone", "")),
        args.get("grave") == "1",
    )


def _back() -> Response:
    return redirect(same_filter("registry.issues") if request.args else url_for("registry.issues", view="all"))

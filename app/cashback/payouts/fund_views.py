"""The commune's fund by hamlet and Youth Union branch: as page, workbook and paper, and the list that tells."""

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.cashback.payouts import queries
from app.cashback.payouts.documents import letter_pdf
from app.cashback.payouts.funds import fund_entries, fund_shares, take_homes
from app.cashback.payouts.rules.roles import KEEPERS, READERS
from app.cashback.payouts.statements import file_name, fund_statement, fund_workbook, month_in_words
from app.cashback.payouts.views import leaving
from app.db import unit_of_work
from app.errors import DomainError, NotFoundError, RefusedError
from app.evidence import keep_file
from app.money import format_number
from app.places.queries import unit as place
from app.settings import Settings
from app.vn.dates import local_date
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.downloads import download
from app.web.row_ids import row_id

pages = Blueprint("funds", __name__, url_prefix="/desk/payouts")


@pages.get("/<int:batch_id>/fund")
@allow(*READERS)
def fund(batch_id: int) -> str:
    """What each hamlet and branch earned the fund in this payout."""
    found = queries.batch_in_reach(current_actor(), batch_id, *READERS)
    entries = fund_entries(found, _settings().evidence_dir)
    return render_template(
        "payouts/fund.html",
        batch=found,
        unit=place(found.unit_id),
        shares=fund_shares(entries),
        total=sum(each.entry.signed_vnd for each in entries),
        unknown=sum(1 for each in entries if not each.home.hamlet),
        month_in_words=month_in_words,
        may_keep=current_actor().has(*KEEPERS),
    )


@pages.get("/<int:batch_id>/fund.<kind>")
@allow(*READERS)
def fund_file(batch_id: int, kind: str) -> Response:
    """The same as PDF or workbook."""
    found = queries.batch_in_reach(current_actor(), batch_id, *READERS)
    if kind not in {"pdf", "xlsx"}:
        raise NotFoundError("Không có tệp này.", remedy="Tệp có hai dạng: PDF và Excel.")
    entries = fund_entries(found, _settings().evidence_dir)
    shares = fund_shares(entries)
    if not shares:
        raise NotFoundError("Đợt chi trả này không có khoản nào của quỹ.")
    leaving(found).write_down(f"fund.{kind}")
    name = file_name(found, "quy-theo-thon", kind)
    if kind == "xlsx":
        return download(fund_workbook(found, shares, entries), name)
    unit = place(found.unit_id)
    today = local_date(moment())
    paper = fund_statement(found, shares, issuer=f"Uỷ ban nhân dân {unit.title}", place=unit.name, today=today)
    return download(letter_pdf(paper), name)


@pages.post("/homes")
@allow(*KEEPERS)
def homes() -> ResponseReturnValue:
    """A list that says in which hamlet and branch subscribers count."""
    actor, sent = current_actor(), request.files.get("file")
    unit = queries.commune_in_reach(actor, request.form.get("unit", type=row_id), *KEEPERS)
    batch_id = request.form.get("batch", type=row_id)
    try:
        if sent is None or not sent.filename:
            raise RefusedError("Chưa chọn tệp.", remedy="Hãy chọn danh sách thuê bao.")
        data = sent.stream.read()
        with unit_of_work():
            count = take_homes(actor, moment(), unit.id, data, sent.filename)
            keep_file(_settings().evidence_dir, data)
    except DomainError as wrong:
        flash(str(wrong), "error")
    else:
        flash(f"Đã ghi thôn, chi đoàn của {format_number(count)} thuê bao.", "good")
    if batch_id is not None:
        return redirect(url_for("funds.fund", batch_id=batch_id))
    return redirect(url_for("payouts.home", unit=unit.id))


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings

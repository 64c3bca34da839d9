"""A person's own data: what they agreed to, taking it back, a copy of everything, requests, being forgotten."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.actors import Actor
from app.audit.actions import record
from app.db import unit_of_work
from app.errors import NotFoundError, RefusedError
from app.evidence import digest_of, forget_file, keep_file, kept_file
from app.places.queries import commune_of
from app.registry.actions.consents import check_consent, give_consent, withdraw_consent
from app.registry.actions.erasing import erase_person
from app.registry.actions.requests import close_request, log_request, prolong_request
from app.registry.erased import note_erased
from app.registry.models import Merchant
from app.registry.queries.persons import (
    given_consents,
    open_requests,
    personal_data,
    request_of,
    request_page,
    requests_of,
)
from app.registry.queries.reach import merchant_by_code
from app.registry.queries.records import consents_of
from app.registry.receipts import person_pdf, receipt_pdf
from app.registry.rules import requests as rules
from app.registry.rules.entries import EntryError, Fault, Faults, NewConsent
from app.registry.rules.rights import KEEPERS, READERS, RECORDERS
from app.registry.rules.signatures import drawn_signature, read_signature
from app.registry.rules.texts import CONSENT_OPENING, CONSENT_TEXTS, CONSENT_VERSION, RIGHTS_TEXT
from app.registry.rules.words import PURPOSES
from app.registry.views.frame import pages
from app.settings import Settings
from app.vn.dates import DateError, format_datetime, local_date, parse_date
from app.web.access import allow, current_actor, present
from app.web.clock import moment
from app.web.downloads import download
from app.web.paging import requested_cut


@pages.get("/merchants/<code>/consent")
@allow(*READERS)
def consent(code: str) -> str:
    """What this person agreed to, and what they asked for."""
    return _consent_page(merchant_by_code(current_actor(), code), MultiDict())


def _consent_page(found: Merchant, form: "MultiDict[str, str]", faults: Sequence[Fault] = ()) -> str:
    """The page; `form` is what was typed where it could not be kept, `faults` why."""
    today = local_date(moment())
    return render_template(
        "registry/consent.html",
        merchant=found,
        form=form,
        faults={fault.field: fault.message for fault in faults},
        purposes=consents_of(found, today),
        given=given_consents(found),
        requests=requests_of(found),
        request_kinds=rules.KINDS,
        request_states=rules.STATES,
        texts=CONSENT_TEXTS,
        opening=CONSENT_OPENING,
        rights_text=RIGHTS_TEXT,
        version=CONSENT_VERSION,
        today=today,
    )


@pages.post("/merchants/<code>/consent")
@allow(*RECORDERS)
def agree(code: str) -> ResponseReturnValue:
    """A yes for each purpose that was ticked; one that is refused leaves none written, and the form as it was."""
    actor, now, form = current_actor(), moment(), request.form
    found = merchant_by_code(actor, code, *RECORDERS)
    try:
        _agree(actor, now, found)
    except EntryError as wrong:
        flash(str(wrong), "error")
        return _consent_page(found, form, wrong.faults), 422
    flash("Đã ghi. In phiếu và đưa cho người bán giữ.", "good")
    return _back(found)


def _agree(actor: Actor, now: datetime, found: Merchant) -> None:
    form = request.form
    faults, until, method, drawing = Faults(), None, form.get("method", ""), b""
    purposes = form.getlist("purpose")
    if not purposes:
        faults.add("purpose", "Chưa chọn mục đích nào. Người bán đồng ý mục nào thì chọn mục đó.")
    if method == "signature":
        words = f"{found.code}, {format_datetime(now)}"
        try:
            drawing = read_signature(form.get("signature", "")).svg(words)
        except EntryError as wrong:
            faults.found.extend(wrong.faults)
    try:
        until = _day(form.get("expires_on", ""))
    except RefusedError as wrong:
        faults.add("expires_on", str(wrong))
    evidence = f"signature:{digest_of(drawing)}" if drawing else ""
    witness = form.get("witness", "") if method == "spoken" else ""
    entry = NewConsent("register", method, CONSENT_VERSION, witness, evidence, until)
    check_consent(now, entry, faults)
    faults.refuse()
    with unit_of_work():
        for purpose in purposes:
            give_consent(actor, now, found, replace(entry, purpose=purpose))
        if drawing:
            keep_file(_evidence_dir(), drawing)


@pages.get("/merchants/<code>/consent/<int:consent_id>/signature.svg")
@allow(*RECORDERS)
def signature(code: str, consent_id: int) -> Response:
    """The signature a consent was given with."""
    found = merchant_by_code(current_actor(), code, *RECORDERS)
    given = next((each for each in given_consents(found) if each.id == consent_id), None)
    digest = given.signature_digest if given is not None else ""
    if not digest:
        raise NotFoundError("Không có chữ ký này.", remedy="Hãy mở lại trang đồng ý.")
    return Response(kept_file(_evidence_dir(), digest), mimetype="image/svg+xml")


@pages.post("/merchants/<code>/consent/withdraw")
@allow(*RECORDERS)
def disagree(code: str) -> Response:
    """Takes back one purpose, or all of them, with one click; the request is written down as done."""
    actor, now = current_actor(), moment()
    found = merchant_by_code(actor, code, *RECORDERS)
    wanted = request.form.get("purpose", "")
    with unit_of_work():
        ended = sum(
            withdraw_consent(actor, now, found, purpose, "Người bán yêu cầu.")
            for purpose in ([wanted] if wanted in PURPOSES else PURPOSES)
        )
        if ended:
            logged = log_request(actor, now, found, "withdraw", local_date(now))
            close_request(actor, now, logged, "done")
    flash("Đã rút. Trang công khai và tệp xuất dừng ngay." if ended else "Không có đồng ý nào để rút.", "good")
    return _back(found)


@pages.get("/merchants/<code>/consent/receipt.pdf")
@allow(*RECORDERS)
def receipt(code: str) -> Response:
    """The receipt to hand over, on A5."""
    found = merchant_by_code(current_actor(), code, *RECORDERS)
    given = given_consents(found)
    signed = {
        each.signature_digest: drawn_signature(kept_file(_evidence_dir(), each.signature_digest))
        for each in given
        if each.signature_digest and each.withdrawn_at is None
    }
    paper = receipt_pdf(found, given, _issuer(found), local_date(moment()), signed)
    return download(paper, f"phieu-dong-y-{found.code}.pdf")


@pages.post("/merchants/<code>/data/<format_name>")
@allow(*KEEPERS)
def personal_copy(code: str, format_name: str) -> Response:
    """All that is known about this person, as JSON or on paper; written down."""
    actor, now = current_actor(), moment()
    found = merchant_by_code(actor, code, *KEEPERS)
    rows = personal_data(found)
    with unit_of_work():
        record(actor, now, "person.export", ("merchant", found.id), after={"format": format_name})
    if format_name == "pdf":
        return download(person_pdf(found, rows, _issuer(found), local_date(now)), f"du-lieu-{found.code}.pdf")
    about = {
        "merchant": found.code,
        "made_at": now.isoformat(),
        "issuer": _issuer(found),
        "tables": rows,
        "signatures": {
            digest: kept_file(_evidence_dir(), digest).decode()
            for digest in sorted({each.signature_digest for each in given_consents(found)} - {""})
        },
    }
    return download(json.dumps(about, ensure_ascii=False, indent=1).encode(), f"du-lieu-{found.code}.json")


@pages.post("/merchants/<code>/requests")
@allow(*RECORDERS)
def new_request(code: str) -> Response:
    """Writes a request down; its clocks run from the day it came."""
    actor, now, form = current_actor(), moment(), request.form
    found = merchant_by_code(actor, code, *RECORDERS)
    received = _day(form.get("received_on", "")) or local_date(now)
    with unit_of_work():
        shared = form.get("third_party") == "1"
        logged = log_request(actor, now, found, form.get("kind", ""), received, third_party=shared)
    flash(f"Đã ghi yêu cầu. Hạn trả lời {logged.answer_by:%d/%m/%Y}, hạn xong {logged.due_on:%d/%m/%Y}.", "good")
    return _back(found)


@pages.post("/merchants/<code>/requests/<int:request_id>")
@allow(*KEEPERS)
def end_request(code: str, request_id: int) -> Response:
    """Prolonged once, done, or declined with the reason."""
    actor, now, form = current_actor(), moment(), request.form
    found = merchant_by_code(actor, code, *KEEPERS)
    asked = request_of(found, request_id)
    with unit_of_work():
        if form.get("act") == "prolong":
            prolong_request(actor, now, asked, form.get("note", ""))
        else:
            close_request(actor, now, asked, form.get("act", ""), form.get("note", ""))
    flash("Đã ghi.", "good")
    return _back(found)


@pages.post("/merchants/<code>/erase")
@allow(*KEEPERS)
@present
def erase(code: str) -> ResponseReturnValue:
    """Forgets this person; asks for the code, since nothing brings it back."""
    actor, now = current_actor(), moment()
    found = merchant_by_code(actor, code, *KEEPERS)
    if request.form.get("code", "").strip().upper() != found.code:
        raise RefusedError("Mã hồ sơ gõ lại chưa đúng.", remedy=f"Hãy gõ {found.code} để chắc chắn.")
    settings: Settings = current_app.config["SETTINGS"]
    with unit_of_work():
        for asked in requests_of(found):
            if asked.kind == "erase" and asked.state == "open":
                close_request(actor, now, asked, "done")
        gone = erase_person(actor, now, found, settings.secret_key, request.form.get("reason", "")[:200])
    for digest in gone.files:
        forget_file(settings.evidence_dir, digest)
    note_erased(settings.instance)
    flash(f"Đã xoá dữ liệu cá nhân của {', '.join(gone.codes)}.", "good")
    return redirect(url_for("registry.merchants"))


@pages.get("/requests")
@allow(*KEEPERS)
def requests_list() -> str:
    """Every request with its clocks, the most urgent first."""
    actor, now = current_actor(), moment()
    state = request.args.get("state", "open")
    state = state if state in rules.STATES else "open"
    return render_template(
        "registry/requests.html",
        page=request_page(actor, state, requested_cut()),
        state=state,
        counts=open_requests(actor, now),
        request_kinds=rules.KINDS,
        request_states=rules.STATES,
        today=local_date(now),
    )


def _evidence_dir() -> Path:
    settings: Settings = current_app.config["SETTINGS"]
    return settings.evidence_dir


def _back(found: Merchant) -> Response:
    return redirect(url_for("registry.consent", code=found.code))


def _issuer(found: Merchant) -> str:
    commune = commune_of(found.unit)
    return f"Uỷ ban nhân dân {commune.kind} {commune.name}"


def _day(text: str) -> date | None:
    """The day of a field, None where it is empty. Raises RefusedError for what is no day."""
    try:
        return parse_date(text) if text.strip() else None
    except DateError as wrong:
        raise RefusedError(str(wrong)) from wrong

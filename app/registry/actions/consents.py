"""Consent: given for one purpose at a time, provable, and taken back with one click."""

import re
from datetime import datetime
from typing import Final

from sqlalchemy import select

from app.actors import Actor
from app.audit.actions import record
from app.db import db
from app.registry.actions.milestones import note_milestone
from app.registry.actions.states import refresh_states
from app.registry.models import Consent, Merchant
from app.registry.rules.entries import Faults, NewConsent, clean
from app.registry.rules.stages import CONSENTED
from app.registry.rules.words import CONSENT_METHODS, PURPOSES
from app.vn.dates import local_date

#: A signature is kept as a file under its SHA-256 (app.evidence).
SIGNED: Final = re.compile(r"signature:[0-9a-f]{64}")


def give_consent(actor: Actor, now: datetime, merchant: Merchant, entry: NewConsent) -> Consent:
    """Writes down a yes. Raises RefusedError where purpose, way or witness is missing: silence is not consent."""
    faults = Faults()
    check_consent(now, entry, faults)
    faults.refuse()
    consent = Consent(
        merchant_id=merchant.id,
        purpose=entry.purpose,
        text_version=entry.text_version,
        method=entry.method,
        witness=clean(entry.witness)[:120],
        evidence=entry.evidence,
        given_at=now,
        expires_on=entry.expires_on,
        recorded_at=now,
        recorded_by_id=actor.id,
        recorded_by=actor.name,
    )
    db.session.add(consent)
    db.session.flush()
    record(
        actor,
        now,
        "consent.give",
        ("merchant", merchant.id),
        after={"purpose": entry.purpose, "method": entry.method, "text": entry.text_version},
    )
    if entry.purpose == "register":
        note_milestone(actor, now, merchant.id, CONSENTED, now, evidence=f"consent:{consent.id}")
    refresh_states([merchant.id])
    return consent


def check_consent(now: datetime, entry: NewConsent, faults: Faults) -> None:
    """What is missing for this yes to be one goes to `faults`; a signature already found wanting is told once."""
    if entry.purpose not in PURPOSES:
        faults.add("purpose", "Mục đích này không có trong danh sách. Hãy chọn từng mục đích.")
    if entry.method not in CONSENT_METHODS:
        faults.add("method", "Chưa chọn cách đồng ý. Hãy chọn ký trên giấy, ký trên màn hình hoặc nói miệng.")
    if entry.method == "spoken" and not clean(entry.witness):
        faults.add("witness", "Đồng ý bằng lời cần tên người chứng kiến. Hãy ghi họ tên người chứng kiến.")
    told = any(fault.field == "signature" for fault in faults.found)
    if entry.method == "signature" and not told and not SIGNED.fullmatch(entry.evidence):
        faults.add("signature", "Ký trên màn hình cần chữ ký. Hãy để người bán ký, hoặc chọn cách đồng ý khác.")
    if entry.expires_on is not None and entry.expires_on < local_date(now):
        faults.add("expires_on", "Ngày hết hạn đồng ý đã qua. Hãy chọn ngày sau hôm nay.")


def withdraw_consent(actor: Actor, now: datetime, merchant: Merchant, purpose: str, reason: str = "") -> int:
    """Takes back every yes for this purpose (it ends at once: public page, map and exports); how many there were."""
    query = select(Consent).where(
        Consent.merchant_id == merchant.id, Consent.purpose == purpose, Consent.withdrawn_at.is_(None)
    )
    withdrawn = list(db.session.scalars(query))
    for consent in withdrawn:
        consent.withdrawn_at, consent.withdraw_reason = now, reason
    if withdrawn:
        db.session.flush()
        record(actor, now, "consent.withdraw", ("merchant", merchant.id), before={"purpose": purpose}, reason=reason)
        refresh_states([merchant.id])
    return len(withdrawn)

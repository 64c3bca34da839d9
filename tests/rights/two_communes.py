"""Two communes side by side, each with a record of every kind: what the matrix of rights walks through.

Everything of the second one carries `MARK` in its names, so that a page which shows it to a stranger gives itself away.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from flask import Flask

from app.accounts.actions import Grant, create_user
from app.accounts.devices import issue_device
from app.actors import APPROVER, COORDINATOR, SYSTEM, VOLUNTEER, Actor, Scope
from app.audit.models import AuditEvent
from app.cashback.activity.models import ActivityReview, RelatedPayer
from app.cashback.activity.rules import DECISIONS, FLAG_NAMES, RELATIONS
from app.cashback.models import CashbackRun
from app.cashback.payouts.models import PayoutBatch, PayoutLine
from app.db import Model, db, unit_of_work
from app.evidence import keep_file
from app.jobs.actions import enqueue
from app.places.actions import create_commune, create_hamlet, create_province, create_zone, lay_out_market
from app.places.actions.zones import ZoneDetails
from app.places.models import Unit, Zone
from app.places.queries import stalls_of
from app.places.rules import Layout
from app.printing.models import OfficePrinter, PieceChange, PieceStep, PrintLink, PrintLot, PrintPiece
from app.printing.notices.models import Collection, Notice
from app.registry.actions.accounts import approve_account, propose_account
from app.registry.actions.consents import give_consent
from app.registry.actions.imports import stage_list
from app.registry.actions.merchants import register_merchant
from app.registry.actions.merging import compare_by_hand, merge_merchants
from app.registry.actions.milestones import record_milestone
from app.registry.actions.points import hand_over, open_point
from app.registry.actions.requests import log_request
from app.registry.models import (
    BulkAct,
    ImportBatch,
    IssueRecord,
    Merchant,
    PaymentAccount,
    QrAsset,
    SavedView,
)
from app.registry.receiving import headed_list
from app.registry.rules.entries import NewAccount, NewConsent, NewMerchant, NewPoint
from app.registry.rules.texts import CONSENT_VERSION
from app.settings import Settings
from app.transactions.mapping.models import ReportUpload
from app.transactions.models import SETTLEMENT_STATES, ConflictSettlement, Report
from app.vn.dates import local_date
from tests.cashback.test_pages import REPORT, adopted, post, send
from tests.conftest import browser_of
from tests.registry.scene import someone
from tests.registry.test_lists import as_csv, rows

#: Numbers that none of the people of the scene have: else a sample account would decide what a real one proposed.
LAN, BINH = someone(9001, COORDINATOR), someone(9002, APPROVER)
MARK = "Zuwo"  # no Vietnamese syllable: nothing else on a page looks like it
ACCOUNTS = {"": "0011001230", MARK: "0077007730"}


@dataclass(frozen=True, slots=True)
class Commune:
    """One commune: a record of each kind by name, columns that lead to it, and all it ever had an event of."""

    mark: str
    rows: Mapping[str, Any]
    keys: Mapping[str, frozenset[int]]
    subjects: frozenset[tuple[str, str]]

    def owns(self, row: object) -> bool:
        """Whether a row belongs to this commune by one of its columns."""
        return any(getattr(row, column, None) in ids for column, ids in self.keys.items())


def two_communes(app: Flask, now: datetime) -> tuple[Commune, Commune]:
    """The own one and the other."""
    return _commune(app, now, "99001", ""), _commune(app, now, "99002", MARK)


def _commune(app: Flask, now: datetime, code: str, mark: str) -> Commune:
    started = db.session.query(AuditEvent).count()
    with unit_of_work():
        province = create_province(f"9{code[-1]}", "tỉnh", f"Tỉnh {mark or 'Thử'}", SYSTEM, now)
        unit = create_commune(province, code, "xã", f"Xóm {mark or 'Thử'}", SYSTEM, now)
        hamlet = create_hamlet(unit, "thôn", f"Một {mark}".strip(), SYSTEM, now)
        zone = create_zone(ZoneDetails(unit_id=unit.id, kind="market", name=f"Chợ {mark or 'Thử'}"), SYSTEM, now)
        lay_out_market(zone, Layout(rows=1, stalls_per_row=3), SYSTEM, now)
        stall = stalls_of(zone.id)[-1]
    made = {**_registry(now, unit, zone, mark), **_people(now, unit, mark)}
    made |= {**_reward(app, unit, mark), **_paper(app, now, unit, mark, made), **_payout(now, unit, mark)}
    made |= _later(app, now, unit, mark, made)
    batch = _list(now, unit, mark)
    with unit_of_work():
        job = enqueue("thử", {}, Actor(made["volunteer"].id, f"Việc {mark}"), now)
    made |= {"unit": unit, "hamlet": hamlet, "zone": zone, "stall": stall, "batch": batch, "job": job}
    made["events"] = db.session.query(AuditEvent).filter(AuditEvent.id > started).all()
    subjects = frozenset((event.subject_kind, event.subject_id) for event in made["events"])
    return Commune(mark, made, _keys(made), subjects)


def _keys(made: Mapping[str, Any]) -> dict[str, frozenset[int]]:
    merchants = frozenset({made["shop"].id, made["pair"].one_id, made["pair"].other_id, made["merge"].kept_id})
    return {
        "unit_id": frozenset({made["unit"].id, made["hamlet"].id}),
        "zone_id": frozenset({made["zone"].id}),
        "point_id": frozenset({made["point"].id}),
        "stall_id": frozenset({made["stall"].id}),
        "account_id": frozenset({made["account"].id, made["proposal"].id}),
        "lot_id": frozenset({made["lot"].id}),
        "collection_id": frozenset({made["collection"].id}),
        "policy_version_id": frozenset({made["policy"].id}),
        "user_id": frozenset({made["volunteer"].id}),
        **dict.fromkeys(("merchant_id", "kept_id", "gone_id"), merchants),
    }


def _registry(now: datetime, unit: Unit, zone: Zone, mark: str) -> dict[str, Any]:
    def merchant(name: str, phone: str = "") -> Merchant:
        holder, shop = (f"{title} {name} {mark}".strip() for title in ("Lê Thị", "Hàng"))
        return register_merchant(LAN, now, NewMerchant(holder_name=holder, shop_name=shop, phone=phone), unit.id)

    def offered(holder: Merchant, tail: str) -> PaymentAccount:
        entry = NewAccount(bank_bin="970436", account_number=ACCOUNTS[mark] + tail, holder_name=holder.holder_name)
        return propose_account(LAN, now, holder, entry)

    with unit_of_work():
        shop = merchant("Mẫu", phone="0987654321")
        point = open_point(
            LAN, now, shop, NewPoint(code="B01", zone_id=zone.id, lat=19.8, lng=105.7, located_how="pin")
        )
        account = approve_account(BINH, now, offered(shop, "1").id)
        proposal = offered(shop, "2")
        newcomer = merchant("Mới")
        approve_account(BINH, now, offered(newcomer, "3").id)
        second = open_point(LAN, now, shop, NewPoint(code="B02", zone_id=zone.id))
        hand_over(LAN, now, second, newcomer, local_date(now))
        milestone = record_milestone(LAN, now, shop, "surveyed", now)
        issue = IssueRecord(kind="no_phone", merchant_id=newcomer.id, found_at=now)
        db.session.add(issue)
        consent = give_consent(LAN, now, shop, NewConsent("public_map", "paper", CONSENT_VERSION))
        request = log_request(LAN, now, shop, "copy", local_date(now))
        pair = compare_by_hand(shop, merchant("Giống"))
        merge = merge_merchants(LAN, now, merchant("Giữ"), merchant("Gộp"))
    asset = db.session.query(QrAsset).filter_by(point_id=point.id, state="active").one()
    waiting = db.session.query(QrAsset).filter_by(point_id=second.id, state="proposed").one()
    return {
        "shop": shop, "point": point, "account": account, "proposal": proposal, "milestone": milestone,
        "request": request, "pair": pair, "merge": merge, "asset": asset, "waiting": waiting,
        "consent": consent, "issue": issue,
    }  # fmt: skip


def _people(now: datetime, unit: Unit, mark: str) -> dict[str, Any]:
    with unit_of_work():
        grant = Grant(VOLUNTEER, Scope("unit", unit.id))
        name = f"tinhnguyen.{mark.lower() or 'thu'}"
        volunteer, _ = create_user(SYSTEM, now, name, f"Đội viên {mark or 'Thử'}", grants=[grant], must_change=False)
        device, _ = issue_device(SYSTEM, datetime.now().astimezone(), volunteer, "phone", f"Máy {mark}")
        bulk = BulkAct(kind="line", value=f"Hàng {mark}", asked=1, made_at=now, made_by_id=volunteer.id, made_by=mark)
        view = SavedView(
            list_name="merchants", name=f"Cách xem {mark}", query="sort=new", owner_id=volunteer.id, owner_name=mark,
            is_shared=True, unit_id=unit.id, changed_at=now,
        )  # fmt: skip
        db.session.add_all([bulk, view])
    return {"volunteer": volunteer, "device": device, "bulk": bulk, "view": view}


def _list(now: datetime, unit: Unit, mark: str) -> ImportBatch:
    data = as_csv([[cell.replace("Chợ Thử", f"Chợ {mark or 'Thử'}") for cell in row] for row in rows(2)])
    name = f"danh-sach-{mark or 'thu'}.csv"
    with unit_of_work():
        lan = Actor(None, "Lan", frozenset({COORDINATOR}), frozenset({Scope("all")}))
        headed = headed_list(data, name)
        return stage_list(lan, now, headed, unit, file_name=name, sha256=sha256(data).hexdigest(), size_bytes=len(data))


def _reward(app: Flask, unit: Unit, mark: str) -> dict[str, Any]:
    """A policy adopted, a report received and decided, by a coordinator of this commune on the pages."""
    scope = Scope("unit", unit.id)
    browser = browser_of(app, COORDINATOR, scope=scope)
    policy = adopted(browser, browser_of(app, APPROVER, scope=scope))
    send(browser, REPORT.replace("T90", f"{mark}90"), f"bao-cao-{mark or 'thu'}.csv")
    post(browser, f"/desk/cashback/policies/{policy.id}/run", points=(io.BytesIO(b"merchant\nM1\n"), f"{mark}.csv"))
    return {
        "report": db.session.query(Report).filter_by(unit_id=unit.id).one(),
        "run": db.session.query(CashbackRun).filter_by(unit_id=unit.id).one(),
        "policy": policy,
    }


def _paper(app: Flask, now: datetime, unit: Unit, mark: str, made: Mapping[str, Any]) -> dict[str, Any]:
    point, asset, number = made["point"], made["asset"], f"IN-2611-{mark or 'A'}"
    lot = PrintLot(
        number=number, state="ready", unit_id=unit.id, place=f"Chợ {mark}", design="standee-a6", theme="default",
        sheet="a4", filling="row", point_ids=[point.id], created_at=now, created_by=f"Lan {mark}",
    )  # fmt: skip
    db.session.add(lot)
    db.session.flush()
    piece = PrintPiece(
        lot_id=lot.id, sheet=1, cell=1, point_id=point.id, asset_id=asset.id, print_id=f"CT-{mark}-1", serial=1,
        state_at=now,
    )  # fmt: skip
    db.session.add(piece)
    change = PieceChange(source="by_hand", state="printed", pieces_count=1, at=now, by=f"Lan {mark}")
    db.session.add(change)
    db.session.flush()
    printer = OfficePrinter(
        unit_id=unit.id, name=f"Máy in {mark}", name_key=f"may in {mark}", right_um=0, down_um=0, measured_at=now
    )
    db.session.add(printer)
    token = sha256(f"đường dẫn {mark}".encode()).hexdigest()
    link = PrintLink(lot_id=lot.id, token_sha256=token, expires_at=now + timedelta(days=3), created_at=now)
    db.session.add(link)
    db.session.add(PieceStep(change_id=change.id, piece_id=piece.id, before="made", after="printed"))
    db.session.commit()
    settings: Settings = app.config["SETTINGS"]
    folder = settings.lots_dir / number
    folder.mkdir(parents=True)
    (folder / "manifest.csv").write_text(f"sheet\n{mark}\n", encoding="utf-8")
    return {
        "lot": lot,
        "piece": piece,
        "change": change,
        "link": link,
        "printer": printer,
        **_collection(settings, now, unit, mark, made),
    }


def _collection(settings: Settings, now: datetime, unit: Unit, mark: str, made: Mapping[str, Any]) -> dict[str, Any]:
    folder = settings.lots_dir / f"DT-2611-{mark or 'A'}"
    folder.mkdir(parents=True)
    (folder / "manifest.csv").write_text(f"sheet\n{mark}\n", encoding="utf-8")
    collection = Collection(
        number=folder.name, state="ready", unit_id=unit.id, point_id=made["point"].id, account_id=made["account"].id,
        payee_name=made["shop"].title, title=f"Học phí {mark}", form="slip", theme="default", created_at=now,
    )  # fmt: skip
    db.session.add(collection)
    db.session.flush()
    notice = Notice(
        collection_id=collection.id, line=2, payer_code=f"HS{mark}", payer_name=f"Bé {mark}", amount_vnd=1000,
        memo=f"HS{mark}",
    )  # fmt: skip
    db.session.add(notice)
    db.session.commit()
    return {"collection": collection, "notice": notice}


def _later(app: Flask, now: datetime, unit: Unit, mark: str, made: Mapping[str, Any]) -> dict[str, Any]:
    """Rows of one table each, made of what the table asks for."""
    settings: Settings = app.config["SETTINGS"]
    sent = keep_file(settings.evidence_dir, f"Mã,{mark}\n1,2\n".encode())
    flag, decision = next(iter(FLAG_NAMES)), next(iter(DECISIONS))
    rows = {
        "upload": plain(ReportUpload, now, mark, unit_id=unit.id, sha256=sent, file_name=f"{mark}.csv"),
        "settlement": plain(ConflictSettlement, now, mark, unit_id=unit.id, state=next(iter(SETTLEMENT_STATES))),
        "related": plain(RelatedPayer, now, mark, merchant_id=made["shop"].id, relation=next(iter(RELATIONS))),
        "review": plain(ActivityReview, now, mark, unit_id=unit.id, flag=flag, decision=decision),
    }
    db.session.add_all(rows.values())
    db.session.commit()
    return rows


def plain(model: type[Model], now: datetime, mark: str, **known: object) -> Model:
    """A row of this table: what is known, and something fitting in every other column that has to hold anything."""
    fitting = {str: mark or "x", int: 1, float: 1.0, bool: False, datetime: now, date: now.date(), bytes: b"x"}
    for column in model.__table__.columns:
        must = not column.nullable and column.default is None and not column.primary_key
        if must and column.name not in known:
            kind = getattr(column.type, "impl", column.type).python_type
            known[column.name] = fitting.get(kind, [])  # JSON is of no kind of its own
    return model(**known)


def _payout(now: datetime, unit: Unit, mark: str) -> dict[str, Any]:
    payout = PayoutBatch(unit_id=unit.id, month="2026-10", total_vnd=5000, drafted_by_id=1, drafted_at=now)
    payout.drafted_by = f"Lan {mark}"
    db.session.add(payout)
    db.session.flush()
    line = PayoutLine(batch_id=payout.id, role="merchant", payee=f"M{mark}", earned_vnd=5000, adjusted_vnd=0)
    line.amount_vnd = line.earned_vnd
    db.session.add(line)
    db.session.commit()
    return {"payout": payout, "line": line}

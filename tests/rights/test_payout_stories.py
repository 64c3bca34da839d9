"""Ways by which one person tried to be paid: each is refused with a sentence, and leaves an event in the audit."""

import io
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import openpyxl
import pytest
from flask import Flask, current_app
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from app.actors import ADMIN, APPROVER, COORDINATOR, Actor
from app.approval.actions import FourEyesError, record_key, record_proof
from app.approval.rules import MADE
from app.audit.models import AuditEvent
from app.cashback.models import CashbackRun, DrawCommitment, DrawStep, PolicyVersion
from app.cashback.payouts import queries
from app.cashback.payouts.actions import approve_payout
from app.cashback.payouts.models import LedgerEntry, LedgerPosting, PayoutBatch, PayoutItem
from app.cashback.payouts.own_runs import RunNotFitError
from app.cashback.payouts.posting import post_decisions
from app.cashback.queries import run_folder
from app.db import db, unit_of_work
from app.errors import ConflictError, RefusedError
from app.evidence import digest_of_file
from app.places.models import Unit
from app.settings import Settings
from app.transactions.models import ConflictSettlement, Report
from tests.cashback.test_conflicts import ONE, TWO, contents
from tests.cashback.test_conflicts import PAGE as CONFLICTS
from tests.cashback.test_drawing import promised, report
from tests.cashback.test_drawing import step as draw_step
from tests.cashback.test_pages import REPORT, adopted, points_file
from tests.cashback.test_pages import send as deliver
from tests.cashback.test_payouts import AUGUST, Decisions, drafted, evidence, made_run, post, run_of
from tests.registry.scene import BINH, LAN, commune
from tests.registry.test_pages import page
from tests.registry.test_pages import post as send

As = Callable[..., FlaskClient]
CONFIRM = "/desk/payouts/postings/confirm"


@pytest.fixture
def unit(app: Flask, now: datetime) -> Unit:
    return commune(now)


def evaluated(browser: FlaskClient, version: PolicyVersion) -> int:
    answer = send(browser, f"/desk/cashback/policies/{version.id}/run", points=points_file())
    return int(answer.headers["Location"].rsplit("/", 1)[1])


def refused(browser: FlaskClient, content: bytes | None = None, **fields: object) -> str:
    """What the page says to somebody who wants to write this into the books; nothing is written."""
    for address in ("/desk/payouts/postings", CONFIRM):
        file = {} if content is None else {"file": (io.BytesIO(content), "decisions.parquet")}
        answer = send(browser, address, **fields, **file)
        said = answer.text if answer.status_code != 302 else page(browser, "/desk/payouts")
        assert answer.status_code < 500, said
    assert db.session.scalars(select(LedgerPosting)).all() == []
    assert acts().count("ledger.refused") >= 1, "the try is written down"
    return said


def acts() -> list[str]:
    return list(db.session.scalars(select(AuditEvent.action)))


HOSTILE: Mapping[str, str] = {
    "900 million to one phone": "'2026-11-02T08:00:00', '0999999999', 'customer', 90000000::bigint",
    "a bad date": "'31/11/2026', '0999999999', 'customer', 5000::bigint",
    "nobody": "'2026-11-02T08:00:00', null, 'customer', 5000::bigint",
    "an unknown role": "'2026-11-02T08:00:00', '0999999999', 'king', 5000::bigint",
    "more than fits": "'2026-11-02T08:00:00', '0999999999', 'customer', (2::hugeint ** 64)::hugeint",
    "the end of time": "'9999-12-31T08:00:00', '0999999999', 'customer', 5000::bigint",
}


def forged(folder: Path, values: str, policy: str = "qua-tang") -> bytes:
    file = folder / "decisions.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f"""copy (select '{policy}' as policy, 1 as reward, 'GIA' || i as reference, t.*, 'granted' as decision,
                'granted' as reason from range(10) r(i), (select {values}) t(paid_at, payee, payee_role, amount_vnd)
                ) to '{file}' (format parquet)"""
        )
    return file.read_bytes()


def test_a_file_made_by_hand_is_no_run(as_role: As, unit: Unit, tmp_path: Path) -> None:
    """An administrator sends decisions of a policy that is not there, and all kinds of files that are none."""
    admin = as_role(ADMIN)
    files = [forged(tmp_path, values) for values in HOSTILE.values()]
    for content in (*files, b"", b"PAR1 not really PAR1", b"reference,amount\n"):
        said = refused(admin, content, unit=unit.id, name="Lần xét số 1: Hoàn tiền", versions='{"qua-tang": 1}')
        assert "Chỉ ghi sổ được lần xét làm trên máy này" in said
    answer = send(admin, "/desk/payouts/postings", unit=unit.id, file=(io.BytesIO(files[0]), "decisions.parquet"))
    assert answer.status_code == 422
    for number in ("1", "", "-1", "9" * 30, "../../etc/passwd"):
        said = refused(admin, unit=unit.id, run=number, sha256="a" * 64)
        assert "Không có lần xét này" in said or "Chưa chọn lần xét" in said


@pytest.mark.parametrize("kind", HOSTILE)
def test_decisions_that_no_run_writes_are_told(unit: Unit, now: datetime, tmp_path: Path, kind: str) -> None:
    """Even where such a file lies in a run's folder and the database was made to believe in it."""
    policy = "qua-tang" if kind.startswith("900") else "p"
    forged(tmp_path, HOSTILE[kind], policy)
    run = made_run(now, unit, Decisions(tmp_path / "decisions.parquet"))
    with pytest.raises(RefusedError, match=r"dòng thiếu người nhận|chính sách khác|không phải kết quả xét"):
        posted(now, unit, run)


def posted(now: datetime, unit: Unit, run: CashbackRun) -> None:
    with unit_of_work():
        post_decisions(LAN, now, current_app.config["SETTINGS"], unit.id, run.id)


def test_a_budget_that_does_not_reach_refuses(unit: Unit, now: datetime, tmp_path: Path) -> None:
    """A run of later months alone keeps to the budget, and with what stands in the books already it does not."""
    post(now, unit, run_of(tmp_path, AUGUST, budget_vnd=20_000))
    later = [("T9", "2023-10-01", "0987654321", 7000, "granted")]
    with pytest.raises(RefusedError, match=r"22.000.*quá ngân sách 20.000"):
        post(now, unit, run_of(tmp_path, later))


def test_a_payment_is_rewarded_in_one_commune(unit: Unit, now: datetime, tmp_path: Path) -> None:
    post(now, unit, run_of(tmp_path, AUGUST))
    with pytest.raises(RefusedError, match="giao dịch T1 đã ghi trong sổ của Xã Cẩm Thử"):
        post(now, commune(now, "99002", "Nơi Khác"), run_of(tmp_path, AUGUST))


def test_what_is_not_in_force_is_not_posted(unit: Unit, now: datetime, tmp_path: Path) -> None:
    """A trial under a draft, a version that was replaced, a run from before the approval, of another commune, or whose
    report was taken back.
    """
    there = commune(now, "99002", "Nơi Khác")
    early: dict[str, object] = {"created_at": now - timedelta(hours=1)}
    kinds: list[tuple[str, dict[str, object], dict[str, object]]] = [
        ("chưa được hai người đồng ý", {"state": "draft", "approved_at": None, "approved_by_id": None}, {}),
        ("không còn áp dụng", {"state": "retired"}, {}),
        ("trước khi chính sách được duyệt", {}, early),
        ("của xã khác", {}, {"unit_id": there.id}),
        ("báo cáo số 77 không còn dùng", {}, {"report_ids": [77]}),
        ("chưa giữ mã SHA-256", {}, {"decisions_sha256": ""}),
    ]
    for number, (said, state, values) in enumerate(kinds):
        run = made_run(now, unit, run_of(tmp_path, AUGUST, version=number + 1), **values)
        with unit_of_work():
            for name, value in state.items():
                setattr(run.policy_version, name, value)
        with pytest.raises(RunNotFitError, match=said):
            posted(now, unit, run)


def test_files_that_were_changed_on_the_disk(app: Flask, as_role: As, unit: Unit, settings: Settings) -> None:
    """The decisions of a run, and (where the sum was changed with them) the report itself."""
    author, approver = as_role(COORDINATOR), as_role(APPROVER)
    deliver(author, REPORT)
    run_id = evaluated(author, adopted(author, approver))
    file = run_folder(settings.facts_dir, run_id) / "decisions.parquet"
    whole = file.read_bytes()
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select * replace (900000 as amount_vnd) from '{file}') to '{file}.x' (format parquet)"
        )
    Path(f"{file}.x").replace(file)
    assert "không còn nguyên như lúc xét" in refused(author, unit=unit.id, run=run_id)
    lie = "UPDATE cashback_run SET decisions_sha256 = :digest"
    with pytest.raises(DatabaseError), unit_of_work():
        db.session.execute(text(lie), {"digest": digest_of_file(file)})
    file.write_bytes(whole)
    sent = db.session.scalars(select(Report)).one()
    kept = settings.evidence_dir / sent.sha256[:2] / sent.sha256
    kept.write_text(REPORT.replace("20000", "90000"))
    assert "đã bị thay đổi trên đĩa" in refused(author, unit=unit.id, run=run_id)


def test_a_run_that_no_longer_follows_from_its_files(app: Flask, as_role: As, unit: Unit, settings: Settings) -> None:
    """Forged from facts to sum, all in step: the report itself says otherwise."""
    author, approver = as_role(COORDINATOR), as_role(APPROVER)
    deliver(author, REPORT)
    version = adopted(author, approver)
    (facts,) = (settings.facts_dir / "reports").glob("*/*.parquet")
    with duckdb.connect() as connection:
        select_all = f"select * replace ('0999999999' as customer) from '{facts}'"
        connection.execute(f"copy ({select_all}) to '{facts}.x' (format parquet)")
    stem, _, _ = facts.name.rsplit(".", 2)
    Path(f"{facts}.x").replace(facts.with_name(f"{stem}.{digest_of_file(Path(f'{facts}.x'))}.parquet"))
    facts.unlink()
    run_id = evaluated(author, version)
    decisions = run_folder(settings.facts_dir, run_id) / "decisions.parquet"
    with duckdb.connect() as connection:
        payees = connection.execute(f"select distinct payee from '{decisions}' order by 1").fetchall()
    assert payees[0] == ("0999999999",), "the forged facts were believed"
    assert "xét lại từ các tệp gốc ra kết quả khác" in refused(author, unit=unit.id, run=run_id)


def test_whoever_had_a_hand_in_it_does_not_approve(app: Flask, as_role: As, unit: Unit) -> None:
    """Who brought the report, wrote the policy, evaluated, posted, drafted; their creatures and makers; then a stranger
    to all of it, in one click.
    """
    bringer, writer, evaluator, poster, drafter = (as_role(COORDINATOR) for _ in range(5))
    approver, puppet, maker = as_role(APPROVER), as_role(APPROVER), as_role(ADMIN)
    deliver(bringer, REPORT)
    run_id = evaluated(evaluator, adopted(writer, approver))
    send(poster, CONFIRM, run=run_id, unit=unit.id)
    send(drafter, "/desk/payouts", unit=unit.id, month="2023-08")
    batch = db.session.scalars(select(PayoutBatch)).one()
    address = f"/desk/payouts/{batch.id}"
    with unit_of_work():
        for keeper, holder in ((evaluator, puppet), (maker, poster)):
            record_key(Actor(keeper.user.id, ""), datetime.now(UTC), holder.user.id, MADE)  # type: ignore[attr-defined]
    parts = {"nhận báo cáo": bringer, "soạn chính sách": writer, "làm lần xét": evaluator, "ghi sổ": poster,
             "lập bản thảo": drafter, "làm lần xét số": puppet, "người ghi sổ": maker}  # fmt: skip
    for number, (part, browser) in enumerate(parts.items(), 1):
        assert "Duyệt chi" not in page(browser, address), part
        send(browser, f"{address}/approve")
        assert part in page(browser, address), part
        assert db.session.get_one(PayoutBatch, batch.id, populate_existing=True).state == "draft"
        assert acts().count("approval.refused") == number, "each try is written down"
    send(approver, f"{address}/approve")
    assert db.session.get_one(PayoutBatch, batch.id, populate_existing=True).state == "approved"


def test_two_whom_one_let_in_are_named_on_the_payout(app: Flask, as_role: As, unit: Unit) -> None:
    """Both proved to be somebody, so the payout is approved; that one person let both in is told all the same."""
    keeper, author, approver = as_role(ADMIN), as_role(COORDINATOR), as_role(APPROVER)
    with unit_of_work():
        for each in (author, approver):
            record_key(Actor(keeper.user.id, ""), datetime.now(UTC), each.user.id, MADE)  # type: ignore[attr-defined]
            record_proof(datetime.now(UTC), each.user.id, None)  # type: ignore[attr-defined]
    deliver(author, REPORT)
    run_id = evaluated(author, adopted(author, approver))
    send(author, CONFIRM, run=run_id, unit=unit.id)
    send(author, "/desk/payouts", unit=unit.id, month="2023-08")
    address = f"/desk/payouts/{db.session.scalars(select(PayoutBatch)).one().id}"
    send(approver, f"{address}/approve")
    assert "cả hai do Nguyễn Văn Mẫu cấp tài khoản" in page(author, address)
    book = openpyxl.load_workbook(io.BytesIO(author.get(f"{address}/payout.xlsx").data))
    assert "cả hai do" in " ".join(str(cell) for row in book["Căn cứ"].iter_rows(values_only=True) for cell in row)


def test_a_policy_of_ones_own_puppet_is_not_approved(app: Flask, as_role: As, unit: Unit) -> None:
    maker, puppet = as_role(ADMIN), as_role(COORDINATOR)
    with unit_of_work():
        record_key(Actor(maker.user.id, ""), datetime.now(UTC), puppet.user.id, MADE)  # type: ignore[attr-defined]
    version = adopted(puppet, maker)
    assert version.state == "draft"
    assert "approval.refused" in acts()


def test_who_closed_the_list_does_not_reveal_the_seed(app: Flask, as_role: As, unit: Unit) -> None:
    author, approver, closer = as_role(COORDINATOR), as_role(APPROVER), as_role(COORDINATOR)
    version, _ = promised(author, approver)
    deliver(author, report(*range(30)))
    assert "Đã chốt" in draw_step(closer, version, "close")
    assert "người chốt danh sách phiếu" in draw_step(closer, version, "reveal")
    assert "approval.refused" in acts()
    assert "Đã công bố hạt giống" in draw_step(approver, version, "reveal")


def test_who_brought_a_copy_does_not_agree_that_it_holds(
    app: Flask, as_role: As, unit: Unit, settings: Settings
) -> None:
    """Money went out; a second file raises the amount, a colleague believes it, and who sent the file says yes."""
    lan, binh, forger = as_role(COORDINATOR), as_role(APPROVER), as_role(COORDINATOR)
    deliver(lan, ONE)
    run_id = evaluated(lan, adopted(lan, binh))
    send(lan, CONFIRM, run=run_id, unit=unit.id)
    send(lan, "/desk/payouts", unit=unit.id, month="2023-08")
    send(binh, "/desk/payouts/1/approve")
    deliver(forger, TWO, "hai.csv")
    send(lan, CONFLICTS, reference="T1", content=contents(settings)[30_000], reason="Bên gửi sửa")
    row = db.session.scalars(select(ConflictSettlement)).one()
    assert row.needs_second
    send(forger, f"{CONFLICTS}/{row.id}/approve")
    assert "người nhận báo cáo hai.csv" in page(forger, CONFLICTS)
    assert db.session.get_one(ConflictSettlement, row.id, populate_existing=True).state == "proposed"
    send(binh, f"{CONFLICTS}/{row.id}/approve")
    assert db.session.get_one(ConflictSettlement, row.id, populate_existing=True).state == "in_force"


def test_the_database_pays_from_nothing_but_runs_of_ours(unit: Unit, now: datetime, tmp_path: Path) -> None:
    """Whoever writes past the program: no posting without a run, no entry beside it, no hand in both sides."""
    post(now, unit, run_of(tmp_path, AUGUST))
    batch = drafted(now, unit)
    approve = "UPDATE payout_batch SET state = 'approved', approved_at = drafted_at, approved_by_id = "
    with unit_of_work():
        batch.drafted_by_id = 50
    for statement in (
        f"{approve} {LAN.id}",  # who posted and evaluated
        "UPDATE ledger_posting SET run_id = NULL",
        "UPDATE ledger_posting SET posted_by_id = 7",
        "DELETE FROM ledger_posting",
        "UPDATE cashback_run SET created_by_id = 7",
    ):
        with pytest.raises(DatabaseError), unit_of_work():
            db.session.execute(text(statement))
    row = db.session.scalars(select(LedgerEntry)).first()
    assert row is not None
    values = {column.name: getattr(row, column.name) for column in LedgerEntry.__table__.columns}
    with unit_of_work():
        db.session.add(LedgerEntry(**values | {"id": "x", "reference": "GIA", "amount_vnd": 900_000_000}))
    with pytest.raises(ConflictError, match="Sổ không còn đúng như khi ghi"), unit_of_work():
        approve_payout(BINH, now, batch.id, evidence())


def test_a_forged_posting_of_a_real_run_is_not_paid(unit: Unit, now: datetime, tmp_path: Path) -> None:
    """Posting and entries agree with each other and name a true run and its sum; its decisions grant no such thing."""
    post(now, unit, run_of(tmp_path, AUGUST))
    posting = db.session.scalars(select(LedgerPosting)).one()
    entry = db.session.scalars(select(LedgerEntry).order_by(LedgerEntry.reference)).first()
    assert entry is not None
    said = {column.name: getattr(posting, column.name) for column in LedgerPosting.__table__.columns}
    values = {column.name: getattr(entry, column.name) for column in LedgerEntry.__table__.columns}
    with unit_of_work():
        db.session.add(LedgerPosting(**said | {"id": 90, "entry_count": 1, "added_vnd": 5000, "taken_vnd": 0}))
        db.session.flush()
        db.session.add(LedgerEntry(**values | {"id": "x", "posting_id": 90, "payee": "0999999999", "sequence": 9}))
    batch = drafted(now, unit)
    with pytest.raises(ConflictError, match="Sổ không còn đúng như khi ghi"), unit_of_work():
        approve_payout(BINH, now, batch.id, evidence())


def test_a_policy_that_was_changed_behind_the_audit(app: Flask, as_role: As, unit: Unit) -> None:
    """Five thousand becomes five hundred thousand before the run; or the approval itself is invented."""
    author, approver = as_role(COORDINATOR), as_role(APPROVER)
    deliver(author, REPORT)
    version = adopted(author, approver)
    was = version.document
    with unit_of_work():
        version.document = was.replace("pay_vnd: 5000", "pay_vnd: 500000")
    assert version.document != was
    assert "như lúc được duyệt" in refused(author, unit=unit.id, run=evaluated(author, version))
    with unit_of_work():
        version.document, version.approved_by_id = was, 77
    assert "như lúc được duyệt" in refused(author, unit=unit.id, run=evaluated(author, version))


def test_who_drew_the_winners_may_approve(unit: Unit, now: datetime, tmp_path: Path) -> None:
    """The approver reveals the seed and so makes the run, with nothing to choose; where the run is no draw's, not."""
    run = made_run(now, unit, run_of(tmp_path, AUGUST), created_by_id=BINH.id)
    posted(now, unit, run)
    batch = drafted(now, unit)
    with pytest.raises(FourEyesError, match="làm lần xét số"), unit_of_work():
        approve_payout(BINH, now, batch.id, evidence())
    with unit_of_work():
        draw = DrawCommitment(
            policy_version_id=run.policy_version_id, slug="x", seed_sha256="a" * 64, party_key=b"x",
            committed_at=now, committed_by="x",
        )  # fmt: skip
        step = {"kind": "winners", "tickets": [], "made_at": now, "made_by": BINH.name}
        db.session.add(DrawStep(commitment=draw, run_id=run.id, **step))
    with unit_of_work():
        assert approve_payout(BINH, now, batch.id, evidence()).state == "approved"


def test_what_an_earlier_program_took_from_a_file_is_paid_no_more(unit: Unit, now: datetime, tmp_path: Path) -> None:
    post(now, unit, run_of(tmp_path, AUGUST))
    batch = drafted(now, unit)
    posting = db.session.scalars(select(LedgerPosting)).one()
    old = {column.name: getattr(posting, column.name) for column in LedgerPosting.__table__.columns}
    with unit_of_work():
        db.session.add(LedgerPosting(**old | {"id": 90, "run_id": None}))
        entry = db.session.scalars(select(LedgerEntry)).first()
        assert entry is not None
        values = {column.name: getattr(entry, column.name) for column in LedgerEntry.__table__.columns}
        db.session.add(LedgerEntry(**values | {"id": "x", "reference": "GIA", "posting_id": 90}))
        db.session.flush()
        assert "x" not in {each.id for each in queries.unsettled(unit.id)}
        assert queries.outside_vnd(unit.id) == 5000
        db.session.add(PayoutItem(entry_id="x", batch_id=batch.id))
    with pytest.raises(ConflictError, match="từ tệp tải lên"), unit_of_work():
        approve_payout(BINH, now, batch.id, evidence())
    approve = "UPDATE payout_batch SET state = 'approved', approved_at = drafted_at, approved_by_id = 2"
    with pytest.raises(DatabaseError), unit_of_work():
        db.session.execute(text(approve))

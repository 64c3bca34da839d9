"""A draw step by step: the hash of a sealed seed, the closed ticket list, the seed, the winners; audited."""

import hashlib
import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.actors import Actor
from app.audit.actions import record
from app.cashback.actions import RunInput, run_policy
from app.cashback.drafting.document import with_seed_hash
from app.cashback.drafting.queries import reports_under
from app.cashback.drawing.publishing import publish_list, publish_winners
from app.cashback.drawing.queries import draw_input, last_step, winners_of
from app.cashback.drawing.rules import fits, require_over
from app.cashback.drawing.sealing import opened, sealed
from app.cashback.models import CashbackRun, DrawCommitment, DrawStep, PolicyVersion
from app.cashback.policy_file import parse_policy
from app.cashback.queries import policy_in, run_folder, shipped
from app.db import db
from app.errors import ConflictError, NotFoundError, RefusedError
from app.places.queries import unit as place
from app.registry.actions.accounts import refuse_objection
from app.registry.rules.approval import PROPOSED, Proposal
from app.settings import Settings
from app.vn.dates import local_date

_KEY_BYTES = 32
_SEED_BYTES = 32


def commit_seed(actor: Actor, now: datetime, version: PolicyVersion, secret_key: str) -> DrawCommitment:
    """Makes and seals the seed of a policy's draws and writes its hash into the policy; nobody ever sees it before.

    Where the policy names a hash already, its seed is held by people outside. Raises ConflictError where that seed is
    known from another draw, or where two draws name different ones.
    """
    policy = parse_policy(version.document.encode(), "chính sách")
    hashes = {reward.draw.seed_sha256 for reward in policy.rewards if reward.draw is not None}
    slug = _slug(version)
    seed = None
    if hashes == {""}:
        seed = secrets.token_hex(_SEED_BYTES)
        hashes = {hashlib.sha256(seed.encode()).hexdigest()}
        version.document = with_seed_hash(version.document, next(iter(hashes)))
    if len(hashes) > 1:
        raise ConflictError("Các lần quay của một chính sách dùng chung một hạt giống.", remedy="Ghi cùng một mã.")
    sha256 = next(iter(hashes))
    if seed is None and sha256 in _sample_hashes():
        raise ConflictError(
            "Mã hạt giống này là mã mẫu, ai cũng thấy.", remedy="Soạn lại và để trống mã, chương trình sinh mới."
        )
    if db.session.scalar(select(DrawCommitment.id).where(DrawCommitment.seed_sha256 == sha256)) is not None:
        raise ConflictError(
            "Hạt giống của mã này đã dùng cho lần quay khác.", remedy="Soạn lại và để trống mã, chương trình sinh mới."
        )
    commitment = DrawCommitment(
        policy_version_id=version.id,
        slug=slug,
        seed_sha256=sha256,
        sealed_seed=sealed(seed, secret_key, slug) if seed is not None else None,
        party_key=secrets.token_bytes(_KEY_BYTES),
        committed_at=now,
        committed_by=actor.name,
    )
    db.session.add(commitment)
    db.session.flush()
    record(actor, now, "draw.commit", ("draw_commitment", commitment.id), after={"seed_sha256": sha256})
    return commitment


def _sample_hashes() -> set[str]:
    return {reward.draw.seed_sha256 for each in shipped() for reward in each.policy.rewards if reward.draw}


def _slug(version: PolicyVersion) -> str:
    whose = f"-{place(version.unit_id).code}" if version.unit_id is not None else ""
    return f"{version.policy_id[:80]}{whose}-{version.version}"


def close_list(actor: Actor, now: datetime, settings: Settings, version: PolicyVersion) -> DrawStep:
    """Closes the ticket list after the policy's last day and publishes its hash; closed anew until the reveal.

    Raises ConflictError while payments may still come, and once the seed is known.
    """
    draw = _draw_of(version)
    policy = policy_in(version)
    require_over(policy.last_day, local_date(now))
    if draw.seed is not None:
        raise ConflictError("Hạt giống đã công bố, danh sách phiếu không đổi được nữa.")
    run = run_policy(actor, now, settings, version, RunInput(tuple(reports_under(actor, version))))
    said = publish_list(run_folder(settings.facts_dir, run.id), draw.party_key)
    if not any(each["tickets"] for each in said):
        raise ConflictError("Chưa có phiếu nào.", remedy="Hãy gửi báo cáo giao dịch của kỳ quay trước.")
    step = _step(actor, now, (draw, run), "list", said)
    record(actor, now, "draw.close", ("draw_commitment", draw.id), after={"lists": step.tickets})
    return step


def reveal_seed(actor: Actor, now: datetime, settings: Settings, version: PolicyVersion, typed: str = "") -> DrawStep:
    """Opens the sealed seed (or takes the one that people outside held) and draws among the closed list.

    Not by who wrote the policy. Raises ConflictError before a list is closed, FourEyesError, RefusedError for another
    seed.
    """
    draw = _draw_of(version)
    if draw.seed is not None:
        raise ConflictError("Hạt giống này đã công bố rồi.")
    if last_step(draw, "list") is None:
        raise ConflictError("Chưa chốt danh sách phiếu.", remedy="Hãy chốt và công bố danh sách phiếu trước.")
    _refuse_author(actor, now, version)
    seed = typed.strip() if draw.sealed_seed is None else opened(draw.sealed_seed, settings.secret_key, draw.slug)
    if not fits(seed, draw.seed_sha256):
        raise RefusedError("Hạt giống không khớp mã đã công bố.", remedy="Hãy mở đúng phong bì đã niêm phong.")
    draw.seed, draw.revealed_at, draw.revealed_by = seed, now, actor.name
    db.session.flush()
    record(actor, now, "draw.reveal", ("draw_commitment", draw.id), after={"seed": seed})
    return _drawn(actor, now, settings, draw, version)


def draw_again(actor: Actor, now: datetime, settings: Settings, version: PolicyVersion) -> DrawStep:
    """The winners as of the reports of today: whoever was taken back falls out, the next ticket moves up.

    Not by who wrote the policy. Raises ConflictError where the winners stay the same, FourEyesError.
    """
    draw = _draw_of(version)
    before = last_step(draw, "winners")
    if before is None:
        raise ConflictError("Chưa quay lần nào.", remedy="Hãy công bố hạt giống trước.")
    _refuse_author(actor, now, version)
    step = _drawn(actor, now, settings, draw, version)
    if winners_of(step) == winners_of(before):
        raise ConflictError(
            "Không có gì đổi: người trúng như lần trước.", remedy="Chỉ quay lại khi giao dịch trúng bị lấy lại."
        )
    record(actor, now, "draw.again", ("draw_commitment", draw.id), after={"run": step.run_id})
    return step


def _refuse_author(actor: Actor, now: datetime, version: PolicyVersion) -> None:
    refuse_objection(Proposal(PROPOSED, version.created_by_id, version.created_session), actor, now)


def _drawn(actor: Actor, now: datetime, settings: Settings, draw: DrawCommitment, version: PolicyVersion) -> DrawStep:
    seed, tickets = draw_input(settings.facts_dir, version.id)
    assert seed is not None
    assert tickets is not None
    given = RunInput(tuple(reports_under(actor, version)), seed=seed, tickets=tickets)
    run = run_policy(actor, now, settings, version, given)
    folder = run_folder(settings.facts_dir, run.id)
    return _step(actor, now, (draw, run), "winners", publish_winners(folder, tickets.parent, draw.party_key, seed))


def _step(
    actor: Actor, now: datetime, of: tuple[DrawCommitment, CashbackRun], kind: str, said: list[dict[str, Any]]
) -> DrawStep:
    draw, run = of
    step = DrawStep(commitment_id=draw.id, run_id=run.id, kind=kind, tickets=said, made_at=now, made_by=actor.name)
    db.session.add(step)
    db.session.flush()
    return step


def _draw_of(version: PolicyVersion) -> DrawCommitment:
    """The draw, locked until this unit of work ends."""
    query = select(DrawCommitment).where(DrawCommitment.policy_version_id == version.id).with_for_update()
    found = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFoundError("Bản này không có quay thưởng, hoặc chưa được duyệt.")
    return found

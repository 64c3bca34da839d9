"""A draw step by step: the hash of a sealed seed, the closed ticket list, the seed, the winners; audited."""

import secrets
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from app.actors import Actor
from app.approval.actions import refuse_objection
from app.approval.rules import Involved
from app.audit.actions import record
from app.cashback.actions import RunInput, run_policy
from app.cashback.drafting.document import with_seed_hash
from app.cashback.drafting.queries import reports_under
from app.cashback.drawing.publishing import publish_list, publish_next, publish_winners
from app.cashback.drawing.queries import (
    draw_input,
    last_step,
    periods_to_close,
    steps_of,
    tickets_path,
    told,
    told_through,
    winners_of,
)
from app.cashback.drawing.rules import period_words, require_over
from app.cashback.drawing.sealing import opened, sealed
from app.cashback.draws import Closed
from app.cashback.models import CashbackRun, DrawCommitment, DrawStep, PolicyVersion
from app.cashback.policy_file import parse_policy
from app.cashback.queries import policy_in, run_folder, shipped
from app.cashback.results import closed_tickets
from app.cashback.rules import Policy
from app.cashback.seeds import SEED_BYTES, chain_periods, hashed, is_chained, known_seeds
from app.db import db
from app.errors import ConflictError, NotFoundError, RefusedError
from app.places.queries import is_real
from app.places.queries import unit as place
from app.settings import Settings
from app.vn.dates import local_date

_KEY_BYTES = 32


def commit_seed(actor: Actor, now: datetime, version: PolicyVersion, secret_key: str) -> DrawCommitment:
    """Makes and seals the seed of a policy's draws and writes its hash into the policy; nobody ever sees it before.

    Where the policy names a hash already, its seed is held by people outside. Raises ConflictError where that seed is
    known from another draw, or where two draws name different ones.
    """
    policy = _promised(version)
    places = len(chain_periods(policy)) or 1
    hashes = {reward.draw.seed_sha256 for reward in policy.rewards if reward.draw is not None}
    slug = _slug(version)
    seed = None
    if hashes == {""}:
        seed = secrets.token_hex(SEED_BYTES)
        hashes = {hashed(seed, places)}
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


def close_list(actor: Actor, now: datetime, settings: Settings, version: PolicyVersion, through: str = "") -> DrawStep:
    """Closes the ticket list after the policy's last day and publishes its hash; closed anew until the reveal.

    Where every period has its own seed: the lists of the periods after those drawn, up to `through` ("": up to the last
    that is over). Raises ConflictError while payments may still come, and once the seed is known.
    """
    draw = _draw_of(version)
    policy = policy_in(version)
    reports, folder_of = tuple(reports_under(actor, version)), settings.facts_dir
    if is_chained(policy):
        through = _next_periods(draw, policy, local_date(now), through)
        before = told(folder_of, draw)
        tickets = closed_tickets(before.tickets) if before.tickets else frozenset()
        closed = Closed(tickets, before.through, through)
        run = run_policy(actor, now, settings, version, RunInput(reports, seed=draw.seed, closed=closed))
        said = publish_next(run_folder(folder_of, run.id), draw.party_key, before)
    else:
        require_over(policy.last_day, local_date(now))
        if draw.seed is not None:
            raise ConflictError("Hạt giống đã công bố, danh sách phiếu không đổi được nữa.")
        through = ""
        run = run_policy(actor, now, settings, version, RunInput(reports))
        said = publish_list(run_folder(folder_of, run.id), draw.party_key)
    if not any(each["tickets"] for each in said):
        raise ConflictError("Chưa có phiếu nào.", remedy="Hãy gửi báo cáo giao dịch của kỳ quay trước.")
    step = _step(actor, now, (draw, run), "list", through, said)
    record(actor, now, "draw.close", ("draw_commitment", draw.id), after={"lists": step.tickets})
    return step


def _next_periods(draw: DrawCommitment, policy: Policy, today: date, through: str) -> str:
    """The last of the periods whose lists are to be closed: as asked, or the last that is over."""
    drawn, names = told_through(draw), periods_to_close(draw, policy, today)
    if not names:
        said = f"Đã quay đến hết {period_words(drawn)}; kỳ sau chưa hết" if drawn else "Kỳ đầu chưa hết"
        raise ConflictError(f"{said}, vẫn có thể thêm phiếu.", remedy="Hãy chốt danh sách phiếu khi kỳ ấy đã qua.")
    if through and through not in names:
        raise ConflictError("Không chốt được kỳ ấy.", remedy="Hãy chọn một kỳ đã qua và chưa quay.")
    return through or names[0]


def reveal_seed(actor: Actor, now: datetime, settings: Settings, version: PolicyVersion, typed: str = "") -> DrawStep:
    """Opens the sealed seed (or takes the one that people outside held) and draws among the closed list.

    Where every period has its own seed: that of the last period whose list is closed, which tells those before it.
    Not by who wrote the policy or closed a list. Raises ConflictError before a list is closed, FourEyesError,
    RefusedError for another seed.
    """
    draw = _draw_of(version)
    step = last_step(draw, "list")
    if draw.seed is not None and (step is None or step.through <= told_through(draw)):
        raise ConflictError("Hạt giống này đã công bố rồi.")
    if step is None:
        raise ConflictError("Chưa chốt danh sách phiếu.", remedy="Hãy chốt và công bố danh sách phiếu trước.")
    _refuse_involved(actor, now, draw)
    policy = policy_in(version)
    seed = typed.strip()
    if draw.sealed_seed is not None:
        seed = hashed(opened(draw.sealed_seed, settings.secret_key, draw.slug), _later(version, step.through))
    seeds = known_seeds(policy, seed)
    if seeds is None or max(seeds.of_period, default="") != step.through:
        of = f" của {period_words(step.through)}" if step.through else ""
        raise RefusedError(f"Hạt giống không khớp mã đã công bố{of}.", remedy="Hãy mở đúng phong bì đã niêm phong.")
    draw.seed, draw.revealed_at, draw.revealed_by = seed, now, actor.name
    db.session.flush()
    told = {"seed": seed, "through": step.through} if step.through else {"seed": seed}
    record(actor, now, "draw.reveal", ("draw_commitment", draw.id), after=told)
    return _drawn(actor, now, settings, draw, version)


def _later(version: PolicyVersion, period: str) -> int:
    """How many seeds of a chain come after the one of this period: as it was promised, even if the next version ends
    this one before its time.
    """
    return sum(name > period for name in chain_periods(_promised(version)))


def _promised(version: PolicyVersion) -> Policy:
    return parse_policy(version.document.encode(), "chính sách")


def draw_again(actor: Actor, now: datetime, settings: Settings, version: PolicyVersion) -> DrawStep:
    """The winners as of the reports of today: whoever was taken back falls out, the next ticket moves up.

    Not by who wrote the policy or closed a list. Raises ConflictError where the winners stay the same, FourEyesError.
    """
    draw = _draw_of(version)
    before = last_step(draw, "winners")
    if before is None:
        raise ConflictError("Chưa quay lần nào.", remedy="Hãy công bố hạt giống trước.")
    _refuse_involved(actor, now, draw)
    step = _drawn(actor, now, settings, draw, version)
    if winners_of(step) == winners_of(before):
        raise ConflictError(
            "Không có gì đổi: người trúng như lần trước.", remedy="Chỉ quay lại khi giao dịch trúng bị lấy lại."
        )
    record(actor, now, "draw.again", ("draw_commitment", draw.id), after={"run": step.run_id})
    return step


def _refuse_involved(actor: Actor, now: datetime, draw: DrawCommitment) -> None:
    """Raises FourEyesError for who wrote the policy or closed a list, and who is one person with them."""
    version = draw.policy_version
    author = Involved(version.created_by_id, "soạn chính sách", version.created_session, version.created_at)
    closers = [
        Involved(step.run.created_by_id, "chốt danh sách phiếu", at=step.made_at)
        for step in steps_of(draw)
        if step.kind == "list"
    ]
    real = is_real(version.unit_id)
    refuse_objection(actor, now, [author, *closers], about=("policy_version", version.id), is_real=real)


def _drawn(actor: Actor, now: datetime, settings: Settings, draw: DrawCommitment, version: PolicyVersion) -> DrawStep:
    seed, closed = draw_input(settings.facts_dir, version.id)
    listed = last_step(draw, "list")
    seeds = known_seeds(policy_in(version), seed)
    assert listed is not None
    assert seeds is not None
    given = RunInput(tuple(reports_under(actor, version)), seed=seed, closed=closed)
    run = run_policy(actor, now, settings, version, given)
    folder, tickets = run_folder(settings.facts_dir, run.id), tickets_path(settings.facts_dir, listed)
    said = publish_winners(folder, tickets, draw.party_key, seeds)
    return _step(actor, now, (draw, run), "winners", max(seeds.of_period, default=""), said)


def _step(
    actor: Actor,
    now: datetime,
    of: tuple[DrawCommitment, CashbackRun],
    kind: str,
    through: str,
    said: list[dict[str, Any]],
) -> DrawStep:
    draw, run = of
    step = DrawStep(
        commitment_id=draw.id,
        run_id=run.id,
        kind=kind,
        through=through,
        tickets=said,
        made_at=now,
        made_by=actor.name,
    )
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

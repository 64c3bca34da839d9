"""A draw step by step: the hash of a sealed seed, the closed ticket list, the seed, the winners; audited."""

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import select

from app.actors import Actor
from app.audit.actions import record
from app.cashback.drafting.document import with_seed_hash
from app.cashback.drawing.sealing import sealed
from app.cashback.models import DrawCommitment, PolicyVersion
from app.cashback.policy_file import parse_policy
from app.cashback.queries import shipped
from app.db import db
from app.errors import ConflictError
from app.places.queries import unit as place

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

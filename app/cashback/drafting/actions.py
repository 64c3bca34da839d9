"""A policy from draft to use: proposed by one person, decided by another; audited."""

import re
from datetime import datetime

import yaml

from app.actors import Actor
from app.approval.actions import refuse_objection
from app.approval.rules import APPROVED, PROPOSED, Involved
from app.audit.actions import record
from app.cashback.drafting.queries import (
    live_version,
    next_version,
    require_reach,
    version_to_change,
    zones_of,
)
from app.cashback.drafting.rules import APPROVERS, KEEPERS, NEXT, last_day_before
from app.cashback.drawing.actions import commit_seed
from app.cashback.models import POLICY_STATES, PolicyVersion
from app.cashback.policy_file import PolicyRefusedError, parse_policy
from app.cashback.queries import policy_in
from app.db import db
from app.errors import ConflictError, ForbiddenError, RefusedError
from app.evidence import digest_of
from app.places.queries import is_real

_REASON_MAX = 1000
_NAME_MAX = 60
_NAME = re.compile(rf"\w[\w.-]{{0,{_NAME_MAX - 1}}}")


def propose_policy(
    actor: Actor, now: datetime, document: str, unit_id: int | None = None, *, sample: bool = False
) -> PolicyVersion:
    """Keeps a YAML document as the next version of a commune's policy (None: the whole system's), waiting for another.

    Raises PolicyRefusedError with line and key where the document is wrong, and where its version is not the next one;
    ForbiddenError where the commune is not this person's.
    """
    require_reach(actor, unit_id, *KEEPERS)
    policy = parse_policy(document.encode(), "chính sách")
    if not _NAME.fullmatch(policy.policy_id):
        line = _line_of(document, "policy")
        raise PolicyRefusedError(
            f"chính sách, dòng {line}, khoá “policy”: chỉ dùng chữ, số, gạch, dấu chấm, tối đa {_NAME_MAX} ký tự."
        )
    unknown = set(policy.zones) - {zone.slug for zone in zones_of(unit_id)}
    if unknown:
        line = _line_of(document, "zones")
        raise PolicyRefusedError(f"chính sách, dòng {line}, khoá “zones”: không có khu {', '.join(sorted(unknown))}.")
    expected = next_version(unit_id, policy.policy_id)
    if policy.version != expected:
        line = _line_of(document, "version")
        raise PolicyRefusedError(
            f"chính sách, dòng {line}, khoá “version”: bản kế tiếp của {policy.policy_id} phải là {expected}."
        )
    version = PolicyVersion(
        unit_id=unit_id,
        policy_id=policy.policy_id,
        version=policy.version,
        title=(policy.title or policy.policy_id)[:200],
        document=document,
        created_at=now,
        created_by_id=actor.id,
        created_by=actor.name,
        created_session=actor.session,
        is_sample=sample,
    )
    db.session.add(version)
    db.session.flush()
    after = {"policy": policy.policy_id, "version": policy.version}
    record(actor, now, "policy.propose", ("policy_version", version.id), after=after)
    return version


def approve_policy(actor: Actor, now: datetime, version_id: int, secret_key: str) -> PolicyVersion:
    """Puts a version into use; the one before ends on the eve, or is replaced where both begin together.

    A policy with a draw gets its sealed seed, whose hash is written into it. Raises FourEyesError, ForbiddenError and
    ConflictError.
    """
    version = _to_decide(actor, now, version_id)
    policy = parse_policy(version.document.encode(), "chính sách")
    older = live_version(version.unit_id, version.policy_id)
    if older is not None and older.unit_id == version.unit_id:
        _end(actor, now, older, version)
    version.state, version.approved_at = "active", now
    version.approved_by_id, version.approved_by = actor.id, actor.name
    if policy.has_draw:
        commit_seed(actor, now, version, secret_key)
    db.session.flush()
    after = {"state": "active", "sha256": digest_of(version.document.encode())}
    record(actor, now, "policy.approve", ("policy_version", version.id), after=after)
    return version


def refuse_policy(actor: Actor, now: datetime, version_id: int, reason: str) -> PolicyVersion:
    """A second person's no, with its reason."""
    version = _to_decide(actor, now, version_id)
    _close(actor, now, version, "refused", reason)
    return version


def withdraw_policy(actor: Actor, now: datetime, version_id: int, reason: str) -> PolicyVersion:
    """Takes a draft back: who wrote it, or a colleague of the same commune."""
    version = version_to_change(actor, version_id, *KEEPERS)
    if not actor.has(*KEEPERS):
        raise ForbiddenError("Chỉ điều phối viên rút lại bản nháp.")
    _close(actor, now, version, "withdrawn", reason)
    return version


def _to_decide(actor: Actor, now: datetime, version_id: int) -> PolicyVersion:
    """The version, if this person may decide it now."""
    version = version_to_change(actor, version_id, *APPROVERS)
    state = PROPOSED if version.state == "draft" else APPROVED
    author = Involved(version.created_by_id, "soạn chính sách", version.created_session, version.created_at)
    refuse_objection(actor, now, [author], state, ("policy_version", version.id), is_real=is_real(version.unit_id))
    return version


def _close(actor: Actor, now: datetime, version: PolicyVersion, state: str, reason: str) -> None:
    if state not in NEXT[version.state]:
        raise ConflictError(f"Bản chính sách này {POLICY_STATES[version.state].lower()} rồi.", remedy="Tải lại trang.")
    if not reason.strip():
        raise RefusedError("Chưa ghi lý do.", remedy="Hãy ghi một câu để người soạn hiểu.")
    version.state, version.closed_at, version.closed_by = state, now, actor.name
    version.close_reason = reason.strip()[:_REASON_MAX]
    db.session.flush()
    act = {"refused": "policy.refuse", "withdrawn": "policy.withdraw"}[state]
    record(actor, now, act, ("policy_version", version.id), after={"state": state}, reason=version.close_reason)


def _end(actor: Actor, now: datetime, older: PolicyVersion, newer: PolicyVersion) -> None:
    """The older version decides until the eve of the newer one."""
    was, is_next = policy_in(older), parse_policy(newer.document.encode(), "chính sách")
    older.ends_on = last_day_before((was.first_day, was.last_day), is_next.first_day)
    if older.ends_on is None:
        older.state = "retired"
    after = {"state": older.state, "ends_on": older.ends_on.isoformat() if older.ends_on else None}
    record(actor, now, "policy.end", ("policy_version", older.id), after=after)


def _line_of(document: str, key: str) -> int:
    node = yaml.compose(document, Loader=yaml.SafeLoader)
    keys = node.value if isinstance(node, yaml.MappingNode) else []
    return next((found.start_mark.line + 1 for found, _ in keys if found.value == key), 1)

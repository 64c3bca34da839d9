"""Draws and their published steps."""

from sqlalchemy import select

from app.cashback.models import DrawCommitment
from app.db import db


def draw_of(version_id: int) -> DrawCommitment | None:
    """The promise of a policy version's draws."""
    return db.session.scalar(select(DrawCommitment).where(DrawCommitment.policy_version_id == version_id))

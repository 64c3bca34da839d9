"""Who held the key of whose sign-in, and who has proved to be somebody since."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.approval.rules import KEYS, PROOFS
from app.db import Model, UtcDateTime


class SignInKey(Model):
    """One time that somebody gave or renewed another's means to sign in. Rows are only ever added (triggers)."""

    __tablename__ = "sign_in_key"
    __table_args__ = (CheckConstraint(f"kind IN {tuple(KEYS)}", name="kind"), Index(None, "holder_id"))

    id: Mapped[int] = mapped_column(primary_key=True)  #: the order in which they were given, whatever the clock said
    keeper_id: Mapped[int | None]  #: None: at the machine, or by the program. No foreign keys: keys outlive people
    holder_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(13))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class PersonProof(Model):
    """One time that a person proved to be somebody: all keys up to then are worth nothing. Rows are only ever added."""

    __tablename__ = "person_proof"
    __table_args__ = (
        CheckConstraint(f"how IN {PROOFS}", name="how"),
        CheckConstraint("(how = 'machine') = (confirmed_by_id IS NULL)", name="confirmed_by"),
        Index(None, "user_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int]
    how: Mapped[str] = mapped_column(String(7))
    confirmed_by_id: Mapped[int | None]
    after_key: Mapped[int]  #: the newest key of all at that moment
    at: Mapped[datetime] = mapped_column(UtcDateTime)

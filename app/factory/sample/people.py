"""The people of the sample commune: one for each role, who sign in with the password alone."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app.accounts.actions import Grant, create_user
from app.accounts.models import User
from app.actors import (
    ADMIN,
    APPROVER,
    COORDINATOR,
    PRINT_SHOP,
    PROVIDER,
    PROVINCE,
    SYSTEM,
    VOLUNTEER,
    Actor,
    Scope,
)
from app.db import db
from app.places.models import Unit

#: role -> (user name, full name)
PEOPLE = {
    VOLUNTEER: ("mau.tinhnguyen", "Lê Mẫu Tình Nguyện"),
    COORDINATOR: ("mau.dieuphoi", "Trần Mẫu Điều Phối"),
    APPROVER: ("mau.duyet", "Phạm Mẫu Người Duyệt"),
    PRINT_SHOP: ("mau.nhain", "Nhà in Mẫu"),
    PROVIDER: ("mau.donvi", "Đơn vị thanh toán Mẫu"),
    PROVINCE: ("mau.tinh", "Cán bộ tỉnh Mẫu"),
    ADMIN: ("mau.quantri", "Quản trị Mẫu"),
}
#: They were here before anything else of the sample.
ACQUAINTED = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class SignIn:
    """How to sign in as one of them."""

    user: str
    password: str
    role: str


def sign_ins(secret_key: str) -> list[SignIn]:
    """The same passwords as long as the instance has the same secret, so that they can be told again."""
    return [SignIn(name, _password(secret_key, name), role) for role, (name, _) in PEOPLE.items()]


def add_people(secret_key: str, commune: Unit, now: datetime) -> Mapping[str, Actor]:
    """Makes the people; returns an Actor for each role, each with a session of its own."""
    return {entry.role: _add(entry, commune, now) for entry in sign_ins(secret_key)}


def sample_users() -> list[int]:
    """Ids of the sample's people."""
    return list(db.session.scalars(select(User.id).where(User.sample)))


def _add(entry: SignIn, commune: Unit, now: datetime) -> Actor:
    scope = Scope("all") if entry.role in {ADMIN, PROVINCE, PROVIDER} else Scope("unit", commune.id)
    user, _ = create_user(
        SYSTEM,
        now - ACQUAINTED,
        entry.user,
        PEOPLE[entry.role][1],
        grants=[Grant(entry.role, scope)],
        password=entry.password,
        must_change=False,
        sample=True,
    )
    return Actor(user.id, user.full_name, frozenset({entry.role}), frozenset({scope}), session=f"sample-{entry.role}")


def _password(secret_key: str, name: str) -> str:
    digest = hmac.new(secret_key.encode(), f"sample {name}".encode(), hashlib.sha256).hexdigest()
    return f"mau-{digest[:4]}-{digest[4:8]}-{digest[8:12]}"

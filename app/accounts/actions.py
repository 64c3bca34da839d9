"""What is done to accounts: making, changing, granting, closing. All audited; no password is shown twice."""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from app.accounts import factors, passwords, queries, throttle
from app.accounts.models import DeviceToken, RoleGrant, User
from app.accounts.rules import check_new_password, clean_phone, clean_user_name
from app.accounts.scopes import EVERYWHERE
from app.accounts.sessions import end_all, end_others
from app.actors import ADMIN, PROVIDER, ROLES, SYSTEM, Actor, Scope
from app.approval.actions import record_key
from app.approval.rules import MADE, PASSWORD, ROLE, SECOND_FACTOR
from app.audit.actions import record
from app.db import db
from app.errors import ConflictError, DomainError, NotFoundError, RefusedError
from app.vn.text import fold, nfc

NAME_MAX = 120
FIRST_ADMIN = "quantri"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role within a part of the world."""

    role: str
    scope: Scope = EVERYWHERE


def create_user(
    actor: Actor,
    now: datetime,
    user_name: str,
    full_name: str,
    *,
    phone: str = "",
    grants: Iterable[Grant] = (),
    password: str | None = None,
    must_change: bool = True,
    sample: bool = False,
) -> tuple[User, str]:
    """Adds a person; returns them and their password (made here when none is given), to be shown once.

    Raises RefusedError for an unusable name, phone or password, ConflictError when name or phone is taken.
    """
    name, number = clean_user_name(user_name), clean_phone(phone)
    person = _clean_full_name(full_name)
    _refuse_taken(name, number)
    if password is None:
        password = passwords.one_time_password()
    else:
        check_new_password(password, name, phone)
    user = User(
        user_name=name,
        phone=number or None,
        full_name=person,
        name_fold=fold(person),
        password=passwords.hashed(password),
        must_change_password=must_change,
        sample=sample or queries.is_sample(actor),  # nobody of the sample lets a real person in
        fs_uniquifier=secrets.token_hex(32),
        created_at=now,
        created_by_id=actor.id,
    )
    db.session.add(user)
    db.session.flush()
    record_key(actor, now, user.id, MADE)
    record(actor, now, "user.create", ("user", user.id), after={"user_name": name, "full_name": person})
    for grant in grants:
        grant_role(actor, now, user, grant)
    return user, password


def person_faults(user_name: str, full_name: str, phone: str) -> dict[str, str]:
    """Everything that keeps this person from being added, by field: a form tells it in one round."""
    faults: dict[str, str] = {}
    for field, check in (
        ("full_name", lambda: _clean_full_name(full_name)),
        ("user_name", lambda: _refuse_taken(clean_user_name(user_name), "")),
        ("phone", lambda: _refuse_taken("", clean_phone(phone))),
    ):
        try:
            check()
        except DomainError as wrong:
            faults[field] = str(wrong)
    return faults


def create_field_user(actor: Actor, now: datetime, full_name: str, phone: str, grant: Grant) -> tuple[User, str]:
    """Adds someone who works by phone alone: a user name made of the name, a password that nobody knows."""
    base = ".".join(re.findall(r"[a-z0-9]+", fold(full_name))) or "doi.vien"
    base = base if base[0].isalpha() else f"x{base}"
    name = next(name for name in _numbered(base[:26]) if queries.user_by_identity(name) is None)
    return create_user(actor, now, name, full_name, phone=phone, grants=[grant], must_change=False)


def create_first_admin(now: datetime) -> tuple[str, str] | None:
    """The first administrator: (user name, one-time password), or None when somebody administers already."""
    if queries.admin_exists():
        return None
    name = next(name for name in _numbered(FIRST_ADMIN) if queries.user_by_identity(name) is None)
    _, password = create_user(SYSTEM, now, name, "Quản trị", grants=[Grant(ADMIN)])
    return name, password


def change_profile(actor: Actor, now: datetime, user: User, full_name: str, phone: str) -> None:
    """Corrects name and phone."""
    person, number = _clean_full_name(full_name), clean_phone(phone)
    if (user.phone or "") != number:
        _refuse_taken("", number)
    before = {"full_name": user.full_name, "phone": user.phone}
    user.full_name, user.name_fold, user.phone = person, fold(person), number or None
    after = {"full_name": person, "phone": user.phone}
    if before != after:
        record(actor, now, "user.change", ("user", user.id), before=before, after=after)


def grant_role(actor: Actor, now: datetime, user: User, grant: Grant) -> RoleGrant:
    """Gives a role within a scope; open sessions end, the new right begins with a new sign-in."""
    if grant.role not in ROLES:
        raise RefusedError(f"Không có vai trò {grant.role!r}.", remedy="Vai trò: " + ", ".join(ROLES) + ".")
    if grant.scope.kind == "provider" and grant.role != PROVIDER:
        raise RefusedError(
            f"Vai {ROLES[grant.role]} làm việc ở một địa bàn, không ở một ngân hàng.",
            remedy="Hãy chọn phạm vi là xã, thôn hay khu vực.",
        )
    if any(old.role == grant.role and old.scope == grant.scope for old in user.grants):
        raise ConflictError(f"{user.full_name} đã có vai trò này trong phạm vi này.")
    row = RoleGrant(
        role=grant.role,
        scope_kind=grant.scope.kind,
        scope_id=grant.scope.id,
        granted_at=now,
        granted_by_id=actor.id,
    )
    user.grants.append(row)
    end_all(user, now)
    db.session.flush()
    record_key(actor, now, user.id, ROLE)
    record(actor, now, "user.grant", ("user", user.id), after=_told(row))
    return row


def revoke_role(actor: Actor, now: datetime, user: User, grant_id: int) -> None:
    """Takes a role away at once. Raises ConflictError for the last administrator's own, NotFoundError for another's."""
    row = next((each for each in user.grants if each.id == grant_id), None)
    if row is None and db.session.get(RoleGrant, grant_id) is not None:
        raise NotFoundError("Không có vai trò này.")
    if row is None:
        raise ConflictError("Vai trò này đã được gỡ.", remedy="Hãy tải lại trang.")
    if row.role == ADMIN:
        _keep_an_admin(user)
    record(actor, now, "user.revoke", ("user", user.id), before=_told(row))
    user.grants.remove(row)
    end_all(user, now)
    db.session.flush()


def change_own_password(actor: Actor, now: datetime, user: User, old: str, new: str, again: str) -> None:
    """The person chooses a new password; every session ends, also the one at hand."""
    if not passwords.matches(user, old):
        raise RefusedError("Mật khẩu hiện tại không đúng.", remedy="Hãy gõ lại mật khẩu đang dùng.")
    if new != again:
        raise RefusedError("Hai lần gõ mật khẩu mới không giống nhau.", remedy="Hãy gõ lại cả hai.")
    if old == new:
        raise RefusedError("Mật khẩu mới trùng mật khẩu cũ.", remedy="Hãy chọn mật khẩu khác.")
    choose_password(actor, now, user, new)


def choose_first_password(actor: Actor, now: datetime, user: User, new: str, again: str) -> None:
    """Somebody who was invited chooses their password."""
    if new != again:
        raise RefusedError("Hai lần gõ mật khẩu không giống nhau.", remedy="Hãy gõ lại cả hai.")
    choose_password(actor, now, user, new)


def choose_password(actor: Actor, now: datetime, user: User, new: str) -> None:
    """Sets the password the person chose; they need not change it again."""
    check_new_password(new, user.user_name, user.full_name, user.phone or "")
    user.password, user.must_change_password = passwords.hashed(new), False
    end_all(user, now)
    record(actor, now, "user.password", ("user", user.id))


def reset_password(actor: Actor, now: datetime, user: User) -> str:
    """A new one-time password, shown once; sessions and devices end."""
    password = passwords.one_time_password()
    user.password, user.must_change_password = passwords.hashed(password), True
    _end_everything(user, now)
    throttle.clear(user)
    record_key(actor, now, user.id, PASSWORD)
    record(actor, now, "user.reset_password", ("user", user.id))
    return password


def reset_second_factor(actor: Actor, now: datetime, user: User) -> None:
    """The person lost phone and recovery codes: the second factor is set up anew at the next sign-in."""
    user.totp_secret, user.totp_counter, user.recovery_codes = None, None, []
    _end_everything(user, now)
    record_key(actor, now, user.id, SECOND_FACTOR)
    record(actor, now, "user.reset_second_factor", ("user", user.id))


def keep_second_factor(actor: Actor, now: datetime, user: User, secret: str, code: str) -> list[str]:
    """Sets the second factor up and ends the person's other sessions; the recovery codes are shown once.

    Raises RefusedError for a wrong code.
    """
    codes = factors.set_up(user, secret, code, now)
    if codes is None:
        raise RefusedError(
            "Mã 6 số không đúng.", remedy="Hãy đợi ứng dụng hiện mã mới rồi gõ lại; giờ trên điện thoại phải đúng."
        )
    end_others(actor, now, user)
    record(actor, now, "user.second_factor", ("user", user.id))
    return codes


def renew_recovery_codes(actor: Actor, now: datetime, user: User) -> list[str]:
    """New recovery codes; the old ones end. Raises RefusedError where there is no second factor they stand in for."""
    if user.totp_secret is None:
        raise RefusedError("Chưa bật xác thực hai lớp.", remedy="Hãy bật trước; mã dự phòng có cùng lúc.")
    codes = factors.renew_recovery_codes(user)
    record(actor, now, "user.recovery_codes", ("user", user.id))
    return codes


def deactivate(actor: Actor, now: datetime, user: User, reason: str = "") -> None:
    """Closes an account at once: sessions and devices end. What the person did stays."""
    if user.id == actor.id:
        raise ConflictError("Không thể tự khoá tài khoản của mình.", remedy="Hãy nhờ một quản trị khác.")
    if ADMIN in user.role_names:
        _keep_an_admin(user)
    user.active = False
    _end_everything(user, now)
    record(actor, now, "user.deactivate", ("user", user.id), reason=reason)


def activate(actor: Actor, now: datetime, user: User) -> None:
    """Opens a closed account again."""
    user.active = True
    record(actor, now, "user.activate", ("user", user.id))


def end_sessions(actor: Actor, now: datetime, user: User) -> None:
    """Signs a person out everywhere."""
    end_all(user, now)
    record(actor, now, "user.end_sessions", ("user", user.id))


def end_everything(actor: Actor, now: datetime, user: User) -> None:
    """A phone was lost: sessions and devices end at once."""
    _end_everything(user, now)
    record(actor, now, "user.end_everything", ("user", user.id))


def _end_everything(user: User, now: datetime) -> None:
    end_all(user, now)
    mine = (DeviceToken.user_id == user.id) & DeviceToken.revoked_at.is_(None)
    db.session.execute(update(DeviceToken).where(mine).values(revoked_at=now))


def _keep_an_admin(user: User) -> None:
    db.session.scalars(select(RoleGrant.id).where(RoleGrant.role == ADMIN).with_for_update()).all()
    if queries.other_admins(user.id) == 0:
        raise ConflictError("Đây là quản trị cuối cùng.", remedy="Hãy trao vai trò Quản trị cho một người khác trước.")


def _refuse_taken(user_name: str, phone: str) -> None:
    if user_name and queries.user_by_identity(user_name):
        raise ConflictError(f"Tên đăng nhập {user_name} đã có người dùng.", remedy="Hãy chọn tên khác.")
    if phone and queries.user_by_identity(phone):
        raise ConflictError("Số điện thoại này đã thuộc một tài khoản khác.", remedy="Hãy tìm tài khoản đó trước.")


def _clean_full_name(text: str) -> str:
    name = " ".join(nfc(text).split())
    if not name or len(name) > NAME_MAX:
        raise RefusedError("Thiếu họ tên." if not name else "Họ tên quá dài.", remedy="Gõ họ tên như trên giấy tờ.")
    return name


def _told(row: RoleGrant) -> dict[str, object]:
    return {"role": row.role, "scope": [row.scope_kind, row.scope_id]}


def _numbered(name: str) -> Iterable[str]:
    yield name
    yield from (f"{name}{number}" for number in range(2, 1000))

"""Names, passwords, limits and the reach of a role. Pure."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.accounts.common_passwords import is_common, names_somebody
from app.actors import (
    ADMIN,
    APPROVER,
    COORDINATOR,
    PRINT_SHOP,
    PROVIDER,
    PROVINCE,
    ROLES,
    TEAM_LEAD,
    VOLUNTEER,
    Actor,
    Scope,
)
from app.errors import RefusedError
from app.vn.phones import PhoneError, parse_phone

USER_NAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")
PASSWORD_MIN = 8
PASSWORD_MAX = 200
FIELD_ROLES = frozenset({VOLUNTEER, TEAM_LEAD})
SECOND_FACTOR_ROLES = frozenset({COORDINATOR, APPROVER, PROVIDER, ADMIN})
#: What a token may act as. Administering needs a token of one day that a second factor was typed for; none approves.
TOKEN_ROLES = {
    "phone": frozenset({VOLUNTEER, TEAM_LEAD, COORDINATOR}),
    "api": frozenset({VOLUNTEER, TEAM_LEAD, COORDINATOR, PRINT_SHOP, PROVIDER, PROVINCE}),
    "desk": frozenset(ROLES),
}

IDLE_OFFICE = timedelta(minutes=30)
IDLE_FIELD = timedelta(hours=8)
SESSION_LONGEST = timedelta(hours=24)

FAILURES_PER_ACCOUNT = 10
ACCOUNT_WINDOW = timedelta(minutes=15)
FAILURES_PER_ADDRESS = 100
ADDRESS_WINDOW = timedelta(hours=1)
PACE_LONGEST = timedelta(minutes=1)


def clean_user_name(text: str) -> str:
    """A user name as it is kept: small letters without accents. Raises RefusedError.

    >>> clean_user_name(" Lan.CamTan ")
    'lan.camtan'
    """
    name = unicodedata.normalize("NFKC", text).strip().lower()
    if not name:
        raise RefusedError("Thiếu tên đăng nhập.", remedy="Ví dụ lan.camtan.")
    if not USER_NAME.fullmatch(name):
        raise RefusedError(
            f"Tên đăng nhập “{text.strip()}” không dùng được.",
            remedy="Dùng 2 đến 32 chữ thường không dấu, số, dấu chấm hoặc gạch, bắt đầu bằng chữ; ví dụ lan.camtan.",
        )
    return name


def clean_phone(text: str) -> str:
    """A Vietnamese phone as it is kept (E.164), "" for none. Raises RefusedError.

    >>> clean_phone("0987 654 321")
    '+84987654321'
    """
    try:
        return parse_phone(text).e164 if text.strip() else ""
    except PhoneError as error:
        raise RefusedError(str(error)) from error


def phone_of(text: str) -> str | None:
    """The E.164 phone that this text writes, or None."""
    try:
        return parse_phone(text).e164
    except PhoneError:
        return None


def identity_key(text: str) -> str:
    """What was typed at the sign-in, in one form: an E.164 phone or a user name; never refused, perhaps nobody's."""
    return phone_of(text) or unicodedata.normalize("NFKC", text).strip().lower()[:64]


def check_new_password(password: str, *own: str) -> None:
    """Whether this may become someone's password; `own` are their names and phone. Raises RefusedError."""
    if len(password) < PASSWORD_MIN:
        raise RefusedError(
            f"Mật khẩu quá ngắn ({len(password)} ký tự).",
            remedy=f"Cần ít nhất {PASSWORD_MIN} ký tự; một câu ngắn dễ nhớ là tốt nhất.",
        )
    if len(password) > PASSWORD_MAX:
        raise RefusedError("Mật khẩu quá dài.", remedy=f"Tối đa {PASSWORD_MAX} ký tự.")
    if names_somebody(password, own):
        raise RefusedError("Mật khẩu là tên hoặc số điện thoại của bạn.", remedy="Hãy chọn một câu chỉ mình bạn nhớ.")
    if is_common(password) or len(set(password.casefold())) < PASSWORD_MIN // 2:
        raise RefusedError("Mật khẩu này quá dễ đoán.", remedy="Hãy chọn một câu chỉ mình bạn nhớ.")


def idle_limit(roles: Collection[str]) -> timedelta:
    """How long a session may rest: a shift for people who only work in the field, half an hour for an office."""
    return IDLE_FIELD if roles and FIELD_ROLES.issuperset(roles) else IDLE_OFFICE


def needs_second_factor(roles: Collection[str]) -> bool:
    """Whether one of these roles approves, pays or administers."""
    return not SECOND_FACTOR_ROLES.isdisjoint(roles)


def may_use_phone_link(roles: Collection[str]) -> bool:
    """Whether a QR may sign this person's phone in: people who only work in the field."""
    return bool(roles) and FIELD_ROLES.issuperset(roles)


def token_roles(kind: str) -> frozenset[str]:
    """What a token of this kind ("phone", "api") may act as, if the person has the role."""
    return TOKEN_ROLES[kind]


def account_wait(failures: Sequence[datetime], now: datetime) -> timedelta:
    """How long this account has to wait: ten failures in a quarter of an hour, then until the oldest is past.

    `failures` newest first. Those that a clock gone wrong wrote into the future lock nobody.
    """
    recent = [moment for moment in failures if abs(now - moment) < ACCOUNT_WINDOW]
    if len(recent) < FAILURES_PER_ACCOUNT:
        return timedelta(0)
    return min(ACCOUNT_WINDOW, recent[FAILURES_PER_ACCOUNT - 1] + ACCOUNT_WINDOW - now)


def address_wait(failures: int, last: datetime | None, now: datetime) -> timedelta:
    """How long strangers from this address have to wait: after a hundred failures in an hour, a pace, not a lock.

    A whole market may share one Wi-Fi address, so trying gets slower (2, 4, 8 ... 60 s apart), never impossible.
    """
    if failures < FAILURES_PER_ADDRESS or last is None:
        return timedelta(0)
    steps = (failures - FAILURES_PER_ADDRESS) // 10 + 1
    pace = min(PACE_LONGEST, timedelta(seconds=2 ** min(steps, 10)))
    return min(pace, max(timedelta(0), last + pace - now))


@dataclass(frozen=True, slots=True)
class Reach:
    """What scopes open: everything, or these units (all below included), zones and providers."""

    everything: bool
    units: frozenset[int]
    zones: frozenset[int]
    providers: frozenset[int]


def reach(actor: Actor, ancestors: Mapping[int, Sequence[int]], *roles: str) -> Reach:
    """What this person's roles (all of them, or those named) reach.

    `ancestors`: for every unit, the units above it. A scope on a unit reaches all below it.
    """
    scopes = actor.scopes_of(*roles)
    roots = {scope.id for scope in scopes if scope.kind == "unit"}
    below = {unit for unit, above in ancestors.items() if not roots.isdisjoint(above)}
    return Reach(
        everything=Scope("all") in scopes,
        units=frozenset(roots | below),
        zones=frozenset(scope.id for scope in scopes if scope.kind == "zone"),
        providers=frozenset(scope.id for scope in scopes if scope.kind == "provider"),
    )


def visible(
    reached: Reach, *, unit_id: int | None = None, zone_id: int | None = None, provider_id: int | None = None
) -> bool:
    """Whether a record of this unit, zone or provider lies within the reach; to anyone else it does not exist (404)."""
    return (
        reached.everything
        or unit_id in reached.units
        or zone_id in reached.zones
        or (provider_id is not None and provider_id in reached.providers)
    )

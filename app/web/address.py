"""Under which addresses this instance is reached: the public one that is printed, and those a request may come by.

Whatever a browser says in `Host` never gets onto paper, and a name nobody has told us is refused: else a stranger's
page could have us write its own address into invitations and codes (host header attacks, DNS rebinding).
"""

import socket
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, request, url_for

from app.errors import DomainError
from app.settings import NoPublicAddressError, Settings

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class UnknownHostError(DomainError):
    """The request came by a name that this instance does not go by."""

    code = "ten-may-la"
    status = 400


def public_url() -> str:
    """The address residents use, without a slash at its end; "" where none is set."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings.public_address


def required_public_url() -> str:
    """The same; raises NoPublicAddressError where none is set."""
    found = public_url()
    if not found:
        raise NoPublicAddressError
    return found


def public_link(endpoint: str, **values: Any) -> str:  # noqa: ANN401 - as url_for
    """A page's address as it may stand on paper or be sent out. Raises NoPublicAddressError."""
    return required_public_url() + url_for(endpoint, **values)


def office_link(endpoint: str, **values: Any) -> str:  # noqa: ANN401 - as url_for
    """A page's address for a colleague: the public one, else the one this page was opened by, which was checked."""
    return (public_url() or request.host_url.rstrip("/")) + url_for(endpoint, **values)


def is_here_only(address: str) -> bool:
    """Whether only this machine itself finds the address."""
    return (urlsplit(address).hostname or "") in LOOPBACK


def init_hosts(app: Flask) -> None:
    """Refuses requests by an unknown name, before anything else looks at them."""
    app.before_request(_check_host)


def _check_host() -> None:
    name = host_name(request.host)
    settings: Settings = current_app.config["SETTINGS"]
    if name in LOOPBACK or name in settings.trusted_hosts or _is_this_machine(name):
        return
    if name and name == (urlsplit(public_url()).hostname or ""):
        return
    raise UnknownHostError(
        "Trang này không mở được bằng tên máy ấy.",
        remedy="Người quản trị máy hãy ghi tên ấy vào CHOSO_PUBLIC_URL hoặc CHOSO_TRUSTED_HOSTS rồi chạy lại, hay mở "
        "trang bằng http://127.0.0.1 trên chính máy chủ và ghi ở Địa chỉ công khai.",
    )


def host_name(host: str) -> str:
    """The name in a Host header, in small letters, without port and brackets.

    >>> host_name("[::1]:8000"), host_name("Cho-So.VN.:443")
    ('::1', 'cho-so.vn')
    """
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_this_machine(name: str) -> bool:
    """Its host name, or an address that one of its network cards has: only those can be bound to."""
    own = socket.gethostname().lower()
    if name in {own, f"{own}.local"}:
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    if address.is_unspecified or address.is_multicast:
        return False
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET  # noqa: PLR2004
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True

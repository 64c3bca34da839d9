"""What people fill in: read once from the request, checked by the actions."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Request

from app.accounts.sessions import Caller

KNOWN_COOKIE = "choso-known"
KNOWN_MAX = 8
TEXT_MAX = 500


@dataclass(frozen=True, slots=True)
class SignInForm:
    """The sign-in page: user name or phone, and the password."""

    identity: str
    password: str
    target: str

    @property
    def complete(self) -> bool:
        """Whether both were filled in."""
        return bool(self.identity.strip() and self.password)


def sign_in_form(request: Request) -> SignInForm:
    """What was typed; the page to go to afterwards is kept only when it is one of ours."""
    target = request.form.get("next") or request.args.get("next") or ""
    return SignInForm(text(request, "identity"), text(request, "password"), local_target(target))


def text(request: Request, name: str) -> str:
    """One field as typed, cut where nobody types on."""
    return request.form.get(name, "")[:TEXT_MAX]


def local_target(target: str) -> str:
    """The address when it lies on this site, else "": no sign-in ends on somebody else's page."""
    if not target.startswith("/") or target.startswith("//") or "\\" in target or not target.isprintable():
        return ""
    parts = urlsplit(target)
    return "" if parts.scheme or parts.netloc or parts.path.startswith("//") else target


def caller(request: Request) -> Caller:
    """Where a sign-in comes from."""
    known = request.cookies.get(KNOWN_COOKIE, "").split(".")
    return Caller(
        address=request.remote_addr or "?",
        browser=browser_name(request.user_agent.string),
        known=frozenset(known[:KNOWN_MAX]),
    )


def browser_name(agent: str) -> str:
    """Browser and device in a person's words; what is unknown is cut short."""
    device = next((words for mark, words in _DEVICES if mark in agent), "")
    browser = next((words for mark, words in _BROWSERS if mark in agent), agent[:40] or "Trình duyệt lạ")
    return f"{browser}, {device}" if device else browser


_DEVICES = (
    ("Android", "điện thoại Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "máy Windows"),
    ("Macintosh", "máy Mac"),
    ("Linux", "máy Linux"),
)
_BROWSERS = (
    ("Edg/", "Edge"),
    ("coc_coc", "Cốc Cốc"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)

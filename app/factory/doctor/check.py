"""What one look at an instance came to."""

from dataclasses import asdict, dataclass
from typing import Any

LISTED_MAX = 5


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: in words what was found and, where it is not well, how to mend it.

    `is_ok` false is a fault; a warning is well today and will not stay so.
    """

    id: str
    title: str
    words: str
    remedy: str = ""
    is_ok: bool = True
    is_warning: bool = False

    def shown(self) -> dict[str, Any]:
        """As `doctor --json` tells it."""
        found = asdict(self)
        return {"id": found["id"], "ok": self.is_ok, "warning": self.is_warning} | {
            key: found[key] for key in ("title", "words", "remedy")
        }


def good(check_id: str, title: str, words: str) -> Check:
    """Looked at and well."""
    return Check(check_id, title, words)


def warning(check_id: str, title: str, words: str, remedy: str) -> Check:
    """Well today."""
    return Check(check_id, title, words, remedy, is_warning=True)


def bad(check_id: str, title: str, words: str, remedy: str) -> Check:
    """A fault."""
    return Check(check_id, title, words, remedy, is_ok=False)


def listed(faults: list[str]) -> str:
    """The first faults in one line, and how many more there are."""
    more = len(faults) - LISTED_MAX
    return "; ".join(faults[:LISTED_MAX]) + (f"; và {more} chỗ nữa" if more > 0 else "")

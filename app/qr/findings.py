"""What is wrong, or merely odd, about a payment code, said so that a person can act on it."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """An error means that the code must not be used; a warning is shown and left to the coordinator."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in a payload.

    `code` is stable; `path` names the field as tags from the root ("38/01/00"; "" is the whole payload); `place` counts
    characters from 0 to the start of that field; `message_vi` is one Vietnamese sentence.
    """

    code: str
    severity: Severity
    path: str
    place: int
    message_vi: str


def error(code: str, path: str, place: int, message_vi: str) -> Finding:
    """A fault that makes the code unusable."""
    return Finding(code, Severity.ERROR, path, place, message_vi)


def warning(code: str, path: str, place: int, message_vi: str) -> Finding:
    """An oddity that real codes live with."""
    return Finding(code, Severity.WARNING, path, place, message_vi)


class PayloadError(ValueError):
    """The text cannot be taken apart; `str()` is the Vietnamese reason, `finding` the whole of it."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(finding.message_vi)

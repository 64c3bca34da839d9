"""The plain words a trader is told before saying yes, by version. Pure data, kept in `consent_texts.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

import yaml


@dataclass(frozen=True, slots=True)
class ConsentText:
    """One version: what is said before all purposes, about each, and after them."""

    version: str
    opening: str
    purposes: Mapping[str, str]
    rights: str


@lru_cache(maxsize=1)
def consent_versions() -> tuple[ConsentText, ...]:
    """Every version there was, oldest first."""
    kept = yaml.safe_load(files("app.registry.rules").joinpath("consent_texts.yaml").read_text("utf-8"))
    return tuple(ConsentText(each["version"], each["opening"], each["purposes"], each["rights"]) for each in kept)


def consent_text(version: str) -> ConsentText | None:
    """The words of this version; None for one that was never ours (a paper form of before, the sample)."""
    return next((text for text in consent_versions() if text.version == version), None)


_NOW: Final = consent_versions()[-1]
CONSENT_VERSION: Final = _NOW.version
CONSENT_OPENING: Final = _NOW.opening
CONSENT_TEXTS: Final = _NOW.purposes
RIGHTS_TEXT: Final = _NOW.rights

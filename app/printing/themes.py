"""Themes: a commune's or provider's inks, words and ornaments for all designs; one YAML file each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from app.errors import NotFoundError, RefusedError
from app.paper.colours import BLACK, INK_LIMIT, WHITE, Cmyk
from app.paper.logos import Logo, read_logo
from app.paper.measures import PaperError

INKS = 4
LOGO_ROLES = ("provider", "commune")


class ThemeError(RefusedError):
    """A theme file is not as it must be."""

    code = "chu-de-sai"


@dataclass(frozen=True, slots=True)
class OwnLogo:
    """A logo and what its owner asks for: clear space around it, and how wide it is at least."""

    logo: Logo
    clear: float = 0.25
    """Of its height, on every side."""
    least_mm: float = 8.0


@dataclass(frozen=True, slots=True)
class Theme:
    """Inks by role, texts by field, ornaments by role."""

    id: str
    title: str
    prefix: str
    """First letters of every print id: the commune in short."""
    condition: str
    palette: Mapping[str, Cmyk]
    texts: Mapping[str, str]
    art: Mapping[str, str]
    logos: Mapping[str, "OwnLogo"] = field(default_factory=dict)
    """The commune's and the provider's own, as they handed them over."""

    def colour(self, role: str) -> Cmyk:
        """The ink of a role; raises ThemeError for one the theme lacks."""
        if role not in self.palette:
            raise ThemeError(f"Chủ đề {self.id} thiếu màu {role!r}.", remedy="Hãy thêm màu vào mục palette.")
        return self.palette[role]


def theme_ids(folder: Path) -> list[str]:
    """Ids of all themes in the folder, `default` first."""
    return sorted((path.stem for path in folder.glob("*.yaml")), key=lambda name: (name != "default", name))


def own_theme(path: Path, folder: Path) -> Theme:
    """A theme from a file of one's own, over those of the folder; raises ThemeError naming the file."""
    return _read(folder, path)


@lru_cache(maxsize=32)
def load_theme(folder: Path, theme_id: str) -> Theme:
    """The theme with this id, over the one it extends; NotFoundError names those there are."""
    if theme_id not in theme_ids(folder):
        raise NotFoundError(f"Không có chủ đề {theme_id!r}.", remedy=f"Các chủ đề: {', '.join(theme_ids(folder))}.")
    return _read(folder, folder / f"{theme_id}.yaml")


def _read(folder: Path, path: Path) -> Theme:
    try:
        return _theme(folder, path, yaml.safe_load(path.read_text(encoding="utf-8")))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ThemeError(
            f"{path.name}, dòng {line}: YAML viết sai.", remedy="Hãy xem lại thụt đầu dòng và dấu hai chấm."
        ) from None
    except yaml.YAMLError:
        raise ThemeError(f"{path.name}: không phải tệp YAML.") from None
    except (KeyError, TypeError, ValueError) as error:
        raise ThemeError(f"{path.name}: thiếu hoặc sai mục {error}.") from error


def _theme(folder: Path, path: Path, data: dict[str, Any]) -> Theme:
    theme_id = path.stem
    parent = load_theme(folder, data["extends"]) if "extends" in data else None
    palette = dict(parent.palette) if parent else {"black": BLACK, "white": WHITE}
    palette.update({role: _ink(theme_id, role, inks) for role, inks in data.get("palette", {}).items()})
    return Theme(
        id=theme_id,
        title=data["title"],
        prefix=data.get("prefix") or (parent.prefix if parent else "CS"),
        condition=data.get("condition") or (parent.condition if parent else "FOGRA39"),
        palette=palette,
        texts={**(parent.texts if parent else {}), **data.get("texts", {})},
        art={**(parent.art if parent else {}), **data.get("art", {})},
        logos={**(parent.logos if parent else {}), **_logos(path.parent, data.get("logos", {}))},
    )


def _logos(folder: Path, data: dict[str, Any]) -> dict[str, OwnLogo]:
    """The logo files a theme names, beside it."""
    found = {}
    for role, said in data.items():
        if role not in LOGO_ROLES:
            raise ThemeError(f"Chủ đề: vai biểu trưng lạ {role!r}.", remedy="Chỉ có provider và commune.")
        unknown = set(said) - {"file", "clear", "least_mm"}
        if unknown:
            raise ThemeError(f"Biểu trưng {role}: mục lạ {', '.join(sorted(unknown))}.")
        file = folder / said["file"]
        try:
            logo = read_logo(file.read_bytes(), file.name)
        except OSError as error:
            raise ThemeError(f"Không đọc được biểu trưng {file.name}.", remedy="Đặt tệp cạnh tệp chủ đề.") from error
        except PaperError as error:
            raise ThemeError(f"Biểu trưng {error}.") from error
        found[role] = OwnLogo(logo, float(said.get("clear", 0.25)), float(said.get("least_mm", 8)))
    return found


def _ink(theme_id: str, role: str, inks: list[float]) -> Cmyk:
    if len(inks) != INKS or not all(0 <= ink <= 100 for ink in inks):  # noqa: PLR2004 -- percent
        raise ThemeError(f"Chủ đề {theme_id}: màu {role!r} phải gồm bốn số từ 0 đến 100 (C, M, Y, K).")
    colour = Cmyk(*map(float, inks))
    if colour.ink > INK_LIMIT:
        raise ThemeError(f"Chủ đề {theme_id}: màu {role!r} dùng {colour.ink:.0f} % mực, quá {INK_LIMIT} %.")
    return colour

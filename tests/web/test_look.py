"""The look holds its own rules: nothing inline, every icon drawn, every state with a glyph, contrast enough."""

import re
from pathlib import Path

import pytest

from app.paths import resource_dir
from app.registry.rules.stages import STAGES
from app.web.nav import SECTIONS

#: Not a page but a file handed out, with everything in it and a policy of its own.
STANDALONE = resource_dir("templates") / "map" / "file.html"
TEMPLATES = sorted(set(resource_dir("templates").rglob("*.html")) - {STANDALONE})
STYLES = sorted((resource_dir("static") / "css").glob("*.css"))
SPRITE = (resource_dir("static") / "icons" / "sprite.svg").read_text(encoding="utf-8")
SYMBOLS = frozenset(re.findall(r'<symbol id="([^"]+)"', SPRITE))
TOKENS = (resource_dir("static") / "css" / "tokens.css").read_text(encoding="utf-8")
BODY, TEXT, SHAPE = 7.0, 4.5, 3.0


def channel(value: int) -> float:
    part = value / 255
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def luminance(colour: str) -> float:
    digits = "".join(c * 2 for c in colour[1:]) if len(colour) == 4 else colour[1:]
    red, green, blue = (channel(int(digits[at : at + 2], 16)) for at in (0, 2, 4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def token(name: str) -> str:
    found = re.search(rf"--{name}:\s*(#[0-9a-f]{{3,6}}|var\(--([a-z0-9-]+)\));", TOKENS)
    assert found, name
    return token(found[2]) if found[2] else found[1]


@pytest.mark.parametrize(
    ("text", "ground", "least"),
    [
        ("ink", "paper", BODY),
        ("ink", "ground", BODY),
        ("ink", "cream", BODY),
        ("ink", "good-ground", BODY),
        ("ink", "warn-ground", BODY),
        ("ink", "bad-ground", BODY),
        ("ink", "info-ground", BODY),
        ("paper", "teal", BODY),
        ("teal", "ground", BODY),
        ("ink-soft", "paper", TEXT),
        ("ink-soft", "cream", TEXT),
        ("ink-faint", "paper", TEXT),
        ("link", "ground", TEXT),
        ("marigold", "teal", TEXT),
        ("teal-900", "marigold", TEXT),
        ("red-600", "paper", TEXT),
        ("red-600", "cream", TEXT),
        ("red-700", "red-100", TEXT),
        ("good", "paper", TEXT),
        ("warn", "warn-ground", TEXT),
        ("line-strong", "paper", SHAPE),
        ("focus", "ground", SHAPE),
    ],
)
def test_contrast_of_text_and_ground(text: str, ground: str, least: float) -> None:
    assert contrast(token(text), token(ground)) >= least - 0.05


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_nothing_inline_stands_in_a_template(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not re.search(r"\sstyle=|<style\b|\son[a-z]+=\"|javascript:", text)
    assert all("src=" in tag or "application/json" in tag for tag in re.findall(r"<script\b[^>]*>", text))


def test_every_icon_named_is_drawn() -> None:
    named = {section.icon for section in SECTIONS}
    for path in TEMPLATES:
        text = path.read_text(encoding="utf-8")
        named.update(re.findall(r"""\bicon\(["']([a-z-]+)["']""", text))
        named.update(re.findall(r"""\bicon_name=["']([a-z-]+)["']""", text))
    named.discard("stage-")
    assert named <= SYMBOLS


def test_every_stage_has_glyph_colour_and_the_registrys_words() -> None:
    text = (resource_dir("templates") / "_figures.html").read_text(encoding="utf-8")
    drawn = {code: (glyph, words) for code, glyph, words in re.findall(r'"([a-z_]+)": \("([a-z]+)", "([^"]+)"\)', text)}
    states = (resource_dir("static") / "css" / "states.css").read_text(encoding="utf-8")
    assert {code: words for code, (_, words) in drawn.items() if code != "issue"} == STAGES
    for glyph, _ in drawn.values():
        assert f"stage-{glyph}" in SYMBOLS
        assert f".fill-{glyph}" in states


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_a_stylesheet_can_be_read_in_one_sitting(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") < 400
    for address in re.findall(r'url\("([^"]+)"\)', text):
        assert address.startswith("../vendor/") or (path.parent / address).resolve().is_file(), address

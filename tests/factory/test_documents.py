"""What the documents promise is there: links lead somewhere, commands in the README exist."""

import re
from pathlib import Path

import pytest

from app.factory.cli import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("**/*.md")])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.name)
def test_links_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)\)", document.read_text(encoding="utf-8"))
    local = [link for link in links if not link.startswith(("http:", "https:"))]
    assert [link for link in local if not (document.parent / link).exists()] == []


def test_commands_of_the_readme_exist() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    verbs = set(re.findall(r"run\.py ([a-z]+)", text)) - {"test"}
    assert verbs
    assert verbs <= set(COMMANDS)


def test_the_readme_gives_both_commands_and_three_pictures() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "\npython3 run.py  " in text
    assert "\npython3 run.py test" in text
    assert len(re.findall(r"!\[[^]]+\]\(docs/pictures/", text)) == 3

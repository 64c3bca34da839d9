"""What click says to a person is Vietnamese, whatever version of click is installed."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from app.factory.cli import COMMANDS, run
from app.factory.wording import SENTENCES, SPEAKING

ROOT = Path(__file__).resolve().parents[2]
#: A wrong declaration in the program, deprecation and the version line: no person meets these.
FOR_PROGRAMMERS = (
    "DeprecationWarning",
    "Could not determine name",
    "No options defined",
    "Arguments take exactly one",
    "defined twice",
    "cannot use the same flag",
    "Value must be an iterable",
    "%(prog)s",
    "Do you want to continue",
    "Confirm the action",
    "Choice({choices})",
    "Invalid start character",
)


def spoken() -> Iterator[str]:
    """Every sentence that click's speaking modules hand to gettext."""
    for name in SPEAKING:
        file = Path(click.__file__).parent / f"{name}.py"
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "ngettext"}:
                yield from (a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str))


def test_every_sentence_of_click_has_its_translation() -> None:
    said = set(spoken())
    assert len(said) > 40
    assert {each for each in said - set(SENTENCES) if not any(part in each for part in FOR_PROGRAMMERS)} == set()


def test_translations_keep_the_places_of_values() -> None:
    for theirs, ours in SENTENCES.items():
        fields = {part.split("}")[0].split("!")[0] for part in theirs.split("{")[1:]}
        assert {part.split("}")[0].split("!")[0] for part in ours.split("{")[1:]} <= fields


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["prnt"], ["Cách dùng: choso", "Lỗi: Không có lệnh 'prnt'.", "'print'"]),
        (["doctor", "--jsn"], ["Cách dùng: choso doctor", "Không có tuỳ chọn '--jsn'.", "'--json'"]),
        (["doctor", "thua"], ["Thừa tham số: thua"]),
        (["import", "merchants"], ["Thiếu tham số"]),
        (["serve", "--port", "99999"], ["99999 nằm ngoài khoảng"]),
        (["serve", "--port", "abc"], ["'abc' không phải số nguyên"]),
        (["serve", "--port"], ["'--port' cần một giá trị"]),
        (["print", "--sheet", "a9"], ["'a9' không phải một trong"]),
        (["qr", "draw"], ["Xem hướng dẫn: choso qr draw --help"]),
    ],
)
def test_wrong_usage_is_told_in_vietnamese(
    arguments: list[str], words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert [word for word in words if word not in told.err] == []
    assert "Error" not in told.err


@pytest.mark.parametrize("verb", ["", *sorted(COMMANDS)])
def test_help_is_vietnamese(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*verb.split(), "--help"]) == 0
    told = capsys.readouterr().out
    assert told.startswith(f"Cách dùng: choso {verb}".rstrip())
    assert [word for word in ("Usage", "Options:", "Commands:", "Show ", "INTEGER", "[OPTIONS]") if word in told] == []
    if not verb:
        assert [name for name in COMMANDS if f"\n  {name} " not in told] == []
        assert "Lệnh:" in told
        assert "..." not in told.partition("Lệnh:")[2], "nothing is cut short"


@pytest.mark.parametrize("verb", [["qr", "encode", "--bin", "970436", "--account", "0011001234567"], ["--help"]])
def test_a_light_verb_does_not_wait_for_the_heavy_libraries(verb: list[str]) -> None:
    script = (
        f"import sys; from app.factory.cli import run; run({verb}); "
        "print(sorted({'flask', 'sqlalchemy', 'alembic', 'duckdb', 'app.db'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines()[-1] == "[]"

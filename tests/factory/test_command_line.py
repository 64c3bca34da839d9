"""`choso`: exit 0, 1 or 2, Vietnamese words, never a traceback."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from app.factory.cli import COMMANDS, choso, run
from app.factory.verbs import LazyGroup

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHOSO_INSTANCE", str(tmp_path / "instance"))
    return tmp_path / "instance"


def test_every_verb_loads() -> None:
    assert isinstance(choso, LazyGroup)
    for verb in COMMANDS:
        assert choso.get_command(click.Context(choso), verb) is not None


def paths_taken(command: click.Command) -> list[click.Path]:
    """The kinds of every file and folder a verb and the verbs below it take."""
    found = [one.type for one in command.params if isinstance(one.type, click.Path)]
    if isinstance(command, click.Group):
        context = click.Context(command)
        below = [command.get_command(context, name) for name in command.list_commands(context)]
        return found + [path for each in below if each for path in paths_taken(each)]
    return found


def test_a_file_that_may_not_be_read_is_refused_and_no_wrong_usage() -> None:
    """Click would say 2 and four lines: we open the file ourselves, and say 1 and why."""
    assert [path for path in paths_taken(choso) if path.readable] == []
    assert len(paths_taken(choso)) > 20


def test_a_name_too_long_is_told_in_few_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["restore", str(tmp_path / ("a" * 5000))]) == 1
    told = capsys.readouterr().err
    assert "tên tệp dài quá" in told
    assert len(told) < 200


def test_a_working_file_is_told_by_its_folder(
    instance: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "denied", str(instance / ".lot-u13"))

    monkeypatch.setattr("app.audit.cli.chain_break", refuse)
    assert run(["audit", "verify"]) == 1
    assert f"Không được phép đọc hoặc ghi {instance}. " in capsys.readouterr().err


def test_an_empty_instance_is_made_by_the_first_command(instance: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["ok"] is True
    assert all(number == 0 for number in found["counts"].values())
    assert (instance / "choso.sqlite3").is_file()
    assert str(instance).encode() not in (instance / "choso.sqlite3").read_bytes()


def test_wrong_usage_is_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["khong-co"]) == 2
    assert run(["doctor", "--khong-co"]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_fault_is_one_line_and_leaves_its_detail_in_the_instance(
    instance: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def break_down(*_: object) -> None:
        raise KeyError("chi tiết kín")

    monkeypatch.setattr("app.audit.cli.chain_break", break_down)
    assert run(["audit", "verify"]) == 1
    told = capsys.readouterr().err
    assert "Lỗi ngoài dự kiến" in told
    assert "Traceback" not in told
    assert "chi tiết kín" in (instance / "choso-error.log").read_text(encoding="utf-8")


def test_a_damaged_database_is_told(instance: Path, capsys: pytest.CaptureFixture[str]) -> None:
    instance.mkdir()
    (instance / "choso.sqlite3").write_bytes(b"day khong phai co so du lieu" * 100)
    assert run(["doctor"]) == 1
    assert "Traceback" not in capsys.readouterr().err


def test_an_unknown_setting_stops_the_program(tmp_path: Path) -> None:
    environ = {**os.environ, "CHOSO_INSTANCE": str(tmp_path), "CHOSO_PROT": "8001"}
    answer = subprocess.run(
        [sys.executable, "-m", "app", "doctor"], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 1
    assert "CHOSO_PROT" in answer.stderr
    assert "Traceback" not in answer.stderr

"""`choso user`: people added from the machine itself."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from app.accounts import passwords, queries
from app.actors import ADMIN, COORDINATOR
from app.db import db
from app.factory import create_ready_app
from app.factory.cli import run


@pytest.fixture
def choso(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    monkeypatch.setenv("CHOSO_INSTANCE", str(tmp_path / "moi"))
    monkeypatch.delenv("CHOSO_DATABASE_URL", raising=False)
    return lambda *words: run(["user", *words])


def kept(name: str, password: str) -> tuple[set[str], bool]:
    """Roles of a person, and whether they must change their password; the password is right."""
    app = create_ready_app()
    with app.app_context():
        user = queries.user_by_identity(name)
        assert user is not None
        assert passwords.matches(user, password)
        result = (set(user.role_names), user.must_change_password)
        db.session.remove()
        db.engine.dispose()
    return result


def test_adds_a_person_with_a_one_time_password(choso: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert choso("add", "lan", "--role", ADMIN, "--role", COORDINATOR, "--phone", "0987654321") == 0
    said = capsys.readouterr()
    password = said.out.strip()
    assert len(password.splitlines()) == 1
    assert "chỉ hiện lần này" in said.err
    assert kept("lan", password) == ({ADMIN, COORDINATOR}, True)
    assert choso("reset", "0987654321") == 0
    assert kept("lan", capsys.readouterr().out.strip())[1]


def test_reads_a_password_from_standard_input(
    choso: Callable[..., int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("bún riêu cô Lượng\n"))
    assert choso("add", "lan", "--password-stdin") == 0
    assert capsys.readouterr().out == ""
    assert kept("lan", "bún riêu cô Lượng") == (set(), False)


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("add", "Lan Anh"), 1, "Tên đăng nhập"),
        (("add", "lan", "--role", "king"), 2, "king"),
        (("add", "lan", "--phone", "12"), 1, "12"),
        (("add",), 2, "NAME"),
        (("reset", "khong.ai"), 1, "Không có người dùng"),
    ],
)
def test_says_what_is_wrong(
    choso: Callable[..., int], capsys: pytest.CaptureFixture[str], words: tuple[str, ...], status: int, said: str
) -> None:
    assert choso(*words) == status
    shown = capsys.readouterr()
    assert said in shown.err
    assert "Traceback" not in shown.err
    assert shown.out == ""


def test_a_name_is_given_once(choso: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert choso("add", "lan") == 0
    assert choso("add", "LAN") == 1
    assert "đã có người dùng" in capsys.readouterr().err

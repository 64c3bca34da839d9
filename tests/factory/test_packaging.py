"""What a wheel carries is what the clone has: it opens a page from an empty folder."""

import configparser
import json
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from app.paths import resource_dir, vendor_dir

ROOT = Path(__file__).resolve().parents[2]


def declared() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def test_every_room_is_declared() -> None:
    named = set(declared()["options"]["packages"].split())
    folders = {".".join(file.parent.relative_to(ROOT).parts) for file in (ROOT / "app").rglob("__init__.py")}
    resources = {f"app.{name}" for name in ("migrations", "printables", "static", "templates")}
    assert named == folders | resources


def test_every_vendored_file_is_there() -> None:
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["vendor"].values()
    assert [target for target in wanted if not (vendor_dir() / target).is_file()] == []


def test_an_unknown_resource_is_named() -> None:
    with pytest.raises(FileNotFoundError, match="khong-co"):
        resource_dir("khong-co")


def test_a_wheel_works_in_an_empty_environment(tmp_path: Path) -> None:
    build = "import setuptools.build_meta as b, sys; print(b.build_wheel(sys.argv[1]))"
    source = tmp_path / "source"
    subprocess.run(["git", "clone", "-q", "--depth=1", f"file://{ROOT}", source], check=True, capture_output=True)
    made = subprocess.run(
        [sys.executable, "-c", build, tmp_path], cwd=source, check=True, capture_output=True, text=True
    )
    wheel = tmp_path / made.stdout.splitlines()[-1]
    home = tmp_path / "empty"
    venv.create(home, with_pip=False, symlinks=True)
    scheme = sysconfig.get_paths(vars={"base": str(home), "platbase": str(home)})
    installed = Path(scheme["purelib"])
    subprocess.run([sys.executable, "-m", "zipfile", "-e", wheel, installed], check=True)
    # The libraries come from this environment; the program itself only from the wheel.
    (installed / "libraries.pth").write_text(sysconfig.get_paths()["purelib"], encoding="utf-8")
    script = (
        "import app, pathlib; from app.factory import create_app; "
        "client = create_app().test_client(); "
        "assert client.get('/healthz').json == {'status': 'ok'}; "
        "assert client.get('/static/icons/favicon.svg').status_code == 200; "
        "print(pathlib.Path(app.__file__).parent)"
    )
    answer = subprocess.run(
        [home / "bin" / "python", "-c", script],
        cwd=tmp_path,
        env={"CHOSO_INSTANCE": str(tmp_path / "instance"), "PATH": ""},
        check=True,
        capture_output=True,
        text=True,
    )
    assert Path(answer.stdout.strip()) == installed / "app"

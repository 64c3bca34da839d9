"""What a wheel carries is what the clone has: it opens a page and prints a standee from an empty folder."""

import configparser
import json
import shutil
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


@pytest.fixture(scope="module")
def empty_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the program from its wheel alone; the libraries are this environment's."""
    folder = tmp_path_factory.mktemp("wheel")
    build = "import setuptools.build_meta as b, sys; print(b.build_wheel(sys.argv[1]))"
    source = folder / "source"
    subprocess.run(["git", "clone", "-q", "--depth=1", f"file://{ROOT}", source], check=True, capture_output=True)
    shutil.copytree(vendor_dir(), source / "static" / "vendor")  # git does not carry it, set-up fetches it
    made = subprocess.run([sys.executable, "-c", build, folder], cwd=source, check=True, capture_output=True, text=True)
    home = folder / "empty"
    venv.create(home, with_pip=False, symlinks=True)
    installed = site_packages(home)
    wheel = folder / made.stdout.splitlines()[-1]
    subprocess.run([sys.executable, "-m", "zipfile", "-e", wheel, installed], check=True)
    (installed / "libraries.pth").write_text(sysconfig.get_paths()["purelib"], encoding="utf-8")
    return home


def site_packages(home: Path) -> Path:
    return Path(sysconfig.get_paths(vars={"base": str(home), "platbase": str(home)})["purelib"])


def in_empty_environment(home: Path, folder: Path, *arguments: str | Path) -> str:
    """Standard output of its Python, run with nothing of this clone within reach."""
    environ = {"CHOSO_INSTANCE": str(folder / "instance"), "PATH": ""}
    answer = subprocess.run(
        [home / "bin" / "python", *arguments], cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_a_wheel_opens_a_page(empty_environment: Path, tmp_path: Path) -> None:
    script = (
        "import app, pathlib; from app.factory import create_app; "
        "client = create_app().test_client(); "
        "assert client.get('/healthz').json == {'status': 'ok'}; "
        "assert client.get('/static/icons/favicon.svg').status_code == 200; "
        "assert client.get('/static/vendor/leaflet/leaflet.js').status_code == 200; "
        "print(pathlib.Path(app.__file__).parent)"
    )
    printed = in_empty_environment(empty_environment, tmp_path, "-c", script)
    assert Path(printed.strip()) == site_packages(empty_environment) / "app"


def test_a_wheel_prints_a_standee(empty_environment: Path, tmp_path: Path) -> None:
    data = tmp_path / "danh-sach.csv"
    data.write_text(
        "point_code,shop_name,holder_name,bank_bin,account_number\n"
        "A01-01,Bún bò Mẫu,Nguyễn Thị Mẫu,970436,0011001234567\n",
        encoding="utf-8",
    )
    lot = tmp_path / "lo"
    arguments = ("-m", "app", "print", "--design", "standee-a6", "--data", data, "--out", lot)
    in_empty_environment(empty_environment, tmp_path, *arguments)
    assert (lot / "lot.pdf").read_bytes().startswith(b"%PDF")
    gate = json.loads((lot / "gate.json").read_text(encoding="utf-8"))
    assert (gate["items"], gate["read_back"], gate["failures"]) == (1, 1, [])
    assert not (tmp_path / "instance").exists()  # printing from a list needs no records

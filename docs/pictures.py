"""Takes the README's pictures again from a fresh sample commune: `.venv/bin/python docs/pictures.py`."""

import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import pypdfium2
from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "pictures"
LAPTOP = {"width": 1366, "height": 768}
#: picture -> address, as the coordinator
PAGES = {"desk": "/desk/", "map": "/desk/map"}
COLOURS = 160
STANDEE_DPI = 130

ROW = """point_code,zone,row,stall,shop_name,holder_name,bank_bin,account_number
A01-06,Chợ Sông Mây,A01,A01-06,Bún riêu cô Lượng,Nguyễn Thị Thuỳ Lượng,970436,0000123457465
"""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def choso(*arguments: str, instance: Path) -> str:
    """One command on the instance; returns what it printed."""
    environ = {**os.environ, "CHOSO_INSTANCE": str(instance)}
    done = subprocess.run(
        [sys.executable, "-m", "app", *arguments], cwd=ROOT, env=environ, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


def keep(picture: Image.Image, name: str) -> None:
    """Few colours: a page is flat, and the repository stays small."""
    few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(OUT / f"{name}.png", optimize=True)
    print(f"{name}.png {(OUT / f'{name}.png').stat().st_size // 1024} KiB")


def standee(folder: Path, instance: Path) -> None:
    """The finished page of one piece, cut to its trim."""
    data = folder / "quay.csv"
    data.write_text(ROW, encoding="utf-8")
    choso("print", "--design", "standee-a6", "--data", str(data), "--out", str(folder / "lot"), instance=instance)
    document = pypdfium2.PdfDocument(folder / "lot" / "lot.pdf")
    page = document[0]
    left, bottom, right, top = page.get_trimbox()
    width, height = page.get_size()
    picture = page.render(scale=STANDEE_DPI / 72, crop=(left, bottom, width - right, height - top)).to_pil()
    keep(picture, "standee")


def sign_in(page: Page, instance: Path) -> None:
    """As the sample's coordinator."""
    people = json.loads(choso("demo", "--json", instance=instance))
    me = next(each for each in people if each["role"] == "coordinator")
    page.goto("/login")
    page.fill("[name=identity]", me["user"])
    page.fill("[name=password]", me["password"])
    page.click("form button[type=submit]")
    page.wait_for_load_state()


def pages(instance: Path, base: str) -> None:
    """The office at a laptop's size."""
    browser = next(found for name in ("chromium", "google-chrome") if (found := shutil.which(name)))
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        page = chromium.new_context(viewport=LAPTOP, base_url=base, locale="vi-VN").new_page()
        sign_in(page, instance)
        for name, address in PAGES.items():
            page.goto(address)
            page.wait_for_load_state("networkidle")
            keep(Image.open(io.BytesIO(page.screenshot())), name)
        chromium.close()


def main() -> None:
    """All of them."""
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        instance = folder / "instance"
        choso("demo", "--json", instance=instance)
        standee(folder, instance)
        port = free_port()
        base = f"http://127.0.0.1:{port}"
        environ = {**os.environ, "CHOSO_INSTANCE": str(instance), "CHOSO_PORT": str(port)}
        with subprocess.Popen([sys.executable, "-m", "app", "serve"], cwd=ROOT, env=environ) as server:
            try:
                wait(base)
                pages(instance, base)
            finally:
                server.terminate()


def wait(base: str) -> None:
    """Until pages can be served."""
    for _attempt in range(100):
        try:
            with urllib.request.urlopen(f"{base}/healthz"):
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the server did not start")


if __name__ == "__main__":
    main()

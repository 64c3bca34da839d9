"""Takes the documents' pictures again from a fresh sample commune: `.venv/bin/python docs/pictures.py`."""

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
#: picture -> address, by who sees it
PAGES = {
    "coordinator": {
        "desk": "/desk/",
        "map": "/desk/map",
        "merchants": "/desk/merchants",
        "print-order": "/desk/prints/new",
        "worklist": "/desk/merchants/issues",
    },
    "approver": {"approvals": "/desk/approvals"},
}
COLOURS = 160
STANDEE_DPI = 130

ROW = """point_code,zone,row,stall,shop_name,holder_name,bank_bin,account_number
A01-06,Chợ Sông Mây,A01,A01-06,Bún riêu cô Lượng,Nguyễn Thị Thuỳ Lượng,970436,0000123457465
"""

LIST = """Họ tên,Tên cửa hàng,Số điện thoại,Ngân hàng,Số tài khoản,Chợ,Dãy,Số quầy
Trần Thị Mẫu Sáu,Cá khô cô Sáu,0900000601,Agribank,0000600000601,Chợ Sông Mây,A01,A01-08
Lê Văn Mẫu Bảy,Rau sạch anh Bảy,09000006,Vietcombank,0000600000602,Chợ Sông Mây,A01,A01-16
Ngô Thị Mẫu Tám,Chè bưởi cô Tám,0900000603,Ngân hàng Quê Tôi,0000600000603,Chợ Sông Mây,A02,A02-08
Phạm Mẫu Chín,Tạp hoá anh Chín,0900000604,BIDV,0000600000604,Chợ Sông Mây,A02,A02-16
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


def sign_in(page: Page, role: str, people: list[dict[str, str]]) -> None:
    """As the sample's person of this role."""
    me = next(each for each in people if each["role"] == role)
    page.goto("/login")
    page.fill("[name=identity]", me["user"])
    page.fill("[name=password]", me["password"])
    page.click("form button[type=submit]")
    page.wait_for_load_state()


def shoot(page: Page, name: str, address: str = "") -> None:
    """The page at this address, or the one that is open."""
    if address:
        page.goto(address)
    page.wait_for_load_state("networkidle")
    keep(Image.open(io.BytesIO(page.screenshot())), name)


def send_list(page: Page, folder: Path) -> None:
    """A commune's list with two mistakes, looked at before anything is written."""
    file = folder / "danh-sach-ho.csv"
    file.write_text(LIST, encoding="utf-8-sig")
    page.goto("/desk/imports")
    page.set_input_files("[name=file]", file)
    page.click("main button.btn-primary")
    shoot(page, "import-preview")


def ask_for_change(page: Page) -> None:
    """The first trader in the list who has an account asks for another one."""
    page.goto("/desk/merchants?stage=active")
    page.click("main tbody a.cell-main >> nth=0")
    page.wait_for_load_state()
    form = page.locator("form:has([name=account_number])").first
    form.evaluate("form => { const hidden = form.closest('details'); if (hidden) hidden.open = true; }")
    form.locator("[name=bank_bin]").select_option("970436")
    form.locator("[name=account_number]").fill("0000777001122")
    form.locator("[name=reason]").fill("Đổi sang ngân hàng gần nhà")
    form.locator("button").click()
    page.wait_for_load_state()


def pages(people: list[dict[str, str]], folder: Path, base: str) -> None:
    """The office at a laptop's size."""
    browser = next(found for name in ("chromium", "google-chrome") if (found := shutil.which(name)))
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        for role, addresses in PAGES.items():
            page = chromium.new_context(viewport=LAPTOP, base_url=base, locale="vi-VN").new_page()
            sign_in(page, role, people)
            for name, address in addresses.items():
                shoot(page, name, address)
            if role == "coordinator":
                send_list(page, folder)
                ask_for_change(page)
        chromium.close()


def main() -> None:
    """All of them."""
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        instance = folder / "instance"
        people = json.loads(choso("demo", "--json", instance=instance))
        standee(folder, instance)
        port = free_port()
        base = f"http://127.0.0.1:{port}"
        environ = {**os.environ, "CHOSO_INSTANCE": str(instance), "CHOSO_PORT": str(port)}
        with subprocess.Popen([sys.executable, "-m", "app", "serve"], cwd=ROOT, env=environ) as server:
            try:
                wait(base)
                pages(people, folder, base)
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

"""Seconds from `python3 run.py` in a fresh clone to the first page, and again on the second start without network.

    python benchmarks/first_start.py [--no-uv] [--no-npm] [--most 180]

Exit 1 where the first start takes longer than `--most` (180 with pip, 60 with uv; the network's speed is in it) or the
second longer than 3 seconds. The second runs in a namespace without network where `unshare` may make one.
"""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SECOND_MOST = 3.0
PROBE = """
import sys, time, urllib.request
while True:
    try:
        urllib.request.urlopen(sys.argv[1], timeout=1).read()
        break
    except OSError:
        time.sleep(0.05)
"""


def started(clone: Path, environ: dict[str, str], prefix: list[str]) -> float:
    """Starts, waits for /healthz, stops with Ctrl-C; seconds until the page answered."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    began = time.perf_counter()
    command = [*prefix, sys.executable, str(clone / "run.py"), "--no-browser", "--port", port]
    server = subprocess.Popen(command, cwd="/", env=environ, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        probe = asking(server.pid, port, inside=bool(prefix))
        while server.poll() is None and probe.poll() is None:
            time.sleep(0.02)
        took = time.perf_counter() - began
        if server.poll() is not None:
            sys.exit("run.py ended before a page could be served")
        return took
    finally:
        probe.kill()
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGINT)
            server.wait()


def asking(pid: int, port: str, *, inside: bool) -> subprocess.Popen[bytes]:
    """A process that ends once /healthz answers; it asks from within the server's own network where it has one."""
    door = ["nsenter", "-t", str(pid), "-n"] if inside else []
    if inside:
        time.sleep(0.1)  # the server's network is made first
    return subprocess.Popen([*door, sys.executable, "-S", "-c", PROBE, f"http://127.0.0.1:{port}/healthz"])


def without(*names: str) -> str:
    """PATH with only the folders that have none of these programs."""
    folders = os.environ["PATH"].split(os.pathsep)
    return os.pathsep.join(each for each in folders if not any((Path(each) / name).exists() for name in names))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-uv", action="store_true")
    parser.add_argument("--no-npm", action="store_true")
    parser.add_argument("--most", type=float)
    wanted = parser.parse_args()
    hidden = [name for name, hide in (("uv", wanted.no_uv), ("npm", wanted.no_npm)) if hide]
    environ = {key: value for key, value in os.environ.items() if not key.startswith("CHOSO_")}
    environ["PATH"] = without(*hidden)
    uv = shutil.which("uv", path=environ["PATH"]) is not None
    most = wanted.most or (60 if uv else 180)
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "Chợ Số"
        subprocess.run(["git", "clone", "-q", "--depth=1", f"file://{ROOT}", str(clone)], check=True)
        first = started(clone, environ, [])
        alone = ["unshare", "-n", "sh", "-c", 'ip link set lo up; exec "$@"', "sh"]
        cut = subprocess.run([*alone, "true"], capture_output=True, check=False).returncode == 0
        second = min(started(clone, environ, alone if cut else []) for _ in range(3))
    print(
        f"first start {first:.1f} s ({'uv' if uv else 'pip'}), second {second:.1f} s{' without network' if cut else ''}"
    )
    return 0 if first <= most and second <= SECOND_MOST else 1


if __name__ == "__main__":
    sys.exit(main())

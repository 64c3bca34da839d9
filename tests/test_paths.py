"""What killed runs left is swept by the next run of the same kind, and nothing that somebody still works in."""

import os
import subprocess
import sys
from pathlib import Path

from app.paths import hidden_name, sweep_dead


def test_only_what_the_dead_left_is_taken_away(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    dead = [f".ko.{gone.pid}", f".x.choso.partial-{gone.pid}", f".headers-{gone.pid}-ab_12x"]
    alive = [f".ko.{os.getpid()}", f"{hidden_name('headers')}ab12", ".headers-abcd", "ko", ".ko.txt"]
    for name in (*dead, *alive):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").write_bytes(b"x")
    (tmp_path / f".ko.csv.{gone.pid}").write_bytes(b"")
    sweep_dead(tmp_path, ".ko.", ".x.choso.partial-", ".headers-")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(alive)

"""The same text on Spark: a master and two workers on this machine give the very bytes that DuckDB gives."""

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random

import duckdb
import pytest

from app.cashback.policy_file import parse_policy
from app.cashback.spark import SparkRefusedError, decide_on_spark
from tests.cashback.reports import NESTED, as_yaml, made_policy, made_reports
from tests.faults.machine import ROOT

LOCK = ROOT / "requirements" / "spark.txt"
SHIPPED = ROOT / "app" / "cashback" / "policies" / "qr-experience-point.yaml"
WAIT_S = 120


@pytest.fixture(scope="module")
def packages() -> Path:
    """Spark's own packages, from their lock, installed once beside the program's: half a gigabyte nobody else needs."""
    if shutil.which("java") is None:
        pytest.skip("Spark cần Java 17, máy này không có java")
    folder = Path(sys.prefix) / f"spark-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]}"
    if not folder.is_dir():
        with tempfile.TemporaryDirectory(dir=sys.prefix) as fresh:
            target = Path(fresh) / "packages"
            uv = shutil.which("uv")
            if not uv:
                subprocess.run([sys.executable, "-m", "ensurepip"], check=True, capture_output=True)
            pip = [uv, "pip", "install", "--python", sys.executable] if uv else [sys.executable, "-m", "pip", "install"]
            lock = ["--no-deps", "--require-hashes", "--target", str(target), "-r", str(LOCK)]
            subprocess.run([*pip, "--quiet", *lock], check=True)
            target.replace(folder)
    return folder


@contextmanager
def cluster(packages: Path, folder: Path) -> Iterator[str]:
    """A standalone master with two workers of one core each, all on the loopback; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = packages / "pyspark"
    environ = {**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_WORKER_DIR": str(folder)}
    deploy = [str(home / "bin" / "spark-class"), "org.apache.spark.deploy"]
    common = ["--host", "127.0.0.1", "--webui-port", "0"]
    master = f"spark://127.0.0.1:{port}"
    worker = [f"{deploy[1]}.worker.Worker", *common, "--cores", "1", "--memory", "1200m", master]
    with ExitStack() as running, (folder / "log").open("w") as log:

        def start(arguments: list[str]) -> None:
            process = subprocess.Popen([deploy[0], *arguments], env=environ, stdout=log, stderr=log)
            running.callback(process.wait, WAIT_S)
            running.callback(process.terminate)

        start([f"{deploy[1]}.master.Master", *common, "--port", str(port)])
        start(worker)
        start(worker)
        until = time.monotonic() + WAIT_S
        while not answers(port):
            assert time.monotonic() < until, (folder / "log").read_text()
            time.sleep(0.2)
        yield master


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def evaluated(out: Path, packages: Path, arguments: list[str]) -> bytes:
    environ = {**os.environ, "PYTHONPATH": str(packages), "SPARK_LOCAL_IP": "127.0.0.1"}
    command = [sys.executable, "-m", "app", "cashback", "evaluate", *arguments, "--out", str(out)]
    ran = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert (out / "summary.json").is_file(), ran.stderr
    return (out / "decisions.parquet").read_bytes()


def test_a_cluster_of_two_workers_decides_every_row_as_duckdb_does(packages: Path, tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("merchant\nM1\n007\n", encoding="utf-8")
    (tmp_path / "subscribers.csv").write_text("customer,installed_on\n0901,2023-10-01\n", encoding="utf-8")
    arguments = ["--points", str(tmp_path / "points.csv"), "--subscribers", str(tmp_path / "subscribers.csv")]
    for number, text in enumerate(text for seed in range(3) for text in made_reports(Random(seed))):
        path = tmp_path / f"{number}.csv"
        path.write_text(text, encoding="utf-8", newline="")
        arguments += ["--report", str(path)]
    budgeted = {**made_policy(Random(4), NESTED), "policy": "có ngân sách", "budget_vnd": 33_000, "on_exhaust": "stop"}
    (tmp_path / "p.yaml").write_bytes(as_yaml(budgeted))
    arguments += ["--policy", str(SHIPPED), "--policy", str(tmp_path / "p.yaml")]
    (tmp_path / "work").mkdir()
    with cluster(packages, tmp_path / "work") as master:
        counted = evaluated(tmp_path / "spark", packages, [*arguments, "--engine", "spark", "--master", master])
    assert counted == evaluated(tmp_path / "duckdb", packages, arguments)


def test_what_spark_cannot_count_is_said(tmp_path: Path) -> None:
    weekly = made_policy(Random(1), NESTED)
    weekly["rewards"] = [
        {"to": "customer", "pay_vnd": 1, "caps": [{"count": 1, "per": "week"}, {"count": 2, "per": "month"}]}
    ]
    with duckdb.connect() as db, pytest.raises(SparkRefusedError, match="không lồng nhau"):
        decide_on_spark(db, [parse_policy(as_yaml(weekly), "p.yaml")], "local", tmp_path)

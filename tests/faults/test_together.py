"""Two programs on one instance wait for each other; neither fails, nothing is lost."""

from pathlib import Path

from tests.faults.machine import counts, is_well, start, write_list


def test_two_imports_at_once_into_an_instance_that_is_not_there_yet(tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    lists = [write_list(tmp_path / f"{n}.csv", 200, f"Chợ {n}") for n in range(2)]
    running = [start(instance, "import", "merchants", file) for file in lists]
    ended = [(process.communicate(timeout=300)[1], process.returncode) for process in running]
    assert [status for _, status in ended] == [0, 0], ended
    assert counts(instance)["merchant"] == 400
    assert is_well(instance)


def test_programs_that_start_at_once_in_an_empty_folder_agree_on_one_secret(tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    running = [start(instance, "audit", "verify") for _ in range(4)]
    ended = [(process.communicate(timeout=300)[1], process.returncode) for process in running]
    assert [status for _, status in ended] == [0] * 4, ended
    assert len((instance / "secret").read_text()) == 64
    assert not list(instance.glob(".secret-*"))


def test_many_writers_wait_for_each_other(tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    running = [start(instance, "user", "add", f"nguoi{n}", "--role", "volunteer") for n in range(3)]
    running.append(start(instance, "backup", tmp_path / "b.choso"))
    ended = [(process.communicate(timeout=300)[1], process.returncode) for process in running]
    assert [status for _, status in ended] == [0] * 4, ended
    assert counts(instance)["app_user"] == 3

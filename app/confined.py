"""Someone else's file is read in a process that may be killed: little memory, little time, and no part in ours.

A picture or drawing from outside can ask a reader for more memory or time than there is. The program itself therefore
never opens one: a child does, and whatever it does, the pages go on. It costs about 0.3 s.
"""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore

MEMORY_MAX_BYTES = 2**30
CPU_MAX_S = 10
WAIT_S = 30
REFUSED = 3
"""What a child exits with that wrote its reason, a whole sentence, to standard error."""
_AT_ONCE = BoundedSemaphore(2)
_IN_LINE = BoundedSemaphore(4)
"""Being read or waiting for it: who comes after them is sent away at once, and threads are left for the pages."""
_TURN_S = 10
_ROOT = Path(__file__).resolve().parents[1]
# The limits stand before the module's own imports. Niceness leaves the pages the first turn on a machine of one core.
_BOOT = """
import os, runpy, sys
root, memory, seconds, module = sys.argv[1:5]
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)
except ImportError:
    pass  # Windows has none: there the parent's clock is the only limit
sys.path.insert(0, root)
sys.argv = [module, *sys.argv[5:]]
runpy.run_module(module, run_name="__main__")
"""


class ConfinedError(Exception):
    """The file was not read to its end: it asked for too much memory or time, or it ended the reader."""


class ConfinedBusyError(ConfinedError):
    """Two other files are being read, and neither was done in time."""


class ConfinedRefusalError(Exception):
    """The child read the file and refuses it; `str()` is its reason."""


def read_confined(module: str, data: bytes, arguments: Sequence[str] = (), *, memory_bytes: int | None = None) -> bytes:
    """What `python -m module arguments`, given `data` on standard input, answers on standard output.

    At most two run at once, two more wait a little. Raises ConfinedRefusalError with the child's own reason,
    ConfinedBusyError where all places stay taken, ConfinedError for all else.
    """
    limits = [str(memory_bytes or MEMORY_MAX_BYTES), str(CPU_MAX_S)]
    command = [sys.executable, "-I", "-c", _BOOT, str(_ROOT), *limits, module, *arguments]
    try:
        with _turn():
            ran = _run(command, data)
    except subprocess.TimeoutExpired as error:
        raise ConfinedError("time") from error
    if ran.returncode == REFUSED:
        raise ConfinedRefusalError(ran.stderr.decode("utf-8", "replace"))
    if ran.returncode:
        raise ConfinedError(f"exit {ran.returncode}")
    return ran.stdout


def _run(command: Sequence[str], data: bytes) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, input=data, capture_output=True, timeout=WAIT_S, check=False)  # noqa: S603 - ours


@contextmanager
def _turn() -> Iterator[None]:
    """A place among those being read; raises ConfinedBusyError where there is none."""
    if not _IN_LINE.acquire(blocking=False):
        raise ConfinedBusyError("busy")
    try:
        if not _AT_ONCE.acquire(timeout=_TURN_S):
            raise ConfinedBusyError("busy")
        try:
            yield
        finally:
            _AT_ONCE.release()
    finally:
        _IN_LINE.release()

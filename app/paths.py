"""Where templates, static files, printed designs and migrations live: in a wheel, or at the top of the clone."""

import os
import re
import shutil
from glob import escape
from pathlib import Path

_PID = re.compile(r"[.-](\d{1,9})(?:-\w+)?$")


def resource_dir(name: str) -> Path:
    """Folder of the named resource: inside the installed package, else beside it in a clone.

    Raises FileNotFoundError when neither exists: the installation is broken.
    """
    package = Path(__file__).resolve().parent
    for place in (package / name, package.parent / name):
        if place.is_dir():
            return place
    raise FileNotFoundError(f"không thấy thư mục {name!r} của Chợ Số; hãy cài lại")


def vendor_dir() -> Path:
    """Front-end packages and fonts that set-up fetched (static/vendor)."""
    return resource_dir("static") / "vendor"


def hidden_name(name: str) -> str:
    """The beginning of a hidden file's or folder's name that tells which process works in it."""
    return f".{name}-{os.getpid()}-"


def sweep_dead(folder: Path, *beginnings: str) -> None:
    """Takes away what killed runs left in a folder: hidden names that begin so and end in the number of a process that
    is gone (`.ko.123`, `.x.choso.partial-123`, `.headers-123-ab12`).
    """
    for beginning in beginnings:
        for path in folder.glob(f"{escape(beginning)}*"):
            found = _PID.search(path.name)
            if found is None or _runs(int(found[1])):
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def _runs(process: int) -> bool:
    if os.name == "nt":
        return True  # asking would end it
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True

"""Where templates, static files, printed designs and migrations live: in a wheel, or at the top of the clone."""

from pathlib import Path


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

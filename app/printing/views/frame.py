"""What the pages of printing share: their blueprints, who may open them, where the files lie."""

from pathlib import Path

from flask import Blueprint, current_app

from app.printing.rules import ORDERERS, VIEWERS
from app.settings import Settings
from app.web.address import public_url

pages = Blueprint("printing", __name__, url_prefix="/desk/prints")
public_pages = Blueprint("print_links", __name__, url_prefix="/in")
sheet_pages = Blueprint("print_sheets", __name__, url_prefix="/T")
"""In capitals, as a small symbol holds them: see sheet_codes."""

EXAMPLE_SITE = "https://choso.example"
"""Shown on the screen where no address is set yet; nothing is printed with it."""
ORDER = ORDERERS
SEE = VIEWERS


def lots_dir() -> Path:
    """Where this instance keeps its lots."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings.lots_dir


def shown_site() -> str:
    """The address that a picture on the screen shows: the public one, or an example where none is set yet."""
    return public_url() or EXAMPLE_SITE

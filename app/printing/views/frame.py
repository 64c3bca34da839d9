"""What the pages of printing share: their blueprints, who may open them, where the files lie."""

from pathlib import Path

from flask import Blueprint, current_app

from app.printing.rules import ORDERERS, VIEWERS
from app.settings import Settings

pages = Blueprint("printing", __name__, url_prefix="/desk/prints")
public_pages = Blueprint("print_links", __name__, url_prefix="/in")
sheet_pages = Blueprint("print_sheets", __name__, url_prefix="/T")
"""In capitals, as a small symbol holds them: see sheet_codes."""

ORDER = ORDERERS
SEE = VIEWERS


def lots_dir() -> Path:
    """Where this instance keeps its lots."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings.lots_dir

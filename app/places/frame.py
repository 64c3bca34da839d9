"""What every page shows around itself: which commune this is, and whether it is the sample."""

from flask import Flask
from sqlalchemy import select

from app.db import db
from app.places.models import Unit
from app.web.access import current_actor


def init_frame(app: Flask) -> None:
    """Gives the templates of signed-in people `commune` and `is_sample`."""

    @app.context_processor
    def _context() -> dict[str, object]:
        return {} if current_actor().id is None else frame()


def frame() -> dict[str, object]:
    """`commune` (its title, "" while there is none or more than one) and `is_sample`."""
    units = db.session.scalars(select(Unit).where(Unit.level == "commune").order_by(Unit.id).limit(2)).all()
    name = units[0].title if len(units) == 1 else ""
    return {"commune": name, "is_sample": any(unit.is_sample for unit in units)}

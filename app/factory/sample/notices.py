"""The sample's collection: one school asks for a month's tuition, and one row of its list is refused."""

import random
import shutil
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, select

from app.actors import COORDINATOR, Actor
from app.db import db, unit_of_work
from app.factory.sample.words import FAMILY, GIVEN, MIDDLE
from app.jobs.models import Job
from app.printing.notices.actions import CollectionWish, make, open_collection, order_notices
from app.printing.notices.models import Collection
from app.printing.notices.payers import HEADINGS, Terms, payers_of
from app.printing.notices.queries import payees_for
from app.printing.shelf import stock
from app.registry.models import Point
from app.tables import RawRow, Table
from app.vn.dates import local_date

PUPILS, CLASSES = 30, ("1A", "1B", "2A")
FILE = "hoc-phi-mau.xlsx"
SEED = 30


def add_sample_notices(people: Mapping[str, Actor], lots_dir: Path, now: datetime) -> None:
    """Opens the collection and makes its notices at once. Commits by itself, step by step."""
    actor, shelf = people[COORDINATOR], stock()
    school = next(row for row in payees_for(actor, now)[0] if "tiểu học" in row.shop_name)
    today = local_date(now)
    title, due_on = f"Học phí tháng {today.month}/{today.year}", today + timedelta(days=10)
    with unit_of_work():
        wish = CollectionWish(school, title, due_on, file_name=FILE)
        listed = payers_of(_list(title), Terms(shelf.fonts.covers, title, due_on))
        collection = open_collection(actor, now, wish, listed)
        order_notices(actor, now, collection, "third", "default", shelf)
        collection_id, folder = collection.id, lots_dir / collection.number
        job = db.session.get_one(Job, collection.job_id)
        job.state, job.started_at, job.finished_at = "done", now, now
    make(collection_id, shelf, folder, now)


def _list(title: str) -> Table:
    """Pupils who do not exist, the same every time; the last row's amount can be read two ways."""
    chance = random.Random(SEED)  # noqa: S311 - an invented list
    rows = [RawRow(1, HEADINGS)]
    for number in range(1, PUPILS + 1):
        name = " ".join(chance.choice(words) for words in (FAMILY, MIDDLE, GIVEN))
        amount = "20.5" if number == PUPILS else str(280_000 + 35_000 * (number % 3))
        rows.append(
            RawRow(number + 1, (f"HS{number:03}", name, CLASSES[number * 3 // (PUPILS + 1)], amount, title, ""))
        )
    return Table(FILE, "Danh sách", tuple(rows))


def remove_sample_notices(lots_dir: Path) -> None:
    """Files and jobs of collections in the sample (the rows go with the points they hang on)."""
    query = select(Collection).join(Point, Point.id == Collection.point_id).where(Point.is_sample)
    for collection in db.session.scalars(query).all():
        shutil.rmtree(lots_dir / collection.number, ignore_errors=True)
        job_id, collection.job_id = collection.job_id, None
        db.session.flush()
        db.session.execute(delete(Job).where(Job.id == job_id))

"""The sample's paper: one lot of A6 standees for the first rows of the market, made for real and handed over."""

import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, select

from app.actors import COORDINATOR, Actor
from app.db import db
from app.factory.sample.commune import APPROVED, Places, Standing
from app.jobs.models import Job
from app.printing.actions import LotWish, advance_lot, make, order_lot
from app.printing.models import PieceChange, PieceStep, PrintLot, PrintPiece
from app.printing.ordering import lot_folder, words_of
from app.printing.rules import HANDED
from app.printing.shelf import stock
from app.registry.models import Point
from app.web.address import public_url

PIECES = 32
TEAM = "Đội hình thanh niên, Lê Mẫu Tình Nguyện"


def order_sample_lot(people: Mapping[str, Actor], places: Places, standings: list[Standing], now: datetime) -> int:
    """Orders standees for stalls whose account is approved; returns the lot's id."""
    points = [each.point.id for each in standings if each.progress in APPROVED and each.point.stall_id][:PIECES]
    wish = LotWish(
        design="standee-a6",
        theme="default",
        sheet="a4",
        filling="row",
        start_cell=1,
        point_ids=points,
        unit_id=places.commune.id,
        place=places.market.name,
        words=words_of(places.commune, places.market, public_url()),
    )
    lot = order_lot(people[COORDINATOR], now, wish, stock())
    lot.is_sample = True
    return lot.id


def press_sample_lot(lot_id: int, lots_dir: Path, now: datetime) -> None:
    """Makes the lot at once, gate and all, instead of leaving it to the worker. Commits by itself, chunk by chunk."""
    make(lot_id, stock(), lots_dir, now)


def hand_over_sample_lot(lot_id: int, people: Mapping[str, Actor], now: datetime) -> None:
    """The lot was printed and given to the team; its job is done."""
    lot = db.session.get_one(PrintLot, lot_id)
    job = db.session.get_one(Job, lot.job_id)
    job.state, job.started_at, job.finished_at = "done", now, now
    job.done = job.total = lot.pieces_count
    advance_lot(people[COORDINATOR], now, lot, HANDED, to=TEAM)


def remove_sample_paper(lots_dir: Path) -> None:
    """Files and jobs of the sample's lots (the rows themselves go with the rest of the sample)."""
    for lot in db.session.scalars(select(PrintLot).where(PrintLot.is_sample)).all():
        shutil.rmtree(lot_folder(lots_dir, lot), ignore_errors=True)
        job_id, lot.job_id = lot.job_id, None
        db.session.flush()
        db.session.execute(delete(Job).where(Job.id == job_id))
    moved = select(PieceStep.change_id).join(PrintPiece).join(Point).where(Point.is_sample)
    db.session.execute(delete(PieceChange).where(PieceChange.id.in_(moved)))

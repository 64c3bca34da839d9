"""Changing places. Every action takes who and when, writes it down, and leaves the commit to the edge."""

from app.places.actions.stalls import (
    add_stalls,
    close_stall,
    draw_rows,
    init_stall_followers,
    init_stall_objectors,
    init_stall_releasers,
    last_drawing,
    lay_out_market,
    merge_stalls,
    rename_stall,
    split_stall,
    undo_drawing,
)
from app.places.actions.units import (
    add_alias,
    adopt_commune,
    close_unit,
    create_commune,
    create_hamlet,
    create_province,
    draw_unit,
    rename_unit,
)
from app.places.actions.zones import ZoneDetails, change_zone, close_zone, create_zone, draw_zone
from app.places.rules import PlaceError

__all__ = [
    "PlaceError",
    "ZoneDetails",
    "add_alias",
    "add_stalls",
    "adopt_commune",
    "change_zone",
    "close_stall",
    "close_unit",
    "close_zone",
    "create_commune",
    "create_hamlet",
    "create_province",
    "create_zone",
    "draw_rows",
    "draw_unit",
    "draw_zone",
    "init_stall_followers",
    "init_stall_objectors",
    "init_stall_releasers",
    "last_drawing",
    "lay_out_market",
    "merge_stalls",
    "rename_stall",
    "rename_unit",
    "split_stall",
    "undo_drawing",
]

"""Units, zones and stalls as people change them."""

from datetime import date, datetime, timedelta

import pytest
from flask import Flask

from app.actors import COMMAND_LINE
from app.audit.queries import chain_break, history_of
from app.db import db, unit_of_work
from app.errors import ConflictError, DomainError
from app.places import actions, queries
from app.places.actions import ZoneDetails
from app.places.models import Unit, UnitAlias, Zone
from app.places.rules import Layout, PlaceError, layout_faults, row_names
from app.vn.dates import local_date

CAM_TAN = "Cẩm Tân"


@pytest.fixture
def commune(app: Flask, now: datetime) -> Unit:
    province = actions.create_province("98", "tỉnh", "Sông Mẫu", COMMAND_LINE, now)
    return actions.create_commune(province, "99001", "xã", CAM_TAN, COMMAND_LINE, now)


@pytest.fixture
def market(commune: Unit, now: datetime) -> Zone:
    return actions.create_zone(ZoneDetails(commune.id, "market", "Chợ Mẫu"), COMMAND_LINE, now)


def test_a_commune_of_the_catalogue_is_adopted_once_with_its_old_names(app: Flask, now: datetime) -> None:
    first = actions.adopt_commune("16297", COMMAND_LINE, now)
    again = actions.adopt_commune("16297", COMMAND_LINE, now)
    assert again.id == first.id
    assert first.title.startswith("Xã")
    assert first.parent is not None
    assert first.code_source.startswith("vietnam-provinces ")
    aliases = db.session.query(UnitAlias).filter_by(unit_id=first.id).all()
    assert any(alias.kind in {"huyện", "thị xã"} for alias in aliases)
    assert all(alias.valid_to == date(2025, 6, 30) for alias in aliases)


def test_an_unknown_code_is_refused_with_a_remedy(app: Flask, now: datetime) -> None:
    with pytest.raises(PlaceError, match="tìm theo tên"):
        actions.adopt_commune("99999", COMMAND_LINE, now)


def test_hamlets_get_codes_of_their_commune_that_are_never_given_twice(commune: Unit, now: datetime) -> None:
    one = actions.create_hamlet(commune, "thôn", "1", COMMAND_LINE, now)
    two = actions.create_hamlet(commune, "tổ dân phố", "Đông  Phong", COMMAND_LINE, now)
    assert (one.code, two.code, two.name) == ("99001-001", "99001-002", "Đông Phong")
    actions.close_unit(one, COMMAND_LINE, now, "sáp nhập")
    again = actions.create_hamlet(commune, "thôn", "1", COMMAND_LINE, now)
    assert again.code == "99001-003"
    assert [unit.id for unit in queries.hamlets_of(commune.id)] == [two.id, again.id]


def test_hamlets_that_differ_only_in_accents_are_two(commune: Unit, now: datetime) -> None:
    actions.create_hamlet(commune, "thôn", "Lăng", COMMAND_LINE, now)
    actions.create_hamlet(commune, "thôn", "Lang", COMMAND_LINE, now)
    with pytest.raises(ConflictError, match="đã có"):
        actions.create_hamlet(commune, "thôn", "lang", COMMAND_LINE, now)


def test_a_renamed_unit_keeps_its_old_name_as_a_dated_alias(commune: Unit, now: datetime) -> None:
    later = now + timedelta(days=40)
    actions.rename_unit(commune, "phường", "Cẩm Mới", COMMAND_LINE, later, "nghị quyết mẫu")
    alias = db.session.query(UnitAlias).filter_by(unit_id=commune.id).one()
    assert (alias.kind, alias.name, alias.valid_from) == ("xã", CAM_TAN, date(2026, 11, 22))
    assert alias.valid_to == date(2026, 12, 31)
    assert commune.title == "Phường Cẩm Mới"
    assert history_of("unit", commune.id)[-1].reason == "nghị quyết mẫu"


def test_everything_below_a_unit(commune: Unit, now: datetime) -> None:
    hamlet = actions.create_hamlet(commune, "thôn", "1", COMMAND_LINE, now)
    assert commune.parent_id is not None
    assert queries.units_below([commune.parent_id]) == {commune.parent_id, commune.id, hamlet.id}
    assert queries.units_below([hamlet.id]) == {hamlet.id}
    assert queries.units_below([]) == frozenset()


def test_zones_of_one_name_get_addresses_of_their_own(commune: Unit, now: datetime) -> None:
    hamlet = actions.create_hamlet(commune, "thôn", "1", COMMAND_LINE, now)
    one = actions.create_zone(ZoneDetails(commune.id, "market", "Chợ Đầu Mối"), COMMAND_LINE, now)
    two = actions.create_zone(ZoneDetails(hamlet.id, "market", "Chợ đầu mối"), COMMAND_LINE, now)
    assert (one.slug, two.slug) == ("cho-dau-moi", "cho-dau-moi-2")
    with pytest.raises(ConflictError):
        actions.create_zone(ZoneDetails(commune.id, "street", "chợ đầu mối"), COMMAND_LINE, now)


def test_a_change_keeps_the_address_and_writes_down_only_what_changed(market: Zone, now: datetime) -> None:
    details = ZoneDetails(market.unit_id, "market", "Chợ Mẫu mới", phase=2, planned_on=date(2027, 1, 1), lead="Đoàn xã")
    actions.change_zone(market, details, COMMAND_LINE, now)
    actions.change_zone(market, details, COMMAND_LINE, now)
    assert market.slug == "cho-mau"
    events = [event for event in history_of("zone", market.id) if event.action == "zone.change"]
    assert len(events) == 1
    assert events[0].after == {"lead": "Đoàn xã", "name": "Chợ Mẫu mới", "phase": 2, "planned_on": "2027-01-01"}


def test_a_market_of_300_stalls_in_walking_order(market: Zone, now: datetime) -> None:
    actions.lay_out_market(market, Layout(rows=12, stalls_per_row=25), COMMAND_LINE, now)
    stalls = queries.stalls_of(market.id)
    assert len(stalls) == 300
    assert [stalls[0].code, stalls[25].code, stalls[-1].code] == ["A01-01", "A02-01", "A12-25"]
    assert queries.stall_counts() == {market.id: 300}
    assert stalls[0].lat is None


def test_a_second_hall_lies_below_and_a_code_is_never_given_twice(market: Zone, now: datetime) -> None:
    first = actions.lay_out_market(market, Layout(rows=2, stalls_per_row=3), COMMAND_LINE, now)
    second = actions.lay_out_market(market, Layout(rows=2, stalls_per_row=9, letter="B"), COMMAND_LINE, now)
    assert min(y for stall in second for _, y in stall.polygon or []) > max(
        y for stall in first for _, y in stall.polygon or []
    )
    actions.close_stall(first[0], COMMAND_LINE, now, "dẹp")
    with pytest.raises(ConflictError, match="A01-01"):
        actions.lay_out_market(market, Layout(rows=1, stalls_per_row=1), COMMAND_LINE, now)


def test_stalls_follow_when_the_market_is_put_on_earth(market: Zone, now: datetime) -> None:
    actions.lay_out_market(market, Layout(rows=2, stalls_per_row=2), COMMAND_LINE, now)
    details = ZoneDetails(market.unit_id, "market", market.name, lat=20.05, lng=105.5)
    actions.change_zone(market, details, COMMAND_LINE, now)
    stalls = queries.stalls_of(market.id)
    assert all(stall.lat is not None and abs(stall.lat - 20.05) < 0.001 for stall in stalls)
    assert (stalls[0].lat or 0) > (stalls[-1].lat or 0), "row 1 is the upper one"


def test_a_split_gives_the_new_part_a_letter_and_keeps_the_code_on_the_wall(market: Zone, now: datetime) -> None:
    actions.lay_out_market(market, Layout(rows=1, stalls_per_row=6, stall_width_m=4), COMMAND_LINE, now)
    stall = queries.stall_by_code(market.id, "A01-06")
    assert stall is not None
    part = actions.split_stall(stall, COMMAND_LINE, now)
    other = actions.split_stall(stall, COMMAND_LINE, now)
    assert (part.code, other.code, part.split_from_id) == ("A01-06a", "A01-06b", stall.id)
    assert [each.code for each in queries.stalls_of(market.id)][-3:] == ["A01-06", "A01-06a", "A01-06b"]
    actions.close_stall(part, COMMAND_LINE, now, "gộp lại")
    assert actions.split_stall(stall, COMMAND_LINE, now).code == "A01-06c"
    with pytest.raises(ConflictError, match="đã đóng"):
        actions.split_stall(part, COMMAND_LINE, now)


def test_stalls_named_in_a_list_are_made_once(market: Zone, now: datetime) -> None:
    first = actions.add_stalls(market, [("A01", "A01-02"), ("A01", "A01-01")], COMMAND_LINE, now)
    again = actions.add_stalls(market, [("A01", "A01-02"), ("B", "B-1")], COMMAND_LINE, now)
    assert again["A01-02"].id == first["A01-02"].id
    assert set(again) == {"A01-02", "B-1"}
    assert [stall.code for stall in queries.stalls_of(market.id)] == ["A01-01", "A01-02", "B-1"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 121])
def test_a_zone_needs_a_name(commune: Unit, now: datetime, name: str) -> None:
    with pytest.raises(PlaceError):
        actions.create_zone(ZoneDetails(commune.id, "market", name), COMMAND_LINE, now)


def test_all_of_it_is_in_the_chain_and_survives_a_commit(app: Flask, now: datetime) -> None:
    with unit_of_work():
        province = actions.create_province("98", "tỉnh", "Sông Mẫu", COMMAND_LINE, now)
        commune = actions.create_commune(province, "99001", "xã", CAM_TAN, COMMAND_LINE, now)
        zone = actions.create_zone(ZoneDetails(commune.id, "market", "Chợ"), COMMAND_LINE, now)
        actions.lay_out_market(zone, Layout(rows=1, stalls_per_row=2), COMMAND_LINE, now)
    assert chain_break() == (4, None)
    with pytest.raises(DomainError):
        queries.zone(zone.id + 1)
    assert queries.zone_by_slug("cho").id == zone.id
    assert [each.id for each in queries.zones_named("CHỢ", [commune.id])] == [zone.id]


def test_two_stalls_become_one_and_the_codes_keep_their_past(market: Zone, now: datetime) -> None:
    actions.lay_out_market(market, Layout(rows=1, stalls_per_row=3), COMMAND_LINE, now)
    one, two, three = queries.stalls_of(market.id)
    actions.merge_stalls(one, two, COMMAND_LINE, now, "xây lại")
    assert (two.valid_to, two.became_id) == (local_date(now), one.id)
    assert one.polygon is not None
    assert one.polygon[1][0] - one.polygon[0][0] == 4, "two metres and two metres"
    assert [stall.code for stall in queries.stalls_of(market.id)] == ["A01-01", "A01-03"]
    assert queries.relatives_of(one).was == [two]
    assert queries.relatives_of(two).became is one
    for kept, gone in ((one, one), (one, two), (two, three)):
        with pytest.raises(DomainError):
            actions.merge_stalls(kept, gone, COMMAND_LINE, now)


def test_a_new_code_is_a_stall_the_old_one_leads_to(market: Zone, now: datetime) -> None:
    actions.lay_out_market(market, Layout(rows=1, stalls_per_row=2), COMMAND_LINE, now)
    one, two = queries.stalls_of(market.id)
    new = actions.rename_stall(one, "b2-7", COMMAND_LINE, now, "sơn lại")
    assert (new.row, new.code, new.polygon) == ("B02", "B02-07", one.polygon)
    assert (one.became_id, one.valid_to) == (new.id, local_date(now))
    for code in ("A01-01", "A01-02", "", "A01-02 "):
        with pytest.raises(DomainError):
            actions.rename_stall(two, code, COMMAND_LINE, now)
    assert [event.action for event in history_of("stall", one.id)] == ["stall.rename"]


def test_the_commonest_market_has_rows_a_to_d(market: Zone, now: datetime) -> None:
    """Walk 4: rows A, B, C, D with stalls 1, 2, 3, and a row with a name."""
    layout = Layout(rows=1, stalls_per_row=3, row_names=row_names("A-D, hàng cá"), digits=1)
    drawn = actions.lay_out_market(market, layout, COMMAND_LINE, now)
    assert [stall.code for stall in drawn][::4] == ["A-1", "B-2", "C-3", "CÁ-1"]
    assert len(drawn) == 15
    with pytest.raises(ConflictError, match="A-01"):
        actions.lay_out_market(market, Layout(rows=1, stalls_per_row=1, row_names=("A",)), COMMAND_LINE, now)
    assert "row_names" in layout_faults(Layout(rows=1, stalls_per_row=1, row_names=("A", "A")))


def test_a_drawing_is_taken_back_and_leaves_what_was_before(market: Zone, now: datetime) -> None:
    """Walk 10: one press too many."""
    actions.lay_out_market(market, Layout(rows=2, stalls_per_row=3), COMMAND_LINE, now)
    size = (market.width_m, market.depth_m)
    actions.lay_out_market(market, Layout(rows=4, stalls_per_row=10, letter="B"), COMMAND_LINE, now)
    assert actions.undo_drawing(market, COMMAND_LINE, now) == 40
    assert (len(queries.stalls_of(market.id)), (market.width_m, market.depth_m)) == (6, size)
    actions.lay_out_market(market, Layout(rows=1, stalls_per_row=1, letter="B"), COMMAND_LINE, now)
    assert [actions.undo_drawing(market, COMMAND_LINE, now) for _ in range(2)] == [1, 6]
    assert (queries.stalls_of(market.id), market.width_m) == ([], None)
    with pytest.raises(ConflictError, match="Không có lần vẽ"):
        actions.undo_drawing(market, COMMAND_LINE, now)
    (first, *_) = actions.lay_out_market(market, Layout(rows=1, stalls_per_row=2), COMMAND_LINE, now)
    actions.split_stall(first, COMMAND_LINE, now)
    with pytest.raises(ConflictError, match="đã được sửa"):
        actions.undo_drawing(market, COMMAND_LINE, now)

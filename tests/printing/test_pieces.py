"""Pieces one by one and many at once: read out over the phone, moved, taken back, printed again, exported."""

import doctest
import io
from collections.abc import Callable
from datetime import datetime

import openpyxl
import pytest
from flask import Flask

from app.actors import COORDINATOR, PRINT_SHOP, VOLUNTEER, Scope
from app.db import db
from app.printing import print_ids
from app.printing.models import PieceChange, PrintLot, PrintPiece
from app.printing.print_ids import heard, sounds_like
from app.registry.models import Milestone, Point, PointState
from tests.conftest import Browser
from tests.printing.test_pages import ordered, stalls, worked
from tests.registry.scene import commune

Browsers = Callable[..., Browser]
__all__ = ["stalls"]


@pytest.fixture
def lot(app: Flask, as_role: Browsers, stalls: list[Point]) -> PrintLot:
    """A lot of five pieces, made."""
    assert stalls
    return worked(app, ordered(as_role(COORDINATOR)))


def change(browser: Browser, to: str, *pieces: PrintPiece, **values: str) -> int:
    form = {"to": to, "piece": [piece.id for piece in pieces], "csrf_token": browser.form_token(), **values}
    status = browser.post("/desk/prints/pieces", data=form).status_code
    db.session.expire_all()
    return status


def undo(browser: Browser, made: PieceChange) -> int:
    address = f"/desk/prints/pieces/changes/{made.id}/undo"
    status = browser.post(address, data={"csrf_token": browser.form_token()}).status_code
    db.session.expire_all()
    return status


def last() -> PieceChange:
    changes: list[PieceChange] = list(db.session.scalars(db.select(PieceChange).order_by(PieceChange.id)))
    return changes[-1]


def test_from_the_press_to_the_wall_and_back(as_role: Browsers, lot: PrintLot) -> None:
    browser, (first, second, *_) = as_role(COORDINATOR), lot.pieces
    assert change(browser, "installed", first, second) == 302
    assert [piece.state for piece in lot.pieces][:3] == ["installed", "installed", "made"]
    assert db.session.get_one(PointState, first.point_id).stage == "installed"
    page = browser.get(f"/desk/prints/pieces/{first.id}").get_data(as_text=True)
    assert "Đã dựng → đã lắp" in page
    assert "bằng tay" in page
    assert change(browser, "checked", second) == 302
    assert (
        undo(browser, db.session.scalars(db.select(PieceChange).where(PieceChange.state == "installed")).one()) == 302
    )
    assert (first.state, second.state) == ("made", "checked")
    assert db.session.get_one(PointState, first.point_id).stage != "installed"
    assert db.session.query(Milestone).filter(Milestone.revoked_at.is_not(None)).count() == 1
    assert undo(browser, last()) == 302
    assert undo(browser, last()) == 409
    assert second.state == "installed"


def test_a_whole_list_at_once(as_role: Browsers, lot: PrintLot) -> None:
    browser = as_role(COORDINATOR)
    assert change(browser, "handed", scope="all", q="A02") == 302
    assert [piece.state for piece in lot.pieces] == ["made", "made", "made", "handed", "handed"]
    assert change(browser, "handed", *lot.pieces) == 302
    assert last().pieces_count == 3
    assert "Việc vừa làm" in browser.get("/desk/prints/pieces").get_data(as_text=True)


def test_what_must_not_be_is_refused(as_role: Browsers, lot: PrintLot) -> None:
    browser, piece = as_role(COORDINATOR), lot.pieces[0]
    assert change(browser, "void", piece) == 422
    assert change(browser, "replaced", piece, reason="x") == 422
    assert change(browser, "handed") == 422
    assert change(browser, "void", piece, reason="rách") == 302
    assert change(browser, "installed", piece) == 409
    assert "không dùng nữa" in browser.get(f"/desk/prints/pieces/{piece.id}").get_data(as_text=True)
    assert change(as_role(PRINT_SHOP), "printed", lot.pieces[1]) == 403
    assert as_role(VOLUNTEER).get("/desk/prints/pieces").status_code == 403
    stranger = as_role(COORDINATOR, scope=Scope("unit", commune(datetime.now().astimezone(), "99002", "Xa").id))
    assert stranger.get(f"/desk/prints/pieces/{piece.id}").status_code == 404
    assert change(stranger, "handed", lot.pieces[1]) == 422
    assert undo(stranger, last()) == 404
    assert lot.pieces[1].state == "made"


def test_a_code_taken_back_is_not_hung_any_more(as_role: Browsers, lot: PrintLot) -> None:
    browser, (dead, live, *_) = as_role(COORDINATOR), lot.pieces
    assert dead.asset is not None
    dead.asset.state = "void"
    db.session.commit()
    assert change(browser, "installed", dead) == 409
    assert change(browser, "installed", dead, live) == 302
    assert (dead.state, live.state) == ("made", "installed")
    assert db.session.scalars(db.select(Milestone.point_id).filter_by(kind="installed")).all() == [live.point_id]


def test_an_id_read_out_over_the_phone(as_role: Browsers, lot: PrintLot) -> None:
    browser, piece = as_role(COORDINATOR), lot.pieces[0]
    spoken = piece.print_id.lower().replace("-", " ")
    answer = browser.get("/desk/prints/pieces", query_string={"q": spoken})
    assert answer.headers["Location"].endswith(f"/desk/prints/pieces/{piece.id}")
    wrong = piece.print_id.replace("A0101", "A0107")
    page = browser.get("/desk/prints/pieces", query_string={"q": wrong}).get_data(as_text=True)
    assert f"Không có bản nào mang mã {wrong}" in page
    assert piece.print_id in page
    nothing = browser.get("/desk/prints/pieces", query_string={"q": "ZZ-9-1-0000"}).get_data(as_text=True)
    assert "Hãy đọc lại mã ở chân tem" in nothing


def test_two_pieces_that_sound_alike_are_told_apart(as_role: Browsers, lot: PrintLot) -> None:
    first, second = lot.pieces[:2]
    second.print_id = first.print_id.replace("A0101", "A0102")
    db.session.commit()
    page = as_role(COORDINATOR).get("/desk/prints/pieces", query_string={"q": first.print_id}).get_data(as_text=True)
    assert "Có mã khác đọc gần giống" in page
    assert second.print_id in page


def test_what_is_read_out_is_understood() -> None:
    assert doctest.testmod(print_ids).failed == 0
    assert heard("PV–A01 06–1–85cc") == "PV-A0106-1-85CC"
    assert [heard(text) for text in ("", "A01-06", "PV-A0106-1-85CG", "PV-A0106-x-85CC")] == [""] * 4
    assert sounds_like("PV-A0106-1-85CC", "PV-A0107-1-85CC")
    assert sounds_like("PV-A0106-1-85CC", "PV-A0106-1-8C5C")
    assert sounds_like("PV-A0106-1-85CC", "PV-A010-1-85CC")
    assert not sounds_like("PV-A0106-1-85CC", "PV-A0206-2-85CC")


def test_reprint_from_the_list_makes_one_lot_and_shows_in_the_history(
    app: Flask, as_role: Browsers, lot: PrintLot
) -> None:
    browser, (first, second, *_) = as_role(COORDINATOR), lot.pieces
    assert change(browser, "again", first, second) == 422
    assert change(browser, "again", first, second, reason="bị ướt") == 302
    again = worked(app, db.session.scalars(db.select(PrintLot).order_by(PrintLot.id.desc())).first() or lot)
    assert [piece.serial for piece in again.pieces] == [2, 2]
    assert {first.state, second.state} == {"replaced"}
    page = browser.get(f"/desk/prints/pieces/{first.id}").get_data(as_text=True)
    assert "bị ướt" in page
    assert "in lại" in page
    assert undo(browser, last()) == 409


def test_overview_and_export(as_role: Browsers, lot: PrintLot) -> None:
    browser = as_role(COORDINATOR)
    change(browser, "installed", lot.pieces[0])
    page = browser.get("/desk/prints").get_data(as_text=True)
    for state in ("made", "installed"):
        assert f'href="/desk/prints/pieces?state={state}"' in page
    assert 'href="/desk/prints/pieces?stale=1"' in page
    book = openpyxl.load_workbook(io.BytesIO(browser.get("/desk/prints/pieces.xlsx?state=made").data))
    ids = [cell.value for cell in book["Bản in"]["A"]]
    assert ids == ["Mã ấn phẩm", *[piece.print_id for piece in lot.pieces[1:]]]
    zone = browser.get(f"/desk/prints/pieces?zone={lot.pieces[0].point.zone_id}").get_data(as_text=True)
    assert "trong <b>5</b> bản" in zone
    assert "Không thấy bản in nào" in browser.get("/desk/prints/pieces?zone=999").get_data(as_text=True)

"""Following pieces to the wall: every step with who, when and why; many at once; taken back as a whole."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert

from app.actors import Actor
from app.audit.actions import record
from app.db import db
from app.errors import ConflictError, RefusedError
from app.printing.models import PieceChange, PieceStep, PrintPiece
from app.printing.piece_queries import assets_in_use, holders_of, steps_to_undo
from app.printing.rules import BY_HAND, CHECKED, INSTALLED, PIECE_STATES, PIECE_STEPS, PRINTED, VOID, may_become
from app.registry.actions.milestones import note_milestone, take_back_noted
from app.registry.actions.states import refresh_states
from app.registry.rules import stages

STAGES_OF = {PRINTED: stages.PRINTED, INSTALLED: stages.INSTALLED, CHECKED: stages.CHECKED}
"""State of a piece -> the milestone of its point."""


def take_step(
    actor: Actor, now: datetime, pieces: Sequence[PrintPiece], state: str, source: str, reason: str = ""
) -> PieceChange | None:
    """Move those pieces that may become this and write it down; None where none may."""
    moving = [piece for piece in pieces if may_become(PIECE_STEPS, piece.state, state)]
    if not moving:
        return None
    change = PieceChange(
        source=source,
        state=state,
        pieces_count=len(moving),
        reason=reason.strip(),
        at=now,
        by_id=actor.id,
        by=actor.name,
    )
    db.session.add(change)
    db.session.flush()
    steps = [{"change_id": change.id, "piece_id": piece.id, "before": piece.state, "after": state} for piece in moving]
    for piece in moving:
        piece.state, piece.state_at = state, now
    db.session.execute(insert(PieceStep), steps)
    db.session.flush()
    return change


def move_pieces(actor: Actor, now: datetime, pieces: Sequence[PrintPiece], state: str, reason: str = "") -> PieceChange:
    """What a person says of these pieces; the registry learns what was printed, installed, checked.

    Raises RefusedError without a reason for voiding, ConflictError where none of them may become this.
    """
    if state not in BY_HAND:
        raise RefusedError("Không có trạng thái này.", remedy="Hãy chọn lại trong danh sách.")
    if not pieces:
        raise RefusedError("Chưa chọn bản nào.", remedy="Hãy đánh dấu các bản, hoặc chọn cả danh sách đang lọc.")
    if state == VOID and not reason.strip():
        raise RefusedError("Chưa ghi lý do huỷ.", remedy="Hãy ghi ngắn: mất, rách, dán sai quầy…")
    if state == INSTALLED:
        pieces = _with_code_in_use(pieces)
    change = take_step(actor, now, pieces, state, "by_hand", reason)
    if change is None:
        raise ConflictError(
            f"Không bản nào chuyển được sang “{PIECE_STATES[state].lower()}”.",
            remedy="Hãy xem lại trạng thái của các bản đã chọn.",
        )
    if state in STAGES_OF:
        note_stage(actor, now, [piece for piece in pieces if piece.state_at == now], STAGES_OF[state])
    after = {"state": state, "pieces": change.pieces_count}
    record(actor, now, "piece.move", ("piece_change", change.id), after=after, reason=reason)
    return change


def _with_code_in_use(pieces: Sequence[PrintPiece]) -> list[PrintPiece]:
    """Those that may hang: a code taken back or replaced since it was printed is not put on a wall any more."""
    in_use = assets_in_use(piece.asset_id for piece in pieces if piece.asset_id is not None)
    hangable = [piece for piece in pieces if piece.asset_id is None or piece.asset_id in in_use]
    if not hangable:
        raise ConflictError("Mã trên các bản này không còn dùng nên không lắp nữa.", remedy="Hãy in lại với mã mới.")
    return hangable


def note_stage(actor: Actor, now: datetime, pieces: Sequence[PrintPiece], stage: str) -> None:
    """The registry learns what happened to the code of these pieces' points."""
    told = [piece for piece in pieces if piece.asset_id is not None]
    holders = holders_of(piece.point_id for piece in told)
    merchants = set()
    for piece in told:
        merchant_id = holders.get(piece.point_id)
        if merchant_id is not None:
            evidence = f"print:{piece.print_id}"
            note_milestone(actor, now, merchant_id, stage, now, point_id=piece.point_id, evidence=evidence)
            merchants.add(merchant_id)
    db.session.flush()
    refresh_states(merchants)


def undo_change(actor: Actor, now: datetime, change: PieceChange) -> int:
    """Take a change by hand back; pieces that have gone on since stay. Returns how many went back."""
    if change.source != "by_hand":
        raise ConflictError("Thay đổi này đi theo lô, không hoàn tác riêng được.", remedy="Hãy xem trang của lô.")
    if change.undone_at is not None:
        raise ConflictError("Thay đổi này đã được hoàn tác.", remedy="Hãy tải lại trang.")
    going_back = steps_to_undo(change)
    for step, piece in going_back:
        piece.state, piece.state_at = step.before, now
    change.undone_at, change.undone_by = now, actor.name
    if change.state in STAGES_OF:
        evidence = [f"print:{piece.print_id}" for _, piece in going_back]
        refresh_states(take_back_noted(now, evidence, change.at, "Hoàn tác trạng thái bản in."))
    after = {"pieces": len(going_back), "kept": change.pieces_count - len(going_back)}
    record(actor, now, "piece.undo", ("piece_change", change.id), before={"state": change.state}, after=after)
    db.session.flush()
    return len(going_back)

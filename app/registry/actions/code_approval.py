"""The second person for a code that goes where another merchant's code hung."""

from datetime import datetime

from sqlalchemy import select

from app.actors import Actor
from app.approval.actions import refuse_objection
from app.approval.rules import APPROVED, FIRST_YES, PROPOSED, Involved
from app.audit.actions import record
from app.db import db
from app.errors import ConflictError, ForbiddenError, NotFoundError, RefusedError
from app.places.queries import is_real
from app.registry.actions.accounts import APPROVERS
from app.registry.actions.codes import take_effect
from app.registry.actions.states import refresh_states
from app.registry.models import AccountApproval, PaymentAccount, Point, QrAsset
from app.registry.queries.changers import approved_at_event, changers
from app.registry.queries.reach import merchant_in_reach

BRINGER = "đưa mã tới đây"


def approve_code(actor: Actor, now: datetime, asset_id: int) -> QrAsset:
    """A second person agrees that this account is paid at this point; printable at once, or after a day where it is a
    change of what hung there.
    """
    if not actor.has(*APPROVERS):
        raise ForbiddenError("Bạn không có vai trò duyệt mã QR.")
    asset = _locked(asset_id)
    account = db.session.get_one(PaymentAccount, asset.account_id)
    real = is_real(merchant_in_reach(actor, account.merchant_id, *APPROVERS).unit_id)
    if account.state != APPROVED:
        raise ConflictError("Tài khoản của mã này không còn dùng.", remedy="Hãy từ chối mã này.")
    state = PROPOSED if asset.state == "proposed" else APPROVED
    writers = changers(account, [db.session.get_one(Point, asset.point_id)], approved_at_event(account))
    refuse_objection(actor, now, [*behind(asset), *writers], state, ("qr_asset", asset.id), is_real=real)
    take_effect(actor, now, asset)
    refresh_states([account.merchant_id])
    return asset


def refuse_code(actor: Actor, now: datetime, asset_id: int, reason: str) -> QrAsset:
    """No: the code is never printed at this point."""
    if not actor.has(*APPROVERS):
        raise ForbiddenError("Bạn không có vai trò duyệt mã QR.")
    asset = _locked(asset_id)
    account = db.session.get_one(PaymentAccount, asset.account_id)
    merchant_in_reach(actor, account.merchant_id, *APPROVERS)
    if not reason.strip():
        raise RefusedError("Thiếu lý do từ chối.", remedy="Hãy ghi một câu.")
    if asset.state != "proposed":
        raise ConflictError("Mã này đã được quyết định.", remedy="Hãy tải lại trang.")
    asset.state, asset.ended_at, asset.decided_by_id = "refused", now, actor.id
    db.session.flush()
    record(actor, now, "qr.refuse", ("point", asset.point_id), after={"serial": asset.serial}, reason=reason)
    return asset


def behind(asset: QrAsset) -> list[Involved]:
    """Who brought the code here; where nobody signed in for it, the account's approvers count as those who did."""
    if asset.issued_by_id is not None:
        return [Involved(asset.issued_by_id, BRINGER, asset.issued_session, asset.issued_at)]
    query = select(AccountApproval).where(AccountApproval.account_id == asset.account_id)
    return [Involved(each.approver_id, FIRST_YES, each.session, each.at) for each in db.session.scalars(query)]


def _locked(asset_id: int) -> QrAsset:
    query = select(QrAsset).where(QrAsset.id == asset_id).with_for_update()
    asset = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if asset is None:
        raise NotFoundError("Không có mã QR này.")
    return asset

"""Keeping what was approved beside a code."""

from datetime import datetime
from typing import Any

from app.actors import Actor
from app.db import db
from app.registry.actions.sealing import sealed
from app.registry.models import CodeLabel, PaymentAccount, Point, QrAsset
from app.registry.queries.labels import decided_labels, label_at
from app.registry.queries.likeness import commune_id_of
from app.registry.rules.labels import APPROVED, REFUSED, Label, differences, name_key, stall_keys


def keep_label(
    actor: Actor, now: datetime, asset: QrAsset, label: Label, *, print_from: datetime | None, reason: str = ""
) -> dict[str, Any]:
    """Writes down what this person agreed to (without `print_from`: refused) beside a code; as the audit tells it."""
    codes = sorted(stall_keys(label))
    point = db.session.get_one(Point, asset.point_id)
    db.session.add(
        CodeLabel(
            **label.values,
            asset_id=asset.id,
            state=REFUSED if print_from is None else APPROVED,
            print_from=print_from,
            decided_at=now,
            decided_by_id=actor.id,
            decided_by=actor.name,
            reason=reason,
            commune_id=commune_id_of(point.unit_id),
            code_key=codes[0] if codes else "",
            stall_key=codes[-1] if codes else "",
            name_key=name_key(label.holder_name),
        )
    )
    db.session.flush()
    told = {"serial": asset.serial, **label.values, "print_from": print_from.isoformat() if print_from else None}
    return sealed(asset.account.merchant_id, told)


def same_as_approved(asset: QrAsset, account: PaymentAccount, point: Point) -> bool:
    """Whether beside this earlier code was approved what would stand beside a new one of this account now."""
    kept = decided_labels([asset.id]).get(asset.id)
    return kept is not None and not differences(kept.label, label_at(account, point))

"""How people work on lists: ways of looking that they keep, and what they did to many merchants at once."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Model, UtcDateTime
from app.registry.models.merchants import Merchant
from app.registry.rules.bulk import ACTS
from app.registry.rules.views import LISTS


class SavedView(Model):
    """A way of looking at a list: filters, order, columns under a name; never a search word: it may name a person."""

    __tablename__ = "saved_view"
    __table_args__ = (
        UniqueConstraint("owner_id", "list_name", "name"),
        CheckConstraint(f"list_name IN {tuple(LISTS)}", name="list_name"),
        Index(None, "list_name", "is_shared"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    list_name: Mapped[str] = mapped_column(String(12))  #: a key of rules.views.LISTS
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(Text)  #: as in an address, in a fixed order: rules.views.kept_query
    owner_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    owner_name: Mapped[str] = mapped_column(String(120))
    is_shared: Mapped[bool] = mapped_column(default=False)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))  #: shared with who works there; None: with all
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DefaultView(Model):
    """The way of looking with which a list opens for one person."""

    __tablename__ = "default_view"
    __table_args__ = (UniqueConstraint("user_id", "list_name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    list_name: Mapped[str] = mapped_column(String(12))
    view_id: Mapped[int] = mapped_column(ForeignKey("saved_view.id", ondelete="CASCADE"))

    view: Mapped[SavedView] = relationship()


class BulkAct(Model):
    """One thing done to many merchants at once, with what it was before, so that it can be taken back."""

    __tablename__ = "bulk_act"
    __table_args__ = (
        CheckConstraint(f"kind IN {tuple(ACTS)}", name="kind"),
        Index(None, "made_by_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))  #: a key of rules.bulk.ACTS
    value: Mapped[str] = mapped_column(String(120), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    asked: Mapped[int]  #: merchants chosen
    done: Mapped[int] = mapped_column(default=0)
    refused: Mapped[list[list[str]]] = mapped_column(JSON, default=list)  #: [merchant code, why], the first few
    job_id: Mapped[int | None]  #: where it is done in the background
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by_id: Mapped[int | None]
    made_by: Mapped[str] = mapped_column(String(120))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by: Mapped[str] = mapped_column(String(120), default="")


class BulkChange(Model):
    """What one such act did to one merchant."""

    __tablename__ = "bulk_change"
    __table_args__ = (Index(None, "bulk_id"), Index(None, "merchant_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    bulk_id: Mapped[int] = mapped_column(ForeignKey("bulk_act.id", ondelete="CASCADE"))
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id", ondelete="CASCADE"))
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    merchant: Mapped[Merchant] = relationship()

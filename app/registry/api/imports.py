"""Lists in steps: sent and checked, looked at, applied in one piece, undone."""

from typing import Any

from flask import Response, current_app
from flask_smorest.fields import Upload
from marshmallow import fields, validate

from app.db import db, unit_of_work
from app.errors import NotFoundError, RefusedError
from app.evidence import keep_file, kept_file
from app.places.models import Unit
from app.registry.actions.imports import apply_batch, drop_batch, stage_list, undo_batch
from app.registry.api.frame import api
from app.registry.models import ImportBatch
from app.registry.models.imports import COLUMNS_FROM, ROW_STATES
from app.registry.queries import imports as queries
from app.registry.queries.reach import require_unit
from app.registry.receiving import arranged, headed_list, refused_book, unit_for_list
from app.registry.rules.list_columns import SENDER_MAX
from app.registry.rules.list_headings import FIELDS
from app.registry.rules.rights import KEEPERS
from app.settings import Settings
from app.tables import TableError
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.described import Entry, PageQuery, Reason, Shown, Whole, cut_of, one_of, paged, text_field
from app.web.downloads import download

EVERY = tuple(ROW_STATES)


class ListFile(Entry):
    """The file, XLSX or CSV."""

    file = Upload(required=True, metadata={"description": "XLSX hoặc CSV, tối đa 20 MB"})


class ListPlace(Entry):
    """Whose list it is, and who sent it."""

    unit = fields.String(
        load_default="", validate=validate.Length(max=20), metadata={"description": "mã xã; để trống khi chỉ có một"}
    )
    sender = text_field("nơi gửi danh sách; cột và mã hộ được nhớ riêng cho từng nơi", SENDER_MAX)


class Columns(Entry):
    """Which column of the file means what: field -> place of its column, from 0."""

    columns = fields.Dict(
        keys=one_of(list(FIELDS), "mục"), values=Whole(validate=validate.Range(min=0, max=1000)), required=True
    )


class BatchOut(Shown):
    """One list and what became of it."""

    id = fields.Integer(required=True)
    file_name = fields.String()
    sha256 = fields.String()
    state = fields.String(required=True)
    unit_id = fields.Integer(allow_none=True)
    source = fields.String()
    headings = fields.List(fields.String())
    columns = fields.Dict(keys=fields.String(), values=fields.Integer())
    sender = fields.String()
    columns_from = fields.String(
        validate=validate.OneOf(list(COLUMNS_FROM)),
        metadata={"description": "; ".join(f"{key}: {label}" for key, label in COLUMNS_FROM.items())},
    )
    columns_told = fields.String(metadata={"description": "cột đã nhớ là của ai, từ ngày nào"})
    sheets = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "trang tính: read đã đọc, alike cùng các cột mà chưa đọc, others còn lại"},
    )
    accepted = fields.Integer()
    unchanged = fields.Integer()
    changed = fields.Integer(metadata={"description": "dòng của hộ đã có mà ghi khác; xem rows?state=changed, alike"})
    refused = fields.Integer()
    kept = fields.Integer(metadata={"description": "sau hoàn tác: hộ giữ lại vì đã có người làm tiếp"})
    created_by = fields.String()
    created_at = fields.AwareDateTime()
    applied_at = fields.AwareDateTime(allow_none=True)
    undone_at = fields.AwareDateTime(allow_none=True)


class RowOut(Shown):
    """One line of the file."""

    line = fields.Integer()
    sheet = fields.String(metadata={"description": "trang tính, khi đọc nhiều trang"})
    account_waits = fields.Boolean(metadata={"description": "số tài khoản có thể sai, chờ người xác nhận trên trang"})
    state = fields.String()
    cells = fields.List(fields.String())
    message = fields.String()
    differs = fields.List(fields.String(), metadata={"description": "mục mà hộ đã có ghi khác trong sổ"})


class RowQuery(PageQuery):
    """Which lines."""

    state = one_of(["", *ROW_STATES], "trạng thái", load_default="")


@api.get("/imports")
@allow(*KEEPERS)
@api.arguments(PageQuery, location="query")
@api.response(200, paged(BatchOut))
def list_imports(query: dict[str, Any]) -> dict[str, Any]:
    """Các danh sách đã gửi, mới nhất trước."""
    cut = cut_of(query)
    rows, total = queries.batches(current_actor(), cut.offset, cut.per_page)
    return {"items": [_shown(row) for row in rows], "total": total}


@api.post("/imports")
@allow(*KEEPERS)
@api.arguments(ListPlace, location="query")
@api.arguments(ListFile, location="files")
@api.response(201, BatchOut)
def send_list(place: dict[str, Any], files: dict[str, Any]) -> dict[str, Any]:
    """Gửi một danh sách: giữ tệp, đọc và kiểm tra từng dòng; chưa ghi gì vào sổ."""
    sent = files["file"]
    return _shown(_stage(sent.stream.read(), sent.filename or "danh-sach", place["unit"], place["sender"]))


@api.get("/imports/<int:batch_id>")
@allow(*KEEPERS)
@api.response(200, BatchOut)
def one_import(batch_id: int) -> dict[str, Any]:
    """Một danh sách."""
    return _shown(own_batch(batch_id))


@api.get("/imports/<int:batch_id>/rows")
@allow(*KEEPERS)
@api.arguments(RowQuery, location="query")
@api.response(200, paged(RowOut))
def import_rows(query: dict[str, Any], batch_id: int) -> dict[str, Any]:
    """Từng dòng của danh sách, kèm lý do khi bị từ chối."""
    own_batch(batch_id)
    cut = cut_of(query)
    rows, total = queries.batch_rows(batch_id, [query["state"]] if query["state"] else EVERY, cut.offset, cut.per_page)
    return {"items": [{name: getattr(row, name) for name in RowOut().fields} for row in rows], "total": total}


@api.get("/imports/<int:batch_id>/refused.xlsx")
@allow(*KEEPERS)
@api.response(200, content_type="application/octet-stream", description="Chỉ các dòng bị từ chối, sửa rồi gửi lại")
def refused_lines(batch_id: int) -> Response:
    """Các dòng bị từ chối kèm lý do, dạng XLSX."""
    found = own_batch(batch_id)
    return download(refused_book(found), f"{found.file_name.rsplit('.', 1)[0]}-bi-tu-choi.xlsx")


@api.put("/imports/<int:batch_id>/columns")
@allow(*KEEPERS)
@api.arguments(Columns, example={"columns": {"holder_name": 1, "phone": 3}})
@api.response(200, BatchOut)
def choose_columns(entry: dict[str, Any], batch_id: int) -> dict[str, Any]:
    """Đọc lại tệp với các cột đã chọn; trả về lần kiểm tra mới, lần cũ được bỏ."""
    found = own_batch(batch_id)
    data = kept_file(_settings().evidence_dir, found.sha256)
    with unit_of_work():
        drop_batch(current_actor(), moment(), found)
        again = _stage(
            data, found.file_name, "", found.sender, entry["columns"], db.session.get_one(Unit, found.unit_id)
        )
    return _shown(again)


@api.post("/imports/<int:batch_id>/apply")
@allow(*KEEPERS)
@api.response(200, BatchOut)
def apply(batch_id: int) -> dict[str, Any]:
    """Ghi mọi dòng nhận được vào sổ, tất cả hoặc không; tài khoản đi kèm chờ người khác duyệt."""
    found = own_batch(batch_id)
    with unit_of_work():
        apply_batch(current_actor(), moment(), found)
    return _shown(found)


@api.post("/imports/<int:batch_id>/drop")
@allow(*KEEPERS)
@api.response(200, BatchOut)
def drop(batch_id: int) -> dict[str, Any]:
    """Bỏ một danh sách chưa ghi."""
    found = own_batch(batch_id)
    with unit_of_work():
        drop_batch(current_actor(), moment(), found)
    return _shown(found)


@api.post("/imports/<int:batch_id>/undo")
@allow(*KEEPERS)
@api.arguments(Reason, example={"reason": "Gửi nhầm danh sách năm ngoái"})
@api.response(200, BatchOut)
def undo(entry: dict[str, Any], batch_id: int) -> dict[str, Any]:
    """Hoàn tác cả danh sách; hộ đã có người làm tiếp được giữ lại."""
    found = own_batch(batch_id)
    with unit_of_work():
        kept = undo_batch(current_actor(), moment(), found, entry["reason"])
    return _shown(found) | {"kept": kept}


def _stage(
    data: bytes,
    name: str,
    code: str,
    sender: str,
    columns: dict[str, int] | None = None,
    unit: Unit | None = None,
) -> ImportBatch:
    actor, now = current_actor(), moment()
    try:
        headed = headed_list(data, name)
    except TableError as wrong:
        raise RefusedError(str(wrong)) from wrong
    digest = keep_file(_settings().evidence_dir, data)
    with unit_of_work():
        place = unit or unit_for_list(actor, now, code or None)
        require_unit(actor, place.id, *KEEPERS)
        headed, origin = arranged(headed, place, digest, sender, columns)
        return stage_list(actor, now, headed, place, file_name=name, sha256=digest, size_bytes=len(data), origin=origin)


def own_batch(batch_id: int) -> ImportBatch:
    """The list, where it is this person's to see. Raises NotFoundError."""
    found = queries.batch(batch_id)
    if found.unit_id is None:
        raise NotFoundError("Không có lần nhập này.")
    require_unit(current_actor(), found.unit_id, *KEEPERS)
    return found


def _shown(row: ImportBatch) -> dict[str, Any]:
    return {name: getattr(row, name) for name in BatchOut().fields if name != "kept"}


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings

"""Reports received through the API, for reading."""

from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields

from app.transactions.models import Report
from app.transactions.queries import READERS, report_of, report_page
from app.web.access import allow, current_actor
from app.web.described import PageQuery, Shown, cut_of, paged, shown_page

api = Blueprint("transactions_api", __name__, url_prefix="/api/v1", description="Báo cáo giao dịch")


class ReportOut(Shown):
    """One report file and what came of its lines."""

    id = fields.Integer(required=True)
    file_name = fields.String()
    sha256 = fields.String()
    profile = fields.String()
    state = fields.String(required=True)
    unit_id = fields.Integer(allow_none=True)
    line_count = fields.Integer()
    duplicate_count = fields.Integer()
    refused_count = fields.Integer()
    conflict_count = fields.Integer()
    paid_vnd = fields.Integer()
    first_day = fields.Date(allow_none=True)
    last_day = fields.Date(allow_none=True)
    created_by = fields.String()
    created_at = fields.AwareDateTime()
    undone_at = fields.AwareDateTime(allow_none=True)


@api.get("/reports")
@allow(*READERS)
@api.arguments(PageQuery, location="query")
@api.response(200, paged(ReportOut))
def list_reports(query: dict[str, Any]) -> dict[str, Any]:
    """Báo cáo giao dịch đã nhận, mới nhất trước."""
    return shown_page(report_page(current_actor(), cut_of(query)), _shown)


@api.get("/reports/<int:report_id>")
@allow(*READERS)
@api.response(200, ReportOut)
def one_report(report_id: int) -> dict[str, Any]:
    """Một báo cáo."""
    return _shown(report_of(current_actor(), report_id))


def _shown(row: Report) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ReportOut().fields}

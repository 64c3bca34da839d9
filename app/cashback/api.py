"""Policies, runs and their decisions through the API, for reading."""

from typing import Any, Final

import duckdb
from flask import current_app
from flask_smorest import Blueprint
from marshmallow import fields, validate

from app.cashback.drafting.queries import version_page, version_seen
from app.cashback.models import CashbackRun, PolicyVersion
from app.cashback.queries import run_file, run_folder, run_of, run_page
from app.cashback.results import DECISIONS
from app.settings import Settings
from app.transactions.line_sql import literal
from app.transactions.queries import READERS
from app.web.access import allow, current_actor
from app.web.described import PageQuery, Shown, cut_of, one_of, paged, shown_page

api = Blueprint("cashback_api", __name__, url_prefix="/api/v1", description="Hoàn tiền")

COLUMNS: Final = (
    "policy",
    "reward",
    "payee_role",
    "payee",
    "reference",
    "paid_at",
    "amount_vnd",
    "decision",
    "reason",
)


class PolicyOut(Shown):
    """One version of a policy."""

    id = fields.Integer(required=True)
    unit_id = fields.Integer(allow_none=True)
    policy_id = fields.String(required=True)
    version = fields.Integer()
    title = fields.String()
    state = fields.String(required=True)
    created_by = fields.String()
    created_at = fields.AwareDateTime()
    approved_by = fields.String()
    approved_at = fields.AwareDateTime(allow_none=True)
    ends_on = fields.Date(allow_none=True)


class PolicyDetail(PolicyOut):
    """The same with its YAML."""

    document = fields.String()


class RunOut(Shown):
    """Reports decided under one policy version."""

    id = fields.Integer(required=True)
    unit_id = fields.Integer(allow_none=True)
    policy_version_id = fields.Integer()
    policy_id = fields.String()
    version = fields.Integer()
    report_ids = fields.List(fields.Integer())
    line_count = fields.Integer()
    duplicate_count = fields.Integer()
    refused_count = fields.Integer()
    granted_count = fields.Integer()
    paid_vnd = fields.Integer()
    created_by = fields.String()
    created_at = fields.AwareDateTime()


class DecisionQuery(PageQuery):
    """Which decisions."""

    reference = fields.String(load_default="", validate=validate.Length(max=200))
    payee = fields.String(load_default="", validate=validate.Length(max=200))
    decision = one_of(["", "granted", "refused"], "quyết định", load_default="")


class DecisionOut(Shown):
    """One reward and one line, with the reason."""

    policy = fields.String()
    reward = fields.Integer()
    payee_role = fields.String()
    payee = fields.String()
    reference = fields.String()
    paid_at = fields.String()
    amount_vnd = fields.Integer()
    decision = fields.String()
    reason = fields.String()


@api.get("/policies")
@allow(*READERS)
@api.arguments(PageQuery, location="query")
@api.response(200, paged(PolicyOut))
def list_policies(query: dict[str, Any]) -> dict[str, Any]:
    """Mọi bản của mọi chính sách."""
    return shown_page(version_page(current_actor(), cut_of(query)), _policy)


@api.get("/policies/<int:version_id>")
@allow(*READERS)
@api.response(200, PolicyDetail)
def one_policy(version_id: int) -> dict[str, Any]:
    """Một bản chính sách với nguyên văn YAML."""
    found = version_seen(current_actor(), version_id)
    return _policy(found) | {"document": found.document}


@api.get("/runs")
@allow(*READERS)
@api.arguments(PageQuery, location="query")
@api.response(200, paged(RunOut))
def list_runs(query: dict[str, Any]) -> dict[str, Any]:
    """Các lần xét, mới nhất trước."""
    return shown_page(run_page(current_actor(), cut_of(query)), _run)


@api.get("/runs/<int:run_id>")
@allow(*READERS)
@api.response(200, RunOut)
def one_run(run_id: int) -> dict[str, Any]:
    """Một lần xét."""
    return _run(run_of(current_actor(), run_id))


@api.get("/runs/<int:run_id>/decisions")
@allow(*READERS)
@api.arguments(DecisionQuery, location="query")
@api.response(200, paged(DecisionOut))
def decisions(query: dict[str, Any], run_id: int) -> dict[str, Any]:
    """Từng quyết định với lý do, theo thứ tự của tệp quyết định."""
    settings: Settings = current_app.config["SETTINGS"]
    file = run_file(run_folder(settings.facts_dir, run_of(current_actor(), run_id).id), DECISIONS)
    wanted = {name: query[name] for name in ("reference", "payee", "decision") if query[name]}
    where = " and ".join(f"{name} = ?" for name in wanted) or "true"
    source, cut = f"read_parquet({literal(str(file))})", cut_of(query)
    with duckdb.connect() as engine:
        counted = engine.execute(f"select count(*) from {source} where {where}", list(wanted.values())).fetchone()
        rows = engine.execute(
            f"select {', '.join(COLUMNS)} from {source} where {where} limit {cut.per_page} offset {cut.offset}",
            list(wanted.values()),
        ).fetchall()
    items = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    return {"items": items, "total": counted[0] if counted else 0}


def _policy(row: PolicyVersion) -> dict[str, Any]:
    return {name: getattr(row, name) for name in PolicyOut().fields}


def _run(row: CashbackRun) -> dict[str, Any]:
    names = (name for name in RunOut().fields if name not in {"policy_id", "version"})
    version = row.policy_version
    return {name: getattr(row, name) for name in names} | {"policy_id": version.policy_id, "version": version.version}

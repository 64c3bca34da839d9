"""The API under /api/v1: one description (OpenAPI 3.1), tokens, problem details.

The description is finished here for all rooms at once: who may call an operation comes from its own declaration, and
every way in which it can refuse is a problem of RFC 9457.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue
from flask_smorest import Api, Blueprint
from werkzeug.exceptions import BadRequest, UnsupportedMediaType
from werkzeug.routing import Rule

from app.accounts.repeats import HEADER, KEY_MAX
from app.accounts.repeats import MARK as REPEATABLE
from app.actors import ROLES
from app.web.access import PUBLIC, SIGNED_IN, declare, declared

PREFIX: Final = "/api/v1"
DESCRIPTION: Final = (
    "Đọc bằng phiên đăng nhập hoặc mã thiết bị; ghi cần mã thiết bị trong `Authorization: Bearer`. "
    "Danh sách chia trang: `page`, `limit`, trả về `items` và `total`. Hồ sơ ngoài phạm vi của bạn trả về 404. "
    "Gửi lại một lệnh ghi với cùng `Idempotency-Key` thì chỉ ghi một lần. "
    "Lỗi theo RFC 9457 (application/problem+json), lời bằng tiếng Việt."
)
CONFIG: Final = {
    "API_TITLE": "Chợ Số",
    "API_VERSION": "v1",
    "OPENAPI_VERSION": "3.1.0",
    "API_SPEC_OPTIONS": {
        "info": {"description": DESCRIPTION},
        "security": [{"bearer": []}, {"session": []}],
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "choso"},
            }
        },
    },
}
PROBLEM: Final = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "sai ở đâu và cách sửa"},
        "code": {"type": "string", "description": "mã cố định của lỗi, hoặc trống"},
        "errors": {
            "type": "array",
            "description": "từng trường chưa đúng",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
    "examples": [
        {
            "type": "about:blank",
            "title": "Dữ liệu chưa dùng được",
            "status": 422,
            "detail": "Số điện thoại thiếu chữ số. Hãy gõ đủ 10 số.",
            "code": "nhap-sai",
            "errors": [{"pointer": "/phone", "detail": "Số điện thoại thiếu chữ số. Hãy gõ đủ 10 số."}],
        }
    ],
}
FAULTS: Final = {
    400: "Yêu cầu không đọc được",
    401: "Cần đăng nhập hoặc mã thiết bị còn hạn",
    403: "Không có quyền",
    404: "Không có, hoặc không thuộc phạm vi của bạn",
    409: "Mâu thuẫn với điều đã ghi",
    413: "Quá lớn",
    415: "Kiểu nội dung không nhận",
    422: "Dữ liệu chưa dùng được",
    429: "Quá nhiều lần",
    503: "Máy đang bận",
}
KEY: Final = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "schema": {"type": "string", "maxLength": KEY_MAX, "pattern": "^[!-~]+$"},
    "description": "UUID do máy gửi tạo; gửi lại với cùng khoá thì nhận lại câu trả lời cũ, không ghi lần hai",
}
WRITING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
BODY_KINDS: Final = frozenset({"application/json", "multipart/form-data"})
NOT_JSON: Final = "Nội dung không phải JSON."


def init_api(app: Flask, blueprints: Iterable[Blueprint]) -> None:
    """Registers every room's operations, and their description for whoever asks."""
    rooms = tuple(blueprints)
    app.config.from_mapping(CONFIG)
    Api(app)
    for blueprint in rooms:
        app.register_blueprint(blueprint)
    description: dict[str, Any] = {}

    def openapi_json() -> ResponseReturnValue:
        """What the API offers, made once."""
        if not description:
            description.update(described(app, rooms))
        return jsonify(description)

    app.add_url_rule(f"{PREFIX}/openapi.json", "openapi_json", openapi_json)
    declare(app, "openapi_json", PUBLIC)
    app.before_request(check_body)


def described(app: Flask, rooms: Iterable[Blueprint]) -> dict[str, Any]:
    """The description of every operation, from registering them once more in a program that serves nothing: at start
    it would take longer than the rest of the API, and few ever ask for it.
    """
    shell = Flask("description", static_folder=None)
    shell.config.from_mapping(CONFIG)
    shell.url_map.converters.update(app.url_map.converters)
    api = Api(shell)
    for blueprint in rooms:
        api.register_blueprint(blueprint)
    return finished(app, api.spec.to_dict())


def check_body() -> None:
    """A body that is not JSON (or a form with a file) is told as such, before any room looks at it."""
    if not request.path.startswith("/api/") or request.method not in WRITING or request.endpoint is None:
        return
    if request.content_length == 0 or (request.content_length is None and not request.mimetype):
        return
    if request.mimetype not in BODY_KINDS:
        raise UnsupportedMediaType
    if request.mimetype == "application/json":
        try:
            request.get_json()
        except RecursionError as deep:
            raise BadRequest(NOT_JSON) from deep


def finished(app: Flask, spec: dict[str, Any]) -> dict[str, Any]:
    """The description with what every operation has in common."""
    spec["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    spec["components"]["schemas"].pop("Error", None)
    spec["components"]["schemas"].pop("PaginationMetadata", None)
    spec["components"]["responses"] = {
        f"Problem{status}": {
            "description": words,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, words in FAULTS.items()
    }
    for rule, method, operation in _operations(app, spec):
        _loosen(operation, spec["components"]["schemas"])
        _finish(operation, rule, method, declared(app, rule.endpoint) or frozenset())
        if getattr(app.view_functions[rule.endpoint], REPEATABLE, False):
            operation.setdefault("parameters", []).append(KEY)
    return spec


def _operations(app: Flask, spec: Mapping[str, Any]) -> Iterator[tuple[Rule, str, dict[str, Any]]]:
    for rule in app.url_map.iter_rules():
        path = spec["paths"].get(re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), {})
        for method in (rule.methods or set()) & {"GET", *WRITING}:
            if method.lower() in path:
                yield rule, method, path[method.lower()]


def _loosen(operation: dict[str, Any], schemas: Mapping[str, Any]) -> None:
    """A body of which nothing is required need not come."""
    body = operation.get("requestBody")
    reference = (body or {}).get("content", {}).get("application/json", {}).get("schema", {}).get("$ref", "")
    if body and reference and not schemas[reference.rpartition("/")[2]].get("required"):
        body["required"] = False


def _finish(operation: dict[str, Any], rule: Rule, method: str, roles: frozenset[str]) -> None:
    room, _, name = str(rule.endpoint).partition(".")
    operation["operationId"] = f"{room.removesuffix('_api')}_{name}"
    if roles == PUBLIC:
        operation["security"] = []
    else:
        who = (
            "mọi người đã đăng nhập"
            if roles == SIGNED_IN
            else ", ".join(ROLES[role] for role in ROLES if role in roles)
        )
        told = operation.get("description", "").strip()
        operation["description"] = f"{told}\n\nVai trò: {who}.".strip()
        operation["x-roles"] = sorted(roles)
        if method in WRITING:
            operation["security"] = [{"bearer": []}]
    responses = operation["responses"]
    for status in [name for name in responses if name == "default" or (name.isdigit() and int(name) >= 400)]:  # noqa: PLR2004 - faults
        del responses[status]
    for status in _faults(rule, method, operation, roles):
        responses[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}


def _faults(rule: Rule, method: str, operation: Mapping[str, Any], roles: frozenset[str]) -> Iterator[int]:
    """In which ways this operation may refuse."""
    yield from (400, 503)
    if roles != PUBLIC:
        yield from (401, 403)
    if rule.arguments or operation.get("parameters") or method in WRITING:
        yield from (404, 422)
    if method in WRITING:
        yield from (409, 413, 415)

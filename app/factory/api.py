"""The API under /api/v1: one description (OpenAPI 3.1), tokens, problem details."""

from collections.abc import Iterable

from flask import Flask
from flask_smorest import Api, Blueprint

from app.web.access import PUBLIC, declare

DESCRIPTION = (
    "Đọc bằng phiên đăng nhập hoặc mã thiết bị; ghi cần mã thiết bị trong `Authorization: Bearer`. "
    "Lỗi theo RFC 9457 (application/problem+json), lời bằng tiếng Việt."
)
CONFIG = {
    "API_TITLE": "Chợ Số",
    "API_VERSION": "v1",
    "OPENAPI_VERSION": "3.1.0",
    "OPENAPI_URL_PREFIX": "/api/v1",
    "OPENAPI_JSON_PATH": "openapi.json",
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


def init_api(app: Flask, blueprints: Iterable[Blueprint]) -> None:
    """Describes and registers every room's operations."""
    app.config.from_mapping(CONFIG)
    api = Api(app)
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    declare(app, "api-docs.openapi_json", PUBLIC)

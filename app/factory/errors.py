"""Every fault becomes one page (or API problem) in Vietnamese; no traceback reaches a person."""

import logging
import secrets

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from app.db import db
from app.errors import DomainError

log = logging.getLogger("choso")

#: status -> (title, what to do)
PAGES = {
    400: ("Yêu cầu chưa đúng", "Hãy quay lại trang trước, kiểm tra và thử lại."),
    401: ("Cần đăng nhập", "Hãy đăng nhập rồi mở lại trang này."),
    403: ("Bạn không có quyền mở trang này", "Nếu công việc cần đến, hãy nhờ quản trị của xã cấp quyền."),
    404: ("Không tìm thấy trang", "Địa chỉ có thể đã đổi hoặc gõ nhầm. Hãy thử tìm từ trang chủ."),
    405: ("Trang này không nhận thao tác vừa rồi", "Hãy quay lại trang trước và thử lại."),
    409: ("Có thay đổi khác vừa được ghi", "Hãy tải lại trang, xem lại rồi làm tiếp."),
    413: ("Tệp quá lớn", "Mỗi lần gửi tối đa 20 MB. Hãy tách tệp rồi gửi lại."),
    415: ("Kiểu tệp không dùng được", "Hãy dùng XLSX hoặc CSV."),
    422: ("Dữ liệu chưa dùng được", "Hãy sửa theo hướng dẫn rồi gửi lại."),
    429: ("Thử quá nhiều lần", "Hãy đợi ít phút rồi thử lại."),
    500: ("Máy gặp lỗi", "Lỗi đã được ghi lại. Hãy thử lại; nếu vẫn lỗi, đọc mã bên dưới cho người quản trị."),
    503: ("Máy đang bận", "Dữ liệu đang được ghi bởi việc khác. Hãy thử lại sau ít giây."),
}


def init_error_pages(app: Flask) -> None:
    """Maps every kind of fault once."""
    app.register_error_handler(DomainError, _domain)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def problem(status: int, title: str, detail: str, code: str = "") -> ResponseReturnValue:
    """The page, or application/problem+json (RFC 9457) under /api/."""
    if request.path.startswith("/api/"):
        body = {"type": "about:blank", "title": title, "status": status, "detail": detail, "code": code}
        return body, status, {"Content-Type": "application/problem+json"}
    return render_template("errors/error.html", status=status, title=title, detail=detail, code=code), status


def _domain(error: DomainError) -> ResponseReturnValue:
    db.session.rollback()
    title = PAGES.get(error.status, PAGES[422])[0]
    return problem(error.status, title, str(error), error.code)


def _csrf(_error: CSRFError) -> ResponseReturnValue:
    return problem(
        400, "Phiên làm việc đã cũ", "Hãy tải lại trang rồi gửi lại; những gì bạn gõ vẫn còn ở trang trước.", "csrf"
    )


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if error.response is not None or status < 400:  # noqa: PLR2004 - a redirect is not a fault
        return error
    title, detail = PAGES.get(status, PAGES[400])
    answer = problem(status, title, _fields(error) or detail)
    headers = [(key, value) for key, value in error.get_headers() if key.lower() in {"allow", "retry-after"}]
    return (*answer, dict(headers)) if headers and isinstance(answer, tuple) and len(answer) == 2 else answer  # noqa: PLR2004 - body and status


def _fields(error: HTTPException) -> str:
    """Which fields of an API request are wrong, where webargs has found some."""
    messages: dict[str, object] = getattr(error, "data", {}).get("messages", {})
    found = [name for group in messages.values() if isinstance(group, dict) for name in group]
    return f"Trường chưa đúng: {', '.join(map(str, found))}." if found else ""


def _database(error: OperationalError) -> ResponseReturnValue:
    db.session.rollback()
    if "locked" in str(error.orig) or "busy" in str(error.orig):
        return problem(503, *PAGES[503])
    return _unexpected(error)


def _unexpected(error: Exception) -> ResponseReturnValue:
    db.session.rollback()
    code = secrets.token_hex(3).upper()
    log.error("%s %s failed [%s]", request.method, request.path, code, exc_info=error)
    return problem(500, *PAGES[500], code)

"""Every fault becomes one page (or API problem) in Vietnamese; no traceback reaches a person."""

import logging
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice

from flask import Flask, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from app.approval.actions import FourEyesError
from app.audit.refusals import tell_refusal
from app.db import cannot_write, db
from app.errors import DomainError
from app.factory.trouble import is_full, is_read_only
from app.web.access import current_actor
from app.web.clock import moment
from app.web.uploads import size_words

log = logging.getLogger("choso")

#: Of the wrong fields of one request so many are told, and so many named in its one sentence.
WRONG_MAX, WRONG_NAMED, POINTER_MAX = 20, 8, 80

#: status -> (title, what to do)
PAGES = {
    400: ("Yêu cầu chưa đúng", "Hãy quay lại trang trước, kiểm tra và thử lại."),
    401: ("Cần đăng nhập", "Hãy đăng nhập rồi mở lại trang này."),
    403: ("Bạn không có quyền mở trang này", "Nếu công việc cần đến, hãy nhờ quản trị của xã cấp quyền."),
    404: ("Không tìm thấy trang", "Địa chỉ có thể đã đổi hoặc gõ nhầm. Hãy thử tìm từ trang chủ."),
    405: ("Trang này không nhận thao tác vừa rồi", "Hãy quay lại trang trước và thử lại."),
    409: ("Có thay đổi khác vừa được ghi", "Hãy tải lại trang, xem lại rồi làm tiếp."),
    413: ("Gửi quá nhiều một lần", "Mỗi lần gửi tối đa {}. Hãy tách nhỏ rồi gửi lại."),
    415: ("Kiểu tệp không dùng được", "Hãy dùng XLSX hoặc CSV."),
    422: ("Dữ liệu chưa dùng được", "Hãy sửa theo hướng dẫn rồi gửi lại."),
    429: ("Thử quá nhiều lần", "Hãy đợi ít phút rồi thử lại."),
    500: ("Máy gặp lỗi", "Lỗi đã được ghi lại. Hãy thử lại; nếu vẫn lỗi, đọc mã bên dưới cho người quản trị."),
    503: ("Máy đang bận", "Dữ liệu đang được ghi bởi việc khác. Hãy thử lại sau ít giây."),
}


#: How marshmallow begins -> what a person is told; after a colon its own list of values follows.
SAID = {
    "Missing data": "Thiếu trường này.",
    "Field may not be null": "Không được để null.",
    "Unknown field": "Không có trường này.",
    "Not a valid integer": "Cần một số nguyên.",
    "Not a valid number": "Cần một số.",
    "Special numeric values": "Cần một số hữu hạn.",
    "Number too large": "Số quá lớn.",
    "Not a valid string": "Cần một chuỗi chữ.",
    "Not a valid boolean": "Cần true hoặc false.",
    "Not a valid list": "Cần một danh sách.",
    "Not a valid mapping": "Cần một đối tượng JSON.",
    "Not a valid date": "Cần một ngày dạng 2026-11-22.",
    "Not a valid aware datetime": "Cần thời điểm ISO 8601 có múi giờ, ví dụ 2026-11-22T09:30:00+07:00.",
    "Not a valid datetime": "Cần thời điểm ISO 8601, ví dụ 2026-11-22T09:30:00+07:00.",
    "Invalid input type": "Cần một đối tượng JSON.",
    "Invalid JSON body": "Nội dung không phải JSON.",
    "Must be one of:": "Cần một trong:",
    "Must be greater than or equal to": "Số quá nhỏ.",
    "Must be less than or equal to": "Số quá lớn.",
    "Longer than maximum length": "Quá dài.",
    "Shorter than minimum length": "Quá ngắn.",
    "Length must be": "Độ dài chưa đúng.",
}


def init_error_pages(app: Flask) -> None:
    """Maps every kind of fault once."""
    app.register_error_handler(DomainError, _domain)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


@dataclass(frozen=True, slots=True)
class Wrong:
    """One field of an API request and what is wrong with it."""

    pointer: str
    detail: str


def problem(status: int, title: str, detail: str, code: str = "", wrong: Sequence[Wrong] = ()) -> ResponseReturnValue:
    """The page, or application/problem+json (RFC 9457) under /api/."""
    if request.path.startswith("/api/"):
        body: dict[str, object] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
        body |= {"code": code, **({"errors": [asdict(each) for each in wrong]} if wrong else {})}
        return body, status, {"Content-Type": "application/problem+json"}
    return render_template("errors/error.html", status=status, title=title, detail=detail, code=code), status


def _domain(error: DomainError) -> ResponseReturnValue:
    db.session.rollback()
    if error.status == 403 and error.code != FourEyesError.code:  # noqa: PLR2004 - that one tells itself
        _tell_refused(str(error))
    title = PAGES.get(error.status, PAGES[422])[0]
    wrong = [Wrong(f"/{each.field}", each.message) for each in getattr(error, "faults", ())]
    return problem(error.status, title, str(error), error.code, wrong)


def _tell_refused(reason: str = "") -> None:
    """Somebody signed in wanted what is not theirs: told a few times an hour for each page."""
    actor = current_actor()
    if actor.id is not None:
        tell_refusal(actor, moment(), "access.refused", ("page", (request.endpoint or "")[:64]), reason)


def _csrf(_error: CSRFError) -> ResponseReturnValue:
    return problem(
        400, "Phiên làm việc đã cũ", "Hãy tải lại trang rồi gửi lại; những gì bạn gõ vẫn còn ở trang trước.", "csrf"
    )


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if error.response is not None or status < 400:  # noqa: PLR2004 - a redirect is not a fault
        return error
    if status == 403:  # noqa: PLR2004
        _tell_refused()
    title, detail = PAGES.get(status, PAGES[400])
    detail = detail.format(size_words(request.max_content_length or 0))
    wrong = list(islice(_wrong(error), WRONG_MAX))
    fields = ", ".join(each.pointer.removeprefix("/") for each in wrong[:WRONG_NAMED] if each.pointer)
    fields += "…" if len(wrong) > WRONG_NAMED else ""
    answer = problem(status, title, f"Trường chưa đúng: {fields}." if fields else detail, wrong=wrong)
    response = make_response(answer)
    for key, value in error.get_headers():
        if key.lower() in {"allow", "retry-after"}:
            response.headers[key] = value
    return response


def _wrong(error: HTTPException) -> Iterator[Wrong]:
    """Which fields of an API request are wrong, where the reading of its body or address has found some."""
    messages: dict[str, object] = getattr(error, "data", {}).get("messages", {})
    for group in messages.values():
        yield from _told("", group)


def _told(pointer: str, messages: object) -> Iterator[Wrong]:
    if isinstance(messages, dict):
        for name, inner in messages.items():
            yield from _told(pointer if name == "_schema" else f"{pointer}/{str(name)[:POINTER_MAX]}", inner)
    elif isinstance(messages, list):
        yield Wrong(pointer, " ".join(_in_vietnamese(str(each)) for each in messages))


def _in_vietnamese(message: str) -> str:
    """What marshmallow says, in our words."""
    for theirs, ours in SAID.items():
        if message.startswith(theirs):
            return ours + (message.removeprefix(theirs) if ours.endswith(":") else "")
    return message


def _database(error: DBAPIError) -> ResponseReturnValue:
    db.session.rollback()
    if cannot_write(error):
        return _unwritable(is_full=not is_read_only(error))
    if "locked" in str(error.orig) or "busy" in str(error.orig):
        return problem(503, *PAGES[503])
    return _unexpected(error)


def _unwritable(*, is_full: bool) -> ResponseReturnValue:
    """Nothing could be written, and nothing was lost: who reads this is told what to do, not a code of a fault."""
    log.error("%s %s: the disk takes nothing", request.method, request.path)
    title, mend = ("Đĩa đã đầy", "dọn bớt đĩa") if is_full else ("Đĩa bị khoá, chỉ đọc được", "mở khoá ghi cho đĩa")
    detail = "Việc vừa rồi chưa được ghi; dữ liệu cũ còn nguyên, xem thì vẫn được."
    detail += f" Hãy báo người quản trị {mend} của máy chủ, rồi làm lại."
    return problem(507, title, detail, "dia-khong-ghi-duoc")


def _unexpected(error: Exception) -> ResponseReturnValue:
    db.session.rollback()
    if is_full(error) or is_read_only(error):
        return _unwritable(is_full=is_full(error))
    code = secrets.token_hex(3).upper()
    log.error("%s %s failed [%s]", request.method, request.path, code, exc_info=error)
    return problem(500, *PAGES[500], code)

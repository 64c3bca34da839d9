"""What a person is told when the machine fails: a full disk, a missing file, a damaged or unreachable database."""

import errno
from pathlib import Path

from app.errors import DomainError

NO_ROOM = "Hết chỗ trên đĩa. Hãy dọn bớt rồi làm lại; dữ liệu cũ còn nguyên."
READ_ONLY = "Không được phép ghi vào thư mục dữ liệu. Hãy kiểm tra quyền của thư mục, và đĩa có bị khoá chỉ đọc không."
DAMAGED = "Tệp dữ liệu bị hỏng. Hãy khôi phục từ bản sao lưu: choso restore TỆP."
#: What SQLite or PostgreSQL says -> what a person is told.
DATABASE_TROUBLE = {
    "disk is full": NO_ROOM,
    "No space left on device": NO_ROOM,
    "database is locked": "Dữ liệu đang được ghi bởi việc khác. Hãy đợi ít phút rồi làm lại.",
    "readonly database": READ_ONLY,
    "unable to open database file": "Không mở được tệp dữ liệu. Hãy kiểm tra quyền của thư mục dữ liệu.",
    "disk I/O error": "Đĩa đầy hoặc báo lỗi. Hãy dọn bớt, kiểm tra đĩa rồi làm lại; dữ liệu đã ghi xong còn nguyên.",
    "read-only transaction": READ_ONLY,
    "file is not a database": DAMAGED,
    "disk image is malformed": DAMAGED,
    "connection failed": "Không nối được tới PostgreSQL. Hãy kiểm tra CHOSO_DATABASE_URL và máy chủ.",
    "connection refused": "Không nối được tới PostgreSQL. Hãy kiểm tra CHOSO_DATABASE_URL và máy chủ.",
}
NAME_SHOWN_MAX = 60


def is_full(error: BaseException) -> bool:
    """Whether there is no room on the disk (or in somebody's quota)."""
    return _has(error, NO_ROOM, {errno.ENOSPC, errno.EDQUOT})


def is_read_only(error: BaseException) -> bool:
    """Whether the disk, or the folder of the data, lets nothing be written."""
    return _has(error, READ_ONLY, {errno.EROFS})


def _has(error: BaseException, told: str, numbers: set[int]) -> bool:
    if isinstance(error, OSError):
        return error.errno in numbers
    said = str(getattr(error, "orig", None) or error)  # not the statement, which carries people's words
    return any(ours is told and theirs in said for theirs, ours in DATABASE_TROUBLE.items())


def trouble_of(error: Exception) -> str:
    """What a person is told of a fault, in one Vietnamese message; "" where nobody expected it."""
    if isinstance(error, DomainError) or (isinstance(error, ValueError) and type(error).__module__.startswith("app.")):
        return str(error)
    if isinstance(error, OSError):
        return _file_trouble(error)
    said = str(getattr(error, "orig", None) or error)  # not the statement, which carries people's words
    return next((ours for theirs, ours in DATABASE_TROUBLE.items() if theirs in said), "")


def _file_trouble(error: OSError) -> str:
    name = f" {_known_name(error.filename)}" if error.filename else ""
    match error:
        case FileNotFoundError():
            return f"Không thấy tệp{name}. Hãy kiểm tra đường dẫn."
        case PermissionError():
            return f"Không được phép đọc hoặc ghi{name}. Hãy kiểm tra quyền của tệp."
        case IsADirectoryError():
            return f"{name.strip()} là thư mục, cần một tệp."
        case NotADirectoryError() | FileExistsError():
            return f"{name.strip()} là tệp, cần một thư mục."
        case OSError(errno=errno.ENOSPC | errno.EDQUOT):
            return f"Hết chỗ trên đĩa{name and ' khi ghi'}{name}. Hãy dọn bớt rồi làm lại; dữ liệu cũ còn nguyên."
    if error.errno == errno.ENAMETOOLONG:
        name, why = f"{name[:NAME_SHOWN_MAX]}…", "tên tệp dài quá, hãy đặt tên ngắn hơn"
    elif error.errno == errno.EROFS:
        why = "đĩa bị khoá chỉ đọc, hãy mở khoá ghi hoặc chọn chỗ khác"
    else:
        why = error.strerror or str(error)
    return f"Không đọc hoặc ghi được{name}: {why}."


def _known_name(file: str) -> Path:
    """The file, or its folder where it is a hidden one that only we know: work goes on beside its place until whole."""
    path = Path(file)
    return path.parent if path.name.startswith(".") else path

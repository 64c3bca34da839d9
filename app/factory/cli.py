"""The command line `choso`: same verbs as the pages, Vietnamese messages, exit 0, 1 or 2, never a traceback."""

import errno
import logging
import os
import sys
from configparser import ConfigParser
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from app.errors import DomainError
from app.factory.verbs import LazyGroup
from app.factory.wording import speak_vietnamese

#: Verb -> module and attribute, loaded when asked for, so that `choso qr encode` starts without a database.
COMMANDS = {
    "retention": "app.registry.retention_cli:retention",
    "audit": "app.audit.cli:audit",
    "backup": "app.factory.backup.cli:backup",
    "restore": "app.factory.backup.cli:restore",
    "map": "app.mapping.cli:map_",
    "print": "app.printing.cli:print_group",
    "printer": "app.printing.printer_cli:printer",
    "user": "app.accounts.cli:user",
    "qr": "app.factory.codes:codes",
    "serve": "app.factory.serving:serve",
    "worker": "app.factory.serving:worker",
    "demo": "app.factory.sample.cli:demo",
    "doctor": "app.factory.doctor:doctor",
    "cashback": "app.cashback.cli:cashback",
    "import": "app.factory.importing:import_",
}
#: What the list of verbs says of each.
WORDS = {
    "retention": "Xoá dữ liệu cá nhân đã hết thời hạn lưu.",
    "audit": "Nhật ký: ai đã làm gì.",
    "backup": "Sao lưu mọi bản ghi và tệp.",
    "restore": "Khôi phục từ bản sao lưu.",
    "map": "Vẽ bản đồ các điểm thành một tệp HTML.",
    "print": "In bảng QR, tem, áp phích; mỗi mã được đọc lại.",
    "printer": "Máy in văn phòng: in tờ đo, nhớ độ lệch.",
    "user": "Người dùng: thêm người, cấp lại mật khẩu.",
    "qr": "Mã QR thanh toán: tạo, kiểm tra, đọc từ ảnh, vẽ.",
    "serve": "Chạy trang web và việc nền; Ctrl-C để dừng.",
    "worker": "Chỉ chạy việc nền.",
    "demo": "Nạp xã mẫu (dữ liệu bịa, gỡ được).",
    "doctor": "Kiểm tra máy, dữ liệu và nhật ký.",
    "cashback": "Hoàn tiền: xét giao dịch, giải thích, thử trước.",
    "import": "Nhập danh sách hộ, báo cáo giao dịch.",
}
#: What SQLite or PostgreSQL says -> what a person is told.
DATABASE_TROUBLE = {
    "disk is full": "Hết chỗ trên đĩa. Hãy dọn bớt rồi làm lại; dữ liệu cũ còn nguyên.",
    "No space left on device": "Hết chỗ trên đĩa. Hãy dọn bớt rồi làm lại; dữ liệu cũ còn nguyên.",
    "database is locked": "Dữ liệu đang được ghi bởi việc khác. Hãy đợi ít phút rồi làm lại.",
    "readonly database": "Không được phép ghi vào thư mục dữ liệu. Hãy kiểm tra quyền của thư mục.",
    "unable to open database file": "Không mở được tệp dữ liệu. Hãy kiểm tra quyền của thư mục dữ liệu.",
    "file is not a database": "Tệp dữ liệu bị hỏng. Hãy khôi phục từ bản sao lưu: choso restore TỆP.",
    "disk image is malformed": "Tệp dữ liệu bị hỏng. Hãy khôi phục từ bản sao lưu: choso restore TỆP.",
    "connection failed": "Không nối được tới PostgreSQL. Hãy kiểm tra CHOSO_DATABASE_URL và máy chủ.",
    "connection refused": "Không nối được tới PostgreSQL. Hãy kiểm tra CHOSO_DATABASE_URL và máy chủ.",
}
NAME_SHOWN_MAX = 60
EXIT_REFUSED = 1
EXIT_INTERRUPTED = 130
log = logging.getLogger("choso")


def _version() -> str:
    """The number of the installed package, or of this clone."""
    clone = ConfigParser()
    if clone.read(Path(__file__).resolve().parents[2] / "setup.cfg", encoding="utf-8"):
        return clone.get("metadata", "version")
    return version("choso")


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    words=WORDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(_version(), message="Chợ Số %(version)s", help="In số phiên bản rồi thoát.")
def choso() -> None:
    """Chợ Số: biến một khu chợ, một con phố, một xã thành không dùng tiền mặt."""


def run(arguments: list[str] | None = None) -> int:
    """Runs one command and returns its exit status; every fault becomes one Vietnamese message."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    speak_vietnamese()
    try:
        result: Any = choso.main(arguments, prog_name="choso", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        _say("Đã dừng.")
        return EXIT_INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last line of defence before a person
        _say(_told(error))
        return EXIT_REFUSED
    return result if isinstance(result, int) else 0


def main() -> None:
    """Entry point of the console script."""
    sys.exit(run())


def _say(message: str) -> None:
    click.echo(message, err=True)


def _told(error: Exception) -> str:
    """What a person is told of a fault."""
    if isinstance(error, DomainError) or (isinstance(error, ValueError) and type(error).__module__.startswith("app.")):
        return str(error)
    if isinstance(error, OSError):
        return _file_trouble(error)
    said = str(error)
    return next((ours for theirs, ours in DATABASE_TROUBLE.items() if theirs in said), None) or _unexpected(error)


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
    else:
        why = error.strerror or str(error)
    return f"Không đọc hoặc ghi được{name}: {why}."


def _known_name(file: str) -> Path:
    """The file, or its folder where it is a hidden one that only we know: work goes on beside its place until whole."""
    path = Path(file)
    return path.parent if path.name.startswith(".") else path


def _unexpected(error: Exception) -> str:
    folder = Path(os.environ.get("CHOSO_INSTANCE") or "instance")
    if folder.is_dir():
        handler = logging.FileHandler(folder / "choso-error.log", encoding="utf-8")
        log.addHandler(handler)
        log.error("command failed: %s", sys.argv[1:2], exc_info=error)
        log.removeHandler(handler)
        handler.close()
        file = folder / "choso-error.log"
        return f"Lỗi ngoài dự kiến ({type(error).__name__}). Chi tiết ở {file}; hãy gửi tệp ấy cho người quản trị."
    return f"Lỗi ngoài dự kiến ({type(error).__name__}: {error}). Hãy báo cho người quản trị."

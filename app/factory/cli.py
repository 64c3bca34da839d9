"""The command line `choso`: same verbs as the pages, Vietnamese messages, exit 0, 1 or 2, never a traceback."""

import logging
import os
import sys
from configparser import ConfigParser
from contextlib import closing, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from app.factory.trouble import trouble_of
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
    "doctor": "app.factory.doctor.cli:doctor",
    "cashback": "app.cashback.cli:cashback",
    "import": "app.factory.importing:import_",
    "export": "app.registry.export_cli:export",
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
    "export": "Xuất danh sách hộ kinh doanh ra XLSX, CSV.",
}
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
    logging.raiseExceptions = False  # a log that cannot be written is no reason to print a traceback
    try:
        result: Any = choso.main(arguments, prog_name="choso", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        _say("Đã dừng.")
        return EXIT_INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last line of defence before a person
        _say(trouble_of(error) or _unexpected(error))
        return EXIT_REFUSED
    return result if isinstance(result, int) else 0


def main() -> None:
    """Entry point of the console script."""
    sys.exit(run())


def _say(message: str) -> None:
    click.echo(message, err=True)


def _unexpected(error: Exception) -> str:
    folder = Path(os.environ.get("CHOSO_INSTANCE") or "instance")
    file = folder / "choso-error.log"
    with suppress(OSError):  # a full or read-only disk: the message stands alone
        if folder.is_dir():
            with closing(logging.FileHandler(file, encoding="utf-8")) as handler:
                log.addHandler(handler)
                log.error("command failed: %s", sys.argv[1:2], exc_info=error)
                log.removeHandler(handler)
            return f"Lỗi ngoài dự kiến ({type(error).__name__}). Chi tiết ở {file}; hãy gửi tệp ấy cho người quản trị."
    return f"Lỗi ngoài dự kiến ({type(error).__name__}: {error}). Hãy báo cho người quản trị."

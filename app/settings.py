"""What an installation may set from outside: every name is listed here, and an unknown one stops the start."""

import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.errors import DomainError

#: Every CHOSO_* name there is, with what it means (docs/operations.md repeats this table; a test compares).
NAMES = {
    "CHOSO_INSTANCE": "thư mục dữ liệu: cơ sở dữ liệu, bí mật, chứng cứ, lô in (mặc định ./instance)",
    "CHOSO_DATABASE_URL": "PostgreSQL thay cho tệp SQLite, ví dụ postgresql://choso@localhost/choso",
    "CHOSO_PORT": "cổng của trang web trên máy này (mặc định 8000)",
    "CHOSO_SECRET_KEY": "khoá ký phiên, ít nhất 32 ký tự; để trống thì tự sinh và giữ trong thư mục dữ liệu",
    "CHOSO_BACKUP_PASSPHRASE": "mật khẩu của bản sao lưu",
    "CHOSO_SECOND_FACTOR": "0 để không bắt buộc mã xác thực hai lớp (chỉ cho máy không nối mạng)",
    "CHOSO_HTTPS": "1 khi chạy sau một máy chủ HTTPS: cookie chỉ đi qua HTTPS",
}
SECRET_MIN = 32
PORT_DEFAULT = 8000
PORT_MAX = 65535


class SettingsError(DomainError):
    """The environment holds a name or value that Chợ Số can't start with."""

    code = "cau-hinh"


@dataclass(frozen=True, slots=True)
class Settings:
    """One installation. Folders below `instance` are made when first used and never stored as absolute paths."""

    instance: Path
    database_url: str
    port: int
    secret_key: str
    https: bool = False
    second_factor: bool = True

    @property
    def evidence_dir(self) -> Path:
        """Raw files received, under their SHA-256."""
        return self.instance / "evidence"

    @property
    def lots_dir(self) -> Path:
        """Printed lots: one folder each."""
        return self.instance / "lots"

    @property
    def logos_dir(self) -> Path:
        """Logos that communes placed here: a folder each."""
        return self.instance / "media" / "logos"

    @property
    def facts_dir(self) -> Path:
        """Transaction facts and decisions (Parquet)."""
        return self.instance / "facts"

    @property
    def sqlite(self) -> bool:
        """Whether the records live in the SQLite file of the instance."""
        return self.database_url.startswith("sqlite")


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment; makes the instance folder and its secret on the first start.

    Raises SettingsError for an unknown CHOSO_* name, a weak secret or an unusable port.
    """
    environ = os.environ if environ is None else environ
    unknown = sorted(name for name in environ if name.startswith("CHOSO_") and name not in NAMES)
    if unknown:
        raise SettingsError(
            f"Không hiểu biến môi trường {', '.join(unknown)}.", remedy="Biến dùng được: " + ", ".join(NAMES) + "."
        )
    instance = Path(environ.get("CHOSO_INSTANCE") or "instance").resolve()
    try:
        instance.mkdir(parents=True, exist_ok=True, mode=0o700)
        secret = environ.get("CHOSO_SECRET_KEY") or _own_secret(instance)
    except OSError as error:
        raise SettingsError(
            f"Không ghi được vào thư mục dữ liệu {instance}.",
            remedy="Hãy kiểm tra quyền ghi và chỗ trống, hoặc đặt CHOSO_INSTANCE tới thư mục khác.",
        ) from error
    if len(secret) < SECRET_MIN or len(set(secret)) < SECRET_MIN // 4:
        raise SettingsError(
            "CHOSO_SECRET_KEY quá yếu.",
            remedy=f"Cần ít nhất {SECRET_MIN} ký tự ngẫu nhiên, hoặc bỏ trống để máy tự sinh.",
        )
    return Settings(
        instance=instance,
        database_url=_database_url(environ.get("CHOSO_DATABASE_URL") or "", instance),
        port=_port(environ.get("CHOSO_PORT") or str(PORT_DEFAULT)),
        secret_key=secret,
        https=environ.get("CHOSO_HTTPS") == "1",
        second_factor=environ.get("CHOSO_SECOND_FACTOR") != "0",
    )


def _own_secret(instance: Path) -> str:
    """Made once: two programs that start at once agree on one, and neither reads half of it."""
    file = instance / "secret"
    if not file.exists():
        descriptor, draft = tempfile.mkstemp(prefix=".secret-", dir=instance)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as stream:
                stream.write(secrets.token_hex(32))
            _place(Path(draft), file)
        finally:
            Path(draft).unlink(missing_ok=True)
    return file.read_text(encoding="ascii").strip()


def _place(draft: Path, file: Path) -> None:
    try:
        os.link(draft, file)
    except FileExistsError:
        pass  # the other program was faster: its secret counts
    except OSError:  # a file system without links (a USB stick): the last one written counts
        draft.replace(file)


def _database_url(url: str, instance: Path) -> str:
    if not url:
        return f"sqlite:///{instance / 'choso.sqlite3'}"
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    if url.startswith("postgresql+psycopg://"):
        return url
    raise SettingsError(
        "CHOSO_DATABASE_URL phải bắt đầu bằng postgresql://.", remedy="Bỏ trống để dùng SQLite trong thư mục dữ liệu."
    )


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text) <= PORT_MAX:
        return int(text)
    raise SettingsError(
        f"CHOSO_PORT={text!r} không phải số cổng.", remedy=f"Dùng một số từ 1 đến {PORT_MAX}, ví dụ {PORT_DEFAULT}."
    )

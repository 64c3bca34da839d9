"""What an installation may set from outside: every name is listed here, and an unknown one stops the start."""

import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from urllib.parse import quote, urlsplit

import pysqlite3.dbapi2 as sqlite

from app.errors import ConflictError, DomainError, RefusedError

#: Every CHOSO_* name there is, with what it means (docs/operations.md repeats this table; a test compares).
NAMES = {
    "CHOSO_INSTANCE": "thư mục dữ liệu: cơ sở dữ liệu, bí mật, chứng cứ, lô in (mặc định ./instance)",
    "CHOSO_DATABASE_URL": "PostgreSQL thay cho tệp SQLite, ví dụ postgresql://choso@localhost/choso",
    "CHOSO_PORT": "cổng của trang web trên máy này (mặc định 8000)",
    "CHOSO_SECRET_KEY": "khoá ký phiên, ít nhất 32 ký tự; để trống thì tự sinh và giữ trong thư mục dữ liệu",
    "CHOSO_BACKUP_PASSPHRASE": "mật khẩu của bản sao lưu",
    "CHOSO_SECOND_FACTOR": "0 để không bắt buộc mã xác thực hai lớp (chỉ cho máy không nối mạng)",
    "CHOSO_HTTPS": "1 khi chạy sau một máy chủ HTTPS: cookie chỉ đi qua HTTPS",
    "CHOSO_PUBLIC_URL": "địa chỉ công khai người dân mở được, in lên áp phích, biển, phiếu; cũng ghi được trên trang",
    "CHOSO_TRUSTED_HOSTS": "tên máy khác mà trang được mở bằng, cách nhau bằng dấu phẩy, ví dụ may-chu.xa.lan",
}
#: The file of the records, and what notes that the folder lives (and which key is its own).
DATABASE = "choso.sqlite3"
MARKER = "choso.instance"
SECRET_MIN = 32
PORT_DEFAULT = 8000
PORT_MAX = 65535
URL_MAX = 200
ADDRESS_FILE = "public-url"  #: in the instance: the address that was set on the page
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
#: Names that no resident's phone ever finds (RFC 2606, RFC 6761, RFC 6762 and the habits of offices).
_NOWHERE = frozenset(
    {"localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "arpa", "onion"}
)
_EXAMPLES = frozenset({"example", "test", "invalid", "vi-du"})


class SettingsError(DomainError):
    """The environment holds a name or value that Chợ Số can't start with."""

    code = "cau-hinh"


class NoPublicAddressError(ConflictError):
    """Something that carries our address is wanted, and none is set."""

    code = "thieu-dia-chi-cong-khai"

    def __init__(self) -> None:
        super().__init__(
            "Chưa có địa chỉ công khai, nên chưa in hay gửi được gì mang địa chỉ của trang.",
            remedy="Hãy ghi ở trang Địa chỉ công khai (/desk/settings/address), hoặc đặt CHOSO_PUBLIC_URL.",
        )


class LostSecretError(SettingsError):
    """The instance has lived and its key is gone: a new one would open nothing of what was sealed."""

    code = "mat-khoa"


@dataclass(frozen=True, slots=True)
class Settings:
    """One installation. Folders below `instance` are made when first used and never stored as absolute paths."""

    instance: Path
    database_url: str
    port: int
    secret_key: str
    https: bool = False
    second_factor: bool = True
    public_url: str = ""  #: as `public_address` gives it; "" where the environment names none
    trusted_hosts: tuple[str, ...] = ()

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
    def public_address(self) -> str:
        """The address residents use: the environment's, else the one kept on the page; "" where there is none."""
        return self.public_url or _kept_address(self.instance)

    @property
    def sqlite(self) -> bool:
        """Whether the records live in the SQLite file of the instance."""
        return self.database_url.startswith("sqlite")


def load_settings(environ: Mapping[str, str] | None = None, *, new_secret: bool = False) -> Settings:
    """Settings from the environment; makes the instance folder and its secret on the first start.

    Raises SettingsError for an unknown CHOSO_* name, a weak secret or an unusable port, LostSecretError where the
    secret of an instance that lived is gone and no `new_secret` is wished for.
    """
    environ = os.environ if environ is None else environ
    unknown = sorted(name for name in environ if name.startswith("CHOSO_") and name not in NAMES)
    if unknown:
        raise SettingsError(
            f"Không hiểu biến môi trường {', '.join(unknown)}.", remedy="Biến dùng được: " + ", ".join(NAMES) + "."
        )
    instance = instance_folder(environ)
    try:
        instance.mkdir(parents=True, exist_ok=True, mode=0o700)
        secret = environ.get("CHOSO_SECRET_KEY") or _own_secret(instance, new_secret=new_secret)
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
        public_url=_public_url(environ.get("CHOSO_PUBLIC_URL") or ""),
        trusted_hosts=_trusted_hosts(environ.get("CHOSO_TRUSTED_HOSTS") or ""),
    )


def known_public_address(environ: Mapping[str, str] | None = None) -> str:
    """The public address for a command that needs no records; makes no instance. Raises SettingsError."""
    environ = os.environ if environ is None else environ
    return _public_url(environ.get("CHOSO_PUBLIC_URL") or "") or _kept_address(instance_folder(environ))


def keep_public_address(settings: Settings, text: str) -> str:
    """Keeps the address in the instance ("" takes it away) and returns it as kept. Raises RefusedError."""
    address = public_address(text) if text.strip() else ""
    draft = settings.instance / f".{ADDRESS_FILE}"
    draft.write_text(address + "\n", encoding="ascii")
    draft.replace(settings.instance / ADDRESS_FILE)
    return address


def _kept_address(instance: Path) -> str:
    try:
        return public_address((instance / ADDRESS_FILE).read_text(encoding="ascii"))
    except (OSError, ValueError, RefusedError):  # not set; or spoilt by hand: as good as not set
        return ""


def instance_folder(environ: Mapping[str, str] | None = None) -> Path:
    """The folder of the data, which may not be there yet."""
    return Path((os.environ if environ is None else environ).get("CHOSO_INSTANCE") or "instance").resolve()


def public_address(text: str) -> str:
    """An address under which residents reach the pages, as it is kept and printed: scheme, host, perhaps a port.

    Raises RefusedError for one that only this machine or this office finds, an example, or no address at all.

    >>> public_address(" https://Cho-So.LongThanh.gov.vn/ ")
    'https://cho-so.longthanh.gov.vn'
    """
    remedy = "Hãy ghi tên miền mà điện thoại của người dân mở được, ví dụ https://choso.tenxa.gov.vn."
    try:
        parts = urlsplit(text.strip())
        host, port = (parts.hostname or "").rstrip("."), parts.port
        host = host if ":" in host else host.encode("idna").decode("ascii")
    except ValueError:
        raise RefusedError("Địa chỉ công khai viết sai.", remedy=remedy) from None
    if parts.scheme not in {"http", "https"} or not host or len(text) > URL_MAX:
        raise RefusedError("Địa chỉ công khai phải bắt đầu bằng https:// (hoặc http://).", remedy=remedy)
    if parts.username is not None or parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise RefusedError("Địa chỉ công khai chỉ gồm tên miền, không có gì phía sau.", remedy=remedy)
    reason = _why_not_public(host)
    if reason:
        raise RefusedError(f"Địa chỉ công khai không dùng được: {host} {reason}.", remedy=remedy)
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port else "")


def _why_not_public(host: str) -> str:
    """Why nobody outside finds this host; "" where they do."""
    labels = host.split(".")
    try:
        address = ip_address(host)
    except ValueError:
        if host in _NOWHERE or labels[-1] in _NOWHERE:
            return "chỉ máy này hoặc mạng nội bộ biết"
        if _EXAMPLES.intersection(labels):
            return "là địa chỉ ví dụ"
        if len(labels) == 1 or not all(_LABEL.fullmatch(label) for label in labels) or not labels[-1][0].isalpha():
            return "không phải tên miền"
        return ""
    return _why_not_global(address)


def _why_not_global(address: IPv4Address | IPv6Address) -> str:
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        return _why_not_global(mapped)
    if address.is_loopback or address.is_unspecified:
        return "là chính máy này, người khác không mở được"
    if address.is_link_local:
        return "là địa chỉ tự đặt trong một đoạn mạng"
    if address.is_multicast or not address.is_global:
        return "là địa chỉ nội bộ hoặc để dành, ngoài mạng này không mở được"
    return ""


def _public_url(text: str) -> str:
    try:
        return public_address(text) if text.strip() else ""
    except RefusedError as error:
        raise SettingsError(f"CHOSO_PUBLIC_URL: {error.message}", remedy=error.remedy) from error


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _trusted_hosts(text: str) -> tuple[str, ...]:
    """Host names without ports, in small letters."""
    names = tuple(name.strip().lower().strip("[]").rstrip(".") for name in text.split(",") if name.strip())
    for name in names:
        if not _is_ip(name) and not all(_LABEL.fullmatch(label) for label in name.split(".")):
            raise SettingsError(
                f"CHOSO_TRUSTED_HOSTS: {name!r} không phải tên máy.",
                remedy="Chỉ ghi tên, không có http:// hay cổng; nhiều tên thì cách nhau bằng dấu phẩy.",
            )
    return names


def _own_secret(instance: Path, *, new_secret: bool) -> str:
    """Made once: two programs that start at once agree on one, and neither reads half of it."""
    file = instance / "secret"
    if not file.exists():
        if _has_lived(instance) and not new_secret:
            raise LostSecretError(
                f"Khoá của dữ liệu (tệp {file}) không còn.",
                remedy="Hãy chép tệp secret từ bản sao lưu về chỗ cũ, hoặc choso restore TỆP. Mất hẳn rồi thì: "
                "choso doctor --new-key (mã xác thực hai lớp và hạt giống đã niêm phong sẽ không mở lại được).",
            )
        descriptor, draft = tempfile.mkstemp(prefix=".secret-", dir=instance)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as stream:
                stream.write(secrets.token_hex(32))
            _place(Path(draft), file)
        finally:
            Path(draft).unlink(missing_ok=True)
    return file.read_text(encoding="ascii").strip()


def _has_lived(instance: Path) -> bool:
    """Whether something was done here: the key is made before the first record, and something is sealed with it."""
    records = instance / DATABASE
    if (instance / MARKER).exists() or not records.is_file():
        return (instance / MARKER).exists()
    with closing(sqlite.connect(f"file:{quote(str(records))}?mode=ro", uri=True)) as connection:
        try:
            return connection.execute("SELECT 1 FROM audit_event LIMIT 1").fetchone() is not None
        except sqlite.DatabaseError:
            return False  # damaged, or no records of ours: that is told where they are opened


def _place(draft: Path, file: Path) -> None:
    try:
        os.link(draft, file)
    except FileExistsError:
        pass  # the other program was faster: its secret counts
    except OSError:  # a file system without links (a USB stick): the last one written counts
        draft.replace(file)


def _database_url(url: str, instance: Path) -> str:
    if not url:
        return f"sqlite:///{instance / DATABASE}"
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

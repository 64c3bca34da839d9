"""A typing mistake or a weak secret stops the start, in words a person can act on."""

import stat
from pathlib import Path

import pytest

from app.settings import NAMES, SettingsError, load_settings

ROOT = Path(__file__).resolve().parents[2]


def test_defaults_make_an_instance_with_its_own_secret(tmp_path: Path) -> None:
    environ = {"CHOSO_INSTANCE": str(tmp_path / "new")}
    settings = load_settings(environ)
    assert settings.port == 8000
    assert settings.database_url == f"sqlite:///{tmp_path / 'new' / 'choso.sqlite3'}"
    assert stat.S_IMODE((tmp_path / "new" / "secret").stat().st_mode) == 0o600
    assert load_settings(environ).secret_key == settings.secret_key


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("CHOSO_INSTANC", "x", "CHOSO_INSTANC"),
        ("CHOSO_SECRET_KEY", "dev", "quá yếu"),
        ("CHOSO_SECRET_KEY", "a" * 64, "quá yếu"),
        ("CHOSO_PORT", "0", "số cổng"),
        ("CHOSO_PORT", "80a", "số cổng"),
        ("CHOSO_PORT", "٨٠٠٠", "số cổng"),
        ("CHOSO_DATABASE_URL", "mysql://x", "postgresql://"),
    ],
)
def test_refused(tmp_path: Path, name: str, value: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        load_settings({"CHOSO_INSTANCE": str(tmp_path), name: value})


def test_postgresql_address_names_its_driver(tmp_path: Path) -> None:
    settings = load_settings(
        {"CHOSO_INSTANCE": str(tmp_path), "CHOSO_DATABASE_URL": "postgresql://choso@localhost/choso"}
    )
    assert settings.database_url == "postgresql+psycopg://choso@localhost/choso"
    assert not settings.sqlite


def test_an_instance_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="ascii")
    with pytest.raises(SettingsError, match="file"):
        load_settings({"CHOSO_INSTANCE": str(tmp_path / "file")})


def test_every_name_is_documented() -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    for name, meaning in NAMES.items():
        assert f"| `{name}` | {meaning} |" in text

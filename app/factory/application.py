"""The only wiring: settings, rooms, error pages, headers and the command line come together here."""

import logging
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler

from flask import Flask, Response
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect

from app.db import begin_next_unit_with, begin_reading, db, engine_options, keep_reserve, migrate
from app.factory.backup.keeping import complete_restore
from app.factory.errors import init_error_pages
from app.factory.lived import make_private, mark, refuse_empty
from app.factory.rooms import BLUEPRINTS, HOOKS
from app.paths import resource_dir, sweep_dead
from app.settings import Settings, instance_folder, load_settings
from app.web.access import PUBLIC as EVERYBODY
from app.web.access import declare, public
from app.web.address import init_hosts
from app.web.compression import init_compression
from app.web.headers import init_headers
from app.web.late_rules import LateRule
from app.web.row_ids import init_row_ids
from app.web.uploads import MEGABYTE, init_uploads

UPLOAD_BYTES_MAX = 20 * MEGABYTE
FORM_PARTS_MAX = 2000
FORM_MEMORY_MAX = 2 * 1024 * 1024
CSRF_SECONDS = 24 * 3600  # a form filled in at a stall without signal is sent hours later
LOG_BYTES = 2_000_000

csrf = CSRFProtect()


def create_app(settings: Settings | None = None) -> Flask:
    """The program for one instance; without settings, those of the environment."""
    settings = settings or load_settings()
    app = Flask(
        "app",
        template_folder=str(resource_dir("templates")),
        static_folder=str(resource_dir("static")),
        instance_path=str(settings.instance),
    )
    app.url_rule_class = LateRule
    app.config.from_mapping(
        SECRET_KEY=settings.secret_key,
        SETTINGS=settings,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
        MAX_FORM_MEMORY_SIZE=FORM_MEMORY_MAX,
        MAX_FORM_PARTS=FORM_PARTS_MAX,
        SESSION_COOKIE_NAME="__Host-choso" if settings.https else "choso",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https,
        WTF_CSRF_TIME_LIMIT=CSRF_SECONDS,
        WTF_CSRF_SSL_STRICT=settings.https,
        TEMPLATES_AUTO_RELOAD=False,
    )
    db.init_app(app)
    init_uploads(app, UPLOAD_BYTES_MAX)
    csrf.init_app(app)
    log_to_file(app, settings)
    app.before_request(_begin)
    init_hosts(app)
    init_row_ids(app)
    app.add_url_rule("/healthz", "healthz", healthz)
    declare(app, "static", EVERYBODY)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for hook in HOOKS:
        hook(app)
    # after the hooks: Flask-Security puts a JSON provider of its own in place of Flask's
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # both have it
    init_error_pages(app)
    init_headers(app)
    init_compression(app)
    return app


def create_ready_app(settings: Settings | None = None) -> Flask:
    """The program with its tables brought up to date: what commands and the server use.

    Raises LostRecordsError, LostSecretError where the folder lived and its records or its key are gone.
    """
    complete_restore(instance_folder())  # before the settings: a restore brings its own secret
    settings = settings or load_settings()
    sweep_dead(settings.instance, ".backup-", ".restore-", ".doctor.json.partial-")
    sweep_dead(settings.lots_dir, ".headers-", ".lot-", ".notices-")
    app = create_app(settings)
    with app.app_context():
        refuse_empty(settings, db.engine)
        migrate(db.engine)
    mark(settings, datetime.now(UTC))
    keep_reserve(settings.instance)
    make_private(settings.instance)
    return app


@public
def healthz() -> ResponseReturnValue:
    """Whether pages can be served."""
    return {"status": "ok"}


def _begin() -> Response | None:
    begin_next_unit_with(None)
    begin_reading()  # until unit_of_work: a file is read, decided on and drawn while others write
    return None


def log_to_file(app: Flask, settings: Settings) -> None:
    """What went wrong is written into the instance, in the place of any log before."""
    folder = settings.instance / "log"
    folder.mkdir(exist_ok=True)
    handler = RotatingFileHandler(folder / "choso.log", maxBytes=LOG_BYTES, backupCount=3, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    for logger in (app.logger, logging.getLogger("choso")):
        for old in [each for each in logger.handlers if isinstance(each, RotatingFileHandler)]:
            logger.removeHandler(old)
            old.close()
        logger.addHandler(handler)
        logger.propagate = False

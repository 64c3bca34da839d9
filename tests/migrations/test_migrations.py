"""Every migration goes up and down, and the tables are those of the models."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import count
from typing import Any

import pytest
from alembic import command, op
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Table, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from app.db import Model, begin_reading, db, engine_options, migrate
from app.errors import DomainError
from app.paths import resource_dir
from app.places.models import Unit
from app.registry.queries.printable import PointFilter, printable
from tests.registry.scene import approved, commune, market, merchant, stall


@pytest.fixture
def revisions() -> list[str]:
    script = ScriptDirectory(str(resource_dir("migrations")))
    return [item.revision for item in reversed(list(script.walk_revisions()))]


def test_one_line_of_history(revisions: list[str]) -> None:
    script = ScriptDirectory(str(resource_dir("migrations")))
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1
    assert revisions


def test_tables_are_those_of_the_models(app: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Model.metadata) == []


def test_down_to_nothing_and_up_again(app: Flask) -> None:
    before = _shape()
    migrate(db.engine, "base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
    assert migrate(db.engine)
    assert _shape() == before
    assert not migrate(db.engine), "a second time there is nothing to do"


def test_columns_of_two_senders_go_down_to_the_one_learnt_last(app: Flask) -> None:
    """Where headings alone must tell again, two senders' rows for the same headings cannot both stay."""
    row = "INSERT INTO import_profile (signature, source, sender, columns, updated_at, updated_by) VALUES"
    with db.engine.begin() as connection:
        for at, name in enumerate(("chợ", "thuế")):
            values = f"('{'a' * 64}', 'list:1/{name}', '{name}', '{{}}', '2026-11-2{at}', 'Lan')"
            connection.execute(text(f"{row} {values}"))
    with db.engine.connect() as connection:
        config = Config(attributes={"connection": connection, "metadata": Model.metadata})
        config.set_main_option("script_location", str(resource_dir("migrations")))
        command.downgrade(config, "0030_subscriber_homes")
        left = connection.execute(text("SELECT source FROM import_profile")).scalars().all()
    assert left == ["list:1/thuế"]


def test_programs_that_start_at_once_make_the_tables_once(app: Flask, database_url: str) -> None:
    before = _shape()
    migrate(db.engine, "base")
    db.session.remove()
    engines = [create_engine(database_url, **engine_options(database_url)) for _ in range(4)]
    with ThreadPoolExecutor(len(engines)) as programs:
        done = list(programs.map(migrate, engines))
    assert sorted(done) == [False, False, False, True]
    assert _shape() == before
    for engine in engines:
        engine.dispose()


def test_a_migration_that_fails_leaves_nothing_behind(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _shape()
    migrate(db.engine, "base")
    make, made = op.create_table, count(1)

    def fail_in_the_middle(*arguments: Any, **options: Any) -> Table | None:
        if next(made) == len(before) // 2:
            raise OSError("điện cúp")
        return make(*arguments, **options)

    with monkeypatch.context() as failing:
        failing.setattr(op, "create_table", fail_in_the_middle)
        with pytest.raises(OSError, match="điện cúp"):
            migrate(db.engine)
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
    assert migrate(db.engine)
    assert _shape() == before


def test_records_of_a_newer_program_are_refused(app: Flask) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_future'"))
    with pytest.raises(DomainError, match="cập nhật chương trình"):
        migrate(db.engine)


def _shape() -> dict[str, list[tuple[str, str]]]:
    inspector = inspect(db.engine)
    return {
        table: sorted((column["name"], str(column["type"])) for column in inspector.get_columns(table))
        for table in inspector.get_table_names()
    }


def test_what_was_on_paper_before_labels_were_kept_counts_as_approved(app: Flask, now: datetime) -> None:
    """A code and an account without a holder from before: printed as they were, and guarded from then on."""
    holder = merchant(now, commune(now), "Lê Thị Mẫu", shop_name="Quán Mẫu")
    stall(now, holder, market(now, db.session.get_one(Unit, holder.unit_id)), "A01-06")
    approved(now, holder)
    before = printable(PointFilter(), now)[0]
    db.session.remove()
    with db.engine.connect() as connection:
        config = Config(attributes={"connection": connection, "metadata": Model.metadata})
        config.set_main_option("script_location", str(resource_dir("migrations")))
        command.downgrade(config, "0040_sheets_of_lists")
        connection.execute(text("UPDATE payment_account SET holder_name = ''"))
        connection.commit()
    assert migrate(db.engine)
    begin_reading()
    assert printable(PointFilter(), now)[0] == before
    assert [row.holder_name for row in before] == ["Lê Thị Mẫu"]
    with pytest.raises(DBAPIError, match="kept as they were approved"), db.engine.begin() as connection:
        connection.execute(text("UPDATE code_label SET shop_name = 'Khác'"))

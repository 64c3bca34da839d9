"""`choso import report`: looked at first, kept once, bad lines told."""

from pathlib import Path

from click.testing import CliRunner
from flask import Flask

from app.db import db
from app.transactions.cli import report
from app.transactions.models import Report
from tests.transactions.test_report_files import GOOD, HEADING


def test_a_report_is_looked_at_kept_once_and_its_bad_lines_told(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text(f"{HEADING}\n{GOOD.format(1)}\n{GOOD.format(2).replace('20000', '20.000')}\n", encoding="utf-8")
    run = CliRunner().invoke
    looked = run(report, [str(path), "--dry-run"])
    assert (looked.exit_code, db.session.scalars(db.select(Report)).all()) == (1, [])
    assert "dòng 3" in looked.output
    assert run(report, [str(path)]).exit_code == 1
    assert "đã nhận từ trước" in run(report, [str(path)]).output
    kept = db.session.scalars(db.select(Report)).one()
    assert (kept.line_count, kept.refused_count) == (2, 1)


def test_a_folder_is_no_report(app: Flask, tmp_path: Path) -> None:
    refused = CliRunner().invoke(report, [str(tmp_path)])
    assert f"{tmp_path} là thư mục" in str(refused.exception)

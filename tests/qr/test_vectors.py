"""The official examples, to the byte: EMVCo MPM v1.1 annex B.7 and NAPAS VietQR v1.0 (two of the latter are broken)."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from app.qr import build, details, inspect, parse

VECTORS = Path(__file__).with_name("vectors.tsv")


def rows() -> list[tuple[str, dict[str, Any], str]]:
    with VECTORS.open(encoding="utf-8", newline="") as lines:
        table = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(row["payload"], json.loads(row["expected"]), row["source"]) for row in table]


@pytest.mark.parametrize(("payload", "expected", "source"), rows())
def test_official_example_is_read_as_published(payload: str, expected: dict[str, Any], source: str) -> None:
    code = inspect(payload)
    assert code.valid == (expected["strict"] == "ok"), source
    assert build(parse(payload)) == payload
    if not code.valid:
        return
    assert code.value("54") == expected.get("amount")
    assert code.value("59") == expected.get("name")
    assert {tag: code.value(f"{tag}/00") for tag in expected["aids"]} == expected["aids"]
    assert {tag: code.value(f"62/{tag}") for tag in expected.get("t62", {})} == expected.get("t62", {})
    assert {tag: code.value(f"64/{tag}") for tag in expected.get("t64", {})} == expected.get("t64", {})
    assert code.value("38/01/00") == expected.get("bin")
    assert code.value("38/01/01") == expected.get("account")


def test_official_account_example_is_refused_for_its_wrong_inner_length() -> None:
    # 0112 before thirteen digits: a lenient reader would pay 001101234567, somebody else's account.
    code = inspect("00020101021138570010A00000072701270006970403011200110123456780208QRIBFTTA53037045802VN6304F4E5")
    assert [(fault.code, fault.path) for fault in code.errors] == [("truncated-header", "38/01")]
    with pytest.raises(ValueError, match="38/01"):
        details(code)


def test_official_card_example_is_refused_for_its_crc() -> None:
    payload = "00020101021138600010A00000072701300006970403011697040311012345670208QRIBFTTC53037045802VN6304A203"
    assert [(fault.code, fault.path) for fault in inspect(payload).errors] == [("crc-mismatch", "63")]


def test_length_counts_characters_and_crc_counts_bytes() -> None:
    payload, _, _ = rows()[0]
    code = inspect(payload)
    assert code.value("64/01") == "最佳运输"
    assert payload.endswith("6304A13A")
    assert code.valid

"""The shipped policies: complete, readable, and described by the page that is generated from them."""

import json
import runpy
from dataclasses import asdict

from app.cashback.plain import plain_words
from app.cashback.policy_file import policy_of_definition
from app.cashback.queries import shipped
from app.paths import resource_dir

DOCS = resource_dir("templates").parent / "docs"


def test_all_seven_policies_of_the_plan_are_shipped() -> None:
    assert {each.policy.policy_id for each in shipped()} == {
        "data-15", "gold-daily", "qr-experience-point", "qr-voucher", "spread-fund", "top-up-10", "tuesday-first-50",
    }  # fmt: skip
    assert all(each.policy.source.startswith("Kế hoạch Long Thành 08/2023") for each in shipped())


def test_the_page_of_policies_is_what_the_policies_say() -> None:
    generated = runpy.run_path(str(DOCS / "policies.py"))["page"]()
    assert (DOCS / "policies.md").read_text(encoding="utf-8") == generated, "run: python docs/policies.py"


def test_plain_words_tell_the_edges() -> None:
    words = {each.policy.policy_id: " ".join(plain_words(each.policy)) for each in shipped()}
    assert "đúng 30.000\u00a0₫ thì chưa được" in words["spread-fund"]
    assert "nhiều nhất 1 lần mỗi ngày và 5 lần mỗi tháng" in words["qr-experience-point"]
    assert "vào thứ Ba" in words["tuesday-first-50"]


def test_a_policy_comes_back_from_a_summary_as_it_went_in() -> None:
    for each in shipped():
        text = json.dumps(asdict(each.policy), default=str)
        assert policy_of_definition(json.loads(text)) == each.policy

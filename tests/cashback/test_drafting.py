"""The policy form and what it writes: the same policy there and back, faults at their fields, differences in words."""

from dataclasses import replace
from datetime import date

import pytest
import yaml
from hypothesis import given, settings
from werkzeug.datastructures import MultiDict

from app.cashback.drafting.differences import differences
from app.cashback.drafting.document import policy_document, with_seed_hash
from app.cashback.drafting.fields import fields_of, unsealed
from app.cashback.drafting.forms import form_of, is_kept_by_form, read_form, with_part_added
from app.cashback.drafting.open_points import open_points
from app.cashback.drafting.rules import last_day_before, standing
from app.cashback.policy_file import PolicyRefusedError, parse_policy
from app.cashback.queries import shipped
from app.cashback.rules import ASSUMABLE, Cap, Per, Policy
from tests.cashback.reports import ANY_PERIOD, as_yaml, policies

SHIPPED = {each.policy.policy_id: each.policy for each in shipped()}
QR = SHIPPED["qr-experience-point"]


def sent(policy: Policy, **changed: str) -> MultiDict[str, str]:
    values = MultiDict(fields_of(policy))
    for name, text in changed.items():
        values[name.replace("__", "-")] = text
    return values


@pytest.mark.parametrize("policy", SHIPPED.values(), ids=SHIPPED)
def test_a_shipped_policy_comes_back_from_form_and_yaml(policy: Policy) -> None:
    assert parse_policy(policy_document(policy).encode(), "x") == policy
    assert is_kept_by_form(policy)


@settings(max_examples=60)
@given(policies(ANY_PERIOD))
def test_any_policy_comes_back_from_its_document(document: dict[str, object]) -> None:
    policy = parse_policy(as_yaml(document), "x")
    assert parse_policy(policy_document(policy).encode(), "x") == policy


@pytest.mark.parametrize(
    "title", ['Nói "thế này"', "a: b # c", "null", "2023-08-01", "\\n", "- x", "Tặng 50 %\nngay", "{}", "ẵ" * 90]
)
def test_no_title_turns_into_something_else(title: str) -> None:
    read = read_form(sent(QR, title=title), 1)
    assert read.policy is not None
    assert parse_policy(policy_document(read.policy).encode(), "x").title == " ".join(title.split())


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("w-amount", "20.5", "đọc được hai cách"),
        ("w-amount", "", "Hãy ghi số tiền tối thiểu"),
        ("first_day", "31/02/2026", ""),
        ("last_day", "01/01/2020", "đứng trước"),
        ("r1-vnd", "", "Hãy ghi số tiền thưởng"),
        ("r1-vnd", "-5", "số âm"),
        ("r1-vnd", "0", "lớn hơn 0"),
        ("r1-cap-day", "không", "số nguyên"),
        ("r2-cap-month", "0", "số nguyên"),
        ("budget", "mười triệu", ""),
        ("policy", "Hoàn tiền", "không dấu"),
        ("title", " \u202e ", "đặt tên"),
        ("title", "x" * 300, "ngắn lại"),
    ],
)
def test_each_fault_stands_at_its_field_and_nothing_typed_is_lost(name: str, text: str, says: str) -> None:
    values = sent(QR)
    values[name] = text
    read = read_form(values, 1)
    assert read.policy is None
    assert [fault.field for fault in read.faults] == [name]
    assert says in read.error(name)
    assert read.get(name) == text
    assert read.get("source") == QR.source


def test_percent_and_draw_faults_stand_at_their_fields() -> None:
    for text in ("0", "101", "12.34567", "mười", ""):
        assert read_form(sent(SHIPPED["data-15"], r1__percent=text), 1).error("r1-percent")
    assert read_form(sent(SHIPPED["data-15"], r1__percent="12,5 %"), 1).policy
    draw = sent(unsealed(SHIPPED["qr-voucher"]), r1__seed="abc")
    draw["r1-p1-winners"] = "0"
    assert {fault.field for fault in read_form(draw, 1).faults} == {"r1-seed", "r1-p1-winners"}


def test_parts_come_and_go_and_keep_what_was_typed() -> None:
    values = with_part_added(sent(QR), "add-reward")
    assert values is not None
    assert list(read_form(values, 1).rewards) == [1, 2, 3]
    values["r3-vnd"] = "7.000"
    fewer = with_part_added(values, "drop-reward-1")
    assert fewer is not None
    assert (fewer["rewards"], fewer["r1-to"], fewer["r2-vnd"]) == ("2", "merchant", "7.000")
    assert "r3-vnd" not in fewer
    assert with_part_added(values, "keep") is None
    for nonsense in ("drop-reward-99", "drop-reward-x", "add-prize-", "drop-group-0", "add-x"):
        with_part_added(values, nonsense)
    cases = with_part_added(sent(SHIPPED["spread-fund"]), "drop-group-2")
    assert cases is not None
    assert read_form(cases, 1).error("g1-kind"), "one case alone is no choice"


def test_a_form_that_would_lose_something_is_known() -> None:
    other_order = replace(QR.rewards[0], caps=(Cap(5, Per.MONTH), Cap(1, Per.DAY)))
    assert not is_kept_by_form(replace(QR, rewards=(other_order, QR.rewards[1])))


def test_nonsense_in_the_form_is_no_crash() -> None:
    values = MultiDict({"rewards": "²", "groups": "9999", "r1-way": "x", "r1-percent": "\ud800", "zones": "../x"})
    assert form_of(QR).policy == QR
    assert read_form(values, 1).policy is None


def test_differences_are_told_in_words() -> None:
    after = replace(QR, budget_vnd=50_000_000, last_day=date(2023, 11, 30), rewards=QR.rewards[:1])
    told = {each.part: (each.before, each.after) for each in differences(QR, after)}
    assert set(told) == {"Thời gian", "Phần thưởng 2", "Ngân sách", "Khi ngân sách gần hết"}
    assert told["Phần thưởng 2"][1] == ""
    assert "30/11/2023" in told["Thời gian"][1]
    assert differences(QR, replace(QR, version=2)) == []


def test_every_silence_of_the_plan_is_a_stated_parameter() -> None:
    for policy in SHIPPED.values():
        about = {point.about for point in open_points(policy)}
        assert {"dates", "budget_vnd", "on_exhaust", "on_reversal"} <= about
        percent = any(reward.pay and not reward.pay.is_fixed for reward in policy.rewards)
        assert percent == ({"rounding", "most_vnd"} <= about)
        assert policy.has_draw == ({"tickets", "prizes", "seed"} <= about)
        assert all(point.decided and point.why and point.question for point in open_points(policy))
    assert {"first", "face_value"} <= {point.about for point in open_points(SHIPPED["tuesday-first-50"])}
    assert {each.about for policy in SHIPPED.values() for each in policy.assumed} == set(ASSUMABLE)


def test_zones_need_the_condition_of_listed_points() -> None:
    document = policy_document(replace(QR, zones=("cho-a", "duong-b")))
    assert parse_policy(document.encode(), "x").zones == ("cho-a", "duong-b")
    with pytest.raises(PolicyRefusedError, match="points: listed"):
        parse_policy(document.replace("  points: listed\n", "").encode(), "x")
    with pytest.raises(PolicyRefusedError, match="không phải mã khu"):
        parse_policy(document.replace("cho-a", "../a").encode(), "x")


def test_the_hash_of_a_sealed_seed_is_put_where_a_draw_has_none() -> None:
    document = policy_document(unsealed(SHIPPED["gold-daily"]))
    filled = with_seed_hash(document, "ab" * 32)
    assert filled.replace(f'"{"ab" * 32}"', "null") == document
    found = parse_policy(filled.encode(), "x").rewards[0].draw
    assert found is not None
    assert found.seed_sha256 == "ab" * 32
    assert with_seed_hash(filled, "cd" * 32) == filled
    assert yaml.safe_load(with_seed_hash("rewards:\n- draw:\n    seed_sha256:\n", "ef"))["rewards"][0]["draw"] == {
        "seed_sha256": "ef"
    }


def test_a_version_ends_on_the_eve_of_the_next() -> None:
    august, december, october = date(2023, 8, 1), date(2023, 12, 31), date(2023, 10, 15)
    assert last_day_before((august, december), october) == date(2023, 10, 14)
    assert last_day_before((august, date(2023, 9, 30)), october) == date(2023, 9, 30)
    assert last_day_before((august, december), august) is None
    assert last_day_before((august, december), None) is None
    days = (august, december)
    words = [standing("active", days, end, day).words for end, day in (
        (None, date(2023, 7, 1)), (None, october), (date(2023, 10, 14), october), (None, date(2024, 1, 1)),
        (date(2023, 10, 15), october),
    )]  # fmt: skip
    assert words == [
        "Áp dụng từ 01/08/2023", "Đang áp dụng", "Đã thay", "Đã hết hạn", "Đang áp dụng, đến hết 15/10/2023",
    ]  # fmt: skip

"""A chain of seeds: one published hash, every period its own seed, none known before its time."""

import hashlib
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cashback.draws import Closed, SeedRefusedError, check_seed, draw_outcomes
from app.cashback.fold import Line
from app.cashback.policy_file import PolicyRefusedError, parse_policy
from app.cashback.queries import shipped
from app.cashback.rules import Policy, Reason, day_number
from app.cashback.seeds import chain_periods, hashed, known_seeds
from app.factory.cli import run
from tests.cashback.reports import COLUMNS

GOLD = next(each for each in shipped() if each.policy.policy_id == "gold-daily")
FIRST = date(2024, 2, 27)
DAYS = 6
ROOT = "gốc"


def sealed(per: str = "day", days: int = DAYS, seed_per: str = "period", sha256: str = "") -> Policy:
    """The gold of every day over some days, with a chain from ROOT or another hash."""
    last = FIRST + timedelta(days=days - 1)
    shipped_draw = GOLD.policy.rewards[0].draw
    assert shipped_draw is not None
    draw = replace(shipped_draw, per=per, seed_per=seed_per, seed_sha256=sha256)
    policy = replace(GOLD.policy, first_day=FIRST, last_day=last, rewards=(replace(GOLD.policy.rewards[0], draw=draw),))
    if sha256:
        return policy
    draw = replace(draw, seed_sha256=hashed(ROOT, len(chain_periods(policy))))
    return replace(policy, rewards=(replace(policy.rewards[0], draw=draw),))


def line(pos: int, day: int, customer: str) -> Line:
    at = FIRST + timedelta(days=day)
    return Line(pos, customer, "M1", day_number(at), at.year * 12 + at.month - 1, 20_000, f"T{pos}", is_ghost=False)


def test_each_seed_is_the_hash_of_the_next_and_the_first_hashes_to_what_is_published() -> None:
    policy = sealed()
    names = chain_periods(policy)
    assert names == ["2024-02-27", "2024-02-28", "2024-02-29", "2024-03-01", "2024-03-02", "2024-03-03"]
    seeds = known_seeds(policy, ROOT)
    assert seeds is not None
    chain = [seeds.of(name) or "" for name in names]
    assert chain[-1] == ROOT
    for one, after in pairwise(chain):
        assert hashlib.sha256(after.encode()).hexdigest() == one
    assert policy.rewards[0].draw is not None
    assert hashlib.sha256(chain[0].encode()).hexdigest() == policy.rewards[0].draw.seed_sha256
    third = known_seeds(policy, chain[2])
    assert third is not None
    assert [third.of(name) for name in names] == [*chain[:3], None, None, None]
    assert known_seeds(policy, "khác") is None
    assert known_seeds(policy, policy.rewards[0].draw.seed_sha256) is None
    with pytest.raises(SeedRefusedError, match="không khớp mã"):
        check_seed(policy, "khác")


def test_months_have_one_seed_each_even_where_the_programme_begins_and_ends_within_them() -> None:
    assert chain_periods(sealed("month", 40)) == ["2024-02", "2024-03", "2024-04"]


@given(
    st.lists(st.tuples(st.integers(0, DAYS - 1), st.integers(0, 4)), max_size=40),
    st.integers(0, DAYS),
    st.sampled_from(["day", "month"]),
)
def test_a_period_is_drawn_as_with_its_seed_alone_and_later_ones_wait(
    payments: list[tuple[int, int]], told: int, per: str
) -> None:
    policy = sealed(per)
    names = chain_periods(policy)
    told = min(told, len(names))
    seed = hashed(ROOT, len(names) - told) if told else None
    lines = [line(pos, day, f"c{who}") for pos, (day, who) in enumerate(sorted(payments))]
    found = draw_outcomes(policy, lines, seed)
    length = len(names[0])
    for at, name in enumerate(names):
        mine = [one for one in lines if str(FIRST + timedelta(days=payments_day(one)))[:length] == name]
        if at >= told:
            assert all(found[1, one.pos].reason is Reason.DRAW_PENDING for one in mine)
            continue
        own = hashed(ROOT, len(names) - 1 - at)
        alone = sealed(per, seed_per="policy", sha256=hashlib.sha256(own.encode()).hexdigest())
        assert {key: found[key] for key in draw_outcomes(alone, mine, own)} == draw_outcomes(alone, mine, own)


def test_a_council_makes_its_own_seeds_and_never_over_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = GOLD.document.replace("per: day\n", "per: day\n      seed_per: period\n")
    (tmp_path / "p.yaml").write_text(document, encoding="utf-8")
    asked = ["cashback", "make-seeds", "--policy", str(tmp_path / "p.yaml"), "--out", str(tmp_path / "s.csv")]
    assert run(asked) == 0
    published = capsys.readouterr().out.strip()
    rows = [row.split(",") for row in (tmp_path / "s.csv").read_text(encoding="utf-8-sig").splitlines()]
    assert (rows[0], rows[1][0], rows[-1][0], len(rows)) == (["period", "seed"], "2023-08-01", "2023-12-31", 154)
    assert hashlib.sha256(rows[1][1].encode()).hexdigest() == published
    assert hashlib.sha256(rows[-1][1].encode()).hexdigest() == rows[-2][1]
    assert (tmp_path / "s.csv").stat().st_mode & 0o077 == 0, "nobody else reads them"
    before = (tmp_path / "s.csv").read_bytes()
    assert run(asked) == 1
    assert "đã có" in capsys.readouterr().err
    assert (tmp_path / "s.csv").read_bytes() == before


def payments_day(one: Line) -> int:
    return one.day - day_number(FIRST)


def test_a_closed_list_speaks_for_its_periods_and_no_later_one() -> None:
    closed = Closed(frozenset({(1, "2024-02-27", "T1")}), "2024-02-28", "2024-03-01")
    asked = [
        ("2024-02-27", "T1"),
        ("2024-02-27", "T2"),
        ("2024-02-28", "T1"),
        ("2024-02-29", "T9"),
        ("2024-03-02", "T1"),
    ]
    assert [closed.has(1, *one) for one in asked] == [True, False, False, True, False]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"until: 2023-12-31": "until: null"}, "ngày bắt đầu và ngày kết thúc"),
        ({"per: day": "per: policy"}, "mỗi ngày hoặc mỗi tháng"),
        ({"until: 2023-12-31": "until: 2043-12-31"}, "quá mười năm"),
        ({"seed_per: period": "seed_per: ngày"}, "policy, period"),
    ],
)
def test_a_chain_that_cannot_be_is_refused_with_what_to_do(change: dict[str, str], said: str) -> None:
    document = GOLD.document.replace("per: day\n", "per: day\n      seed_per: period\n")
    assert parse_policy(document.encode(), "x.yaml").rewards[0].draw.seed_per == "period"  # type: ignore[union-attr]
    for old, new in change.items():
        assert old in document
        document = document.replace(old, new)
    with pytest.raises(PolicyRefusedError, match=said):
        parse_policy(document.encode(), "x.yaml")


def test_the_command_draws_the_days_whose_seed_is_told_and_anybody_checks_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    published = hashed(ROOT, 153)
    old = GOLD.document.split("seed_sha256: ")[1][:64]
    document = GOLD.document.replace(old, published).replace("per: day\n", "per: day\n      seed_per: period\n")
    (tmp_path / "p.yaml").write_text(document, encoding="utf-8")
    rows = [
        f"T{day}{at},2023-08-{day:02d}T09:00:00,topup_prepaid,20000,c{at},,bank,app,c{at},success,"
        for day in (1, 2, 3)
        for at in range(5)
    ]
    (tmp_path / "r.csv").write_text("\n".join([",".join(COLUMNS), *rows]) + "\n", encoding="utf-8")
    given_files = ["--policy", str(tmp_path / "p.yaml"), "--report", str(tmp_path / "r.csv")]
    out = str(tmp_path / "out")
    second_day = hashed(ROOT, 151)
    assert run(["cashback", "draw", *given_files, "--out", out, "--seed", second_day]) == 0
    told = capsys.readouterr().out.splitlines()
    assert [one.split(":")[0] for one in told] == ["gold-daily 2023-08-01", "gold-daily 2023-08-02"]
    assert run(["cashback", "verify-draw", "--out", out]) == 0
    assert capsys.readouterr().out.splitlines() == told
    assert run(["cashback", "explain", "--out", out, "--reference", "T31"]) == 0
    assert "đang chờ quay thưởng" in capsys.readouterr().out
    assert run(["cashback", "draw", *given_files, "--out", out, "--seed", published]) == 1
    assert "của một kỳ nào trong chương trình" in capsys.readouterr().err

"""What changes between two versions of a policy, in words: old beside new. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.cashback.drafting.open_points import QUESTIONS
from app.cashback.plain import budget_words, condition_words, dates_words, exhaust_words, reversal_words, reward_words
from app.cashback.rules import Policy


@dataclass(frozen=True, slots=True)
class Difference:
    """One part that reads otherwise; an empty side: it was not there, or is no more."""

    part: str
    before: str
    after: str


def differences(before: Policy, after: Policy, zone_names: Mapping[str, str] | None = None) -> list[Difference]:
    """Every part that reads otherwise, in the order of the policy."""
    old, new = dict(_parts(before, zone_names or {})), dict(_parts(after, zone_names or {}))
    names = [*old, *(name for name in new if name not in old)]
    order = {name: at for at, name in enumerate(new)}
    names.sort(key=lambda name: order.get(name, len(order)))
    return [
        Difference(name, old.get(name, ""), new.get(name, ""))
        for name in names
        if old.get(name, "") != new.get(name, "")
    ]


def _parts(policy: Policy, zone_names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    yield "Tên", policy.title
    yield "Căn cứ", policy.source
    yield "Thời gian", dates_words(policy)
    yield "Giao dịch được xét", " ".join(condition_words(policy, zone_names))
    for number, reward in enumerate(policy.rewards, 1):
        yield f"Phần thưởng {number}", reward_words(reward)
        if reward.draw is not None and reward.draw.seed_sha256:
            yield f"Mã hạt giống {number}", reward.draw.seed_sha256
    yield "Ngân sách", budget_words(policy)
    if policy.budget_vnd is not None:
        yield "Khi ngân sách gần hết", exhaust_words(policy)
    yield "Giao dịch bị lấy lại", reversal_words(policy)
    for each in policy.assumed:
        yield f"Vì sao: {QUESTIONS[each.about]}", each.why

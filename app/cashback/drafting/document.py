"""A policy as the YAML file that says it: what the form writes, and what a person may take along."""

from collections.abc import Iterator

import yaml

from app.cashback.rules import Conditions, Draw, Pay, Policy, Reward

_NULL = "tag:yaml.org,2002:null"
_MARKS = {'"': '\\"', "\\": "\\\\"}


def policy_document(policy: Policy) -> str:
    """The YAML text of a policy; reading it gives the same policy.

    >>> print(policy_document(Policy("x", 1, "Thử: một", "", None, None, Conditions(), (), ())))
    policy: "x"
    version: 1
    title: "Thử: một"
    source: ""
    from: null
    until: null
    rewards:
    budget_vnd: null
    on_exhaust: stop
    on_reversal: replay
    """
    return "\n".join(_lines(policy))


def with_seed_hash(document: str, sha256: str) -> str:
    r"""The same text with this hash wherever a draw has none yet; every other letter stays.

    >>> with_seed_hash("rewards:\n  - draw: {per: day, seed_sha256: null} # mẫu\n", "ab")
    'rewards:\n  - draw: {per: day, seed_sha256: "ab"} # mẫu\n'
    """
    root = yaml.compose(document, Loader=yaml.SafeLoader)
    spans = sorted(((node.start_mark.index, node.end_mark.index) for node in _empty_hashes(root)), reverse=True)
    for start, end in spans:
        gap = " " if document[start - 1 : start] == ":" else ""
        document = f'{document[:start]}{gap}"{sha256}"{document[end:]}'
    return document


def _empty_hashes(node: yaml.Node | None) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _empty_hashes(item)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == "seed_sha256" and value.tag == _NULL:
                yield value
            yield from _empty_hashes(value)


def _lines(policy: Policy) -> Iterator[str]:
    yield f"policy: {_quoted(policy.policy_id)}"
    yield f"version: {policy.version}"
    yield f"title: {_quoted(policy.title)}"
    yield f"source: {_quoted(policy.source)}"
    yield f"from: {policy.first_day or 'null'}"
    yield f"until: {policy.last_day or 'null'}"
    when = list(_conditions(policy.when))
    if when or policy.any_of:
        yield "when:"
        yield from (f"  {line}" for line in when)
    if policy.any_of:
        yield "  any_of:"
        for group in policy.any_of:
            yield from _item("    ", list(_conditions(group)))
    if policy.zones:
        yield f"zones: {_list(policy.zones)}"
    yield "rewards:"
    for reward in policy.rewards:
        yield from _item("  ", list(_reward(reward)))
    yield f"budget_vnd: {_number(policy.budget_vnd)}"
    yield f"on_exhaust: {policy.on_exhaust}"
    yield f"on_reversal: {policy.on_reversal}"
    if policy.assumed:
        yield "assumed:"
        yield from (f"  {each.about}: {_quoted(each.why)}" for each in policy.assumed)


def _conditions(group: Conditions) -> Iterator[str]:
    for name, words in (
        ("kind", group.kinds),
        ("source", group.sources),
        ("channel", group.channels),
        ("weekday", group.weekdays),
    ):
        if words:
            yield f"{name}: {_list(words)}"
    if group.own_number:
        yield "own_number: true"
    if group.at_least_vnd is not None:
        yield f"at_least_vnd: {group.at_least_vnd}"
    if group.more_than_vnd is not None:
        yield f"more_than_vnd: {group.more_than_vnd}"
    if group.points_listed:
        yield "points: listed"
    if group.subscribers_listed:
        yield "new_subscribers: listed"


def _reward(reward: Reward) -> Iterator[str]:
    yield f"to: {reward.to}"
    if reward.draw is not None:
        yield from _draw(reward.draw)
    if reward.pay is not None:
        yield from _pay(reward.pay)
    caps = ", ".join(f"{{count: {cap.count}, per: {cap.per}}}" for cap in reward.caps)
    yield f"caps: [{caps}]"


def _pay(pay: Pay) -> Iterator[str]:
    if pay.is_fixed:
        yield f"pay_vnd: {pay.vnd}"
        return
    yield f"pay_percent: {percent_of(pay)}"
    yield f"rounding: {pay.rounding}"
    yield f"most_vnd: {_number(pay.most_vnd)}"


def percent_of(pay: Pay) -> str:
    """The share as per cent in plain decimals; exact, for a share is read from at most four decimals.

    >>> percent_of(Pay(share=1, of=8)), percent_of(Pay(share=1, of=10))
    ('12.5', '10')
    """
    ten_thousandths = pay.share * 1_000_000 // pay.of
    return f"{ten_thousandths // 10_000}.{ten_thousandths % 10_000:04d}".rstrip("0").rstrip(".")


def _draw(draw: Draw) -> Iterator[str]:
    yield "draw:"
    yield f"  per: {draw.per}"
    yield f"  ticket_per: {draw.ticket_per}"
    yield "  prizes:"
    for prize in draw.prizes:
        yield f"    - {{name: {_quoted(prize.name)}, worth_vnd: {prize.worth_vnd}, winners: {prize.winners}}}"
    if draw.seed_per == "period":
        yield "  seed_per: period"
    yield f"  seed_sha256: {_quoted(draw.seed_sha256) if draw.seed_sha256 else 'null'}"


def _item(indent: str, lines: list[str]) -> Iterator[str]:
    if not lines:
        yield f"{indent}- {{}}"
    for at, line in enumerate(lines):
        yield f"{indent}{'- ' if at == 0 else '  '}{line}"


def _list(words: tuple[str, ...]) -> str:
    return f"[{', '.join(words)}]"


def _number(value: int | None) -> str:
    return "null" if value is None else str(value)


def _quoted(text: str) -> str:
    """Double quotes always: nobody's title turns into a number, a date or a key."""
    return '"' + "".join(_MARKS.get(letter, letter) for letter in " ".join(text.split())) + '"'

"""A policy's YAML file, read strictly: an unknown key or a wrong value is refused with file, line and key."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import yaml

from app.cashback.rules import (
    ASSUMABLE,
    PAYEES,
    ROUNDINGS,
    WEEKDAYS,
    Assumption,
    Cap,
    Conditions,
    Draw,
    Pay,
    Per,
    Policy,
    Prize,
    Reward,
)
from app.cashback.seeds import chain_fault
from app.errors import RefusedError
from app.transactions.rules import CHANNELS, KINDS, SOURCES

T = TypeVar("T")
_BYTES_MAX = 200_000
_VND = re.compile(r"[0-9]{1,15}")
_PERCENT = re.compile(r"[0-9]{1,3}(\.[0-9]{1,4})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_NULL = "tag:yaml.org,2002:null"
_COUNT_MAX = 1_000_000
_SHOWN_MAX = 60

_CONDITIONS = (
    "kind", "source", "channel", "own_number", "weekday", "at_least_vnd", "more_than_vnd", "points", "new_subscribers",
)  # fmt: skip


class PolicyRefusedError(RefusedError):
    """A policy file with a fault; the message names file, line and key."""

    code = "chinh-sach-sai"


@dataclass(frozen=True, slots=True)
class _Entry:
    """One place in the file: the path of keys to it, and what stands there."""

    file: str
    key: str
    node: yaml.Node

    def refuse(self, message: str) -> PolicyRefusedError:
        """The fault at this place."""
        line = self.node.start_mark.line + 1
        key = f", khoá “{self.key}”" if self.key else ""
        return PolicyRefusedError(f"{self.file}, dòng {line}{key}: {message}")

    @property
    def is_null(self) -> bool:
        return self.node.tag == _NULL

    @property
    def text(self) -> str:
        """A single value as written."""
        if not isinstance(self.node, yaml.ScalarNode):
            raise self.refuse("cần một giá trị đơn.")
        found = str(self.node.value)
        if any(letter < " " and letter not in "\t\n\r" for letter in found):  # no database, no paper takes them
            raise self.refuse("có ký tự không in được.")
        return found

    def mapping(self, allowed: Iterable[str], required: Iterable[str] = ()) -> dict[str, "_Entry"]:
        """The keys below, each known and there once; null counts as not given unless the caller asks."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.refuse("cần một nhóm khoá: giá trị.")
        found: dict[str, _Entry] = {}
        for key_node, value in self.node.value:
            name = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
            entry = _Entry(self.file, f"{self.key}.{name}".lstrip("."), value)
            at_key = _Entry(self.file, entry.key, key_node)
            if name not in allowed:
                raise at_key.refuse(f"không có khoá này; các khoá dùng được: {', '.join(allowed)}.")
            if name in found:
                raise at_key.refuse("khoá viết hai lần.")
            found[name] = entry
        for name in required:
            if name not in found:
                raise self.refuse(f"thiếu khoá {name}.")
        return found

    def items(self) -> list["_Entry"]:
        """The entries of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.refuse("cần một danh sách, ví dụ [a, b].")
        return [_Entry(self.file, f"{self.key}[{at}]", node) for at, node in enumerate(self.node.value, 1)]

    def one_of(self, words: Iterable[str]) -> str:
        """One of these words."""
        if self.text not in words:
            raise self.refuse(f"“{self.text[:_SHOWN_MAX]}” không dùng được; chọn một trong: {', '.join(words)}.")
        return self.text

    def words(self, words: Iterable[str]) -> tuple[str, ...]:
        """A list of these words, at least one; a single word stands for a list of one."""
        entries = [self] if isinstance(self.node, yaml.ScalarNode) else self.items()
        if not entries:
            raise self.refuse("danh sách trống; bỏ khoá này nếu không cần điều kiện.")
        return tuple(dict.fromkeys(entry.one_of(words) for entry in entries))

    def number(self, least: int, most: int = 10**15 - 1) -> int:
        """A whole number in plain digits."""
        if not _VND.fullmatch(self.text) or not least <= int(self.text) <= most:
            raise self.refuse(f"“{self.text[:_SHOWN_MAX]}” phải là số nguyên từ {least} đến {most}, chỉ gồm chữ số.")
        return int(self.text)

    def day(self) -> date | None:
        """A local day, or None for an open end."""
        if self.is_null:
            return None
        try:
            return date.fromisoformat(self.text if _DATE.fullmatch(self.text) else "")
        except ValueError:
            raise self.refuse(f"“{self.text[:_SHOWN_MAX]}” không phải ngày; viết như 2023-08-01.") from None

    def flag(self) -> bool:
        """True or false."""
        return self.one_of(("true", "false")) == "true"


def read_policy(path: Path) -> Policy:
    """The policy in a YAML file. Raises PolicyRefusedError with file, line and key."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise PolicyRefusedError(f"Không thấy tệp chính sách {path}.", remedy="Hãy kiểm tra đường dẫn.") from None
    return parse_policy(data, path.name)


def parse_policy(data: bytes, name: str) -> Policy:
    """The policy in the bytes of a YAML file called `name`. Raises PolicyRefusedError."""
    if len(data) > _BYTES_MAX:
        raise PolicyRefusedError(f"{name}: lớn quá, không phải tệp chính sách.")
    try:
        node = yaml.compose(data.decode("utf-8-sig"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError:
        raise PolicyRefusedError(f"{name}: không phải tệp văn bản UTF-8.") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PolicyRefusedError(
            f"{name}, dòng {line}: YAML viết sai.",
            remedy="Hãy xem lại dấu hai chấm, dấu ngoặc, dấu nháy và chỗ thụt đầu dòng, ở dòng ấy và dòng ngay trên.",
        ) from None
    except (yaml.YAMLError, RecursionError):
        raise PolicyRefusedError(f"{name}: không phải YAML.") from None
    if node is None:
        raise PolicyRefusedError(f"{name}: tệp trống.")
    return _policy(_Entry(name, "", node))


_KEYS = (
    "policy", "version", "title", "source", "from", "until", "when", "rewards", "budget_vnd", "on_exhaust",
    "on_reversal", "zones", "assumed",
)  # fmt: skip


def _policy(entry: _Entry) -> Policy:
    keys = entry.mapping(_KEYS, ("policy", "version", "rewards"))
    first_day = keys["from"].day() if "from" in keys else None
    last_day = keys["until"].day() if "until" in keys else None
    if first_day and last_day and last_day < first_day:
        raise keys["until"].refuse("ngày kết thúc đứng trước ngày bắt đầu.")
    when, any_of = _when(keys.get("when"))
    rewards = tuple(_reward(item) for item in keys["rewards"].items())
    if not rewards:
        raise keys["rewards"].refuse("cần ít nhất một phần thưởng.")
    policy = Policy(
        policy_id=_filled(keys["policy"]),
        version=keys["version"].number(1, _COUNT_MAX),
        title=_text(keys, "title"),
        source=_text(keys, "source"),
        first_day=first_day,
        last_day=last_day,
        when=when,
        any_of=any_of,
        rewards=rewards,
        budget_vnd=_optional(keys, "budget_vnd", lambda found: found.number(0)),
        on_exhaust=_choice(keys, "on_exhaust", ("stop", "skip")),
        on_reversal=_choice(keys, "on_reversal", ("replay", "keep_cap")),
        zones=_zones(keys, when, any_of),
        assumed=_optional(keys, "assumed", _assumed) or (),
    )
    if fault := chain_fault(policy):
        raise keys["rewards"].refuse(f"{fault}; bỏ seed_per: period nếu không cần.")
    return policy


def _zones(keys: Mapping[str, _Entry], when: Conditions, any_of: tuple[Conditions, ...]) -> tuple[str, ...]:
    found = _optional(keys, "zones", _Entry.items) or []
    if found and not any(group.points_listed for group in (when, *any_of)):
        raise keys["zones"].refuse("chỉ dùng cùng điều kiện points: listed.")
    for entry in found:
        if not _SLUG.fullmatch(entry.text):
            raise entry.refuse(f"“{entry.text[:_SHOWN_MAX]}” không phải mã khu, ví dụ cho-cam-tan.")
    return tuple(dict.fromkeys(entry.text for entry in found))


def _assumed(entry: _Entry) -> tuple[Assumption, ...]:
    return tuple(Assumption(about, _filled(why)) for about, why in entry.mapping(ASSUMABLE).items())


def _filled(entry: _Entry) -> str:
    if not entry.text.strip() or entry.is_null:
        raise entry.refuse("không được để trống.")
    return entry.text


def _text(keys: Mapping[str, _Entry], name: str) -> str:
    return _optional(keys, name, lambda found: found.text) or ""


def _choice(keys: Mapping[str, _Entry], name: str, words: tuple[str, ...]) -> str:
    """One of the words; the first is the default."""
    return _optional(keys, name, lambda found: found.one_of(words)) or words[0]


def _optional(keys: Mapping[str, _Entry], name: str, read: Callable[[_Entry], T]) -> T | None:
    return None if name not in keys or keys[name].is_null else read(keys[name])


def _when(entry: _Entry | None) -> tuple[Conditions, tuple[Conditions, ...]]:
    if entry is None or entry.is_null:
        return Conditions(), ()
    keys = entry.mapping((*_CONDITIONS, "any_of"))
    groups = [] if "any_of" not in keys or keys["any_of"].is_null else keys["any_of"].items()
    any_of = tuple(_conditions(group.mapping(_CONDITIONS)) for group in groups)
    keys.pop("any_of", None)
    return _conditions(keys), any_of


def _conditions(keys: Mapping[str, _Entry]) -> Conditions:
    def words(name: str, known: Iterable[str]) -> tuple[str, ...]:
        return _optional(keys, name, lambda found: found.words(tuple(known))) or ()

    return Conditions(
        kinds=words("kind", KINDS),
        sources=words("source", SOURCES),
        channels=words("channel", CHANNELS),
        own_number=bool(_optional(keys, "own_number", _Entry.flag)),
        weekdays=words("weekday", WEEKDAYS),
        at_least_vnd=_optional(keys, "at_least_vnd", lambda found: found.number(0)),
        more_than_vnd=_optional(keys, "more_than_vnd", lambda found: found.number(0)),
        points_listed=_optional(keys, "points", lambda found: found.one_of(("listed", "any"))) == "listed",
        subscribers_listed=_optional(keys, "new_subscribers", lambda found: found.one_of(("listed", "any")))
        == "listed",
    )


def _reward(entry: _Entry) -> Reward:
    keys = entry.mapping(("to", "pay_vnd", "pay_percent", "rounding", "most_vnd", "draw", "caps"), ("to",))
    ways = [name for name in ("pay_vnd", "pay_percent", "draw") if name in keys and not keys[name].is_null]
    if len(ways) != 1:
        raise entry.refuse("cần đúng một trong pay_vnd, pay_percent, draw.")
    for name in ("rounding", "most_vnd"):
        if name in keys and ways != ["pay_percent"]:
            raise keys[name].refuse("chỉ dùng cùng pay_percent.")
    caps = _optional(keys, "caps", lambda found: tuple(_cap(item) for item in found.items())) or ()
    to = keys["to"].one_of(PAYEES)
    if ways == ["draw"]:
        return Reward(to, None, _draw(keys["draw"]), caps)
    return Reward(to, _pay(keys, ways[0]), None, caps)


def _pay(keys: Mapping[str, _Entry], way: str) -> Pay:
    if way == "pay_vnd":
        return Pay(vnd=keys["pay_vnd"].number(1))
    entry = keys["pay_percent"]
    if not _PERCENT.fullmatch(entry.text) or not 0 < Decimal(entry.text) <= 100:  # noqa: PLR2004 - a per cent
        raise entry.refuse(f"“{entry.text[:_SHOWN_MAX]}” phải là số phần trăm trên 0 đến 100, ví dụ 10 hoặc 12.5.")
    share, of = (Decimal(entry.text) / 100).as_integer_ratio()
    return Pay(
        share=share,
        of=of,
        rounding=_choice(keys, "rounding", ROUNDINGS),
        most_vnd=_optional(keys, "most_vnd", lambda found: found.number(1)),
    )


def _cap(entry: _Entry) -> Cap:
    keys = entry.mapping(("count", "per"), ("count", "per"))
    return Cap(keys["count"].number(1, _COUNT_MAX), Per(keys["per"].one_of([per.value for per in Per])))


def _draw(entry: _Entry) -> Draw:
    names = ("per", "ticket_per", "prizes", "seed_sha256")
    keys = entry.mapping((*names, "seed_per"), names)
    prizes = tuple(_prize(item) for item in keys["prizes"].items())
    if not prizes:
        raise keys["prizes"].refuse("cần ít nhất một giải.")
    seed = "" if keys["seed_sha256"].is_null else keys["seed_sha256"].text.lower()
    if seed and not _SHA256.fullmatch(seed):
        raise keys["seed_sha256"].refuse(
            "cần mã SHA-256 của hạt giống, 64 chữ số thập lục phân; để null thì chương trình tự sinh khi duyệt."
        )
    per = keys["per"].one_of(("day", "month", "policy"))
    ticket_per = keys["ticket_per"].one_of(("transaction", "customer"))
    return Draw(per, ticket_per, prizes, seed, _choice(keys, "seed_per", ("policy", "period")))


def _prize(entry: _Entry) -> Prize:
    names = ("name", "worth_vnd", "winners")
    keys = entry.mapping(names, names)
    return Prize(_filled(keys["name"]), keys["worth_vnd"].number(0), keys["winners"].number(1, _COUNT_MAX))


def policy_of_definition(definition: Mapping[str, Any]) -> Policy:
    """The policy whose fields a run's summary recorded: the inverse of `dataclasses.asdict` written as JSON."""
    rewards = tuple(
        Reward(
            to=reward["to"],
            pay=Pay(**reward["pay"]) if reward["pay"] else None,
            draw=_draw_of(reward["draw"]) if reward["draw"] else None,
            caps=tuple(Cap(cap["count"], Per(cap["per"])) for cap in reward["caps"]),
        )
        for reward in definition["rewards"]
    )
    days = {
        name: date.fromisoformat(definition[name]) if definition[name] else None for name in ("first_day", "last_day")
    }
    groups = {"when": _group_of(definition["when"]), "any_of": tuple(map(_group_of, definition["any_of"]))}
    later = {
        "zones": tuple(definition.get("zones", ())),
        "assumed": tuple(Assumption(**each) for each in definition.get("assumed", ())),
    }  # what runs of before do not know
    return Policy(**{**definition, **days, **groups, **later, "rewards": rewards})


def _draw_of(draw: Mapping[str, Any]) -> Draw:
    return Draw(**{**draw, "prizes": tuple(Prize(**prize) for prize in draw["prizes"])})


def _group_of(group: Mapping[str, Any]) -> Conditions:
    fields: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in group.items()}
    return Conditions(**fields)

"""The policy form as sent: read field by field into a policy, every fault at its field, nothing typed lost."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from werkzeug.datastructures import MultiDict

from app.cashback.drafting.fields import (
    EVERY,
    GROUPS_MAX,
    PRIZES_MAX,
    REWARDS_MAX,
    fields_of,
    group_prefix,
    prize_prefix,
    reward_prefix,
)
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
from app.money import MoneyError, parse_vnd
from app.transactions.rules import CHANNELS, KINDS, SOURCES
from app.vn.dates import DateError, parse_date

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ID_MAX = 60
_TEXT_MAX = 200
_WHY_MAX = 400
_COUNT_MAX = 1_000_000
_PERCENT = re.compile(r"[0-9]{1,3}([.,][0-9]{1,4})?")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]+")

Values = MultiDict[str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field, and how to mend it."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class PolicyForm:
    """The form as it is shown: what stands in each field, what is wrong, and the policy where nothing is."""

    values: Values
    policy: Policy | None = None
    faults: tuple[Fault, ...] = ()

    def get(self, name: str, default: str = "") -> str:
        """What stands in a field."""
        return self.values.get(name, default)

    def has(self, name: str, word: str) -> bool:
        """Whether a box is ticked."""
        return word in self.values.getlist(name)

    def error(self, name: str) -> str:
        """What is wrong with a field."""
        return " ".join(fault.message for fault in self.faults if fault.field == name)

    @property
    def summary(self) -> list[tuple[str, str]]:
        """Every fault with the field it leads to."""
        return [(fault.field, fault.message) for fault in self.faults]

    @property
    def groups(self) -> range:
        """The numbers of the cases."""
        return range(1, counted(self.values, "groups", GROUPS_MAX) + 1)

    @property
    def rewards(self) -> range:
        """The numbers of the rewards."""
        return range(1, max(1, counted(self.values, "rewards", REWARDS_MAX)) + 1)

    def prizes(self, reward: int) -> range:
        """The numbers of a reward's prizes."""
        return range(1, max(1, counted(self.values, f"{reward_prefix(reward)}prizes", PRIZES_MAX)) + 1)


def counted(values: Values, name: str, most: int) -> int:
    """How many parts of a kind the form has; nonsense counts as none."""
    text = values.get(name, "")
    return min(int(text), most) if text.isascii() and text.isdigit() and len(text) < len("100") else 0


def form_of(policy: Policy) -> PolicyForm:
    """The form that shows a policy."""
    return PolicyForm(MultiDict(fields_of(policy)), policy)


def is_kept_by_form(policy: Policy) -> bool:
    """Whether the form says all that the policy says; YAML can say more (caps in another order, say)."""
    read = read_form(MultiDict(fields_of(policy)), policy.version).policy
    return read is not None and _in_order(read) == _in_order(policy)


def _in_order(policy: Policy) -> Policy:
    """The same policy with its lists of words sorted: their order says nothing."""
    groups = tuple(
        replace(
            group,
            kinds=tuple(sorted(group.kinds)),
            sources=tuple(sorted(group.sources)),
            channels=tuple(sorted(group.channels)),
            weekdays=tuple(sorted(group.weekdays)),
        )
        for group in (policy.when, *policy.any_of)
    )
    assumed = tuple(sorted(policy.assumed, key=lambda each: each.about))
    return replace(policy, when=groups[0], any_of=groups[1:], zones=tuple(sorted(policy.zones)), assumed=assumed)


def read_form(values: Values, version: int) -> PolicyForm:
    """What was sent, and the policy it makes, as this version, where no field is at fault."""
    reader = _Reader(values)
    policy = reader.policy(version)
    faults = tuple(dict.fromkeys(reader.faults))
    return PolicyForm(values, None if faults else policy, faults)


class _Reader:
    """Reads fields and notes faults."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self.faults: list[Fault] = []
        self.shape = PolicyForm(values)

    def policy(self, version: int) -> Policy:
        """The whole form; what is at fault stands in it as nothing."""
        first_day, last_day = self.day("first_day"), self.day("last_day")
        if first_day and last_day and last_day < first_day:
            self.fault("last_day", "Ngày kết thúc đứng trước ngày bắt đầu; hãy xem lại hai ngày.")
        when = self.group(EVERY)
        any_of = tuple(self.case(number) for number in self.shape.groups)
        if len(any_of) == 1:
            self.fault(f"{group_prefix(1)}kind", "Một trường hợp thì chưa phải chọn; thêm trường hợp nữa hoặc bỏ đi.")
        listed = any(group.points_listed for group in (when, *any_of))
        policy = Policy(
            policy_id=self.policy_id(),
            version=version,
            title=self.text("title", "Hãy đặt tên để người duyệt và người dân đọc hiểu."),
            source=self.text("source"),
            first_day=first_day,
            last_day=last_day,
            when=when,
            any_of=any_of,
            rewards=tuple(self.reward(number) for number in self.shape.rewards),
            budget_vnd=self.money("budget"),
            on_exhaust=self.word("on_exhaust", ("stop", "skip")),
            on_reversal=self.word("on_reversal", ("replay", "keep_cap")),
            zones=tuple(dict.fromkeys(filter(_ID.fullmatch, self.values.getlist("zones")))) if listed else (),
            assumed=self.assumed(),
        )
        if wrong := chain_fault(policy):
            at = next(at for at, reward in enumerate(policy.rewards, 1) if reward.draw is not None)
            self.fault(f"{reward_prefix(at)}seeds", f"{wrong[0].upper()}{wrong[1:]}.")
        return policy

    def fault(self, name: str, message: str) -> None:
        """Notes what is wrong with a field."""
        self.faults.append(Fault(name, message))

    def written(self, name: str) -> str:
        """The text of a field, on one line."""
        return " ".join(_CONTROL.sub(" ", self.values.get(name, "")).split())

    def text(self, name: str, needed: str = "", most: int = _TEXT_MAX) -> str:
        """A text; `needed` is what to say where it is missing."""
        found = self.written(name)
        if needed and not found:
            self.fault(name, needed)
        if len(found) > most:
            self.fault(name, f"Dài quá {most} chữ; hãy viết ngắn lại.")
        return found

    def policy_id(self) -> str:
        """The policy's name in files and addresses."""
        found = self.written("policy")
        if not _ID.fullmatch(found) or len(found) > _ID_MAX:
            self.fault("policy", "Mã chỉ gồm chữ thường không dấu, số và gạch nối, ví dụ hoan-tien-qr.")
        return found

    def day(self, name: str) -> date | None:
        """A day, or nothing."""
        if not self.written(name):
            return None
        try:
            return parse_date(self.written(name))
        except DateError as wrong:
            self.fault(name, str(wrong))
            return None

    def money(self, name: str, *, least: int = 0, needed: str = "") -> int | None:
        """An amount, or nothing; `needed` is what to say where it is missing."""
        if not self.written(name):
            if needed:
                self.fault(name, needed)
            return None
        try:
            found = parse_vnd(self.written(name))
        except MoneyError as wrong:
            self.fault(name, str(wrong))
            return None
        if found < least:
            self.fault(name, "Số tiền phải lớn hơn 0.")
        return found

    def count(self, name: str, *, needed: bool = False) -> int | None:
        """A number of times, at least one, or nothing."""
        found = self.written(name)
        if not found and not needed:
            return None
        if not (found.isascii() and found.isdigit() and 0 < int(found[:12]) <= _COUNT_MAX):
            empty = "" if needed else "; để trống nếu không giới hạn"
            self.fault(name, f"Cần một số nguyên từ 1 trở lên{empty}.")
            return None
        return int(found)

    def word(self, name: str, known: tuple[str, ...]) -> str:
        """One of the words; the first where nothing else was chosen."""
        found = self.values.get(name, "")
        return found if found in known else known[0]

    def words(self, name: str, known: Iterable[str]) -> tuple[str, ...]:
        """The boxes that are ticked, in their order."""
        ticked = self.values.getlist(name)
        return tuple(word for word in known if word in ticked)

    def group(self, prefix: str) -> Conditions:
        """A group of conditions."""
        least = self.values.get(f"{prefix}least", "")
        amount = (
            self.money(f"{prefix}amount", needed="Hãy ghi số tiền tối thiểu, ví dụ 20.000.")
            if least in ("at_least", "more_than")
            else None
        )
        return Conditions(
            kinds=self.words(f"{prefix}kind", KINDS),
            sources=self.words(f"{prefix}source", SOURCES),
            channels=self.words(f"{prefix}channel", CHANNELS),
            own_number=bool(self.values.get(f"{prefix}own")),
            weekdays=self.words(f"{prefix}weekday", WEEKDAYS),
            at_least_vnd=amount if least == "at_least" else None,
            more_than_vnd=amount if least == "more_than" else None,
            points_listed=bool(self.values.get(f"{prefix}points")),
            subscribers_listed=bool(self.values.get(f"{prefix}subscribers")),
        )

    def case(self, number: int) -> Conditions:
        """One of the cases of which one must hold."""
        prefix = group_prefix(number)
        found = self.group(prefix)
        if found == Conditions() and not self.values.get(f"{prefix}amount"):
            self.fault(f"{prefix}kind", f"Trường hợp {number} chưa có điều kiện nào; chọn ít nhất một, hoặc bỏ đi.")
        return found

    def reward(self, number: int) -> Reward:
        """One reward."""
        prefix = reward_prefix(number)
        counts = {per: self.count(f"{prefix}cap-{per}") for per in Per}
        caps = tuple(Cap(count, per) for per, count in counts.items() if count is not None)
        to = self.word(f"{prefix}to", PAYEES)
        match self.values.get(f"{prefix}way", ""):
            case "draw":
                return Reward(to, None, self.draw(number), caps)
            case "percent":
                return Reward(to, self.share(prefix), None, caps)
            case _:
                vnd = self.money(f"{prefix}vnd", least=1, needed="Hãy ghi số tiền thưởng, ví dụ 5.000.")
                return Reward(to, Pay(vnd=vnd or 0), None, caps)

    def share(self, prefix: str) -> Pay:
        """A share of the amount paid."""
        found = self.written(f"{prefix}percent").removesuffix("%").strip()
        share, of = 0, 100
        if _PERCENT.fullmatch(found) and 0 < Decimal(found.replace(",", ".")) <= 100:  # noqa: PLR2004 - a per cent
            share, of = (Decimal(found.replace(",", ".")) / 100).as_integer_ratio()
        else:
            self.fault(f"{prefix}percent", "Cần số phần trăm trên 0 đến 100, nhiều nhất bốn số lẻ, ví dụ 10 hoặc 12,5.")
        rounding, most = self.word(f"{prefix}rounding", ROUNDINGS), self.money(f"{prefix}most", least=1)
        return Pay(share=share, of=of, rounding=rounding, most_vnd=most)

    def draw(self, number: int) -> Draw:
        """A draw; without a hash the program makes the seed when the policy is approved."""
        prefix = reward_prefix(number)
        seed = self.written(f"{prefix}seed").lower()
        if seed and not _SHA256.fullmatch(seed):
            self.fault(f"{prefix}seed", "Mã SHA-256 có 64 chữ số 0-9, a-f; để trống thì chương trình tự sinh.")
        prizes = tuple(self.prize(prize_prefix(number, at)) for at in self.shape.prizes(number))
        per = self.word(f"{prefix}per", ("day", "month", "policy"))
        ticket_per = self.word(f"{prefix}ticket", ("transaction", "customer"))
        return Draw(per, ticket_per, prizes, seed, self.word(f"{prefix}seeds", ("policy", "period")))

    def prize(self, prefix: str) -> Prize:
        """One kind of prize."""
        name = self.text(f"{prefix}name", "Hãy ghi tên giải.")
        worth = self.money(f"{prefix}worth", needed="Hãy ghi trị giá của giải, ví dụ 200.000.")
        return Prize(name, worth or 0, self.count(f"{prefix}winners", needed=True) or 1)

    def assumed(self) -> tuple[Assumption, ...]:
        """The open points that were given a reason."""
        found = {about: self.text(f"a-{about}", most=_WHY_MAX) for about in ASSUMABLE}
        return tuple(Assumption(about, why) for about, why in found.items() if why)


def with_part_added(values: Values, done: str) -> Values | None:
    """The form with a part more or less, as its button asks (`add-reward`, `drop-reward-2`, `add-prize-1` ...).

    None where the button asks for something else.
    """
    verb, _, rest = done.partition("-")
    part, _, number = rest.partition("-")
    found = values.copy()
    match verb, part:
        case "add", "group":
            found["groups"] = str(min(counted(values, "groups", GROUPS_MAX) + 1, GROUPS_MAX))
        case "add", "reward":
            found["rewards"] = str(min(len(PolicyForm(values).rewards) + 1, REWARDS_MAX))
        case "add", "prize" if number.isdigit():
            prizes = len(PolicyForm(values).prizes(int(number))) + 1
            found[f"{reward_prefix(int(number))}prizes"] = str(min(prizes, PRIZES_MAX))
        case "drop", ("group" | "reward") if number.isdigit():
            _drop(found, part, int(number))
        case "drop", "prize" if number.isdigit():
            name = f"{reward_prefix(int(number))}prizes"
            found[name] = str(max(1, len(PolicyForm(values).prizes(int(number))) - 1))
        case _:
            return None
    return found


def _drop(values: Values, part: str, number: int) -> None:
    """Takes one case or reward out; those after it move up."""
    prefix_of = group_prefix if part == "group" else reward_prefix
    last = counted(values, f"{part}s", GROUPS_MAX if part == "group" else REWARDS_MAX)
    if not 1 <= number <= last or (part == "reward" and last == 1):
        return
    for at in range(number, last + 1):
        for name in [name for name in values if name.startswith(prefix_of(at))]:
            del values[name]
        after = prefix_of(at + 1)
        for name in [name for name in values if name.startswith(after)] if at < last else []:
            values.setlist(prefix_of(at) + name.removeprefix(after), values.getlist(name))
    values[f"{part}s"] = str(last - 1)

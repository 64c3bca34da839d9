"""Whether somebody may decide what others brought, and who kept the keys of both."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.actors import Actor
from app.approval.models import PersonProof, SignInKey
from app.approval.people import people
from app.approval.rules import FIRST_YES, TOKENS, Involved, Key, Objection, Proof, between, chain, closure, proved
from app.db import db

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Keys:
    """All that bears on some people: their keys, their keepers' and so on, and who of them has proved what when."""

    keys: tuple[Key, ...]
    proofs: tuple[Proof, ...]

    def proved(self, at: datetime | None = None) -> frozenset[int]:
        """Who has proved to be somebody, by now or by then."""
        return proved(self.keys, [each for each in self.proofs if at is None or each.at is None or each.at <= at])


def keys_to(ids: Iterable[int]) -> Keys:
    """The keys of these sign-ins and of all keepers behind them; one query for each step away."""
    found: list[Key] = []
    known, waiting = set(ids), set(ids)
    while waiting:
        some = [waiting.pop() for _ in range(min(len(waiting), _AT_ONCE))]
        query = select(SignInKey.id, SignInKey.keeper_id, SignInKey.holder_id, SignInKey.kind)
        rows = db.session.execute(query.where(SignInKey.holder_id.in_(some)).order_by(SignInKey.id)).all()
        found += [Key(*row) for row in rows]
        new = {row.keeper_id for row in rows if row.keeper_id is not None} - known
        known |= new
        waiting |= new
    return Keys(tuple(found), _proofs(known))


def objection(actor: Actor, others: Sequence[Involved], *, now: datetime) -> Objection | None:
    """Why this person may not decide what these brought or agreed to, or None when they may.

    What nobody signed in for (`user_id` None) objects to nobody, but needs two who may: rules.approvals_needed.
    """
    return objections(actor, [others], now=now)[0]


def objections(actor: Actor, cases: Sequence[Sequence[Involved]], *, now: datetime) -> list[Objection | None]:
    """The same for many proposals at once: the keys are read together."""
    del now  # keys do not end by waiting
    if actor.id is None:
        nobody = Objection("nobody", "Chỉ người đã đăng nhập mới được duyệt.", "Hãy đăng nhập và duyệt trên trang.")
        return [nobody for _ in cases]
    if actor.via in TOKENS:
        token = Objection(
            "token",
            "Mã thiết bị không duyệt được: duyệt là việc của người đang có mặt.",
            "Hãy đăng nhập trên trang web và duyệt ở đó.",
        )
        return [token for _ in cases]
    ids = {each.user_id for others in cases for each in others if each.user_id is not None}
    known = keys_to(ids | {actor.id})
    return [next(filter(None, (_against(actor, actor.id, each, known) for each in others)), None) for others in cases]


def shared_keepers(one: int, other: int) -> frozenset[int]:
    """Who at any time held the key of both sign-ins (one of the two themselves included), proved or not."""
    known = keys_to({one, other})
    return closure(one, known.keys) & closure(other, known.keys)


def keeping_note(ids: Collection[int | None]) -> str:
    """Who gave all of these their sign-ins: "cả hai do Hùng cấp tài khoản"; "" where nobody did.

    What is told of persons who are proved too: an approval of two who were both let in by one.
    """
    return keeping_notes([ids])[0]


def keeping_notes(groups: Sequence[Collection[int | None]]) -> list[str]:
    """The same for many approvals at once."""
    persons = [[each for each in dict.fromkeys(ids) if each is not None] for ids in groups]
    everybody = {each for ids in persons for each in ids}
    known = keys_to(everybody)
    chains = {each: chain(each, known.keys) for each in everybody}
    keepers = [_keeper(ids, chains) for ids in persons]
    kept = [(*ids, keeper) for ids, keeper in zip(persons, keepers, strict=True) if keeper is not None]
    named = {each for ids in kept for each in ids}
    names = {key: each.name for key, each in people(named).items()} if named else {}
    return ["" if keeper is None else _note(ids, keeper, names) for ids, keeper in zip(persons, keepers, strict=True)]


def unproved(ids: Collection[int]) -> dict[int, frozenset[int]]:
    """Of these people those who count as one with others for now, each with everybody who let them in."""
    known = keys_to(ids)
    sure = known.proved()
    found = {each: closure(each, known.keys, sure) - {each} for each in ids}
    return {each: keepers for each, keepers in found.items() if keepers}


def _keeper(ids: Sequence[int], chains: dict[int, dict[int, int]]) -> int | None:
    """Who let all of these in, best one of themselves; None where nobody did."""
    if len(ids) < 2:  # noqa: PLR2004 - one person is nobody's pair
        return None
    shared = [each for each in chains[ids[0]] if all(each in chains[other] for other in ids)]
    return next((each for each in shared if each in ids), shared[0] if shared else None)


def _note(ids: Sequence[int], keeper: int, names: dict[int, str]) -> str:
    if keeper in ids:
        rest = " và ".join(names[each] for each in ids if each != keeper)
        return f"{rest} do {names[keeper]} cấp tài khoản"
    return f"{'cả hai' if len(ids) == 2 else 'tất cả'} do {names[keeper]} cấp tài khoản"  # noqa: PLR2004


def _against(actor: Actor, me: int, other: Involved, known: Keys) -> Objection | None:
    """What one of the others has to do with whoever wants to decide."""
    if other.user_id == me:
        if other.part == FIRST_YES:
            return Objection("twice", "Bạn đã duyệt lần một; cần một người thứ hai.")
        return Objection("own", f"Bạn là người {other.part} nên không được tự duyệt.")
    if actor.session and other.session == actor.session:
        return Objection("session", f"Việc {other.part} được làm ngay trên phiên làm việc này.")
    if other.user_id is None:
        return None
    return _one_person(me, other, other.user_id, known) or _of_the_sample(me, other, other.user_id)


def _one_person(me: int, other: Involved, them: int, known: Keys) -> Objection | None:
    mine = chain(me, known.keys, known.proved())
    theirs = chain(them, known.keys, known.proved(other.at))
    keeper = next((each for each in mine if each in theirs), None)
    if keeper is None:
        return None
    through = {*between(keeper, mine), *between(keeper, theirs)}
    names = {key: each.name for key, each in people({them, keeper, *through}).items()}
    whose, via = f"người {other.part} ({names[them]})", " và ".join(names[each] for each in sorted(through))
    via = f" (qua {via})" if via else ""
    if keeper == me:
        since = f"cho tới khi {names[them]} tự xác nhận" if them not in known.proved() else "vì lúc ấy chưa tự xác nhận"
        said = f"Tài khoản của {whose} do bạn cấp{via}, nên hai người tính là một {since}."
    elif keeper == them:
        said = f"Tài khoản của bạn do {whose} cấp{via}, nên hai người tính là một cho tới khi bạn tự xác nhận."
    else:
        said = (
            f"Bạn và {whose} đều được {names[keeper]} cấp tài khoản{via}, nên tính là một người "
            "cho tới khi mỗi người tự xác nhận."
        )
    return Objection("one-person", said, "Hãy nhờ một người duyệt khác, hoặc xem mục Tự xác nhận ở Tài khoản của tôi.")


def _of_the_sample(me: int, other: Involved, them: int) -> Objection | None:
    """Everybody knows the sample's passwords: its people decide among themselves alone."""
    known = people({me, them})
    if not known[me].sample or known[them].sample or known[them].is_gone:
        return None
    return Objection("sample", f"Tài khoản mẫu không duyệt được việc của người {other.part} thật ({known[them].name}).")


def sample_among(actor: Actor, others: Sequence[Involved]) -> Objection | None:
    """Why a real commune's matter is not decided by, or brought by, people of the sample: whoever knows one password of
    the sample could be all of them.
    """
    ids = {each for each in (actor.id, *(other.user_id for other in others)) if each is not None}
    names = sorted(each.name for each in people(ids).values() if each.sample)
    if not names:
        return None
    said = f"{', '.join(names)} là tài khoản mẫu, ai cũng vào được, nên không tính là một người ở địa bàn thật."
    return Objection("sample", said, "Hãy đề nghị và duyệt bằng tài khoản riêng của từng người.")


def _proofs(ids: Collection[int]) -> tuple[Proof, ...]:
    listed, found = sorted(ids), list[Proof]()
    for start in range(0, len(listed), _AT_ONCE):
        query = select(PersonProof.user_id, PersonProof.after_key, PersonProof.at)
        rows = db.session.execute(query.where(PersonProof.user_id.in_(listed[start : start + _AT_ONCE])))
        found += [Proof(*row) for row in rows]
    return tuple(found)

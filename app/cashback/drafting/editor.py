"""The editor between two presses of a button: the form, its YAML, and whose policy it is to be."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from werkzeug.datastructures import MultiDict

from app.actors import Actor
from app.cashback.drafting import queries
from app.cashback.drafting.document import policy_document
from app.cashback.drafting.fields import sealed_by_period, unsealed
from app.cashback.drafting.forms import PolicyForm, Values, form_of, is_kept_by_form, read_form, with_part_added
from app.cashback.drafting.rules import KEEPERS
from app.cashback.models import PolicyVersion
from app.cashback.policy_file import PolicyRefusedError, parse_policy
from app.cashback.rules import Policy
from app.places.queries import own_commune_id
from app.vn.dates import format_date
from app.web.row_ids import row_id

YAML = "yaml"
FORM = "form"
_LOSES = "Văn bản này có chỗ biểu mẫu không giữ được (thứ tự hạn mức, chẳng hạn); hãy sửa tiếp ở thẻ YAML."


@dataclass(frozen=True, slots=True)
class Draft:
    """What the editor shows: which tab, the form, the YAML, the policy they make, and what is wrong with the YAML."""

    tab: str
    form: PolicyForm
    document: str
    unit_id: int | None
    policy: Policy | None = None
    fault: str = ""

    def with_fault(self, fault: str) -> "Draft":
        """The same, with what is wrong."""
        return replace(self, fault=fault)


def draft_of(
    actor: Actor, start: str | PolicyVersion, is_end: bool, whose: Sequence[tuple[int | None, str]], today: date
) -> Draft:
    """The editor opened: with a document, the next version of a policy (`is_end`: ending today), or nothing."""
    units = [unit_id for unit_id, _ in whose]
    unit_id = own_commune_id(actor, *KEEPERS)
    unit_id = unit_id if unit_id in units else units[0]
    if start == "":
        form = PolicyForm(MultiDict({"w-kind": "qr_payment", "rewards": "1", "r1-way": "fixed"}))
        return Draft(FORM, form, "", unit_id)
    if isinstance(start, PolicyVersion):
        unit_id = start.unit_id if start.unit_id in units else unit_id
        policy = parse_policy(start.document.encode(), "chính sách")
        policy = unsealed(policy) if queries.is_sealed(start) else policy
    else:
        policy = sealed_by_period(unsealed(parse_policy(start.encode(), "chính sách")))
    policy = replace(policy, version=queries.next_version(unit_id, policy.policy_id))
    if not is_kept_by_form(policy):
        return Draft(YAML, PolicyForm(MultiDict()), policy_document(policy), unit_id, policy)
    form = form_of(policy)
    if is_end:
        values = form.values.copy()
        values["last_day"] = format_date(today)
        form = read_form(values, policy.version)
    return Draft(FORM, form, policy_document(form.policy) if form.policy else "", unit_id, form.policy)


def draft_sent(values: Values, whose: Sequence[tuple[int | None, str]]) -> Draft:
    """What was sent: read, with the part more or less and the tab that the button asks for."""
    unit_id = _unit(values, whose)
    done = values.get("do", "")
    if values.get("tab", YAML if "document" in values else FORM) == YAML:
        return _of_document(values, unit_id, to_form=done == "as-form")
    more = with_part_added(values, done)
    form = read_form(values if more is None else more, _next(values.get("policy", "").strip(), unit_id))
    document = policy_document(form.policy) if form.policy is not None else ""
    tab = YAML if done == "as-yaml" and document else FORM
    return Draft(tab, form, document, unit_id, form.policy)


def _of_document(values: Values, unit_id: int | None, *, to_form: bool) -> Draft:
    document = values.get("document", "").replace("\r\n", "\n")
    empty = PolicyForm(MultiDict())
    try:
        policy = parse_policy(document.encode(errors="replace"), "chính sách")
    except PolicyRefusedError as wrong:
        return Draft(YAML, empty, document, unit_id, None, str(wrong))
    if not to_form:
        return Draft(YAML, empty, document, unit_id, policy)
    if not is_kept_by_form(policy):
        return Draft(YAML, empty, document, unit_id, policy, _LOSES)
    return Draft(FORM, form_of(policy), document, unit_id, policy)


def _unit(values: Values, whose: Sequence[tuple[int | None, str]]) -> int | None:
    """Whose the policy is to be: the commune chosen, if it is one of this person's, else their first."""
    wanted = row_id(values.get("unit_id", ""))
    units = [unit_id for unit_id, _ in whose]
    if wanted in units:
        return wanted
    return units[0] if units else None


def _next(policy_id: str, unit_id: int | None) -> int:
    return queries.next_version(unit_id, policy_id[:80])

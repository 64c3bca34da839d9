"""Confirming a person: a third one gives them a code, the person types it on their own page."""

from flask import make_response, render_template, request, session
from flask.typing import ResponseReturnValue

from app.accounts import factors, proving, queries, sessions
from app.accounts.forms import caller, text
from app.accounts.models import User
from app.accounts.proving import Proving
from app.accounts.scopes import world
from app.accounts.views.frame import home_of, me, pages
from app.actors import ADMIN, APPROVER, COORDINATOR, PROVINCE
from app.approval.people import people
from app.approval.queries import objections, unproved
from app.approval.rules import Involved
from app.db import unit_of_work
from app.errors import DomainError
from app.web.access import allow, current_actor, present, signed_in
from app.web.clock import moment
from app.web.qr_picture import svg_data

#: Who may say face to face that somebody is who they are.
CONFIRMERS = (COORDINATOR, APPROVER, ADMIN, PROVINCE)


@pages.get("/desk/confirmations")
@allow(*CONFIRMERS)
def confirmations() -> str:
    """People who count as one with their keepers for now, and whom of them I may confirm."""
    return _page()


@pages.post("/desk/confirmations/<int:user_id>")
@allow(*CONFIRMERS)
@present
def confirm_person(user_id: int) -> ResponseReturnValue:
    """A code for this person, shown on this answer alone: to be told face to face."""
    actor = current_actor()
    user = queries.person_within(actor, world(), user_id, *CONFIRMERS)
    try:
        with unit_of_work():
            code = proving.issue_hand_over(actor, moment(), user)
    except DomainError as error:
        return _page(error=str(error)), error.status
    return _page(user=user, code=f"{code[:4]} {code[4:]}")


@pages.route("/desk/me/proof", methods=["GET", "POST"])
@signed_in
def own_proof() -> ResponseReturnValue:
    """I prove to be somebody: the code I was told, a new password, a new second factor, all in one step."""
    user = me()
    secret = session.get("proof") or factors.new_secret()
    session["proof"] = secret
    if request.method == "GET":
        return _proof_page(user, secret, "")
    wait = sessions.hand_over_wait(user, caller(request), moment())
    if wait:
        return _proof_page(user, secret, f"Thử sai quá nhiều lần. Hãy đợi khoảng {-(-wait // 60)} phút."), 429
    code, new, again = (text(request, name) for name in ("hand_over", "new", "again"))
    typed = Proving(code, new, again, secret, text(request, "code"))
    try:
        with unit_of_work():
            codes = proving.prove(current_actor(), moment(), user, typed)
            sessions.start(user, caller(request), moment(), confirmed=True)
    except DomainError as error:
        return _proof_page(user, secret, str(error)), 422
    page = render_template("security/recovery_codes.html", codes=codes, home=home_of(user), user=user, proved=True)
    return make_response(page)


def keepers_in_words(user: User) -> str:
    """Whose keys this sign-in still hangs on: "Hùng, Lan"; "" where it is somebody of their own."""
    keepers = unproved([user.id]).get(user.id, frozenset())
    return ", ".join(sorted(each.name for each in people(keepers).values()))


def _page(*, user: User | None = None, code: str = "", error: str = "") -> str:
    actor, here = current_actor(), world()
    waiting = queries.office_people(queries.people_within(actor, here, *CONFIRMERS))
    keepers = unproved([each.id for each in waiting])
    listed = [each for each in waiting if each.id in keepers]
    asked = [[Involved(each.id, "được xác nhận")] for each in listed]
    names = people({keeper for found in keepers.values() for keeper in found})
    return render_template(
        "accounts/confirmations.html",
        rows=[
            (each, ", ".join(sorted(names[keeper].name for keeper in keepers[each.id])), objection)
            for each, objection in zip(listed, objections(actor, asked, now=moment()), strict=True)
        ],
        user=user,
        code=code,
        error=error,
    )


def _proof_page(user: User, secret: str, error: str) -> str:
    address, key = factors.setup_values(secret, user.user_name)
    return render_template(
        "security/proof.html",
        user=user,
        keepers=keepers_in_words(user),
        error=error,
        picture=svg_data(address),
        address=address,
        key=key,
    )

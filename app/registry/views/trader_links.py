"""The address of a trader's card at the desk: to show, to print, to change, to close."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.db import unit_of_work
from app.errors import DomainError
from app.registry.actions.trader_links import close_link, open_link, renew_link
from app.registry.queries.reach import merchant_by_code
from app.registry.queries.trader_links import former_links, live_link
from app.registry.rules.rights import EDITORS
from app.registry.views.frame import pages
from app.web.access import allow, current_actor
from app.web.address import public_link, public_url
from app.web.clock import moment
from app.web.qr_picture import svg_data


@pages.get("/merchants/<code>/card")
@allow(*EDITORS)
def trader_link(code: str) -> str:
    """The address with its code, ready for the printer; and those that were closed, with who and why."""
    found = merchant_by_code(current_actor(), code, *EDITORS)
    link = live_link(found.id)
    address = public_link("trader_cards.card", token=link.token) if link and public_url() else ""
    return render_template(
        "registry/trader_link.html",
        merchant=found,
        link=link,
        address=address,
        picture=svg_data(address) if address else "",
        former=former_links(found.id),
    )


@pages.post("/merchants/<code>/card")
@allow(*EDITORS)
def change_trader_link(code: str) -> ResponseReturnValue:
    """Opens, renews or closes the address."""
    actor, now = current_actor(), moment()
    found = merchant_by_code(actor, code, *EDITORS)
    reason = request.form.get("reason", "")
    try:
        with unit_of_work():
            match request.form.get("act", ""):
                case "renew":
                    renew_link(actor, now, found, reason)
                    told = "Đã đổi đường dẫn; đường dẫn cũ không mở được nữa. Hãy in phiếu mới."
                case "close":
                    close_link(actor, now, found, reason)
                    told = "Đã khoá đường dẫn."
                case _:
                    open_link(actor, now, found)
                    told = "Đã có đường dẫn; hãy in phiếu hoặc gửi cho người bán."
    except DomainError as wrong:
        flash(str(wrong), "error")
    else:
        flash(told, "good")
    return redirect(url_for("registry.trader_link", code=found.code))

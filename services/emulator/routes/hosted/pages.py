"""The pages Mangopay hosts: where a payer pays or proves who they are, and where an OWNER confirms an account.

Each is one sentence and two buttons, and leads back to the platform.
Source: https://docs.mangopay.com/guides/sca and .../api-reference/web-card-payins
"""

from html import escape
from urllib.parse import quote, urlencode

from starlette.responses import HTMLResponse, RedirectResponse, Response

from services.emulator.engine.call import Call
from services.emulator.engine.errors import not_found
from services.emulator.engine.router import Route
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.routes.payins.card import bank_verdict, settle
from services.emulator.routes.payins.payins import find_payin
from services.emulator.rules import sca

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<body style="font: 16px/1.5 system-ui; max-width: 32rem; margin: 4rem auto">
<h1>{title}</h1><p>{text}</p>{form}</body></html>"""
FORM = """<form method="post"><button name="choice" value="yes">{yes}</button>
<button name="choice" value="no">{no}</button></form>"""


def show_payin(world: World, call: Call) -> Response:
    payin = _payable(world, call)
    amount = f"{payin['DebitedFunds']['Amount']} minor units of {payin['DebitedFunds']['Currency']}"
    if payin["Status"] != "CREATED":
        return _page("Nothing to do", f"This pay-in is {payin['Status']} already.")
    return _page("Confirm the payment", f"{amount}, pay-in {payin['Id']}.", yes="Pay", no="Cancel")


def decide_payin(world: World, call: Call) -> Response:
    payin = _payable(world, call)
    is_direct = payin["ExecutionType"] == "DIRECT"
    if payin["Status"] == "CREATED":
        refusal = "101301" if is_direct else "001031"
        settle(world, payin, bank_verdict(payin) if call.form.get("choice") == "yes" else refusal)
    back = payin["SecureModeReturnURL"] if is_direct else payin["ReturnURL"]
    return _back(back, {"transactionId": payin["Id"]})


def show_sca(world: World, call: Call) -> Response:
    user = _asked(world, call)
    if user is None:
        return _page("This link has expired", "Ask the platform for a new one.")
    return _page("Confirm that it is you", f"Account {user['Id']}.", yes="It is me", no="It is not")


def decide_sca(world: World, call: Call) -> Response:
    user, has_agreed = _asked(world, call), call.form.get("choice") == "yes"
    if user is not None and has_agreed:
        sca.activate(world, user)
    elif user is not None:
        world.emit("SCA_ENROLLMENT_FAILED", user["Id"])
    world.store.sca_sessions.delete(call.query.get("token", ""))
    status = {"controlStatus": "VALIDATED" if user is not None and has_agreed else "FAILED"}
    return _back(call.query.get("returnUrl", ""), status)


def _payable(world: World, call: Call) -> Entity:
    payin = find_payin(world, call.params["PayInId"])
    if payin["PaymentType"] != "CARD":
        raise not_found("PayIn", payin["Id"])
    return payin


def _asked(world: World, call: Call) -> Entity | None:
    session = world.store.sca_sessions.get(call.query.get("token"))
    if session is None or session["ExpiresAt"] < world.clock.now():
        return None
    return world.store.users.get(session["UserId"])


def _back(url: str, query: dict[str, str]) -> Response:
    if not url.startswith(("http://", "https://")):
        return _page("Done", "You may close this page.")
    separator = "&" if "?" in url else "?"
    return RedirectResponse(f"{quote(url, safe=':/?&=#%+@,;~')}{separator}{urlencode(query)}", status_code=303)


def _page(title: str, text: str, *, yes: str = "", no: str = "") -> Response:
    form = FORM.format(yes=escape(yes), no=escape(no)) if yes else ""
    return HTMLResponse(PAGE.format(title=escape(title), text=escape(text), form=form))


ROUTES = (
    Route("GET", "/pay/{PayInId}", show_payin, is_open=True),
    Route("POST", "/pay/{PayInId}", decide_payin, is_open=True),
    Route("GET", "/sca", show_sca, is_open=True),
    Route("POST", "/sca", decide_sca, is_open=True),
)

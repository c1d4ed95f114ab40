"""The page where a payer pays, or proves to the bank who they are.

Source: https://docs.mangopay.com/api-reference/web-card-payins
"""

from starlette.responses import Response

from services.emulator.engine.call import Call
from services.emulator.engine.errors import not_found
from services.emulator.engine.router import Route
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.routes.hosted.shell import back, page
from services.emulator.routes.payins.card import bank_verdict, settle
from services.emulator.routes.payins.payins import find_payin


def show_payin(world: World, call: Call) -> Response:
    payin = _payable(world, call)
    amount = f"{payin['DebitedFunds']['Amount']} minor units of {payin['DebitedFunds']['Currency']}"
    if payin["Status"] != "CREATED":
        return page("Nothing to do", f"This pay-in is {payin['Status']} already.")
    return page("Confirm the payment", f"{amount}, pay-in {payin['Id']}.", yes="Pay", no="Cancel")


def decide_payin(world: World, call: Call) -> Response:
    payin = _payable(world, call)
    is_direct = payin["ExecutionType"] == "DIRECT"
    if payin["Status"] == "CREATED":
        refusal = "101301" if is_direct else "001031"
        settle(world, payin, bank_verdict(payin) if call.form.get("choice") == "yes" else refusal)
    url = payin["SecureModeReturnURL"] if is_direct else payin["ReturnURL"]
    return back(url, {"transactionId": payin["Id"]})


def _payable(world: World, call: Call) -> Entity:
    payin = find_payin(world, call.params["PayInId"])
    if payin["PaymentType"] != "CARD":
        raise not_found("PayIn", payin["Id"])
    return payin


ROUTES = (
    Route("GET", "/pay/{PayInId}", show_payin, is_open=True),
    Route("POST", "/pay/{PayInId}", decide_payin, is_open=True),
)

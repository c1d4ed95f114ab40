"""The page where a payer pays, whatever the method, or proves to the card's bank who they are.

It decides pay-ins that have no link to it as well: what is confirmed in an app is confirmed here.
Source: https://docs.mangopay.com/guides/payment-methods

Chosen: `yes` pays, `no` turns away (001031 on a card page, 101301 at 3-D Secure, 201004 at PayPal, 206109 at the bank
of Pay by Bank, else 101002), `refused` is a provider that says no (101199).
"""

from starlette.responses import Response

from services.emulator.engine.call import Call
from services.emulator.engine.errors import not_found
from services.emulator.engine.router import Route
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.routes.hosted.shell import back, page
from services.emulator.routes.payins.googlepay import verdict_on
from services.emulator.routes.payins.methods import begin_bank_payment
from services.emulator.routes.payins.outcome import finish
from services.emulator.rules.payins import find_payin
from services.emulator.rules.payment_methods import BY_PAYMENT_TYPE, CANCELLED
from services.emulator.rules.result_codes import SUCCESS

REFUSED = "101199"
CARD_ABANDONED, PROOF_FAILED = "001031", "101301"
# What banks move among themselves has no page.
WITHOUT_PAGE = (("BANK_WIRE", "DIRECT"), ("BANK_WIRE", "EXTERNAL_INSTRUCTION"), ("DIRECT_DEBIT", "DIRECT"))


def show_payin(world: World, call: Call) -> Response:
    payin = _payable(world, call)
    amount = f"{payin['DebitedFunds']['Amount']} minor units of {payin['DebitedFunds']['Currency']}"
    if not _is_open(payin):
        return page("Nothing to do", f"This pay-in is {payin['Status']} already.")
    text = f"{amount}, pay-in {payin['Id']}, {payin['PaymentType']}."
    if _is_card(payin):
        return page("Confirm the payment", text, yes="Pay", no="Cancel")
    return page("Confirm the payment", text, yes="Pay", no="Cancel", refused="Be refused")


def decide_payin(world: World, call: Call) -> Response:
    payin, choice = _payable(world, call), call.form.get("choice")
    if _is_open(payin):
        if choice == "yes":
            _pay(world, payin)
        else:
            finish(world, payin, REFUSED if choice == "refused" else _turned_away(payin))
    return _back_from(payin, has_turned_away=choice == "no")


def _pay(world: World, payin: Entity) -> None:
    if payin["PaymentType"] == "PAY_BY_BANK":
        begin_bank_payment(world, payin)
    else:
        finish(world, payin, verdict_on(payin) if _is_card(payin) else SUCCESS)


def _turned_away(payin: Entity) -> str:
    if payin["ExecutionType"] == "DIRECT":
        return PROOF_FAILED
    if payin["PaymentType"] == "CARD":
        return CARD_ABANDONED
    method = BY_PAYMENT_TYPE.get(payin["PaymentType"])
    return method.cancelled if method else CANCELLED


def _back_from(payin: Entity, *, has_turned_away: bool) -> Response:
    """Lead back to the platform, which learns the id of the pay-in, but not what came of it."""
    url = payin.get("SecureModeReturnURL") if payin["ExecutionType"] == "DIRECT" else payin.get("ReturnURL")
    if has_turned_away and payin.get("CancelURL"):
        url = payin["CancelURL"]
    told = {"transactionId": payin["Id"]}
    return back(url, {} if f"transactionId={payin['Id']}" in (url or "") else told)


def _is_open(payin: Entity) -> bool:
    return payin["Status"] == "CREATED" and not payin.get("ProcessingStatus")


def _is_card(payin: Entity) -> bool:
    return payin["PaymentType"] in ("CARD", "GOOGLE_PAY")


def _payable(world: World, call: Call) -> Entity:
    payin = find_payin(world, call.params["PayInId"])
    if (payin["PaymentType"], payin["ExecutionType"]) in WITHOUT_PAGE:
        raise not_found("PayIn", payin["Id"])
    return payin


ROUTES = (
    Route("GET", "/pay/{PayInId}", show_payin, is_open=True),
    Route("POST", "/pay/{PayInId}", decide_payin, is_open=True),
)

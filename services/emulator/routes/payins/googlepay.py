"""Paying in by Google Pay: a card behind a token, with 3-D Secure as for a card; and as it was before.

Source: https://docs.mangopay.com/api-reference/google-pay

Chosen: a token is opaque here too, except that the two test numbers in it tell which card it stands for; one that is
no JSON object fails by 105207.
"""

import orjson
from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.fields import Fields
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.routes.payins.applepay import read_payment_data
from services.emulator.routes.payins.methods import new_id
from services.emulator.rules import card_bank, payer
from services.emulator.rules.issuers import card_info
from services.emulator.rules.payins import begin_payin, read_parties, refusal_of, shown
from services.emulator.rules.result_codes import REFUSED_AMOUNTS, SUCCESS
from services.emulator.rules.transactions import check_currency, conclude

CHALLENGED, FRICTIONLESS = "4111111111111111", "5555555555554444"


def create(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    debited_funds, fees = fields.amounts()
    author = fields.entity("AuthorId", world.store.users)
    details = read_details(fields) | payer.billing_and_shipping(fields, author)
    parties = read_parties(world, fields)
    check_currency(debited_funds, parties.credited_wallet)
    details |= {"Id": new_id()}
    payin = begin_payin(world, fields, parties, debited_funds=debited_funds, fees=fees, details=details)
    return Answer(shown(authorise(world, payin)))


def create_legacy(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    debited_funds, fees = fields.amounts()
    details = {
        "PaymentType": "GOOGLEPAY",
        "ExecutionType": "DIRECT",
        "PaymentData": read_payment_data(fields),
        "StatementDescriptor": payer.statement_descriptor(fields),
        "CardInfo": card_info(FRICTIONLESS[:6]),
    }
    parties = read_parties(world, fields)
    check_currency(debited_funds, parties.credited_wallet)
    payin = begin_payin(world, fields, parties, debited_funds=debited_funds, fees=fees, details=details)
    return Answer(shown(conclude(world, payin, refusal_of(world, payin) or verdict_on(payin))))


def read_details(fields: Fields) -> Entity:
    """Return what Google Pay adds to a pay-in, but for the addresses."""
    fields.require("SecureModeReturnURL", "PaymentData")
    token = fields.text("PaymentData", longest=100_000) or ""
    return {
        "PaymentType": "GOOGLE_PAY",
        "ExecutionType": "DIRECT",
        "CardId": None,
        "SecureMode": fields.choice("SecureMode", ("DEFAULT", "FORCE", "NO_CHOICE")) or "DEFAULT",
        "SecureModeNeeded": False,
        "SecureModeReturnURL": fields.text("SecureModeReturnURL"),
        "SecureModeRedirectURL": None,
        "ReturnURL": fields.text("ReturnURL"),
        "IpAddress": payer.ip_address(fields),
        "BrowserInfo": payer.browser(fields),
        "StatementDescriptor": payer.statement_descriptor(fields),
        "Requested3DSVersion": None,
        "Applied3DSVersion": None,
        "CardInfo": card_info(bin_of(token)),
        "AuthenticationResult": {"AuthenticationType": None},
        "_IsBareCard": is_bare_card(token),
        "_IsReadable": _is_object(token),
    }


def authorise(world: World, payin: Entity) -> Entity:
    """Charge the card behind a token, or send its holder to the bank first."""
    refusal = refusal_of(world, payin) or (None if payin["_IsReadable"] else "105207")
    verdict = refusal or verdict_on(payin)
    payin["SecureModeReturnURL"] = card_bank.return_url(payin["SecureModeReturnURL"], "transactionId", payin["Id"])
    if verdict == SUCCESS and (payin["_IsBareCard"] or payin["SecureMode"] == "FORCE"):
        card_bank.challenge(payin, f"{world.config.base_url}/pay/{payin['Id']}")
        world.later("card_payin.expire", payin["Id"], after_s=card_bank.PAGE_LIFE_S)
        return world.store.transactions.save(payin)
    if verdict == SUCCESS:
        payin["AuthenticationResult"] = {"AuthenticationType": "FRICTIONLESS"}
    return conclude(world, payin, verdict)


def verdict_on(payin: Entity) -> str:
    """Return what the bank says to an amount: yes, except to the sandbox's magic ones."""
    return REFUSED_AMOUNTS.get(payin["DebitedFunds"]["Amount"], SUCCESS)


def is_bare_card(token: str) -> bool:
    """Tell whether a token stands for a card as it is printed, whose holder must still prove themselves."""
    return CHALLENGED in token


def bin_of(token: str) -> str:
    return (CHALLENGED if is_bare_card(token) else FRICTIONLESS)[:6]


def _is_object(token: str) -> bool:
    try:
        return isinstance(orjson.loads(token), dict)
    except ValueError:
        return False


ROUTES = (
    Route("POST", f"{API}/payins/payment-methods/googlepay", create),
    Route("POST", f"{API}/payins/googlepay/direct", create_legacy),
)

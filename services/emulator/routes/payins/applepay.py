"""Paying in by Apple Pay: authenticated on the payer's device, and so final at once.

Source: https://docs.mangopay.com/api-reference/apple-pay
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.fields import Fields
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.routes.payins.methods import new_id
from services.emulator.rules import payer
from services.emulator.rules.issuers import card_info
from services.emulator.rules.payins import begin_payin, read_parties, refusal_of, shown
from services.emulator.rules.result_codes import REFUSED_AMOUNTS, SUCCESS
from services.emulator.rules.transactions import check_currency, conclude

BINS = {"MASTERCARD": "555555", "MAESTRO": "503395", "AMEX": "375989"}
VISA_BIN = "497010"


def create(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    debited_funds, fees = fields.amounts()
    details = read_details(fields)
    parties = read_parties(world, fields)
    check_currency(debited_funds, parties.credited_wallet)
    details |= {"Id": new_id()}
    payin = begin_payin(world, fields, parties, debited_funds=debited_funds, fees=fees, details=details)
    return Answer(shown(charge(world, payin)))


def read_details(fields: Fields) -> Entity:
    """Return what Apple Pay adds to a pay-in."""
    data = read_payment_data(fields)
    return {
        "PaymentType": "APPLEPAY",
        "ExecutionType": "DIRECT",
        "PaymentData": data,
        "StatementDescriptor": payer.statement_descriptor(fields),
        "CardInfo": card_info(BINS.get(str(data["Network"]).upper(), VISA_BIN)),
        "AuthenticationResult": {"AuthenticationType": None},
    }


def read_payment_data(fields: Fields) -> Entity:
    """Return the three members of `PaymentData`; the docs begin them with small letters, the clients with capitals."""
    fields.require("PaymentData")
    inner = fields.within("PaymentData")
    data = {}
    for name in ("TransactionId", "Network", "TokenData"):
        sent_as = name if inner.has(name) else name[0].lower() + name[1:]
        data[name] = inner.text(sent_as, longest=100_000)
        if not data[name]:
            inner.refuse(name, f"The {name} field is required.")
    return data


def charge(world: World, payin: Entity) -> Entity:
    verdict = refusal_of(world, payin) or REFUSED_AMOUNTS.get(payin["DebitedFunds"]["Amount"], SUCCESS)
    return conclude(world, payin, verdict)


ROUTES = (Route("POST", f"{API}/payins/applepay/direct", create),)

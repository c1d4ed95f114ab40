"""Paying in by bank wire: the payer is told an account and a reference; the wire arrives when somebody simulates it.

Source: https://docs.mangopay.com/api-reference/bank-wire-payins
"""

import secrets

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import not_found
from services.emulator.engine.fields import Fields
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.routes.payins.payins import begin_payin, check_currency, find_payin, read_parties
from services.emulator.rules.result_codes import SUCCESS
from services.emulator.rules.transactions import conclude, minus

# What the money fields hold until the wire has arrived.
NOTHING_YET = {"Currency": "XXX", "Amount": 0}
OUTCOMES = {"ACCEPT": SUCCESS, "REJECT": "008500"}


def create(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    declared, fees = fields.amounts("DeclaredDebitedFunds", "DeclaredFees")
    parties = read_parties(world, fields)
    check_currency(declared, parties.credited_wallet)
    payin = begin_payin(
        world,
        fields,
        parties,
        prefix="payin_wf_",
        debited_funds=NOTHING_YET,
        fees=NOTHING_YET,
        details={
            "PaymentType": "BANK_WIRE",
            "ExecutionType": "DIRECT",
            "DeclaredDebitedFunds": declared,
            "DeclaredFees": fees,
            "WireReference": secrets.token_hex(5).upper(),
            "BankAccount": _collecting_account(),
            "TransactionDetails": [],
        },
    )
    if declared["Amount"] <= fees["Amount"]:
        conclude(world, payin, "001014")
    return Answer(wire(payin))


def simulate(world: World, call: Call) -> Response:
    """Let the wire arrive (ACCEPT) or be refused (REJECT); the docs do not name the member, so any may hold it."""
    fields = Fields(call.body)
    outcome = next((value for value in call.body.values() if value in OUTCOMES), None)
    if outcome is None:
        fields.refuse("Status", "The requested value was not found. Expected ACCEPT or REJECT.")
    fields.check()
    payin = find_payin(world, call.params["PayInId"])
    if payin["PaymentType"] != "BANK_WIRE" or payin["Status"] != "CREATED":
        raise not_found("PayIn", payin["Id"])
    if outcome == "ACCEPT":
        payin["DebitedFunds"], payin["Fees"] = payin["DeclaredDebitedFunds"], payin["DeclaredFees"]
        payin["CreditedFunds"] = minus(payin["DebitedFunds"], payin["Fees"])
    return Answer(wire(conclude(world, payin, OUTCOMES[str(outcome)])))


def _collecting_account() -> Entity:
    return {
        "Type": "IBAN",
        "OwnerName": "MANGOPAY",
        "OwnerAddress": {
            "AddressLine1": "2 Avenue Amelie",
            "AddressLine2": None,
            "City": "Luxembourg",
            "Region": None,
            "PostalCode": "L-1125",
            "Country": "LU",
        },
        "IBAN": "FR7618829754160173622224154",
        "BIC": "CMBRFR2BCME",
    }


ROUTES = (
    Route("POST", f"{API}/payins/bankwire/direct", create),
    Route("POST", f"{API}/simulation/payins/bankwire/{{PayInId}}", simulate),
)

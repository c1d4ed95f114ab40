"""Paying in by direct debit: by mandate, collected from the bank account it names, or in the old way on a page.

Source: https://docs.mangopay.com/api-reference/direct-debit-payins

Chosen: a debit is charged on the day it is made, and its bank decides right after the answer; a page for Sofort or
Giropay waits half an hour.
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import ApiError
from services.emulator.engine.fields import Fields
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.routes.payins.methods import wait_for_payer
from services.emulator.rules import mandates, payer
from services.emulator.rules.payins import begin_payin, read_parties, refusal_of, shown
from services.emulator.rules.payment_methods import MINUTE_S, Method
from services.emulator.rules.result_codes import SUCCESS
from services.emulator.rules.transactions import check_currency, conclude

CURRENCY_OF_SCHEME = {"SEPA": "EUR", "BACS": "GBP"}
# What a bank prints of a descriptor beside a debit by Bacs.
BACS_DESCRIPTOR = 10
WEB = Method("DIRECT_DEBIT", 30 * MINUTE_S)


def create_direct(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    debited_funds, fees = fields.amounts()
    mandate = fields.entity("MandateId", world.store.mandates)
    details = _details(world, fields, mandate)
    parties = read_parties(world, fields)
    check_currency(debited_funds, parties.credited_wallet)
    _check_scheme(mandate, debited_funds)
    payin = begin_payin(world, fields, parties, debited_funds=debited_funds, fees=fees, details=details)
    refusal = refusal_of(world, payin) or _refusal_of_mandate(payin, mandate)
    if refusal is not None:
        conclude(world, payin, refusal)
    else:
        world.later("direct_debit.collect", payin["Id"])
    return Answer(shown(payin))


def create_web(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    fields.require("ReturnURL", "DirectDebitType", "Culture")
    debited_funds, fees = fields.amounts()
    details = {
        "PaymentType": "DIRECT_DEBIT",
        "ExecutionType": "WEB",
        "DirectDebitType": fields.choice("DirectDebitType", ("SOFORT", "GIROPAY", "ELV")),
        "SecureMode": fields.choice("SecureMode", ("DEFAULT", "FORCE", "NO_CHOICE")) or "DEFAULT",
        "TemplateURL": None,
        "Culture": payer.culture(fields),
        "RedirectURL": None,
        "ReturnURL": fields.text("ReturnURL"),
        "StatementDescriptor": payer.statement_descriptor(fields, longest=10),
    }
    parties = read_parties(world, fields)
    check_currency(debited_funds, parties.credited_wallet)
    payin = begin_payin(world, fields, parties, debited_funds=debited_funds, fees=fees, details=details)
    return Answer(shown(wait_for_payer(world, payin, WEB)))


def collect(world: World, payin_id: str) -> None:
    """Let the debtor's bank pay, or not; in the sandbox the debtor's first name tells which."""
    payin = world.store.transactions.get(payin_id)
    if payin is None or payin["Status"] != "CREATED":
        return
    mandate = world.find(world.store.mandates, payin["MandateId"], "Mandate")
    debtor = (world.store.users.get(mandate["UserId"]) or {}).get("FirstName")
    refusal = refusal_of(world, payin) or _refusal_of_mandate(payin, mandate)
    if refusal is None and debtor == "Penniless":
        refusal = "001830"
    settle(world, payin, refusal or SUCCESS)


def settle(world: World, payin: Entity, result_code: str) -> None:
    """Make a direct debit final; the first that succeeds makes its mandate active."""
    conclude(world, payin, result_code)
    mandate = world.store.mandates.get(payin.get("MandateId"))
    if result_code != SUCCESS or mandate is None:
        return
    mandates.note_use(world, mandate)
    if (world.store.users.get(mandate["UserId"]) or {}).get("FirstName") == "Fickle":
        world.later("payin.charge_back", payin["Id"])


def _details(world: World, fields: Fields, mandate: Entity) -> Entity:
    descriptor = payer.statement_descriptor(fields, longest=100)
    if descriptor and mandate.get("_Scheme") == "BACS":
        descriptor = descriptor[:BACS_DESCRIPTOR]
    return {
        "PaymentType": "DIRECT_DEBIT",
        "ExecutionType": "DIRECT",
        "ChargeDate": world.clock.now(),
        "MandateId": mandate.get("Id"),
        "StatementDescriptor": descriptor,
        "Culture": payer.culture(fields),
        # Debits are listed with the account they come from.
        "_AccountId": mandate.get("_AccountId"),
    }


def _check_scheme(mandate: Entity, debited_funds: Entity) -> None:
    if CURRENCY_OF_SCHEME[mandate["_Scheme"]] != debited_funds["Currency"]:
        message = f"The mean of payment is disabled for the currency {debited_funds['Currency']}"
        raise ApiError(400, "disabled_mean_of_payment_for_currency", message, {"currency": message})


def _refusal_of_mandate(payin: Entity, mandate: Entity) -> str | None:
    if mandate["UserId"] != payin["AuthorId"]:
        return "001024"
    return None if mandate["Status"] in mandates.USABLE else "001833"


ROUTES = (
    Route("POST", f"{API}/payins/directdebit/direct", create_direct),
    Route("POST", f"{API}/payins/directdebit/web", create_web),
)

ACTS = {"direct_debit.collect": collect}

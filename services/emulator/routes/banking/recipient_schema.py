"""What a recipient must consist of, and by which methods one can be paid out to.

Clients spell these queries in lower and in upper camel case. Source: https://docs.mangopay.com/api-reference/recipients
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.router import API, Route
from services.emulator.engine.world import World
from services.emulator.rules.bank_countries import payout_methods
from services.emulator.rules.recipient_checks import RecipientError, Refused, read_destination, read_kind
from services.emulator.rules.recipient_fields import fields_of, schema

NAMES = {name.lower(): name for name in ("PayoutMethodType", "RecipientType", "Currency", "Country")}


def view_schema(world: World, call: Call) -> Response:
    refused: Refused = {}
    kind = read_kind(world, _asked(call), refused)
    if kind is None:
        raise RecipientError(refused)
    return Answer(schema(fields_of(*kind)))


def view_payout_methods(world: World, call: Call) -> Response:
    refused: Refused = {}
    currency, country = read_destination(world, _asked(call), refused)
    if refused:
        raise RecipientError(refused)
    return Answer({"AvailablePayoutMethods": payout_methods(country, currency)})


def _asked(call: Call) -> dict[str, str]:
    return {NAMES[name.lower()]: value for name, value in call.query.items() if name.lower() in NAMES}


ROUTES = (
    Route("GET", f"{API}/recipients/schema", view_schema),
    Route("GET", f"{API}/recipients/payout-methods", view_payout_methods),
)

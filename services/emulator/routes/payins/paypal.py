"""PayPal beside its pay-ins: what a platform tells it beforehand of the buyer, and afterwards of the parcel.

Source: https://docs.mangopay.com/api-reference/paypal

Chosen: tracking information may be added to a PayPal pay-in in any status.
"""

from uuid import uuid4

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import param_error
from services.emulator.engine.fields import Fields
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.routes.payins.methods import wait_for_payer
from services.emulator.rules import payer
from services.emulator.rules.payins import begin_payin, find_payin, read_parties, shown
from services.emulator.rules.payment_methods import PAYPAL
from services.emulator.rules.transactions import check_currency


def create_web(world: World, call: Call) -> Response:
    """Create a pay-in the old way, which knows no items and shows where PayPal ships to."""
    fields = Fields(call.body)
    fields.require("ReturnURL")
    debited_funds, fees = fields.amounts()
    details = {
        "PaymentType": "PAYPAL",
        "ExecutionType": "WEB",
        "RedirectURL": None,
        "ReturnURL": fields.text("ReturnURL"),
        "Culture": payer.culture(fields),
        "ShippingAddress": _shipping_address(fields),
        "PaypalBuyerAccountEmail": None,
        "StatementDescriptor": payer.statement_descriptor(fields, longest=10),
    }
    parties = read_parties(world, fields)
    check_currency(debited_funds, parties.credited_wallet)
    payin = begin_payin(world, fields, parties, debited_funds=debited_funds, fees=fees, details=details)
    return Answer(shown(wait_for_payer(world, payin, PAYPAL)))


def add_tracking(world: World, call: Call) -> Response:
    payin = find_payin(world, call.params["PayInId"])
    if "Trackings" not in payin:
        raise param_error({"PayInId": f"The value {payin['Id']} is not valid"})
    fields = Fields(call.body)
    fields.require("TrackingNumber", "Carrier")
    tracking = {
        "TrackingNumber": fields.text("TrackingNumber", longest=64),
        "Carrier": fields.text("Carrier", longest=64),
        "NotifyBuyer": bool(fields.flag("NotifyBuyer")),
    }
    fields.check()
    payin["Trackings"] = [*payin["Trackings"], tracking]
    return Answer(shown(world.store.transactions.save(payin)))


def collect(world: World, call: Call) -> Response:
    """Keep what PayPal wants to know of a transaction to come; which members those are depends on the trade."""
    data_id = str(uuid4())
    world.store.data_collections.save({"Id": data_id, "CreationDate": world.clock.now(), "Data": dict(call.body)})
    return Answer({"DataCollectionId": data_id})


def view_collected(world: World, call: Call) -> Response:
    data_id = call.params["DataCollectionId"]
    kept = world.find(world.store.data_collections, data_id, "DataCollection")
    return Answer({"DataCollectionId": data_id} | kept["Data"] | {"DataCollectionId": data_id})


def _shipping_address(fields: Fields) -> Entity | None:
    if not fields.has("ShippingAddress"):
        return None
    inner = fields.within("ShippingAddress")
    return {"RecipientName": inner.text("RecipientName"), "Address": inner.address("Address")}


def collection_routes(at: str) -> tuple[Route, Route]:
    return Route("POST", at, collect), Route("GET", f"{at}/{{DataCollectionId}}", view_collected)


ROUTES = (
    Route("POST", f"{API}/payins/paypal/web", create_web),
    Route("PUT", f"{API}/payins/{{PayInId}}/trackings", add_tracking),
    *collection_routes(f"{API}/payins/payment-methods/paypal/data-collection"),
)

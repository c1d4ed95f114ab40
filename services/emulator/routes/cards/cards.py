"""Saved cards.

Source: https://docs.mangopay.com/api-reference/cards
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import ApiError
from services.emulator.engine.fields import Fields
from services.emulator.engine.listing import TRANSACTION_FILTERS, page
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.rules.transactions import row


def view(world: World, call: Call) -> Response:
    return Answer(wire(_card_of(world, call)))


def list_by_fingerprint(world: World, call: Call) -> Response:
    return page(world, call, world.store.cards.select("Fingerprint", call.params["Fingerprint"]))


def transactions(world: World, call: Call) -> Response:
    rows = world.store.transactions.select("CardId", _card_of(world, call)["Id"])
    return page(world, call, rows, filters=TRANSACTION_FILTERS, shape=row)


def update(world: World, call: Call) -> Response:
    """Deactivate for good, or name the holder, once."""
    card, fields = _card_of(world, call), Fields(call.body)
    holder = fields.text("CardHolderName")
    if holder is not None and card["CardHolderName"] is not None:
        fields.refuse("cardHolderName", "card holder name already exists")
    if fields.flag("Active") is True and not card["Active"]:
        fields.refuse("Active", "A deactivated card cannot be activated again")
    fields.check()
    if fields.flag("Active") is False:
        if not card["Active"]:
            raise ApiError(400, "card_already_not_active", "The card has already been deactivated")
        card["Active"] = False
    card["CardHolderName"] = card["CardHolderName"] or holder
    return Answer(wire(world.store.cards.save(card)))


def _card_of(world: World, call: Call) -> Entity:
    return world.find(world.store.cards, call.params["CardId"], "Card")


ROUTES = (
    Route("GET", f"{API}/cards/{{CardId}}", view),
    Route("PUT", f"{API}/cards/{{CardId}}", update),
    Route("GET", f"{API}/cards/{{CardId}}/transactions", transactions),
    Route("GET", f"{API}/cards/fingerprints/{{Fingerprint}}", list_by_fingerprint),
)

"""Saved cards, one by one and by fingerprint, which is the same for all cards with the same number.

Source: https://docs.mangopay.com/api-reference/cards
Chosen: nothing is known of an unknown fingerprint, so its lists are empty.
"""

from datetime import UTC, datetime, timedelta

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import ApiError
from services.emulator.engine.fields import Fields
from services.emulator.engine.listing import TRANSACTION_FILTERS, page
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.routes.cards.registrations import card_holder
from services.emulator.rules.formatters import user_row
from services.emulator.rules.transactions import row


def view(world: World, call: Call) -> Response:
    return Answer(wire(card_of(world, call)))


def transactions(world: World, call: Call) -> Response:
    rows = world.store.transactions.select("_CardId", card_of(world, call)["Id"])
    return page(world, call, rows, filters=TRANSACTION_FILTERS, shape=row)


def update(world: World, call: Call) -> Response:
    """Deactivate for good, or name the holder, once."""
    card, fields = card_of(world, call), Fields(call.body)
    holder, is_active = card_holder(fields), fields.flag("Active")
    # Clients that send all of a card back to deactivate it do not name its holder anew.
    is_named_anew = holder is not None and not (is_active is False and holder == card["CardHolderName"])
    if is_named_anew and card["CardHolderName"] is not None:
        fields.refuse("cardHolderName", "card holder name already exists")
    if is_active is True and not card["Active"]:
        fields.refuse("Active", "A deactivated card cannot be activated again")
    fields.check()
    if is_active is False:
        if not card["Active"]:
            raise ApiError(400, "card_already_not_active", "The card has already been deactivated")
        card["Active"] = False
    card["CardHolderName"] = card["CardHolderName"] or holder
    return Answer(wire(world.store.cards.save(card)))


def cards_of_fingerprint(world: World, call: Call) -> Response:
    return page(world, call, world.store.cards.select("Fingerprint", call.params["Fingerprint"]), filters=("Active",))


def users_of_fingerprint(world: World, call: Call) -> Response:
    rows = world.store.users.select("_Fingerprints", call.params["Fingerprint"])
    return page(world, call, rows, shape=user_row)


def transactions_of_fingerprint(world: World, call: Call) -> Response:
    rows = world.store.transactions.select("_Fingerprint", call.params["Fingerprint"])
    return page(world, call, rows, filters=("Status", "ResultCode"), shape=row)


def card_of(world: World, call: Call) -> Entity:
    return world.find(world.store.cards, call.params["CardId"], "Card")


def expire(world: World, card_id: str, fields: Fields) -> Entity:  # noqa: ARG001  (nothing more to say)
    """Let the month on a card be the last one."""
    card = world.find(world.store.cards, card_id, "Card")
    last_month = datetime.fromtimestamp(world.clock.now(), UTC).replace(day=1) - timedelta(days=1)
    card["ExpirationDate"] = f"{last_month:%m%y}"
    return world.store.cards.save(card)


BY_FINGERPRINT = f"{API}/cards/fingerprints/{{Fingerprint}}"
ROUTES = (
    Route("GET", f"{API}/cards/{{CardId}}", view),
    Route("PUT", f"{API}/cards/{{CardId}}", update),
    Route("GET", f"{API}/cards/{{CardId}}/transactions", transactions),
    Route("GET", BY_FINGERPRINT, cards_of_fingerprint),
    Route("GET", f"{BY_FINGERPRINT}/users", users_of_fingerprint),
    Route("GET", f"{BY_FINGERPRINT}/transactions", transactions_of_fingerprint),
)

CONTROLS = {"card.expire": expire}

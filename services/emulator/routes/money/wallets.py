"""Wallets of users. Those of the platform are in clients.py.

Source: https://docs.mangopay.com/api-reference/wallets
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import ApiError
from services.emulator.engine.fields import Fields
from services.emulator.engine.ids import new_id
from services.emulator.engine.listing import TRANSACTION_FILTERS, page
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.rules.transactions import client_wallet, row


def create(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    fields.require("Owners", "Description", "Currency")
    owner_id = _read_owner(world, fields)
    currency = fields.currency("Currency")
    wallet = {
        "Description": fields.text("Description"),
        "Owners": [owner_id],
        "Id": new_id("wlt_m_"),
        "Balance": {"Currency": currency, "Amount": 0},
        "Currency": currency,
        "FundsType": "DEFAULT",
        "Tag": fields.text("Tag"),
        "CreationDate": world.clock.now(),
        "_OwnerId": owner_id,
    }
    fields.check()
    for funds_type in ("FEES", "CREDIT"):
        client_wallet(world, funds_type, str(currency))
    return Answer(wire(world.store.wallets.save(wallet)))


def view(world: World, call: Call) -> Response:
    return Answer(wire(_wallet_of(world, call)))


def update(world: World, call: Call) -> Response:
    wallet = _wallet_of(world, call)
    fields = Fields(call.body)
    for name in ("Description", "Tag"):
        if fields.has(name):
            wallet[name] = fields.text(name)
    fields.check()
    return Answer(wire(world.store.wallets.save(wallet)))


def transactions(world: World, call: Call) -> Response:
    rows = world.store.transactions.select("_WalletIds", _wallet_of(world, call)["Id"])
    return page(world, call, rows, filters=TRANSACTION_FILTERS, shape=row)


def _wallet_of(world: World, call: Call) -> Entity:
    return world.find(world.store.wallets, call.params["WalletId"], "Wallet")


def _read_owner(world: World, fields: Fields) -> str:
    owners = fields.body.get("Owners")
    if not isinstance(owners, list) or not owners:
        fields.refuse("Owners", "The Owners field is required.")
        return ""
    if len(owners) > 1:
        fields.refuse("Owners", "Owners doesn't support multiple values for the moment")
        return ""
    owner = world.store.users.get(str(owners[0]))
    if owner is None:
        fields.refuse("Owners", f"The value {owners[0]} is not valid")
        return ""
    if owner["UserStatus"] == "CLOSED":
        raise ApiError(400, "user_closed", "The user is closed")
    return str(owner["Id"])


ROUTES = (
    Route("POST", f"{API}/wallets", create),
    Route("GET", f"{API}/wallets/{{WalletId}}", view),
    Route("PUT", f"{API}/wallets/{{WalletId}}", update),
    Route("GET", f"{API}/wallets/{{WalletId}}/transactions", transactions),
)

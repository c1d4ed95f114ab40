"""Wallets of users. Those of the platform are in clients.py.

Source: https://docs.mangopay.com/api-reference/wallets
"""

from starlette.responses import JSONResponse, Response

from services.emulator.call import Call
from services.emulator.errors import ApiError
from services.emulator.fields import Fields
from services.emulator.ids import new_id
from services.emulator.listing import TRANSACTION_FILTERS, page
from services.emulator.router import API, Route
from services.emulator.store import Entity, wire
from services.emulator.transactions import client_wallet, row
from services.emulator.world import World


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
    return JSONResponse(wire(world.store.wallets.save(wallet)))


def view(world: World, call: Call) -> Response:
    return JSONResponse(wire(_wallet_of(world, call)))


def update(world: World, call: Call) -> Response:
    wallet = _wallet_of(world, call)
    fields = Fields(call.body)
    for name in ("Description", "Tag"):
        if fields.has(name):
            wallet[name] = fields.text(name)
    fields.check()
    return JSONResponse(wire(world.store.wallets.save(wallet)))


def transactions(world: World, call: Call) -> Response:
    return page(
        world, call, wallet_transactions(world, _wallet_of(world, call)), filters=TRANSACTION_FILTERS, shape=row
    )


def wallet_transactions(world: World, wallet: Entity) -> list[Entity]:
    """Return every transaction that names the wallet, or paid its fees into it, oldest first."""
    found = [
        transaction
        for field in ("DebitedWalletId", "CreditedWalletId", "_FeesWalletId")
        for transaction in world.store.transactions.where(field, wallet["Id"])
    ]
    return sorted(found, key=lambda transaction: transaction["_Position"])


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

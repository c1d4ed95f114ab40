"""Wallets of users. Those of the platform are in clients.py.

Source: https://docs.mangopay.com/api-reference/wallets

Chosen: the wallets of a closed user are not changed any more.
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import not_found
from services.emulator.engine.fields import Fields
from services.emulator.engine.ids import new_id
from services.emulator.engine.listing import TRANSACTION_FILTERS, page
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.rules.sca import check_wallet_access
from services.emulator.rules.transactions import client_wallet, row
from services.emulator.rules.users import refuse_closed


def create(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    fields.require("Owners", "Description", "Currency")
    owner = _read_owner(world, fields)
    currency = fields.currency("Currency")
    wallet = {
        "Description": fields.text("Description"),
        "Owners": [owner.get("Id")],
        "Id": new_id("wlt_m_"),
        "Balance": {"Currency": currency, "Amount": 0},
        "Currency": currency,
        "FundsType": "DEFAULT",
        "Tag": fields.text("Tag"),
        "CreationDate": world.clock.now(),
        "_OwnerId": owner.get("Id"),
    }
    fields.check()
    refuse_closed(owner)
    for funds_type in ("FEES", "CREDIT"):
        client_wallet(world, funds_type, str(currency))
    return Answer(wire(world.store.wallets.save(wallet)))


def view(world: World, call: Call) -> Response:
    wallet = _wallet_of(world, call)
    check_wallet_access(world, call, wallet["_OwnerId"])
    return Answer(wire(wallet))


def update(world: World, call: Call) -> Response:
    wallet = _wallet_of(world, call)
    if wallet["FundsType"] != "DEFAULT":
        # The platform's own have no description, and are told of by `/clients/wallets`.
        raise not_found("Wallet", wallet["Id"])
    fields = Fields(call.body)
    said = {name: fields.text(name) for name in ("Description", "Tag") if fields.has(name)}
    if fields.has("Description"):
        fields.require("Description")
    fields.check()
    owner = world.store.users.get(wallet["_OwnerId"])
    if owner is not None:
        refuse_closed(owner)
    wallet |= said
    return Answer(wire(world.store.wallets.save(wallet)))


def transactions(world: World, call: Call) -> Response:
    wallet = _wallet_of(world, call)
    check_wallet_access(world, call, wallet["_OwnerId"])
    rows = world.store.transactions.select("_WalletIds", wallet["Id"])
    return page(world, call, rows, filters=TRANSACTION_FILTERS, shape=row)


def _wallet_of(world: World, call: Call) -> Entity:
    return world.find(world.store.wallets, call.params["WalletId"], "Wallet")


def _read_owner(world: World, fields: Fields) -> Entity:
    """Return the one user in the list of owners; an empty one, and a refusal, if there is none."""
    owners = fields.body.get("Owners")
    if not isinstance(owners, list) or not owners:
        fields.refuse("Owners", "The Owners field is required.")
        return {}
    if len(owners) > 1:
        fields.refuse("Owners", "Owners doesn't support multiple values for the moment")
        return {}
    owner = world.store.users.get(str(owners[0]))
    if owner is None:
        fields.refuse("Owners", f"The value {owners[0]} is not valid")
    return owner or {}


ROUTES = (
    Route("POST", f"{API}/wallets", create),
    Route("GET", f"{API}/wallets/{{WalletId}}", view),
    Route("PUT", f"{API}/wallets/{{WalletId}}", update),
    Route("GET", f"{API}/wallets/{{WalletId}}/transactions", transactions),
)

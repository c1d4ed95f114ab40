"""The platform itself: its profile with its logo, and the wallets of its fees and of its repudiations.

Source: https://docs.mangopay.com/api-reference/client
Chosen: a logo is a PNG, JPEG or GIF; wallets in euros exist from the first day, others from the first use or look.
"""

import base64

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import not_found
from services.emulator.engine.fields import CURRENCIES, Fields
from services.emulator.engine.listing import TRANSACTION_FILTERS, page
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.rules import client_profile, document_pages, features
from services.emulator.rules.transactions import client_wallet, row

# The wallets of the platform itself: what it has earned, and what it owes for repudiations.
FUNDS_TYPES = ("FEES", "CREDIT")
LOGOS = (document_pages.PNG, document_pages.JPEG, document_pages.GIF)


def view(world: World, call: Call) -> Response:  # noqa: ARG001  (there is one client, whoever asks)
    return Answer(client_profile.profile(world))


def update(world: World, call: Call) -> Response:
    known = client_profile.profile(world)
    return Answer(client_profile.save(world, known | client_profile.read_changes(Fields(call.body), known)))


def upload_logo(world: World, call: Call) -> Response:
    content = document_pages.read_file(Fields(call.body), least=1, kinds=LOGOS)
    world.store.settings.save({"Id": "client_logo", "Content": base64.b64encode(content).decode()})
    client_profile.save(world, client_profile.profile(world) | {"Logo": f"{world.config.base_url}/logo"})
    return Response(status_code=204)


def activate(world: World, client_id: str, fields: Fields) -> Entity:  # noqa: ARG001  (there is one client)
    """Switch features on and off, as Mangopay does by contract."""
    said = {feature: fields.flag(feature) for feature in features.FEATURES}
    fields.check()
    return features.switch(world, {name: value for name, value in said.items() if value is not None})


def list_wallets(world: World, call: Call) -> Response:
    _open_euro_wallets(world)
    return page(world, call, world.store.wallets.select("_OwnerId", world.config.client_id))


def list_wallets_of_type(world: World, call: Call) -> Response:
    funds_type = call.params["FundsType"].upper()
    if funds_type not in FUNDS_TYPES:
        raise not_found("Wallet", funds_type)
    _open_euro_wallets(world)
    return page(world, call, world.store.wallets.select("FundsType", funds_type))


def view_wallet(world: World, call: Call) -> Response:
    return Answer(wire(_wallet_of(world, call)))


def transactions(world: World, call: Call) -> Response:
    rows = world.store.transactions.select("_WalletIds", _wallet_of(world, call)["Id"])
    return page(world, call, rows, filters=TRANSACTION_FILTERS, shape=row)


def _open_euro_wallets(world: World) -> None:
    for funds_type in FUNDS_TYPES:
        client_wallet(world, funds_type, "EUR")


def _wallet_of(world: World, call: Call) -> Entity:
    funds_type, currency = call.params["FundsType"].upper(), call.params["Currency"].upper()
    if funds_type not in FUNDS_TYPES or currency not in CURRENCIES:
        raise not_found("Wallet", f"{funds_type}_{currency}")
    return client_wallet(world, funds_type, currency)


ROUTES = (
    Route("GET", f"{API}/clients", view),
    Route("PUT", f"{API}/clients", update),
    Route("PUT", f"{API}/clients/logo", upload_logo),
    Route("GET", f"{API}/clients/wallets", list_wallets),
    Route("GET", f"{API}/clients/wallets/{{FundsType}}", list_wallets_of_type),
    Route("GET", f"{API}/clients/wallets/{{FundsType}}/{{Currency}}", view_wallet),
    Route("GET", f"{API}/clients/wallets/{{FundsType}}/{{Currency}}/transactions", transactions),
)

CONTROLS = {"client.activate": activate}

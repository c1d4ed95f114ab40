"""The platform itself: its profile, and the wallets of its fees and of its repudiations.

Source: https://docs.mangopay.com/api-reference/client
"""

from starlette.responses import JSONResponse, Response

from services.emulator.call import Call
from services.emulator.errors import not_found
from services.emulator.listing import TRANSACTION_FILTERS, page
from services.emulator.router import API, Route
from services.emulator.routes.wallets import wallet_transactions
from services.emulator.store import Entity, wire
from services.emulator.transactions import row
from services.emulator.world import World


def view(world: World, call: Call) -> Response:  # noqa: ARG001  (there is one client, whoever asks)
    client_id = world.config.client_id
    return JSONResponse(
        {
            "PlatformType": None,
            "ClientId": client_id,
            "Name": "Local Market",
            "RegisteredName": "Local Market SAS",
            "TechEmails": ["tech@local-market.example"],
            "AdminEmails": ["admin@local-market.example"],
            "BillingEmails": ["billing@local-market.example"],
            "FraudEmails": ["fraud@local-market.example"],
            "HeadquartersAddress": {
                "AddressLine1": "12 rue des Halles",
                "AddressLine2": None,
                "City": "Paris",
                "Region": None,
                "PostalCode": "75001",
                "Country": "FR",
            },
            "HeadquartersPhoneNumber": "+33100000000",
            "TaxNumber": None,
            "PlatformCategorization": {"BusinessType": "MARKETPLACE", "Sector": "OTHERS"},
            "PlatformURL": "https://local-market.example",
            "PlatformDescription": "A marketplace that exists in an emulator only.",
            "CompanyReference": None,
            "PrimaryThemeColour": "#2F3A8F",
            "PrimaryButtonColour": "#2F3A8F",
            "Logo": None,
            "CompanyNumber": "123456789",
            "MCC": None,
            "Licensor": "EU",
        }
    )


def list_wallets(world: World, call: Call) -> Response:
    return page(world, call, _wallets(world))


def list_wallets_of_type(world: World, call: Call) -> Response:
    funds_type = call.params["FundsType"].upper()
    return page(world, call, [wallet for wallet in _wallets(world) if wallet["FundsType"] == funds_type])


def view_wallet(world: World, call: Call) -> Response:
    return JSONResponse(wire(_wallet_of(world, call)))


def transactions(world: World, call: Call) -> Response:
    rows = wallet_transactions(world, _wallet_of(world, call))
    return page(world, call, rows, filters=TRANSACTION_FILTERS, shape=row)


def _wallets(world: World) -> list[Entity]:
    return world.store.wallets.where("_OwnerId", world.config.client_id)


def _wallet_of(world: World, call: Call) -> Entity:
    wallet_id = f"{call.params['FundsType']}_{call.params['Currency']}".upper()
    wallet = world.store.wallets.get(wallet_id)
    if wallet is None:
        raise not_found("Wallet", wallet_id)
    return wallet


ROUTES = (
    Route("GET", f"{API}/clients", view),
    Route("GET", f"{API}/clients/wallets", list_wallets),
    Route("GET", f"{API}/clients/wallets/{{FundsType}}", list_wallets_of_type),
    Route("GET", f"{API}/clients/wallets/{{FundsType}}/{{Currency}}", view_wallet),
    Route("GET", f"{API}/clients/wallets/{{FundsType}}/{{Currency}}/transactions", transactions),
)

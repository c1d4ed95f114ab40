"""The platform itself: its profile, and the wallets of its fees and of its repudiations.

Source: https://docs.mangopay.com/api-reference/client
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import not_found
from services.emulator.engine.listing import TRANSACTION_FILTERS, page
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.rules.transactions import row

# The wallets of the platform itself: what it has earned, and what it owes for repudiations.
FUNDS_TYPES = ("FEES", "CREDIT")


def view(world: World, call: Call) -> Response:  # noqa: ARG001  (there is one client, whoever asks)
    client_id = world.config.client_id
    return Answer(
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
    return page(world, call, world.store.wallets.select("_OwnerId", world.config.client_id))


def list_wallets_of_type(world: World, call: Call) -> Response:
    funds_type = call.params["FundsType"].upper()
    if funds_type not in FUNDS_TYPES:
        raise not_found("Wallet", funds_type)
    return page(world, call, world.store.wallets.select("FundsType", funds_type))


def view_wallet(world: World, call: Call) -> Response:
    return Answer(wire(_wallet_of(world, call)))


def transactions(world: World, call: Call) -> Response:
    rows = world.store.transactions.select("_WalletIds", _wallet_of(world, call)["Id"])
    return page(world, call, rows, filters=TRANSACTION_FILTERS, shape=row)


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

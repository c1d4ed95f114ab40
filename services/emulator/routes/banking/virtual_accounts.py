"""Virtual accounts of wallets: what arrives there is paid in.

Source: https://docs.mangopay.com/api-reference/virtual-accounts
Chosen: both kinds of account are available in every country of theirs but Liechtenstein, and closing a closed account
changes nothing.
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import invalid_action, not_found
from services.emulator.engine.fields import Fields
from services.emulator.engine.listing import page
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.rules import virtual_accounts
from services.emulator.rules.virtual_accounts import COUNTRIES, PURPOSES, become

# Where an account can be blocked, unblocked, closed or refused from.
BEFORE = {
    "BLOCKED": ("ACTIVE",),
    "ACTIVE": ("BLOCKED",),
    "CLOSED": ("ACTIVE", "BLOCKED"),
    "FAILED": ("ACTIVE", "BLOCKED"),
}
REFUSED = "001999"


def create(world: World, call: Call) -> Response:
    wallet, fields = wallet_of(world, call), Fields(call.body)
    fields.require("Country", "VirtualAccountPurpose")
    country, purpose = fields.country("Country"), fields.choice("VirtualAccountPurpose", PURPOSES)
    tag = fields.text("Tag")
    fields.check()
    virtual_accounts.check_owner(world.store.users.get(wallet["_OwnerId"]), str(purpose))
    virtual_accounts.check_country(wallet["Currency"], str(country), COUNTRIES)
    virtual_accounts.check_wallet(world, wallet, str(purpose))
    account = virtual_accounts.open_account(world, wallet, country=str(country), purpose=str(purpose), tag=tag)
    return Answer(wire(account))


def view(world: World, call: Call) -> Response:
    wallet, account, alias = _found(world, call)
    return Answer(wire(account) if alias is None else virtual_accounts.from_alias(alias, wallet["Currency"]))


def update(world: World, call: Call) -> Response:
    """Close the account for good, which is all that can be done to it."""
    wallet, account, alias = _found(world, call)
    fields = Fields(call.body)
    if fields.has("Active") and fields.flag("Active") is not False:
        fields.refuse("Active", "The Active field must be false")
    fields.check()
    if alias is not None:
        alias["Active"] = False
        world.store.banking_aliases.save(alias)
        return Answer(virtual_accounts.from_alias(alias, wallet["Currency"]))
    if account["Status"] in BEFORE["CLOSED"]:
        become(world, account, "CLOSED")
    return Answer(wire(account))


def list_of_wallet(world: World, call: Call) -> Response:
    rows = world.store.virtual_accounts.select("WalletId", wallet_of(world, call)["Id"])
    return page(world, call, rows, filters=("Status", "VirtualAccountPurpose"))


def view_availability(world: World, call: Call) -> Response:  # noqa: ARG001  (the same for everybody)
    rows = [
        {"Country": country, "Available": True, "Currencies": [currency]}
        for currency, countries in COUNTRIES.items()
        for country in countries
    ]
    rows.append({"Country": "LI", "Available": False, "Currencies": ["CHF"]})
    return Answer({"Collection": rows, "UserOwned": rows})


def wallet_of(world: World, call: Call) -> Entity:
    return world.find(world.store.wallets, call.params["WalletId"], "Wallet")


def block(world: World, account_id: str, _fields: Fields) -> Entity:
    return _change(world, account_id, "BLOCKED")


def unblock(world: World, account_id: str, _fields: Fields) -> Entity:
    return _change(world, account_id, "ACTIVE")


def close(world: World, account_id: str, _fields: Fields) -> Entity:
    return _change(world, account_id, "CLOSED")


def fail(world: World, account_id: str, _fields: Fields) -> Entity:
    """Let an account turn out never to have been opened."""
    return _change(world, account_id, "FAILED", REFUSED)


def _change(world: World, account_id: str, status: str, result_code: str | None = None) -> Entity:
    account = world.find(world.store.virtual_accounts, account_id, "VirtualAccount")
    if account["Status"] not in BEFORE[status]:
        raise invalid_action(f"The virtual account is {account['Status']}")
    return become(world, account, status, result_code)


def _found(world: World, call: Call) -> tuple[Entity, Entity, Entity | None]:
    """Return the wallet, its virtual account, and, if that is one, the banking alias called as such."""
    wallet, account_id = wallet_of(world, call), call.params["VirtualAccountId"]
    alias = world.store.banking_aliases.get(account_id)
    account = alias or world.store.virtual_accounts.get(account_id)
    if account is None or account["WalletId"] != wallet["Id"]:
        raise not_found("VirtualAccount", account_id)
    return wallet, account, alias


OF_WALLET = f"{API}/wallets/{{WalletId}}/virtual-accounts"
ROUTES = (
    Route("POST", OF_WALLET, create),
    Route("GET", OF_WALLET, list_of_wallet),
    Route("GET", f"{OF_WALLET}/{{VirtualAccountId}}", view),
    Route("PUT", f"{OF_WALLET}/{{VirtualAccountId}}", update),
    Route("GET", f"{API}/virtual-accounts/availability", view_availability),
)

CONTROLS = {
    "virtual_account.block": block,
    "virtual_account.unblock": unblock,
    "virtual_account.close": close,
    "virtual_account.fail": fail,
}

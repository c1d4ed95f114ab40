"""Banking aliases: one account of its own for a wallet, as there were before virtual accounts.

Source: https://docs.mangopay.com/api-reference/banking-aliases
Chosen: a wallet has one alias in its life, even after that has been deactivated; an OTHER alias, which only clients
still know, is an account number in any country for a wallet of any currency.
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.fields import Fields
from services.emulator.engine.ids import new_id
from services.emulator.engine.listing import page
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.routes.banking.virtual_accounts import wallet_of
from services.emulator.rules import account_numbers, virtual_accounts
from services.emulator.rules.users import is_owner
from services.emulator.rules.virtual_accounts import COLLECTION, USER_OWNED

COUNTRIES = {"EUR": ("LU", "FR", "ES", "DE"), "GBP": ("GB",), "DKK": ("DK",), "PLN": ("PL",)}
SUPPORTED = tuple(country for countries in COUNTRIES.values() for country in countries)
OTHER_BIC = "MPAYLUL1XXX"


def create_iban(world: World, call: Call) -> Response:
    wallet, fields = wallet_of(world, call), Fields(call.body)
    fields.require("OwnerName", "Country")
    country, tag = fields.choice("Country", SUPPORTED) or "", fields.text("Tag")
    fields.text("OwnerName")
    fields.check()
    virtual_accounts.check_country(wallet["Currency"], country, COUNTRIES)
    _check_wallet(world, wallet)
    numbers = account_numbers.draw(country)
    local = {name: numbers[name] for name in ("SortCode", "AccountNumber")} if country == "GB" else None
    own: Entity = {"IBAN": numbers["IBAN"], "BIC": numbers["BIC"], "LocalAccountDetails": local}
    own |= {"_Account": numbers, "_Numbers": account_numbers.found_by(numbers)}
    alias = _alias(world, wallet, own, kind="GB" if country == "GB" else "IBAN", country=country, tag=tag)
    return Answer(wire(world.store.banking_aliases.save(alias)))


def create_other(world: World, call: Call) -> Response:
    wallet, fields = wallet_of(world, call), Fields(call.body)
    fields.require("OwnerName", "Country")
    country, tag = fields.country("Country") or "", fields.text("Tag")
    fields.text("OwnerName")
    fields.check()
    _check_wallet(world, wallet)
    numbers = account_numbers.draw("")
    own: Entity = {"AccountNumber": numbers["AccountNumber"], "BIC": OTHER_BIC, "LocalAccountDetails": None}
    own |= {"_Account": numbers, "_Numbers": account_numbers.found_by(numbers)}
    alias = _alias(world, wallet, own, kind="OTHER", country=country, tag=tag)
    return Answer(wire(world.store.banking_aliases.save(alias)))


def view(world: World, call: Call) -> Response:
    return Answer(wire(_alias_of(world, call)))


def update(world: World, call: Call) -> Response:
    """Deactivate, which is all that can be changed, and for good."""
    alias, fields = _alias_of(world, call), Fields(call.body)
    if fields.flag("Active") is not False:
        fields.refuse("Active", "The Active field must be false")
    fields.check()
    alias["Active"] = False
    return Answer(wire(world.store.banking_aliases.save(alias)))


def list_of_wallet(world: World, call: Call) -> Response:
    return page(world, call, world.store.banking_aliases.select("WalletId", wallet_of(world, call)["Id"]))


def _alias(world: World, wallet: Entity, own: Entity, *, kind: str, country: str, tag: str | None) -> Entity:
    """Return an alias in the name of a verified OWNER, else in the platform's, whatever name was asked for."""
    user = world.store.users.get(wallet["_OwnerId"])
    is_verified_owner = user is not None and is_owner(user) and user["KYCLevel"] == "REGULAR"
    purpose = USER_OWNED if is_verified_owner else COLLECTION
    return {
        "OwnerName": virtual_accounts.owner_name(world, user, purpose),
        **own,
        # The reference calls it by the second name, clients by the first.
        "VirtualAccountPurpose": purpose,
        "VirtualAccountPurposeResponse": purpose,
        "CreditedUserId": wallet["_OwnerId"],
        "Country": country,
        "Tag": tag,
        "CreationDate": world.clock.now(),
        "Active": True,
        "Type": kind,
        "Id": new_id("wltbank_m_"),
        "WalletId": wallet["Id"],
    }


def _check_wallet(world: World, wallet: Entity) -> None:
    virtual_accounts.check_owner(world.store.users.get(wallet["_OwnerId"]), COLLECTION)
    if len(world.store.banking_aliases.select("WalletId", wallet["Id"])):
        raise virtual_accounts.alias_exists()


def _alias_of(world: World, call: Call) -> Entity:
    return world.find(world.store.banking_aliases, call.params["BankingAliasId"], "BankingAlias")


OF_WALLET = f"{API}/wallets/{{WalletId}}/bankingaliases"
ROUTES = (
    Route("POST", f"{OF_WALLET}/iban", create_iban),
    Route("POST", f"{OF_WALLET}/accountNumber", create_other),
    Route("GET", OF_WALLET, list_of_wallet),
    Route("GET", f"{API}/bankingaliases/{{BankingAliasId}}", view),
    Route("PUT", f"{API}/bankingaliases/{{BankingAliasId}}", update),
)

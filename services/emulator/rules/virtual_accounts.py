"""Virtual accounts: which a wallet may have, who owns them, and what happens to them.

Source: https://docs.mangopay.com/api-reference/virtual-accounts/virtual-account-object
Chosen: accounts for collection are in the name of `MGP` and the ClientId; one is open as soon as it is asked for;
accounts in USD and CAD can be had too, although the message about currencies leaves them out.
"""

from services.emulator.engine.errors import ApiError
from services.emulator.engine.ids import new_id
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.rules import account_numbers
from services.emulator.rules.result_codes import MESSAGES, SUCCESS
from services.emulator.rules.users import is_owner, refuse_closed

COLLECTION, USER_OWNED = "COLLECTION", "USER_OWNED"
PURPOSES = (COLLECTION, USER_OWNED)
NAME_OF_PURPOSE = {COLLECTION: "Collection", USER_OWNED: "User Owned"}
COUNTRIES = {
    "EUR": ("LU", "FR", "ES", "DE"),
    "GBP": ("GB",),
    "AUD": ("AU",),
    "DKK": ("DK",),
    "PLN": ("PL",),
    "USD": ("US",),
    "CAD": ("CA",),
}
OPEN = ("pending", "active", "blocked")


def check_country(currency: str, country: str, countries: dict[str, tuple[str, ...]]) -> None:
    """Raise ApiError 400 unless a wallet of the currency may have an account in the country."""
    if currency not in countries:
        message = "Wallet currency not supported. Supported values: EUR/GBP/AUD/DKK/PLN."
        raise ApiError(400, "wallet_currency_not_supported", message)
    if country not in countries[currency]:
        possible = "/".join(countries[currency])
        message = f"Invalid country {country} for {currency} wallet. Possible value(s): {possible}."
        raise ApiError(400, "country_not_associated_to_wallet_currency", message)


def check_wallet(world: World, wallet: Entity, purpose: str) -> None:
    """Raise ApiError 400 if the wallet has an account of another kind already."""
    if len(world.store.banking_aliases.select("WalletId", wallet["Id"])):
        raise alias_exists()
    other = USER_OWNED if purpose == COLLECTION else COLLECTION
    _, count = world.store.virtual_accounts.select("WalletId", wallet["Id"]).page(
        wanted={"VirtualAccountPurpose": (other.lower(),), "Status": OPEN},
        after=0,
        before=None,
        newest_first=False,
        start=0,
        size=1,
    )
    if count:
        message = f"The wallet already has an associated {NAME_OF_PURPOSE[other]} Virtual Account"
        raise ApiError(400, "incorrect_account_purpose_for_wallet", message)


def check_owner(user: Entity | None, purpose: str) -> None:
    """Raise ApiError unless the wallet's owner may have accounts, which in their own name takes more."""
    if user is not None:
        refuse_closed(user)
    if purpose == COLLECTION:
        return
    if user is None or not is_owner(user) or user["KYCLevel"] != "REGULAR":
        raise ApiError(403, "forbidden_ressource", "This endpoint is not available for your account")
    address = user["Address" if user["PersonType"] == "NATURAL" else "HeadquartersAddress"] or {}
    if not (address.get("AddressLine1") and address.get("City") and address.get("Country")):
        raise ApiError(400, "user_error", "The address of the user is missing or incomplete")


def alias_exists() -> ApiError:
    message = "There is already a banking alias existing for this wallet"
    return ApiError(400, "wallet_banking_alias_already_exists", message)


def owner_name(world: World, user: Entity | None, purpose: str) -> str:
    if user is None or purpose == COLLECTION:
        return f"MGP {world.config.client_id}"
    return str(user["Name"]) if user["PersonType"] == "LEGAL" else f"{user['FirstName']} {user['LastName']}"


def open_account(world: World, wallet: Entity, *, country: str, purpose: str, tag: str | None) -> Entity:
    numbers, user = account_numbers.draw(country), world.store.users.get(wallet["_OwnerId"])
    account = {
        "Id": new_id("wltbank_m_"),
        "Tag": tag,
        "CreationDate": world.clock.now(),
        "WalletId": wallet["Id"],
        "CreditedUserId": wallet["_OwnerId"],
        "VirtualAccountPurpose": purpose,
        "Country": country,
        "Status": "PENDING",
        "Active": False,
        "AccountOwner": owner_name(world, user, purpose),
        **_details(country, numbers, wallet["Currency"]),
        "ResultCode": None,
        "ResultMessage": None,
        "_Numbers": account_numbers.found_by(numbers),
    }
    return become(world, account, "ACTIVE", SUCCESS)


def from_alias(alias: Entity, currency: str) -> Entity:
    """Return a banking alias as the virtual account it can be called as."""
    names = ("Id", "Tag", "CreationDate", "WalletId", "CreditedUserId", "VirtualAccountPurpose", "Country")
    return {
        **{name: alias[name] for name in names},
        "Status": "ACTIVE" if alias["Active"] else "CLOSED",
        "Active": alias["Active"],
        "AccountOwner": alias["OwnerName"],
        **_details(alias["Country"], alias["_Account"], currency),
        "ResultCode": SUCCESS,
        "ResultMessage": MESSAGES[SUCCESS],
    }


def become(world: World, account: Entity, status: str, result_code: str | None = None) -> Entity:
    """Give an account a status, and tell of it; only an ACTIVE one receives wires."""
    account |= {"Status": status, "Active": status == "ACTIVE"}
    if result_code is not None:
        account |= {"ResultCode": result_code, "ResultMessage": MESSAGES[result_code]}
    world.store.virtual_accounts.save(account)
    world.emit(f"VIRTUAL_ACCOUNT_{status}", account["Id"])
    return account


def _details(country: str, numbers: Entity, currency: str) -> Entity:
    abroad = account_numbers.international(numbers)
    return {
        "LocalAccountDetails": account_numbers.local(country, numbers),
        "InternationalAccountDetails": abroad,
        "Capabilities": {
            "LocalPayinAvailable": True,
            "InternationalPayinAvailable": abroad is not None,
            "Currencies": [currency],
        },
    }

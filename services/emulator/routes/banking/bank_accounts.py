"""Bank accounts of the five legacy kinds, of users and of the platform itself.

Source: https://docs.mangopay.com/api-reference/bank-accounts
Chosen: payouts go to accounts opened here whatever their date, because clients' own suites still pay out to them
(payouts.py has the switch for 121018); of British sort codes and account numbers only those of zeros alone are unknown
to the bank, and no account is blocked by its fraud policy.
"""

from collections.abc import Callable, Mapping
from functools import partial

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import ApiError, not_found
from services.emulator.engine.fields import Fields
from services.emulator.engine.ids import new_id
from services.emulator.engine.listing import TRANSACTION_FILTERS, page
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.routes.users.users import user_of
from services.emulator.rules import legacy_recipients
from services.emulator.rules.countries import BANK_ACCOUNT_CREATION, is_blocked
from services.emulator.rules.ibans import BIC, is_iban
from services.emulator.rules.transactions import row
from services.emulator.rules.users import refuse_closed

DEPOSIT_ACCOUNT_TYPES = ("CHECKING", "SAVINGS")


def create(world: World, call: Call, *, kind: str) -> Response:
    user, fields = user_of(world, call), Fields(call.body)
    refuse_closed(user)
    account = _read(world, fields, kind, owner_id=user["Id"])
    world.store.bank_accounts.save(account)
    legacy_recipients.mirror(world, account, user)
    return Answer(wire(account))


def create_of_platform(world: World, call: Call) -> Response:
    account = _read(world, Fields(call.body), "IBAN", owner_id=world.config.client_id)
    return Answer(wire(world.store.bank_accounts.save(account)))


def view(world: World, call: Call) -> Response:
    return Answer(wire(_account_of(world, call)))


def list_of_user(world: World, call: Call) -> Response:
    return page(
        world, call, world.store.bank_accounts.select("UserId", user_of(world, call)["Id"]), filters=("Active",)
    )


def update(world: World, call: Call) -> Response:
    """Deactivate, which is all that can be changed, and for good."""
    account, fields = _account_of(world, call), Fields(call.body)
    if fields.flag("Active") is not False:
        fields.refuse("Active", "The Active field must be false")
    fields.check()
    account["Active"] = False
    world.store.bank_accounts.save(account)
    legacy_recipients.deactivate_mirror(world, account)
    return Answer(wire(account))


def transactions(world: World, call: Call) -> Response:
    account_id = call.params["BankAccountId"]
    if world.store.bank_accounts.get(account_id) is None and world.store.recipients.get(account_id) is None:
        raise not_found("BankAccount", account_id)
    rows = world.store.transactions.select("_AccountId", account_id)
    return page(world, call, rows, filters=TRANSACTION_FILTERS, shape=row)


def _read(world: World, fields: Fields, kind: str, *, owner_id: str) -> Entity:
    """Return an account with the fields of its kind in the order they are sent; raises ApiError."""
    fields.require("OwnerName", "OwnerAddress")
    fields.within("OwnerAddress").require("AddressLine1", "City", "PostalCode", "Country")
    account = {
        "OwnerAddress": fields.address("OwnerAddress"),
        **KINDS[kind](fields),
        "UserId": owner_id,
        "OwnerName": fields.text("OwnerName"),
        "Type": kind,
        "Id": new_id("bankacc_m_"),
        "Tag": fields.text("Tag"),
        "CreationDate": world.clock.now(),
        "Active": True,
    }
    for name in ("IBAN", "Country"):
        if is_blocked(world, (account.get(name) or "")[:2], BANK_ACCOUNT_CREATION):
            fields.refuse(name, f"The {name} used is blocked")
    fields.check()
    if kind == "GB":
        _ask_british_bank(account)
    return account


def _iban(fields: Fields) -> Entity:
    fields.require("IBAN")
    iban = "".join((fields.text("IBAN") or "").split()).upper()
    if not is_iban(iban):
        fields.refuse("IBAN", "The value is not a valid IBAN")
    return {"IBAN": iban, "BIC": _bic(fields)}


def _gb(fields: Fields) -> Entity:
    fields.require("AccountNumber", "SortCode")
    return {
        "AccountNumber": fields.matching("AccountNumber", r"^\d{8}$"),
        "SortCode": fields.matching("SortCode", r"^\d{6}$"),
    }


def _us(fields: Fields) -> Entity:
    fields.require("AccountNumber", "ABA")
    return {
        "AccountNumber": fields.matching("AccountNumber", r"^\d{1,34}$"),
        "ABA": fields.matching("ABA", r"^\d{9}$"),
        "DepositAccountType": fields.choice("DepositAccountType", DEPOSIT_ACCOUNT_TYPES) or "CHECKING",
    }


def _ca(fields: Fields) -> Entity:
    fields.require("AccountNumber", "InstitutionNumber", "BranchCode", "BankName")
    return {
        "AccountNumber": fields.matching("AccountNumber", r"^\d{7,35}$"),
        "InstitutionNumber": fields.matching("InstitutionNumber", r"^\d{3}$"),
        "BranchCode": fields.matching("BranchCode", r"^\d{5}$"),
        "BankName": fields.matching("BankName", r"^[\w\s]{1,50}$"),
    }


def _other(fields: Fields) -> Entity:
    fields.require("AccountNumber", "BIC", "Country")
    return {
        "AccountNumber": fields.matching("AccountNumber", r"^[a-zA-Z0-9]{5,35}$"),
        "BIC": _bic(fields),
        "Country": fields.country("Country"),
    }


def _bic(fields: Fields) -> str | None:
    """Return the BIC, or None: clients send an empty one where they know none."""
    return fields.matching("BIC", BIC) if fields.body.get("BIC") != "" else None


def _ask_british_bank(account: Entity) -> None:
    if not account["SortCode"].strip("0"):
        errors = {"SortCode": "SortCode is invalid"}
    elif not account["AccountNumber"].strip("0"):
        errors = {"AccountNumber": "AccountNumber is invalid or is not applicable for this SortCode"}
    else:
        return
    message = "One or several required parameters are missing or incorrect"
    raise ApiError(400, "bankaccount_error", message, errors)


def _account_of(world: World, call: Call) -> Entity:
    user, account_id = user_of(world, call), call.params["BankAccountId"]
    account = world.find(world.store.bank_accounts, account_id, "BankAccount")
    if account["UserId"] != user["Id"]:
        raise not_found("BankAccount", account_id)
    return account


KINDS: Mapping[str, Callable[[Fields], Entity]] = {"IBAN": _iban, "GB": _gb, "US": _us, "CA": _ca, "OTHER": _other}
OF_USER = f"{API}/users/{{UserId}}/bankaccounts"
ROUTES = (
    *(Route("POST", f"{OF_USER}/{kind.lower()}", partial(create, kind=kind)) for kind in KINDS),
    Route("GET", OF_USER, list_of_user),
    Route("GET", f"{OF_USER}/{{BankAccountId}}", view),
    Route("PUT", f"{OF_USER}/{{BankAccountId}}", update),
    Route("GET", f"{API}/bankaccounts/{{BankAccountId}}/transactions", transactions),
    Route("POST", f"{API}/clients/bankaccounts/iban", create_of_platform),
)

"""Bank accounts to pay out to: legacy IBAN accounts.

Source: https://docs.mangopay.com/api-reference/bank-accounts
"""

import re

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.fields import Fields
from services.emulator.engine.ids import new_id
from services.emulator.engine.listing import TRANSACTION_FILTERS, page
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.routes.users.users import user_of
from services.emulator.rules.transactions import row

BIC = r"[a-zA-Z]{6}\w{2}(\w{3})?"


def create_iban(world: World, call: Call) -> Response:
    user, fields = user_of(world, call), Fields(call.body)
    fields.require("OwnerName", "OwnerAddress", "IBAN")
    iban = (fields.text("IBAN", longest=34) or "").replace(" ", "").upper()
    if not is_iban(iban):
        fields.refuse("IBAN", "The value is not a valid IBAN")
    account = {
        "OwnerAddress": fields.address("OwnerAddress"),
        "IBAN": iban,
        "BIC": fields.matching("BIC", BIC),
        "UserId": user["Id"],
        "OwnerName": fields.text("OwnerName"),
        "Type": "IBAN",
        "Id": new_id("bankacc_m_"),
        "Tag": fields.text("Tag"),
        "CreationDate": world.clock.now(),
        "Active": True,
    }
    fields.check()
    return Answer(wire(world.store.bank_accounts.save(account)))


def view(world: World, call: Call) -> Response:
    return Answer(wire(_account_of(world, call)))


def update(world: World, call: Call) -> Response:
    """Deactivate, which is all that can be changed, and for good."""
    account, fields = _account_of(world, call), Fields(call.body)
    if fields.flag("Active") is not False:
        fields.refuse("Active", "The Active field must be false")
    fields.check()
    account["Active"] = False
    return Answer(wire(world.store.bank_accounts.save(account)))


def transactions(world: World, call: Call) -> Response:
    account = world.find(world.store.bank_accounts, call.params["BankAccountId"], "BankAccount")
    rows = world.store.transactions.select("BankAccountId", account["Id"])
    return page(world, call, rows, filters=TRANSACTION_FILTERS, shape=row)


def is_iban(text: str) -> bool:
    """Check the form and the two check digits: read as a number, modulo 97 must be 1."""
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", text):
        return False
    return int("".join(str(int(character, 36)) for character in text[4:] + text[:4])) % 97 == 1


def _account_of(world: World, call: Call) -> Entity:
    account = world.find(world.store.bank_accounts, call.params["BankAccountId"], "BankAccount")
    if account["UserId"] != user_of(world, call)["Id"]:
        account = world.find(world.store.bank_accounts, "", "BankAccount")
    return account


ROUTES = (
    Route("POST", f"{API}/users/{{UserId}}/bankaccounts/iban", create_iban),
    Route("GET", f"{API}/users/{{UserId}}/bankaccounts/{{BankAccountId}}", view),
    Route("PUT", f"{API}/users/{{UserId}}/bankaccounts/{{BankAccountId}}", update),
    Route("GET", f"{API}/bankaccounts/{{BankAccountId}}/transactions", transactions),
)

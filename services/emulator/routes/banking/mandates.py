"""Mandates, by which a user lets a bank account be debited.

Source: https://docs.mangopay.com/api-reference/mandates
Chosen: a mandate is of an ACTIVE account in the SEPA or of a British one; RecipientId is null where the account was
named by BankAccountId and the other way round, and both lists of an account's mandates show it.
"""

from functools import partial

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import ApiError, invalid_action, not_found
from services.emulator.engine.fields import Fields
from services.emulator.engine.ids import new_id
from services.emulator.engine.listing import TRANSACTION_FILTERS, page
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.routes.users.users import user_of
from services.emulator.rules import mandates
from services.emulator.rules.transactions import row
from services.emulator.rules.users import refuse_closed

# Under which paths accounts are found, and what one is called.
ACCOUNTS = {"bankaccounts": "BankAccount", "recipients": "Recipient"}
CULTURES = ("DE", "EN", "ES", "FR", "IT", "NL", "PL")
# Why a bank or its customer ends a mandate; the remaining codes have endpoints or clocks of their own.
FAILURES = ("001801", "001802", "001803", "001804", "001805", "001806", "001807")


def create(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    name = "RecipientId" if fields.body.get("RecipientId") else "BankAccountId"
    account = _read_account(world, fields, name)
    fields.require("Culture", "ReturnURL")
    culture = fields.choice("Culture", CULTURES)
    if account and mandates.scheme_of(account) == "BACS" and culture not in (None, "EN"):
        fields.refuse("Culture", "The Culture of a mandate must be EN for the scheme BACS")
    return_url, tag = fields.text("ReturnURL", longest=220), fields.text("Tag")
    fields.check()
    refuse_closed(world.find(world.store.users, account["UserId"], "User"))
    mandate = _new(world, account, name, culture=str(culture), return_url=str(return_url), tag=tag)
    world.store.mandates.save(mandate)
    world.emit("MANDATE_CREATED", mandate["Id"])
    world.later("mandate.lapse", mandate["Id"], after_s=mandates.CONFIRMABLE_S)
    return Answer(wire(mandate))


def view(world: World, call: Call) -> Response:
    return Answer(wire(find_mandate(world, call.params["MandateId"])))


def cancel(world: World, call: Call) -> Response:
    mandate = find_mandate(world, call.params["MandateId"])
    if mandate["Status"] not in mandates.USABLE:
        message = "The Status of this mandate does not allow it to be cancelled"
        raise ApiError(400, "mandate_cannot_be_cancelled", message)
    mandates.fail(world, mandate, mandates.CANCELLED_BY_CLIENT)
    return Answer(wire(mandate))


def list_all(world: World, call: Call) -> Response:
    return page(world, call, world.store.mandates.all(), filters=("Status",))


def list_of_user(world: World, call: Call) -> Response:
    return page(world, call, world.store.mandates.select("UserId", user_of(world, call)["Id"]), filters=("Status",))


def list_of_account(world: World, call: Call, *, kind: str) -> Response:
    """List those of a bank account or of a recipient, whichever it is called by."""
    user, account_id = user_of(world, call), call.params["AccountId"]
    account = world.store.recipients.get(account_id)
    if account is None or account["UserId"] != user["Id"]:
        raise not_found(kind, account_id)
    return page(world, call, world.store.mandates.select("_AccountId", account_id), filters=("Status",))


def transactions(world: World, call: Call) -> Response:
    mandate = find_mandate(world, call.params["MandateId"])
    rows = world.store.transactions.select("MandateId", mandate["Id"])
    return page(world, call, rows, filters=TRANSACTION_FILTERS, shape=row)


def find_mandate(world: World, mandate_id: str) -> Entity:
    return world.find(world.store.mandates, mandate_id, "Mandate")


def activate(world: World, mandate_id: str, _fields: Fields) -> Entity:
    """Let the bank accept a SUBMITTED mandate."""
    mandate = find_mandate(world, mandate_id)
    if mandate["Status"] != "SUBMITTED":
        raise invalid_action(f"The mandate is {mandate['Status']}")
    mandates.activate(world, mandate)
    return mandate


def fail(world: World, mandate_id: str, fields: Fields) -> Entity:
    """End a mandate with the `ResultCode` of the body; the account has been closed if it has none."""
    mandate = _undecided(world, mandate_id)
    code = fields.choice("ResultCode", FAILURES) or FAILURES[0]
    fields.check()
    mandates.fail(world, mandate, code)
    return mandate


def expire(world: World, mandate_id: str, _fields: Fields) -> Entity:
    """Let 24 months have passed without a payment."""
    mandate = _undecided(world, mandate_id)
    mandates.expire(world, mandate)
    return mandate


def _undecided(world: World, mandate_id: str) -> Entity:
    mandate = find_mandate(world, mandate_id)
    if mandate["Status"] in ("FAILED", "EXPIRED"):
        raise invalid_action(f"The mandate is {mandate['Status']} already")
    return mandate


def _read_account(world: World, fields: Fields, name: str) -> Entity:
    """Return the account as a recipient, which legacy bank accounts are too; an empty one if it is refused."""
    fields.require(name)
    account_id = fields.text(name)
    account = world.store.recipients.get(account_id)
    if account is None or account["Status"] != "ACTIVE" or mandates.scheme_of(account) is None:
        fields.refuse(name, f"The value {account_id} is not valid")
        return {}
    return account


def _new(world: World, account: Entity, name: str, *, culture: str, return_url: str, tag: str | None) -> Entity:
    """Return an unconfirmed mandate; `name` is the field by which the account was named."""
    mandate_id = new_id("mdt_m_")
    page_url = f"{world.config.base_url}/mandates/{mandate_id}"
    return {
        "Scheme": None,
        "BankAccountId": account["Id"] if name == "BankAccountId" else None,
        "RecipientId": account["Id"] if name == "RecipientId" else None,
        "BankReference": None,
        "Culture": culture,
        "DocumentURL": f"{page_url}/document",
        "ReturnURL": f"{return_url}{'&' if '?' in return_url else '?'}MandateId={mandate_id}",
        "RedirectURL": f"{page_url}/confirmation",
        "Id": mandate_id,
        "CreationDate": world.clock.now(),
        "Status": "CREATED",
        "UserId": account["UserId"],
        "ExecutionType": "WEB",
        "MandateType": "DIRECT_DEBIT",
        "Tag": tag,
        "ResultCode": None,
        "ResultMessage": None,
        "_AccountId": account["Id"],
        "_Scheme": mandates.scheme_of(account),
        "_ReturnURL": return_url,
    }


ROUTES = (
    Route("POST", f"{API}/mandates/directdebit/web", create),
    Route("GET", f"{API}/mandates", list_all),
    Route("GET", f"{API}/mandates/{{MandateId}}", view),
    Route("PUT", f"{API}/mandates/{{MandateId}}/cancel", cancel),
    Route("GET", f"{API}/mandates/{{MandateId}}/transactions", transactions),
    Route("GET", f"{API}/users/{{UserId}}/mandates", list_of_user),
    *(
        Route("GET", f"{API}/users/{{UserId}}/{path}/{{AccountId}}/mandates", partial(list_of_account, kind=kind))
        for path, kind in ACCOUNTS.items()
    ),
)

ACTS = {
    "mandate.lapse": mandates.lapse,
    "mandate.refuse": mandates.refuse,
    "mandate.expire": mandates.expire_unused,
}

CONTROLS = {"mandate.activate": activate, "mandate.fail": fail, "mandate.expire": expire}

"""Users as they are seen, with the lists of what belongs to them.

Source: https://docs.mangopay.com/api-reference/users
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.listing import TRANSACTION_FILTERS, page
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.rules.formatters import legacy_user, sca_user, user_row
from services.emulator.rules.transactions import row


def list_all(world: World, call: Call) -> Response:
    return page(world, call, world.store.users.all(), shape=user_row)


def view_sca(world: World, call: Call) -> Response:
    return Answer(sca_user(user_of(world, call)))


def view_legacy(world: World, call: Call) -> Response:
    return Answer(legacy_user(user_of(world, call)))


def regulatory(world: World, call: Call) -> Response:
    user = user_of(world, call)
    blocked = {"Inflows": False, "Outflows": False}
    renewal = {"LastKycDate": None, "KycRenewalDeadline": None}
    return Answer({"ActionCode": "", "ScopeBlocked": blocked, "Id": user["Id"], "KycInformation": renewal})


def wallets(world: World, call: Call) -> Response:
    return page(world, call, world.store.wallets.select("_OwnerId", user_of(world, call)["Id"]))


def cards(world: World, call: Call) -> Response:
    return page(world, call, world.store.cards.select("UserId", user_of(world, call)["Id"]), filters=("Active",))


def bank_accounts(world: World, call: Call) -> Response:
    rows = world.store.bank_accounts.select("UserId", user_of(world, call)["Id"])
    return page(world, call, rows, filters=("Active",))


def transactions(world: World, call: Call) -> Response:
    rows = world.store.transactions.select("AuthorId", user_of(world, call)["Id"])
    return page(world, call, rows, filters=TRANSACTION_FILTERS, shape=row)


def kyc_documents(world: World, call: Call) -> Response:
    rows = world.store.kyc_documents.select("UserId", user_of(world, call)["Id"])
    return page(world, call, rows, filters=("Status", "Type"))


def user_of(world: World, call: Call) -> Entity:
    return world.find(world.store.users, call.params["UserId"], "User")


ROUTES = (
    Route("GET", f"{API}/users", list_all),
    Route("GET", f"{API}/users/{{UserId}}", view_legacy),
    Route("GET", f"{API}/users/natural/{{UserId}}", view_legacy),
    Route("GET", f"{API}/users/legal/{{UserId}}", view_legacy),
    Route("GET", f"{API}/sca/users/{{UserId}}", view_sca),
    Route("GET", f"{API}/sca/users/natural/{{UserId}}", view_sca),
    Route("GET", f"{API}/sca/users/legal/{{UserId}}", view_sca),
    Route("GET", f"{API}/users/{{UserId}}/regulatory", regulatory),
    Route("GET", f"{API}/users/{{UserId}}/wallets", wallets),
    Route("GET", f"{API}/users/{{UserId}}/cards", cards),
    Route("GET", f"{API}/users/{{UserId}}/bankaccounts", bank_accounts),
    Route("GET", f"{API}/users/{{UserId}}/transactions", transactions),
    Route("GET", f"{API}/users/{{UserId}}/kyc/documents", kyc_documents),
)

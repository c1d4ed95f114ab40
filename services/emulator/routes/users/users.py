"""Users as they are seen, with the lists of what belongs to them.

Source: https://docs.mangopay.com/api-reference/users
"""

from collections.abc import Callable

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import not_found
from services.emulator.engine.listing import TRANSACTION_FILTERS, page
from services.emulator.engine.router import API, Handler, Route
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.rules.formatters import legacy_user, sca_user, user_row
from services.emulator.rules.sca import check_wallet_access
from services.emulator.rules.transactions import row


def list_all(world: World, call: Call) -> Response:
    return page(world, call, world.store.users.all(), shape=user_row)


def viewing(shape: Callable[[Entity], Entity], person_type: str | None = None) -> Handler:
    def view(world: World, call: Call) -> Response:
        return Answer(shape(person_of(world, call, person_type)))

    return view


def wallets(world: World, call: Call) -> Response:
    user_id = user_of(world, call)["Id"]
    check_wallet_access(world, call, user_id)
    return page(world, call, world.store.wallets.select("_OwnerId", user_id))


def cards(world: World, call: Call) -> Response:
    return page(world, call, world.store.cards.select("UserId", user_of(world, call)["Id"]), filters=("Active",))


def transactions(world: World, call: Call) -> Response:
    user_id = user_of(world, call)["Id"]
    check_wallet_access(world, call, user_id)
    rows = world.store.transactions.select("AuthorId", user_id)
    return page(world, call, rows, filters=TRANSACTION_FILTERS, shape=row)


def user_of(world: World, call: Call) -> Entity:
    return world.find(world.store.users, call.params["UserId"], "User")


def person_of(world: World, call: Call, person_type: str | None) -> Entity:
    """Return the user of a path that may be for natural or for legal ones alone; raises ApiError 404 for another."""
    user = user_of(world, call)
    if person_type not in (None, user["PersonType"]):
        raise not_found("User", user["Id"])
    return user


ROUTES = (
    Route("GET", f"{API}/users", list_all),
    Route("GET", f"{API}/users/{{UserId}}", viewing(legacy_user)),
    Route("GET", f"{API}/users/natural/{{UserId}}", viewing(legacy_user, "NATURAL")),
    Route("GET", f"{API}/users/legal/{{UserId}}", viewing(legacy_user, "LEGAL")),
    Route("GET", f"{API}/sca/users/{{UserId}}", viewing(sca_user)),
    Route("GET", f"{API}/sca/users/natural/{{UserId}}", viewing(sca_user, "NATURAL")),
    Route("GET", f"{API}/sca/users/legal/{{UserId}}", viewing(sca_user, "LEGAL")),
    Route("GET", f"{API}/users/{{UserId}}/wallets", wallets),
    Route("GET", f"{API}/users/{{UserId}}/cards", cards),
    Route("GET", f"{API}/users/{{UserId}}/transactions", transactions),
)

"""Opening, changing and closing a user's account, by the SCA endpoints and by the legacy ones, which know no SCA.

Source: https://docs.mangopay.com/api-reference/users
"""

from collections.abc import Callable
from copy import deepcopy

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import ApiError
from services.emulator.engine.fields import Fields
from services.emulator.engine.ids import new_id
from services.emulator.engine.router import API, Handler, Route
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.routes.users.users import user_of
from services.emulator.rules import sca
from services.emulator.rules.formatters import legacy_user, sca_user
from services.emulator.rules.users import (
    contact,
    is_owner,
    nested,
    outdate_documents,
    read_user,
    refuse_forbidden_changes,
)

PROOFS = {
    "NATURAL": ("ProofOfIdentity", "ProofOfAddress"),
    "LEGAL": ("ProofOfRegistration", "ShareholderDeclaration", "Statute"),
}


def creating(person_type: str) -> Handler:
    def create(world: World, call: Call) -> Response:
        user = _open_account(world, person_type, read_user(call.body, person_type))
        redirect = sca.ask(world, user) if is_owner(user) else None
        return Answer(sca_user(user) | {"PendingUserAction": redirect})

    return create


def updating(person_type: str) -> Handler:
    def update(world: World, call: Call) -> Response:
        fields = Fields(call.body)
        fields.require("TermsAndConditionsAccepted")
        fields.check()
        user = _user_of_type(world, call, person_type)
        before = _change(world, user, call.body)
        must_ask = is_owner(user) and contact(user) != contact(before)
        redirect = sca.ask(world, user) if must_ask else None
        return Answer(sca_user(user) | {"PendingUserAction": redirect})

    return update


def categorising(person_type: str) -> Handler:
    def categorise(world: World, call: Call) -> Response:
        user = _user_of_type(world, call, person_type)
        if is_owner(user):
            raise _wrong_category("OWNER")
        _change(world, user, call.body | {"UserCategory": "OWNER"})
        redirect = sca.ask(world, user)
        return Answer(sca_user(user) | {"PendingUserAction": redirect})

    return categorise


def creating_legacy(person_type: str) -> Handler:
    def create(world: World, call: Call) -> Response:
        body = {"UserCategory": "OWNER"} | _legacy_body(call, person_type)
        return Answer(legacy_user(_open_account(world, person_type, read_user(body, person_type))))

    return create


def updating_legacy(person_type: str) -> Handler:
    def update(world: World, call: Call) -> Response:
        user = _user_of_type(world, call, person_type)
        _change(world, user, _legacy_body(call, person_type))
        return Answer(legacy_user(user))

    return update


def enrol(world: World, call: Call) -> Response:
    user = user_of(world, call)
    if not is_owner(user):
        raise _wrong_category("PAYER")
    return Answer({"PendingUserAction": sca.redirect(world, user)})


def close(world: World, call: Call) -> Response:
    user = user_of(world, call)
    if user["UserStatus"] == "CLOSED":
        raise ApiError(400, "user_closure_failed", "An error occurred while closing the user")
    if any(wallet["Balance"]["Amount"] for wallet in world.store.wallets.where("_OwnerId", user["Id"])):
        message = "The user cannot be closed as one or several wallets are not empty"
        raise ApiError(400, "user_closure_not_possible", message)
    user["UserStatus"] = "CLOSED"
    world.store.users.save(user)
    world.emit("USER_ACCOUNT_CLOSED", user["Id"])
    return Response(status_code=204)


def _open_account(world: World, person_type: str, values: Entity) -> Entity:
    now = world.clock.now()
    user = values | dict.fromkeys(PROOFS[person_type])
    if person_type == "NATURAL":
        user["Capacity"] = "NORMAL"
    user |= {
        "Id": new_id("user_m_"),
        "CreationDate": now,
        "PersonType": person_type,
        "KYCLevel": "LIGHT",
        "TermsAndConditionsAcceptedDate": now if values["TermsAndConditionsAccepted"] else None,
        "UserStatus": "ACTIVE",
    }
    return world.store.users.save(user)


def _change(world: World, user: Entity, body: Entity) -> Entity:
    """Apply what a body names, leave the rest, and return the user as it was before."""
    before = deepcopy(user)
    changed = read_user(_merged(user, body), user["PersonType"])
    refuse_forbidden_changes(user, changed)
    user |= changed
    if user["TermsAndConditionsAccepted"] and not before["TermsAndConditionsAccepted"]:
        user["TermsAndConditionsAcceptedDate"] = world.clock.now()
    outdate_documents(world, user, before)
    world.store.users.save(user)
    if is_owner(user) and not is_owner(before):
        world.emit("USER_CATEGORY_UPDATED_TO_OWNER", user["Id"])
    return before


def _merged(known: Entity, said: Entity) -> Entity:
    """Return the known with what was said about it; a null says nothing, and an object speaks member by member."""
    merged = dict(known)
    for name, value in said.items():
        if isinstance(value, dict) and isinstance(known.get(name), dict):
            merged[name] = _merged(known[name], value)
        elif value is not None:
            merged[name] = value
    return merged


def _legacy_body(call: Call, person_type: str) -> Entity:
    return call.body if person_type == "NATURAL" else nested(call.body)


def _user_of_type(world: World, call: Call, person_type: str) -> Entity:
    user = user_of(world, call)
    if user["PersonType"] != person_type:
        fields = Fields(call.body)
        fields.refuse("UserId", f"The value {user['Id']} is not valid")
        fields.check()
    return user


def _wrong_category(category: str) -> ApiError:
    message = f"This endpoint is not allowed for User categorized as {category}"
    return ApiError(400, f"not_allowed_for_user_category_{category.lower()}", message)


def _routes(base: str, create: Callable[[str], Handler], update: Callable[[str], Handler]) -> tuple[Route, ...]:
    return (
        Route("POST", f"{base}/natural", create("NATURAL")),
        Route("POST", f"{base}/legal", create("LEGAL")),
        Route("PUT", f"{base}/natural/{{UserId}}", update("NATURAL")),
        Route("PUT", f"{base}/legal/{{UserId}}", update("LEGAL")),
    )


ROUTES = (
    *_routes(f"{API}/sca/users", creating, updating),
    *_routes(f"{API}/users", creating_legacy, updating_legacy),
    Route("PUT", f"{API}/sca/users/natural/{{UserId}}/category", categorising("NATURAL")),
    Route("PUT", f"{API}/sca/users/legal/{{UserId}}/category", categorising("LEGAL")),
    Route("POST", f"{API}/sca/users/{{UserId}}/enrollment", enrol),
    Route("DELETE", f"{API}/users/natural/{{UserId}}", close),
    Route("DELETE", f"{API}/users/legal/{{UserId}}", close),
)

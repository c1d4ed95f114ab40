"""Opening, changing and closing a user's account, by the SCA endpoints and by the legacy ones, which know no SCA.

Source: https://docs.mangopay.com/api-reference/users
"""

from collections.abc import Callable
from copy import deepcopy

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import ApiError, param_error
from services.emulator.engine.fields import Fields
from services.emulator.engine.ids import new_id
from services.emulator.engine.router import API, Handler, Route
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.routes.users.users import person_of
from services.emulator.rules import sca
from services.emulator.rules.company_numbers import is_valid
from services.emulator.rules.formatters import legacy_user, sca_user
from services.emulator.rules.users import (
    contact,
    is_owner,
    nested,
    read_user,
    refuse_closed,
    refuse_forbidden_changes,
    refuse_unaccepted_terms,
    with_category,
)
from services.emulator.rules.verification import outdate

PROOFS = {
    "NATURAL": ("ProofOfIdentity", "ProofOfAddress"),
    "LEGAL": ("ProofOfRegistration", "ShareholderDeclaration", "Statute"),
}
FLAGS = ("UserCategory", "TermsAndConditionsAccepted")
# What a PAYER who becomes an OWNER may say; the rest of such a body is left aside.
TOLD_TO_OWN = {
    "NATURAL": (
        *("Birthday", "Nationality", "CountryOfResidence"),
        *("Email", "PhoneNumber", "PhoneNumberCountry"),
    ),
    "LEGAL": ("LegalRepresentative", "HeadquartersAddress", "CompanyNumber"),
}
NEEDED_TO_OWN = {
    "NATURAL": ("Birthday", "Nationality", "CountryOfResidence"),
    "LEGAL": ("LegalRepresentative", "HeadquartersAddress"),
}


def creating(person_type: str) -> Handler:
    def create(world: World, call: Call) -> Response:
        context = _context(call)
        values = read_user(world, call.body, person_type)
        refuse_unaccepted_terms(values)
        if is_owner(values) and context == sca.ABSENT:
            sca.check_consent(world, values, "ContactInformationUpdate")
        user = _open_account(world, person_type, values)
        redirect = sca.validate_account(world, user, context=context) if is_owner(user) else None
        return Answer(sca_user(user) | {"PendingUserAction": redirect})

    return create


def updating(person_type: str) -> Handler:
    def update(world: World, call: Call) -> Response:
        user = person_of(world, call, person_type)
        context = _context(call, "TermsAndConditionsAccepted")
        values = _values_after(world, user, call.body)
        must_ask = _must_confirm(user, user | values)
        if must_ask and context == sca.ABSENT:
            sca.check_consent(world, user, "ContactInformationUpdate")
        _change(world, user, values)
        redirect = sca.validate_account(world, user, context=context) if must_ask else None
        return Answer(sca_user(user) | {"PendingUserAction": redirect})

    return update


def categorising(person_type: str) -> Handler:
    def categorise(world: World, call: Call) -> Response:
        user = person_of(world, call, person_type)
        if is_owner(user):
            raise wrong_category("OWNER")
        context = _context(call, *FLAGS, *NEEDED_TO_OWN[person_type])
        if call.body["UserCategory"] != "OWNER":
            raise param_error({"UserCategory": f"The requested value '{call.body['UserCategory']}' was not found."})
        said = {name: call.body.get(name) for name in (*FLAGS, *TOLD_TO_OWN[person_type])}
        values = _values_after(world, user, said)
        if context == sca.ABSENT:
            sca.check_consent(world, user, "ContactInformationUpdate")
        _change(world, user, values)
        redirect = sca.validate_account(world, user, context=context)
        return Answer(sca_user(user) | {"PendingUserAction": redirect})

    return categorise


def creating_legacy(person_type: str) -> Handler:
    def create(world: World, call: Call) -> Response:
        body = with_category(_legacy_body(call, person_type), person_type)
        values = read_user(world, body, person_type, is_legacy=True)
        if call.body.get("UserCategory"):
            refuse_unaccepted_terms(values)
        return Answer(legacy_user(_open_account(world, person_type, values, _IsLegacy=True)))

    return create


def updating_legacy(person_type: str) -> Handler:
    def update(world: World, call: Call) -> Response:
        user = person_of(world, call, person_type)
        values = _values_after(world, user, _legacy_body(call, person_type), is_legacy=True)
        _change(world, user, values)
        return Answer(legacy_user(user))

    return update


def closing(person_type: str) -> Handler:
    def close(world: World, call: Call) -> Response:
        user = person_of(world, call, person_type)
        if user["UserStatus"] == "CLOSED":
            raise ApiError(400, "user_closure_failed", "An error occurred while closing the user")
        if any(wallet["Balance"]["Amount"] for wallet in world.store.wallets.where("_OwnerId", user["Id"])):
            message = "The user cannot be closed as one or several wallets are not empty"
            raise ApiError(400, "user_closure_not_possible", message)
        user["UserStatus"] = "CLOSED"
        world.store.users.save(user)
        world.emit("USER_ACCOUNT_CLOSED", user["Id"])
        return Response(status_code=204)

    return close


def wrong_category(category: str) -> ApiError:
    message = f"This endpoint is not allowed for User categorized as {category}"
    return ApiError(400, f"not_allowed_for_user_category_{category.lower()}", message)


def _context(call: Call, *required: str) -> str | None:
    """Return the ScaContext of a body that must bring some fields."""
    fields = Fields(call.body)
    fields.require(*required)
    context = fields.choice("ScaContext", sca.CONTEXTS)
    fields.check()
    return context


def _open_account(world: World, person_type: str, values: Entity, **own: object) -> Entity:
    now = world.clock.now()
    user = values | dict.fromkeys(PROOFS[person_type])
    if person_type == "NATURAL":
        user["Capacity"] = "NORMAL"
    else:
        user["LegalRepresentative"]["ProofOfIdentity"] = None
    user |= {
        "Id": new_id("user_m_"),
        "CreationDate": now,
        "PersonType": person_type,
        "KYCLevel": "LIGHT",
        "TermsAndConditionsAcceptedDate": now if values["TermsAndConditionsAccepted"] else None,
        "UserStatus": "ACTIVE",
    }
    user = world.store.users.save(user | own)
    _check_company_number(world, user, before={})
    return user


def _values_after(world: World, user: Entity, body: Entity, *, is_legacy: bool = False) -> Entity:
    """Return what a user's own fields become by a body that leaves out what stays; raises ApiError if they may not."""
    refuse_closed(user)
    values = read_user(world, _merged(user, body), user["PersonType"], is_legacy=is_legacy)
    if user["PersonType"] == "LEGAL":
        values["LegalRepresentative"]["ProofOfIdentity"] = user["LegalRepresentative"]["ProofOfIdentity"]
    refuse_forbidden_changes(user, values)
    return values


def _must_confirm(before: Entity, after: Entity) -> bool:
    """Tell whether a change makes an OWNER of somebody, or alters by what an OWNER is reached."""
    if not is_owner(before):
        return is_owner(after)
    return sca.knows_sca(before) and contact(after) != contact(before)


def _change(world: World, user: Entity, values: Entity) -> None:
    before = deepcopy(user)
    user |= values
    if user["TermsAndConditionsAccepted"] and not before["TermsAndConditionsAccepted"]:
        user["TermsAndConditionsAcceptedDate"] = world.clock.now()
    outdate(world, user, before)
    world.store.users.save(user)
    _check_company_number(world, user, before)
    if is_owner(user) and not is_owner(before):
        world.emit("USER_CATEGORY_UPDATED_TO_OWNER", user["Id"])


def _check_company_number(world: World, user: Entity, before: Entity) -> None:
    """Tell whether a new company number looks like one of its country."""
    number, country = _company_number(user)
    if number and country and (number, country) != _company_number(before):
        verdict = "SUCCEEDED" if is_valid(number, country) else "FAILED"
        world.emit(f"LEGAL_COMPANY_NUMBER_VALIDATION_{verdict}", user["Id"])


def _company_number(user: Entity) -> tuple[str | None, str | None]:
    return user.get("CompanyNumber"), user.get("HeadquartersAddress", {}).get("Country")


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
    Route("DELETE", f"{API}/users/natural/{{UserId}}", closing("NATURAL")),
    Route("DELETE", f"{API}/users/legal/{{UserId}}", closing("LEGAL")),
)
